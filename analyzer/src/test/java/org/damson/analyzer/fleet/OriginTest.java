package org.damson.analyzer.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.fleet.report.Level;
import org.damson.model.ManifestKey;
import org.junit.jupiter.api.Test;

final class OriginTest {
    /** A directory {@code service=a%00b} is the only way to such a name, which no column may be shifted by. */
    @Test
    void aNameWithTheSeparatorOfGroupsStaysOneName() {
        Origin origin = new Origin("a\0b", "h\0", "2026-11-30");
        for (Level level : Level.values()) {
            List<String> values = level.values(level.group(origin));
            assertEquals(level.keys.size(), values.size(), values.toString());
        }
        assertEquals(List.of("a\ufffdb", "h\ufffd"), Level.HOST.values(Level.HOST.group(origin)));
    }

    /** 2026-11-30, 23:59:59 and a half in UTC, when the trace's clock says 5 s. */
    private static MemoryTrace trace(String... labels) {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 5_000, 5_100);
        t.manifest.toEpochNs = Instant.parse("2026-11-30T23:59:59.500Z").toEpochMilli() * 1_000_000 - 5_000_000_000L;
        ManifestKey.LABELS.put(t.manifest, List.of(labels));
        ManifestKey.HOST_NAME.put(t.manifest, "machine");
        return t;
    }

    private final List<String> doubts = new ArrayList<>();

    private Origin of(String path, MemoryTrace t) throws IOException {
        doubts.clear();
        return Origin.of(new FleetTrace(path), t, doubts::add);
    }

    /** Directories count before labels, labels before what the machine and its clock say. */
    @Test
    void whatIsSaidNearerToThePathCounts() throws IOException {
        assertEquals(new Origin("-", "machine", "2026-11-30"), of("/a/b.damson", trace()));
        assertEquals(
                new Origin("db", "h1", "2026-11-29"),
                of("/a/b.damson", trace("service=db", "host=h1", "day=2026-11-29")));
        assertEquals(List.of(), doubts); // a day apart is a time zone
        assertEquals(
                new Origin("web", "h1", "2026-11-30"),
                of("/service=web/b.damson", trace("service=db", "host=h1", "not a label")));
        assertEquals(List.of("its label is service=db, its directory service=web: counted by the directory"), doubts);
        assertEquals(
                new Origin("-", "machine", "2026-11-30"),
                of("/a/b.damson", trace("service=", "host=", "day=")),
                "a label without a value is none, as with directories");
    }

    /** Two days are no time zone; a day by another name is as good. */
    @Test
    void aDayThatTheClockContradictsIsADoubt() throws IOException {
        assertEquals("2026-11-28", of("/day=2026-11-28/b.damson", trace()).day());
        assertEquals(
                List.of("its clock says 2026-11-30, its directory day=2026-11-28: counted by the directory"), doubts);
        assertEquals("monday", of("/a/b.damson", trace("day=monday")).day());
        assertEquals(List.of(), doubts);
        MemoryTrace noClock = trace();
        noClock.manifest.toEpochNs = null;
        assertEquals("-", of("/a/b.damson", noClock).day());
        assertEquals("-", of("/a/b.damson", new MemoryTrace()).host());
    }

    @Test
    void labelsThatAreAskedForHaveToBeThere() throws IOException {
        FleetTrace where = new FleetTrace("/service=web/b.damson");
        MemoryTrace t = trace("zone=eu", "service=db");
        assertTrue(Origin.has(where, t, Map.of()));
        assertTrue(Origin.has(where, t, Map.of("zone", "eu", "service", "web", "host", "machine")));
        assertTrue(Origin.has(where, t, Map.of("day", "2026-11-30")));
        assertFalse(Origin.has(where, t, Map.of("service", "db")));
        assertFalse(Origin.has(where, t, Map.of("rack", "1")));
        assertTrue(where.isOutside(Map.of("service", "db")));
        assertFalse(where.isOutside(Map.of("zone", "us")));
    }
}
