package org.damson.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.damson.api.Fleet;
import org.damson.api.MissingCapabilityException;
import org.damson.api.Recording;
import org.damson.api.Replay;
import org.damson.api.Report;
import org.damson.api.Selection;
import org.damson.api.Snapshot;
import org.damson.api.Trace;
import org.damson.api.TraceWriter;
import org.damson.api.Tuning;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that use the interface in other ways than its examples are told so in the words of its Javadoc. */
class OddUseTest {
    private static final Path BUNDLE = Samples.TESTDATA.resolve("golden/stairs-2.damson.zip");

    @TempDir
    Path dir;

    @Test
    void aPathOfAnotherFileSystemIsRefused() throws IOException {
        URI zip = URI.create("jar:" + dir.resolve("other.zip").toUri());
        try (FileSystem other = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            Path bundle = Files.copy(BUNDLE, other.getPath("/t.damson.zip"));
            Path made = other.getPath("/made.damson");
            assertThrows(IllegalArgumentException.class, () -> Trace.open(bundle));
            assertThrows(IllegalArgumentException.class, () -> TraceWriter.create(made, 5_000, 100_000));
            assertThrows(IllegalArgumentException.class, () -> Fleet.report(dir, other.getPath("/")));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Recording.start(Recording.Options.ofCommand(made, "sleep", "0")));
            try (Stream<Path> all = Files.list(other.getPath("/"))) {
                assertEquals(List.of(bundle), all.toList());
            }
        }
    }

    @Test
    void aLibraryThatIsNotLoadedIsWhatTheMachineLacks() {
        Failures.Work<?> first = () -> {
            throw new UnsatisfiedLinkError("/tmp/jna1.tmp: failed to map segment\nmore");
        };
        Failures.Work<?> later = () -> {
            throw new NoClassDefFoundError("Could not initialize class X");
        };
        assertEquals(
                "a library cannot be loaded: /tmp/jna1.tmp: failed to map segment",
                assertThrows(MissingCapabilityException.class, () -> Failures.telling(first))
                        .getMessage());
        assertThrows(MissingCapabilityException.class, () -> Failures.telling(later));
    }

    @Test
    void whatIsClosedSaysSo() throws IOException {
        for (Path path : List.of(BUNDLE, Samples.STAIRS)) {
            Trace trace = Trace.open(path);
            Iterator<Snapshot> begun = trace.snapshots().iterator();
            begun.next();
            Stream<Snapshot> closed = trace.snapshots();
            Iterator<Snapshot> behind = closed.iterator();
            behind.next();
            closed.close();
            closed.close();
            assertThrows(IllegalStateException.class, behind::next, "a whole trace is not told to be damaged");
            trace.close();
            trace.close();
            assertThrows(IllegalStateException.class, begun::next);
            assertThrows(IllegalStateException.class, trace::info);
            assertThrows(IllegalStateException.class, trace::snapshots);
            assertThrows(IllegalStateException.class, trace::workingSet);
            assertThrows(IllegalStateException.class, () -> trace.heatmap(Selection.ALL, 4, 4));
            assertThrows(IllegalStateException.class, () -> trace.report(Report.Kind.IDLE));
            assertThrows(IllegalStateException.class, () -> trace.simulate("stat"));
            assertThrows(IllegalStateException.class, trace::advise);
            assertThrows(IllegalStateException.class, () -> trace.replay(Replay.Options.DEFAULT));
            try (Trace open = Trace.open(BUNDLE)) {
                assertThrows(IllegalStateException.class, () -> open.compare(trace, 0.1));
                assertThrows(
                        IllegalStateException.class,
                        () -> open.tune(Tuning.Question.of("pageout access=0..0", "min_age=1s,2s"), trace));
            }
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void interrupted(Work work) {
        Thread.currentThread().interrupt();
        try {
            assertThrows(InterruptedIOException.class, work::run);
        } finally {
            assertTrue(Thread.interrupted(), "the thread stays interrupted");
        }
    }

    /** That is neither damage of the trace nor its end. */
    @Test
    void anInterruptedThreadIsToldSoAndOthersGoOn() throws IOException {
        Path directory = dir.resolve("stairs.damson");
        Traces.unpack(BUNDLE, directory);
        for (Path path : List.of(BUNDLE, directory, Samples.STAIRS)) {
            interrupted(() -> Trace.open(path).close());
            try (Trace trace = Trace.open(path);
                    Stream<Snapshot> begun = trace.snapshots()) {
                Iterator<Snapshot> others = begun.iterator();
                others.next();
                interrupted(trace::workingSet);
                interrupted(() -> trace.simulate("pageout access=0..0 age=5s..max"));
                interrupted(() -> trace.heatmap(Selection.ALL, 4, 4));
                interrupted(() -> trace.replay(Replay.Options.DEFAULT).close());
                others.forEachRemaining(s -> assertTrue(s.regions() > 0));
                assertEquals(189, trace.workingSet().total().length());
            }
        }
    }

    @Test
    void aTraceIsSealedByAnInterruptedThread() throws IOException {
        Path path = dir.resolve("own.damson");
        TraceWriter writer = TraceWriter.create(path, 5_000, 100_000);
        writer.write(Snapshot.builder(1)
                .time(0, 100_000_000)
                .region(0x1000, 0x2000, 1, 0)
                .build());
        Thread.currentThread().interrupt();
        writer.close();
        assertTrue(Thread.interrupted());
        try (Trace trace = Trace.open(path)) {
            assertEquals(1, trace.info().snapshots());
        }
        try (Stream<Path> all = Files.list(dir)) {
            assertEquals(List.of(path), all.toList());
        }
    }

    /** Reads a trace in a Java without options. */
    static final class Reader {
        public static void main(String[] args) {
            try (Trace trace = Trace.open(Path.of(args[0]));
                    Stream<Snapshot> all = trace.snapshots()) {
                System.out.println(all.count() + " snapshots");
            } catch (UncheckedIOException e) {
                System.out.println(e.getCause());
            } catch (IOException e) {
                System.out.println(e);
            }
        }
    }

    private String read(Path trace) throws Exception {
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+IgnoreUnrecognizedVMOptions",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Reader.class.getName(),
                        trace.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, java.waitFor(), said);
        return said.strip();
    }

    @Test
    void anUnsealedTraceWithoutTheOptionItTakesIsToldSo() throws Exception {
        assertEquals("189 snapshots", read(BUNDLE));
        Path unsealed = Files.createDirectory(dir.resolve("unsealed.damson"));
        try (ZipInputStream zip =
                new ZipInputStream(Files.newInputStream(Samples.TESTDATA.resolve("golden/stairs-2.journal.zip")))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Files.copy(zip, unsealed.resolve(entry.getName()));
            }
        }
        assertEquals(
                MissingCapabilityException.class.getName()
                        + ": reading a trace that is not sealed needs the Java option --add-opens=java.base/java.nio=ALL-UNNAMED",
                read(unsealed));
    }

    @Test
    void theEngineBringsNoLoggingOfItsOwn() {
        assertNull(getClass().getClassLoader().getResource("META-INF/services/org.slf4j.spi.SLF4JServiceProvider"));
    }
}
