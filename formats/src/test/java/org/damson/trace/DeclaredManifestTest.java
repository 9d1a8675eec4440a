package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.ManifestKey.Redaction;
import org.damson.model.ManifestKeys;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.redact.Redactor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests run with assertions on, so that this holds for every trace that one of them writes. */
final class DeclaredManifestTest {
    @TempDir
    Path dir;

    @Test
    void aTraceWithAKeyOrSourceThatNobodyDeclaredIsNotWritten() throws IOException {
        Manifest key = new Manifest();
        key.recording.put("new_key", 1);
        assertTrue(refused(key).contains("new_key"));
        Manifest within = new Manifest();
        within.recording.put("damon", Map.of("new_key", 1));
        assertTrue(refused(within).contains("damon.new_key"));
        Manifest source = new Manifest();
        source.source = "import:new-program";
        assertTrue(refused(source).contains("source"));
        Manifest.Source[] all = Manifest.Source.values();
        for (Manifest.Source declared : all) {
            Manifest m = new Manifest();
            m.source = declared.text();
            assertEquals(declared.text(), Manifests.read("m", Manifests.write(m)).source);
        }
    }

    private static String refused(Manifest m) {
        return assertThrows(AssertionError.class, () -> Manifests.write(m)).getMessage();
    }

    @Test
    void whatANewerVersionDeclaredIsKept() throws IOException {
        Manifest newer = new Manifest();
        newer.source = "import:new-program";
        newer.host.put("new_key", "a");
        newer.recording.put("damon", Map.of("new_key", List.of(1)));
        newer.foreign.addAll(ManifestKeys.undeclared(newer));
        Manifest read = Manifests.read("m", Manifests.write(newer));
        assertEquals(Set.of("source", "host.new_key", "damon.new_key"), read.foreign);
        Manifest again = Manifests.read("m", Manifests.write(read.sameFacts()));
        assertEquals(newer.source, again.source);
        assertEquals(newer.host, again.host);
        assertEquals(newer.recording, again.recording);
    }

    /** Whoever declares a key decides what becomes of it; no text of any key gets through, and no number of one that is dropped. */
    @Test
    void redactionLetsNoTextOfADeclaredKeyThrough() throws IOException {
        Path path = dir.resolve("full.damson");
        Manifest m = new Manifest();
        for (ManifestKey key : ManifestKey.values()) {
            key.put(m, telling(key));
        }
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            assertEquals(Set.of(), ManifestKeys.undeclared(sink.manifest()));
        }
        for (boolean isStrict : new boolean[] {false, true}) {
            Path to = dir.resolve("redacted" + isStrict + ".damson");
            try (TraceSource trace = Traces.open(path);
                    TraceSink sink = Traces.create(to, new Manifest(), WriterOptions.BATCH)) {
                Redactor.redact(trace, sink, new byte[32], isStrict);
            }
            String text = Files.readString(to.resolve("manifest.json"), StandardCharsets.UTF_8);
            assertFalse(text.contains("secret"), text);
            assertFalse(text.contains("987654321"), text);
            assertEquals(isStrict, !text.contains("command-"), text);
            Manifest redacted = Manifests.read("m", text.getBytes(StandardCharsets.UTF_8));
            for (ManifestKey key : ManifestKey.values()) {
                boolean isLeftOut = key.get(redacted) == null;
                assertEquals(isDropped(key, isStrict), isLeftOut, key.path());
                assertTrue(isLeftOut || key.accepts(key.get(redacted)), key.path());
            }
        }
    }

    private static boolean isDropped(ManifestKey key, boolean isStrict) {
        if (key == ManifestKey.SUMMED_ROWS) {
            return true; // of sums, which so short a trace does without
        }
        return switch (key.redaction()) {
            case DROP, WORD -> true; // the word here is none of DAMON's
            case PSEUDONYM, RELEASE -> isStrict;
            default -> false;
        };
    }

    private static Object telling(ManifestKey key) {
        long number = key.redaction() == Redaction.DROP || key.redaction() == Redaction.PIDS ? 987654321L : 12;
        return switch (key.kind()) {
            case TEXT -> "secret-" + key.key();
            case TEXTS -> List.of("secret-" + key.key(), "/secret/path");
            case OBJECTS -> List.of(Map.of("name", "secret-name", "pid", number));
            case FLAG -> true;
            case NUMBER, SHARE, NS -> (double) number;
            case COUNTS, TIMES -> List.of(number);
            default -> number;
        };
    }
}
