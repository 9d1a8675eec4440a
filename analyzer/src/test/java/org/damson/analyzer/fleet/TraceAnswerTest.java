package org.damson.analyzer.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Manifests;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TraceAnswerTest {
    @TempDir
    Path dir;

    /** Asks whether sums are kept, or fails as no plan should. */
    private record Asking(Throwable fails) implements FleetPlan<Boolean, Boolean, Boolean> {
        @Override
        public Boolean of(FleetTrace where, TraceSource trace, Consumer<String> doubts) throws IOException {
            if (fails instanceof Error error) {
                throw error;
            }
            if (fails instanceof RuntimeException unexpected) {
                throw unexpected;
            }
            return trace.isKept(Table.SNAPSHOTS);
        }

        @Override
        public List<String> groups(Boolean value) {
            return List.of("all");
        }

        @Override
        public Boolean none() {
            return true;
        }

        @Override
        public Boolean add(Boolean sum, Boolean value) {
            return sum && value;
        }

        @Override
        public Boolean join(Boolean one, Boolean other) {
            return one && other;
        }

        @Override
        public Boolean end(String group, Boolean sum) {
            return sum;
        }
    }

    /** Enough regions that it keeps sums of its snapshots. */
    private Path write() throws IOException {
        Path path = dir.resolve("t.damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            for (int i = 0; i < 50; i++) {
                s.clear();
                s.startNs = i * 100_000_000L;
                s.endNs = s.startNs + 100_000_000L;
                s.sampleUs = 5_000;
                s.aggrUs = 100_000;
                for (int k = 0; k < 100; k++) {
                    s.add(k * 4096L, (k + 1) * 4096L, k % 21, 0);
                }
                sink.append(s);
            }
        }
        return path;
    }

    private static TraceAnswer<Boolean> ask(Path path, Throwable fails) throws IOException {
        return TraceAnswer.of(new FleetTrace(path.toString()), path, new Asking(fails), Map.of());
    }

    @Test
    void sumsOfOtherRowsAreToldAndTheRowsCount() throws IOException {
        Path path = write();
        assertEquals(List.of(), ask(path, null).troubles(Set.of()));
        assertEquals(true, ask(path, null).value());
        Manifest m;
        try (TraceSource trace = Traces.open(path)) {
            m = trace.manifest();
        }
        ManifestKey.SUMMED_ROWS.put(m, "beef");
        Files.write(path.resolve("manifest.json"), Manifests.write(m));
        TraceAnswer<Boolean> answer = ask(path, null);
        assertEquals(false, answer.value());
        assertEquals(
                List.of(new Trouble(
                        path.toString(),
                        Trouble.Kind.DOUBTFUL,
                        "the stored sums belong to other rows; its rows are read instead (damson verify says"
                                + " more)")),
                answer.troubles(Set.of()));
    }

    @Test
    void aTraceWithoutSnapshotsIsLeftOut() throws IOException {
        Path path = dir.resolve("none.damson");
        Traces.create(path, new Manifest(), WriterOptions.BATCH).close();
        TraceAnswer<Boolean> answer = ask(path, null);
        assertNull(answer.value());
        assertEquals(
                List.of(new Trouble(path.toString(), Trouble.Kind.LEFT_OUT, "has no snapshots")),
                answer.troubles(Set.of()));
    }

    @Test
    void whateverGoesWrongWithOneTraceIsTold() throws IOException {
        Path path = write();
        Map<Throwable, String> said = Map.of(
                new ArithmeticException("/ by zero"), "internal error: ArithmeticException: / by zero",
                new OutOfMemoryError("Java heap space"), "needs more memory than there is; DAMSON_JAVA_OPTS",
                new StackOverflowError(), "internal error: StackOverflowError");
        for (Map.Entry<Throwable, String> of : said.entrySet()) {
            TraceAnswer<Boolean> answer = ask(path, of.getKey());
            assertNull(answer.value());
            assertEquals(1, answer.troubles(Set.of()).size());
            Trouble trouble = answer.troubles(Set.of()).get(0);
            assertEquals(Trouble.Kind.LEFT_OUT, trouble.kind());
            assertTrue(trouble.reason().startsWith(of.getValue()), trouble.reason());
        }
    }
}
