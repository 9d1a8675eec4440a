package org.damson.analyzer.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.damson.analyzer.fleet.report.Level;
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
}
