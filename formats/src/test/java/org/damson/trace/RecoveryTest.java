package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A recovery that is itself killed, at each of its steps. */
final class RecoveryTest {
    @TempDir
    Path dir;

    @Test
    void killedAtAnyStepTheTraceIsReadAndTheNextRecoveryFinishes() throws IOException {
        Path dead = dead();
        Set<String> states = new TreeSet<>();
        boolean killed = true;
        for (int n = 1; killed; n++) {
            Path trace = copy(dead, "n" + n);
            FaultyFiles files = new FaultyFiles(FaultyFiles.Fault.IO_ERROR);
            files.fail(n, Long.MAX_VALUE); // nothing after it happens either, no cleaning up
            try {
                Traces.recover(files.path(trace));
            } catch (IOException e) {
                // what a kill leaves is looked at below
            }
            killed = files.calls() >= n;
            states.add(String.join(" ", names(trace.getParent())));
            assertEquals(List.of(0L, 1L, 2L, 3L), read(trace), "step " + n + " before the next recovery");
            assertEquals(List.of(), Traces.verify(trace).findings(), "step " + n);
            Traces.recover(new FaultyFiles(FaultyFiles.Fault.IO_ERROR).path(trace));
            assertEquals(List.of("t.damson"), names(trace.getParent()), "step " + n);
            assertEquals(List.of(0L, 1L, 2L, 3L), read(trace), "step " + n);
            try (TraceSource recovered = Traces.open(trace)) {
                assertEquals(Manifest.State.RECOVERED, recovered.manifest().state, "step " + n);
            }
        }
        assertTrue(states.contains("t.damson.recovering t.damson.replaced"), states.toString());
        assertTrue(states.contains("t.damson t.damson.replaced"), states.toString());
    }

    @Test
    void aTraceThatWasPutInThePlaceMeanwhileStaysAndTheOriginalIsKept() throws IOException {
        Path trace = copy(dead(), "home");
        Path original = trace.resolveSibling("t.damson.replaced");
        Files.move(trace, original);
        copyTo(original, trace.resolveSibling("t.damson.recovering"));
        try (TraceSink sink = Traces.create(trace, new Manifest(), WriterOptions.BATCH)) {
            fill(sink, 1);
        }
        String note = Traces.recover(trace).lostNote();
        assertTrue(note.contains("t.damson.unrecovered"), note);
        assertEquals(List.of(0L), read(trace));
        assertEquals(List.of("t.damson", "t.damson.unrecovered"), names(trace.getParent()));
        assertEquals(List.of(0L, 1L, 2L, 3L), read(trace.resolveSibling("t.damson.unrecovered")));
    }

    /** In a directory where others write too, they may put anything under the names that a recovery uses. */
    @Test
    @EnabledIfSystemProperty(named = "user.name", matches = "root", disabledReason = "needs root")
    void whatSomebodyElseHasPutBesideATraceIsNotTouchedNorRead() throws IOException {
        for (String ending : List.of(".replaced", ".recovering")) {
            Path trace = copy(dead(ending), "planted" + ending);
            Path planted = trace.resolveSibling("t.damson" + ending);
            copyTo(dead(ending + "-other"), planted);
            giveAway(planted);
            List<String> before = names(planted);
            IOException e = assertThrows(IOException.class, () -> Traces.recover(trace));
            assertTrue(e.getMessage().contains("t.damson" + ending + ": belongs to nobody"), e.getMessage());
            assertEquals(before, names(planted));
            assertEquals(List.of(0L, 1L, 2L, 3L), read(trace));
        }
        // Killed between the renames, and a result that is not its own.
        Path trace = copy(dead("between"), "between");
        Path original = trace.resolveSibling("t.damson.replaced");
        Files.move(trace, original);
        Path result = trace.resolveSibling("t.damson.recovering");
        try (TraceSink sink = Traces.create(result, new Manifest(), WriterOptions.BATCH)) {
            fill(sink, 1);
        }
        assertEquals(List.of(0L), read(trace));
        giveAway(result);
        assertEquals(List.of(0L, 1L, 2L, 3L), read(trace));
        assertThrows(IOException.class, () -> Traces.recover(trace));
        assertEquals(List.of("t.damson.recovering", "t.damson.replaced"), names(trace.getParent()));
    }

    private static void giveAway(Path directory) throws IOException {
        Files.setOwner(
                directory,
                directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
    }

    private Path dead() throws IOException {
        return dead("");
    }

    private Path dead(String name) throws IOException {
        Path live = dir.resolve("live" + name);
        Path dead = Files.createDirectory(dir.resolve("dead" + name));
        try (TraceSink sink = Traces.create(live, new Manifest(), WriterOptions.LIVE)) {
            fill(sink, 4);
            sink.flush();
            try (Stream<Path> all = Files.list(live)) {
                for (Path f : all.filter(f -> !f.endsWith(".lock")).toList()) {
                    Files.copy(f, dead.resolve(f.getFileName()));
                }
            }
        }
        return dead;
    }

    private static void fill(TraceSink sink, int snapshots) throws IOException {
        Snapshot s = new Snapshot();
        for (int i = 0; i < snapshots; i++) {
            s.clear();
            s.startNs = i * 10L;
            s.endNs = s.startNs + 10;
            s.columns = Snapshot.HAS_AGE;
            s.add(4096, 8192, i, i);
            sink.append(s);
        }
    }

    private Path copy(Path from, String home) throws IOException {
        Path to = Files.createDirectory(dir.resolve(home)).resolve("t.damson");
        copyTo(from, to);
        return to;
    }

    private static void copyTo(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (Stream<Path> all = Files.list(from)) {
            for (Path f : all.toList()) {
                Files.copy(f, to.resolve(f.getFileName()));
            }
        }
    }

    private static List<String> names(Path home) throws IOException {
        try (Stream<Path> all = Files.list(home)) {
            return all.map(p -> p.getFileName().toString().replaceAll("\\.part\\d+$", ".part"))
                    .sorted()
                    .toList();
        }
    }

    private static List<Long> read(Path trace) throws IOException {
        List<Long> ids = new ArrayList<>();
        try (TraceSource source = Traces.open(trace);
                TraceSource.SnapshotCursor cursor = source.snapshots(TraceQuery.ALL)) {
            Snapshot s = new Snapshot();
            while (cursor.next(s)) {
                ids.add(s.id);
            }
        }
        return ids;
    }
}
