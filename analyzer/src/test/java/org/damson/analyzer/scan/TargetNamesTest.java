package org.damson.analyzer.scan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;

final class TargetNamesTest {
    private static TargetKey key(long target) {
        return new TargetKey(0, 0, Snapshot.NO_SCHEME, target);
    }

    @Test
    void theFirstProcessIsCalledAsTheCommandAndWhatItStartedIsNot() {
        Manifest m = new Manifest();
        ManifestKey.COMMAND.put(m, List.of("/usr/bin/sleep", "5"));
        ManifestKey.PIDS_RECORDED.put(m, List.of(32193L, 32194L));
        TargetNames names = TargetNames.of(m);
        assertEquals("target 32193 (sleep)", names.named(key(32193)).label());
        assertEquals("target 32194", names.named(key(32194)).label());
        assertEquals("32193 (sleep)", names.label(32193));
    }

    @Test
    void targetsOfDamonAreCalledAsTheirProcesses() {
        Manifest m = new Manifest();
        ManifestKey.PROCESSES.put(
                m, List.of(Map.of("target", 0L, "pid", 7L, "name", "a\u001b[31m"), Map.of("target", 1L, "pid", 8L)));
        TargetNames names = TargetNames.of(m);
        assertEquals("target 0 (a?[31m)", names.named(key(0)).label());
        assertEquals("target 1", names.named(key(1)).label());
    }

    @Test
    void withoutNamesNumbersStand() {
        assertEquals("target 3", TargetNames.of(new Manifest()).named(key(3)).label());
    }

    @Test
    void aNameTellsNoKeysApart() {
        assertEquals(key(3), key(3).named("a"));
        assertEquals(key(3).hashCode(), key(3).named("a").hashCode());
        Map<TargetKey, String> map = new TreeMap<>(Map.of(key(3), "x"));
        assertEquals("x", map.get(key(3).named("a")));
    }
}
