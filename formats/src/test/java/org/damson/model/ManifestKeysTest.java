package org.damson.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.damson.model.Manifest.Source;
import org.damson.model.ManifestKey.Kind;
import org.damson.model.ManifestKey.Redaction;
import org.junit.jupiter.api.Test;

final class ManifestKeysTest {
    @Test
    void everyPathIsDeclaredOnceAndTextIsNeverKept() {
        Set<String> paths = new HashSet<>();
        for (ManifestKey key : ManifestKey.values()) {
            assertTrue(paths.add(key.path()), key.path());
            assertEquals(key, ManifestKeys.of(key.path()));
            boolean isText = Set.of(Kind.TEXT, Kind.TEXTS, Kind.OBJECTS).contains(key.kind());
            assertFalse(isText && Set.of(Redaction.KEEP, Redaction.COARSE).contains(key.redaction()), key.path());
        }
    }

    @Test
    void aValueOfAnotherTypeIsRefused() {
        Manifest m = new Manifest();
        assertThrows(IllegalArgumentException.class, () -> ManifestKey.COMMAND.put(m, "true"));
        assertThrows(IllegalArgumentException.class, () -> ManifestKey.SAMPLES.put(m, 1.5));
        assertThrows(IllegalArgumentException.class, () -> ManifestKey.TLB_FLUSH.put(m, "yes"));
        assertThrows(IllegalArgumentException.class, () -> ManifestKey.PIDS_RECORDED.put(m, List.of("7")));
        assertTrue(m.recording.isEmpty());
    }

    @Test
    void keysOfObjectsAreReadWrittenAndRemovedByTheirPath() {
        Manifest m = new Manifest();
        ManifestKey.ADDRESS_FILTERS.put(m, true);
        ManifestKey.CUTTING_SCHEMES.put(m, List.of(1L));
        ManifestKey.KERNEL.put(m, "6.18.15");
        assertEquals(Map.of("damon", Map.of("address_filters", true, "cutting_schemes", List.of(1L))), m.recording);
        assertEquals(Map.of("kernel", "6.18.15"), m.host);
        assertTrue(ManifestKey.ADDRESS_FILTERS.isTrue(m));
        assertEquals(Set.of(), ManifestKeys.undeclared(m));
        ManifestKey.ADDRESS_FILTERS.remove(m.recording);
        assertEquals(Map.of("damon", Map.of("cutting_schemes", List.of(1L))), m.recording);
        ManifestKey.CUTTING_SCHEMES.remove(m.recording);
        assertEquals(Map.of(), m.recording);
    }

    @Test
    void whatNobodyDeclaresIsFoundUnlessAFileHadIt() {
        Manifest m = new Manifest();
        m.source = "import:crystal-ball";
        m.host.put("mood", "good");
        m.host.put("kernel", "6.12");
        m.recording.put("damon", Map.of("schemes", List.of("stat"), "colour", "red"));
        m.recording.put("weather", Map.of("schemes", 1));
        assertEquals(Set.of("source", "host.mood", "damon.colour", "weather"), ManifestKeys.undeclared(m));
        m.foreign.addAll(ManifestKeys.undeclared(m));
        assertEquals(Set.of(), ManifestKeys.undeclared(m));
        m.recording.put("news", 1);
        assertEquals(Set.of("news"), ManifestKeys.undeclared(m));
    }

    private static Manifest of(Object... keysAndValues) {
        Manifest m = new Manifest();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            ((ManifestKey) keysAndValues[i]).put(m, keysAndValues[i + 1]);
        }
        return m;
    }

    private static Manifest merged(Manifest... from) {
        Manifest m = new Manifest();
        ManifestKeys.merge(List.of(from), m);
        return m;
    }

    /** A recording that attached to others' kdamonds, or one with schemes, must not be told by one without. */
    @Test
    void whatSimulationsRestOnHoldsForAllMergedTraces() {
        Manifest plain = of(ManifestKey.OPS, "vaddr");
        Manifest schemes = of(
                ManifestKey.OPS,
                "vaddr",
                ManifestKey.DAMON_SCHEMES,
                List.of("pageout"),
                ManifestKey.CUTTING_SCHEMES,
                List.of(0L),
                ManifestKey.ADDRESS_FILTERS,
                true);
        Manifest both = merged(plain, schemes);
        assertEquals("vaddr", ManifestKey.OPS.get(both));
        assertEquals(List.of("pageout"), ManifestKey.DAMON_SCHEMES.get(both));
        assertEquals(List.of(0L), ManifestKey.CUTTING_SCHEMES.get(both));
        assertTrue(ManifestKey.ADDRESS_FILTERS.isTrue(both));
        assertTrue(ManifestKey.ATTACHED.isTrue(merged(plain, of(ManifestKey.ATTACHED, true))));
        Manifest unlike = merged(plain, of(ManifestKey.OPS, "paddr"));
        assertEquals(Map.of(), unlike.recording);
    }

    @Test
    void certificatesAndExitStatusesSurviveAMergeOnlyIfAllAgree() {
        Manifest a = of(ManifestKey.ACCURACY_PATTERNS, 8L, ManifestKey.ACCURACY_F1, 1.0, ManifestKey.EXIT_STATUS, 0L);
        // As JSON gives small integers back.
        Manifest b = of(ManifestKey.ACCURACY_PATTERNS, 8, ManifestKey.ACCURACY_F1, 1.0, ManifestKey.EXIT_STATUS, 0);
        assertEquals(a.recording, merged(a, b).recording);
        Manifest c = of(ManifestKey.ACCURACY_PATTERNS, 8L, ManifestKey.ACCURACY_F1, 0.9, ManifestKey.EXIT_STATUS, 1L);
        assertEquals(Map.of("accuracy_patterns", 8L), merged(a, c).recording);
        assertEquals(Map.of(), merged(a, new Manifest()).recording);
    }

    @Test
    void processesOfAllMergedTracesAreListedOnceInOrder() {
        Manifest a = of(ManifestKey.PIDS_RECORDED, List.of(7, 5), ManifestKey.KDAMOND_CPU, 3);
        Manifest b = of(ManifestKey.PIDS_RECORDED, List.of(5, 9), ManifestKey.KDAMOND_CPU, 4L);
        Map<String, Object> wanted = new LinkedHashMap<>();
        wanted.put("pids", List.of(7, 5, 9));
        wanted.put("kdamond_cpu_ms", 7L);
        assertEquals(wanted, merged(a, b).recording);
    }

    /** docs/MANIFEST.md has a line for each key, docs/FORMAT.md one for each source, with what the declaration says of it. */
    @Test
    void theDocumentedTablesAreTheDeclaration() throws IOException {
        List<String> wanted = new ArrayList<>();
        for (ManifestKey key : ManifestKey.values()) {
            wanted.add("| `" + key.path() + "` | " + key.meaning() + " | "
                    + key.kind().type() + " | "
                    + key.kind().unit() + " | " + key.writer() + " | " + lower(key.redaction()) + " | "
                    + lower(key.merging()) + " |");
        }
        for (Source source : Source.values()) {
            wanted.add("| `" + source.text() + "` | " + source.meaning() + " | " + source.writer() + " |");
        }
        Path here = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(here.resolve("docs"))) {
            here = here.getParent();
        }
        String sources = Files.readString(here.resolve("docs/FORMAT.md"))
                .split("## Sources\n")[1]
                .split("\n## ")[0];
        List<String> documented = Stream.concat(
                        Files.readAllLines(here.resolve("docs/MANIFEST.md")).stream(), sources.lines())
                .filter(line -> line.startsWith("| `"))
                .toList();
        assertEquals(String.join("\n", wanted), String.join("\n", documented));
    }

    private static String lower(Enum<?> e) {
        return e.name().toLowerCase(Locale.ROOT);
    }
}
