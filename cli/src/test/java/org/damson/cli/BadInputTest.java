package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.damson.cli.command.ExitCode;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bad inputs and bad places through the command line: one clear line, the documented exit code, nothing half-written. */
final class BadInputTest {
    private static final List<String> READERS =
            List.of("info", "dump", "report wss", "report heatmap", "report guide", "export", "sql", "slice", "bundle");

    @TempDir
    Path dir;

    private Path trace;

    @BeforeEach
    void importTrace() {
        trace = dir.resolve("t.damson");
        CliRun.of("import", CliRun.testdata().resolve("stairs/tracefs.txt.gz"), "-o", trace, "-q")
                .expect(ExitCode.OK);
    }

    private static boolean isRoot() throws IOException {
        return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    }

    private static List<String> names(Path dir) throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    /** Every command that reads a trace says one line, ends with this code, and leaves nothing. */
    private void refusedByAll(Path input, int code) throws IOException {
        List<String> before = names(dir);
        for (String reader : READERS) {
            List<Object> line = new ArrayList<>(List.of(reader.split(" ")));
            line.add(input);
            switch (reader) {
                case "slice" -> line.addAll(List.of("-o", dir.resolve("out.damson")));
                case "bundle" -> line.addAll(List.of("-o", dir.resolve("out.damson.zip")));
                case "sql" -> line.addAll(List.of("-c", "select count(*) from regions"));
                case "export" -> line.addAll(List.of("--to", "csv"));
                default -> {}
            }
            CliRun run = CliRun.of(line.toArray()).expect(code);
            assertEquals(1, run.err().lines().count(), reader + ": " + run.err());
            assertEquals(before, names(dir), reader);
        }
    }

    @Test
    void aPartWithoutAnythingInItIsRefusedWithWhatThereIs() throws IOException {
        for (String part : List.of("--time 100s..200s", "--snapshots 500..600", "--target 99", "--address 0..1")) {
            List<Object> line = new ArrayList<>(List.of("report", "wss", trace));
            line.addAll(List.of(part.split(" ")));
            CliRun run = CliRun.of(line.toArray()).expect(ExitCode.USAGE);
            assertTrue(run.err().startsWith("damson: " + part + " leaves nothing: there are "), run.err());
            assertEquals(1, run.err().lines().count(), run.err());
        }
        assertEquals(List.of("t.damson"), names(dir));
    }

    @Test
    void aNewerFormatIsRefusedByAll() throws IOException {
        Path manifest = trace.resolve("manifest.json");
        Files.writeString(
                manifest, Files.readString(manifest).replace("\"format_version\": 2", "\"format_version\": 7"));
        refusedByAll(trace, ExitCode.INPUT);
        assertTrue(CliRun.of("info", trace).err().contains("version 7"));
        CliRun.of("verify", trace).expect(ExitCode.FINDINGS);
        CliRun.of("recover", trace).expect(ExitCode.INPUT);
    }

    @Test
    void aLinkWhereATableShouldBeIsRefusedByAll() throws IOException {
        Path regions = trace.resolve("regions-000000.parquet");
        Path elsewhere = dir.resolve("elsewhere");
        Files.move(regions, elsewhere);
        Files.createSymbolicLink(regions, elsewhere);
        for (String verb : List.of("dump", "report wss")) {
            List<Object> line = new ArrayList<>(List.of(verb.split(" ")));
            line.add(trace);
            CliRun run = CliRun.of(line.toArray()).expect(ExitCode.INPUT);
            assertEquals(1, run.err().lines().count(), run.err());
        }
        CliRun.of("bundle", trace, "-o", dir.resolve("b.damson.zip")).expect(ExitCode.INPUT);
        CliRun.of("slice", trace, "-o", dir.resolve("s.damson")).expect(ExitCode.INPUT);
        assertEquals(List.of("elsewhere", "t.damson"), names(dir));
    }

    @Test
    void whatIsNoTraceIsRefusedByAll() throws IOException, InterruptedException {
        refusedByAll(Files.createDirectory(dir.resolve("empty")), ExitCode.INPUT);
        refusedByAll(Files.createFile(dir.resolve("file")), ExitCode.INPUT);
        refusedByAll(dir.resolve("missing"), ExitCode.INPUT);
        Path nested = Files.createDirectories(dir.resolve("nested.damson/nested.damson/nested.damson"));
        refusedByAll(nested.getParent().getParent(), ExitCode.INPUT);
        Path fifo = dir.resolve("fifo");
        DamsonProcess.run("mkfifo", fifo.toString());
        refusedByAll(fifo, ExitCode.INPUT);
        CliRun imported =
                CliRun.of("import", dir, "-o", dir.resolve("i.damson")).expect(ExitCode.INPUT);
        assertEquals(1, imported.err().lines().count(), imported.err());
    }

    @Test
    void aTraceStillBeingRecordedIsReadButNotBundledNorRecovered() throws IOException {
        Path live = dir.resolve("live.damson");
        try (var sink = Traces.create(live, new Manifest(), WriterOptions.LIVE)) {
            Snapshot s = new Snapshot();
            s.endNs = 1;
            s.add(4096, 8192, 1, -1);
            sink.append(s);
            sink.flush();
            CliRun.of("slice", live, "-o", dir.resolve("s.damson")).expect(ExitCode.OK);
            CliRun bundled =
                    CliRun.of("bundle", live, "-o", dir.resolve("b.damson.zip")).expect(ExitCode.INPUT);
            assertEquals(1, bundled.err().lines().count(), bundled.err());
            CliRun recovered = CliRun.of("recover", live).expect(ExitCode.INPUT);
            assertEquals(1, recovered.err().lines().count(), recovered.err());
            assertEquals(List.of("live.damson", "s.damson", "t.damson"), names(dir));
        }
    }

    @Test
    void aPlaceWhereNothingMayBeWrittenIsACapabilityThatIsMissing() throws IOException {
        Path place = Files.createDirectory(dir.resolve("place"));
        if (isRoot()) {
            // root may write to any directory but those in which the kernel lets nobody
            place = Path.of("/dev/pts");
            if (!Files.isDirectory(place)) {
                place = Path.of("/sys/fs");
            }
        } else {
            Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("r-x------"));
        }
        Path recording = CliRun.testdata().resolve("stairs/tracefs.txt.gz");
        List<List<Object>> commands = List.of(
                List.of("import", recording, "-o", place.resolve("x.damson")),
                List.of("slice", trace, "-o", place.resolve("x.damson")),
                List.of("merge", trace, trace, "--mixed", "-q", "-o", place.resolve("x.damson")),
                List.of("bundle", trace, "-o", place.resolve("x.damson.zip")),
                List.of("bundle", trace, "--redact", "-o", place.resolve("x.damson.zip")),
                List.of("export", trace, "--to", "csv", "-o", place.resolve("x.csv")),
                List.of("report", "heatmap", trace, "-q", "--output", place.resolve("x.png")));
        for (List<Object> command : commands) {
            CliRun run = CliRun.of(command.toArray()).expect(ExitCode.CAPABILITY);
            assertEquals(1, run.err().lines().count(), command + ": " + run.err());
            assertFalse(names(place).stream().anyMatch(n -> n.contains("x.")), command.toString());
        }
    }

    /** The exit code says what happened, whatever words a name or a message has. */
    @Test
    void namesDoNotDecideTheExitCode() throws IOException {
        for (String name :
                List.of("no space left on device.txt", "Permission denied", "operation not permitted.data")) {
            Path file = Files.writeString(dir.resolve(name), "nothing that a tool wrote\n");
            CliRun run =
                    CliRun.of("import", file, "-o", dir.resolve("y.damson")).expect(ExitCode.INPUT);
            assertEquals(1, run.err().lines().count(), run.err());
        }
    }

    @Test
    void aDeviceWithoutRoomIsACapabilityThatIsMissing() {
        CliRun run = CliRun.of("export", trace, "--to", "csv", "-q", "-o", "/dev/full")
                .expect(ExitCode.CAPABILITY);
        assertEquals(1, run.err().lines().count(), run.err());
    }

    @Test
    void whatASchemeTriesFindsNoRoom() {
        CliRun run = CliRun.of("simulate", trace, "--scheme", "prcl", "-q", "--tried", "/dev/full")
                .expect(ExitCode.CAPABILITY);
        assertTrue(run.err().endsWith("/dev/full: No space left on device\n"), run.err());
    }

    @Test
    void noPartOfALogIsLeftWithoutRoom() throws Exception {
        StringBuilder regions = new StringBuilder();
        StringBuilder touches = new StringBuilder("\nstep 0\n20\n");
        for (int i = 0; i < 100; i++) {
            regions.append("region").append(i).append(", 64K\n");
            touches.append("region").append(i).append(", 0, 4096, 1, rw\n");
        }
        Path config = Files.writeString(dir.resolve("many.cfg"), regions.append(touches));
        Path log = dir.resolve("many.log");
        CliRun run = cramped("generate", config, "--log", log).expect(ExitCode.CAPABILITY);
        assertTrue(run.err().contains("many.log: "), run.err());
        assertFalse(Files.exists(log));
    }

    /** A process of its own that may write files of a few kB only, which is what a full disk looks like from inside. */
    private CliRun cramped(Object... args) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("sh", "-c", "trap '' XFSZ; ulimit -f 4; exec \"$@\"", "sh"));
        line.addAll(DamsonProcess.line(args));
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        return new CliRun(process.waitFor(), new byte[0], said);
    }

    @Test
    @Timeout(300)
    void whereThereIsNoRoomNothingIsLeft() throws IOException, InterruptedException {
        List<String> before = names(dir);
        Path recording = CliRun.testdata().resolve("stairs/tracefs.txt.gz");
        List<List<Object>> commands = List.of(
                List.of("import", recording, "-o", dir.resolve("x.damson"), "-q"),
                List.of("slice", trace, "-o", dir.resolve("x.damson"), "-q"),
                List.of("bundle", trace, "-o", dir.resolve("x.damson.zip"), "-q"),
                List.of("export", trace, "--to", "csv", "-o", dir.resolve("x.csv"), "-q"));
        for (List<Object> command : commands) {
            CliRun run = cramped(command.toArray()).expect(ExitCode.CAPABILITY);
            assertEquals(1, run.err().lines().count(), command + ": " + run.err());
            assertEquals(before, names(dir), command.toString());
        }
    }

    @Test
    void newFilesBelongToWhomTheyAreGiven() throws IOException {
        Path cut = dir.resolve("cut.damson");
        Path zip = dir.resolve("b.damson.zip");
        CliRun.of("slice", trace, "-o", cut, "--owner", "no-such-user").expect(ExitCode.USAGE);
        if (!isRoot()) {
            CliRun refused =
                    CliRun.of("slice", trace, "-o", cut, "--owner", "root").expect(ExitCode.CAPABILITY);
            assertEquals(1, refused.err().lines().count(), refused.err());
            assertFalse(Files.exists(cut, LinkOption.NOFOLLOW_LINKS));
            return;
        }
        CliRun.of("slice", trace, "-o", cut, "--owner", "nobody").expect(ExitCode.OK);
        CliRun.of("bundle", cut, "-o", zip, "--owner", "nobody").expect(ExitCode.OK);
        assertEquals("nobody", Files.getOwner(cut).getName());
        assertEquals("nobody", Files.getOwner(cut.resolve("manifest.json")).getName());
        assertEquals("nobody", Files.getOwner(zip).getName());
        // under sudo they belong to the one who called it
        Path called = dir.resolve("called.damson");
        CliRun.with(Map.of("SUDO_USER", "nobody"), new byte[0], "slice", trace, "-o", called)
                .expect(ExitCode.OK);
        assertEquals("nobody", Files.getOwner(called).getName());
    }

    @Test
    void recoveringKeepsTheOwner() throws IOException {
        Path dead = Files.createDirectory(dir.resolve("dead.damson"));
        Path live = dir.resolve("live.damson");
        try (var sink = Traces.create(live, new Manifest(), WriterOptions.LIVE)) {
            Snapshot s = new Snapshot();
            s.endNs = 1;
            s.add(4096, 8192, 1, -1);
            sink.append(s);
            sink.flush();
            for (String name : names(live)) {
                if (!name.equals(".lock")) {
                    Files.copy(live.resolve(name), dead.resolve(name));
                }
            }
        }
        String owner = isRoot() ? "nobody" : Files.getOwner(dead).getName();
        if (isRoot()) {
            Files.setOwner(
                    dead, dead.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(owner));
        }
        CliRun.of("recover", dead).expect(ExitCode.OK);
        assertEquals(owner, Files.getOwner(dead).getName());
        assertEquals(owner, Files.getOwner(dead.resolve("manifest.json")).getName());
        CliRun.of("verify", dead).expect(ExitCode.OK);
        CliRun again = CliRun.of("recover", dead).expect(ExitCode.OK);
        assertEquals("nothing to recover in " + dead + "\n", again.out());
        assertEquals(List.of("dead.damson", "live.damson", "t.damson"), names(dir));
    }
}
