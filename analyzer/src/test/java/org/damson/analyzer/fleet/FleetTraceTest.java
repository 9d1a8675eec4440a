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
                new FleetTrace("/data/service=web%3A1/host=a+b 100%/day=/x.damson").partition());
        assertEquals(
                Map.of("host", "h"),
                new FleetTrace("service=__HIVE_DEFAULT_PARTITION__/host=h/x.damson").partition(),
                "Hive's name of no value");
        assertEquals(Map.of(), new FleetTrace("plain/2=3/host=x.damson").partition());
    }

    @Test
    void anInnerDirectoryOfOneKeyWins() {
        assertEquals("b", new FleetTrace("host=a/host=b/x.damson").partition().get("host"));
    }

    @Test
    void onlyWhatADirectoryContradictsIsOutside() {
        FleetTrace trace = new FleetTrace("service=web/x.damson");
        assertTrue(trace.isOutside(Map.of("service", "db")));
        assertFalse(trace.isOutside(Map.of("service", "web")));
        assertFalse(trace.isOutside(Map.of("host", "h1")), "its manifest may say so");
    }
}
