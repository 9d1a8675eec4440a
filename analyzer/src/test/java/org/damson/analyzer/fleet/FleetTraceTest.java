package org.damson.analyzer.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class FleetTraceTest {
    @Test
    void directoriesTellThePartition() {
        assertEquals(
                Map.of("service", "web:1", "host", "a+b 100%", "day", ""),
                FleetTrace.of("/data/service=web%3A1/host=a+b 100%/day=/x.damson")
                        .partition());
        assertEquals(Map.of(), FleetTrace.of("plain/2=3/host=x.damson").partition());
    }

    @Test
    void anInnerDirectoryOfOneKeyWins() {
        assertEquals("b", FleetTrace.of("host=a/host=b/x.damson").partition().get("host"));
    }

    @Test
    void onlyWhatADirectoryContradictsIsOutside() {
        FleetTrace trace = FleetTrace.of("service=web/x.damson");
        assertTrue(trace.isOutside(Map.of("service", "db")));
        assertFalse(trace.isOutside(Map.of("service", "web")));
        assertFalse(trace.isOutside(Map.of("host", "h1")), "its manifest may say so");
    }
}
