package org.damson.cli.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.junit.jupiter.api.Test;

final class FactLinesTest {
    private static Object example(ManifestKey key) {
        return switch (key.kind()) {
            case TEXT -> "text";
            case FLAG -> true;
            case NUMBER, SHARE -> 0.25;
            case TEXTS -> List.of("a", "b");
            case COUNTS, TIMES -> List.of(1L, 2L);
            case OBJECTS -> List.of(Map.of("pid", 1L));
            default -> 4_096L;
        };
    }

    /** A key that is declared has a name without a unit, and a value with the declared one. */
    @Test
    void everyDeclaredFactIsToldWithItsUnit() {
        for (ManifestKey key : ManifestKey.values()) {
            Manifest m = new Manifest();
            key.put(m, example(key));
            Map<String, String> lines =
                    key.isOfHost() ? FactLines.of(m.host, "host.", Set.of()) : FactLines.of(m.recording, "", Set.of());
            assertEquals(1, lines.size(), key.path());
            String name = lines.keySet().iterator().next();
            assertFalse(name.matches(".*(_| (us|ns|ms)$).*"), name);
            String wanted =
                    switch (key.kind()) {
                        case NS -> "4.096 us";
                        case US -> "4.096 ms";
                        case MS -> "4.096 s";
                        case BYTES -> "4 KiB";
                        case SHARE -> "25 %";
                        case TEXTS -> key == ManifestKey.COMMAND ? "a b" : "a; b";
                        default -> FactLines.text(example(key));
                    };
            assertEquals(wanted, lines.get(name), key.path());
            assertEquals(Map.of(), FactLines.of(key.isOfHost() ? Map.of() : m.recording, "", Set.of(key)), key.path());
        }
    }

    @Test
    void aFactOfANewerVersionIsToldAsItIs() {
        assertEquals(
                Map.of("new fact", "1", "damon shade", "dark"),
                FactLines.of(Map.of("new_fact", 1, "damon", Map.of("shade", "dark")), "", Set.of()));
    }
}
