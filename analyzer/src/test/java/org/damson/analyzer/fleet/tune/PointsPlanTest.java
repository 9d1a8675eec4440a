package org.damson.analyzer.fleet.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.damson.analyzer.fleet.Origin;
import org.junit.jupiter.api.Test;

final class PointsPlanTest {
    private static String host(String service, String host) {
        return new PointsPlan.Value(
                        new Origin(service, host, "-"), "t.damson", new ArrayList<>(), 1, new LinkedHashSet<>())
                .host();
    }

    @Test
    void hostsOfServicesWithSpacesStayApart() {
        Set<String> names = List.of(host("a", "b c"), host("a b", "c"), host("a%20b", "c"), host("a b ", "c")).stream()
                .collect(Collectors.toSet());
        assertEquals(Set.of("a b c", "a%20b c", "a%2520b c", "a%20b%20 c"), names);
    }
}
