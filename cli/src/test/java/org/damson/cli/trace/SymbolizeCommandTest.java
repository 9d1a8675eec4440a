package org.damson.cli.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.stacks.Frame;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code damson symbolize} on recordings of other machines, whose files stand below a directory. */
final class SymbolizeCommandTest {
    private static final Path STAIRS = Path.of("../testdata/stairs-perf");

    @TempDir
    Path dir;

    /** What two tools tell of one sample. */
    private record Sample(long timeUs, int tid, String event, long weight, List<Frame> stack) {}

    private static List<Sample> samples(Path trace) throws IOException {
        List<Sample> samples = new ArrayList<>();
        try (TraceSource t = Traces.open(trace)) {
            Map<Long, Frame> frames = new HashMap<>();
            t.forEachRow(Table.FRAMES, (b, r) -> frames.put(b.get(0, r), Frame.of(b, r)));
            Map<Long, List<Frame>> stacks = new HashMap<>();
            t.forEachRow(Table.STACKS, (b, r) -> stacks.computeIfAbsent(b.get(0, r), i -> new ArrayList<>())
                    .add(frames.get(b.get(2, r))));
            t.forEachRow(Table.SAMPLES, (b, r) -> samples.add(sample(b, r, stacks)));
        }
        return samples;
    }

    private static Sample sample(Batch b, int r, Map<Long, List<Frame>> stacks) {
        return new Sample(
                b.get(Table.SAMPLES.indexOf("time_ns"), r) / 1000,
                (int) b.get(Table.SAMPLES.indexOf("tid"), r),
                b.text(Table.SAMPLES.indexOf("event"), r),
                b.get(Table.SAMPLES.indexOf("weight"), r),
                stacks.get(b.get(Table.SAMPLES.indexOf("stack_id"), r)));
    }

    private Path imported(String recording) {
        Path trace = dir.resolve(recording + ".damson");
        CliRun.of("import", STAIRS.resolve(recording).toString(), "-o", trace.toString())
                .expect(ExitCode.OK);
        return trace;
    }

    /** perf.data and the text that perf printed of it: the same stacks, and once the files are there the same names. */
    @Test
    void namesAreThoseThatPerfPrintedOfTheSameRecording() throws Exception {
        List<Sample> printed = samples(imported("cpu.perf.script.gz"));
        Path trace = imported("cpu.perf.data.gz");
        List<Sample> recorded = samples(trace);
        assertEquals(printed.size(), recorded.size());
        // What perf says about the files of that machine: where each function begins.
        Map<String, TreeMap<Long, String>> files = new TreeMap<>();
        Map<String, String> buildIds = new HashMap<>();
        for (int i = 0; i < printed.size(); i++) {
            Sample p = printed.get(i);
            Sample r = recorded.get(i);
            assertEquals(p.timeUs, r.timeUs);
            assertEquals(p.tid, r.tid);
            assertEquals(p.event, r.event);
            assertEquals(p.weight, r.weight);
            assertEquals(p.stack.size(), r.stack.size());
            for (int d = 0; d < p.stack.size(); d++) {
                Frame theirs = p.stack.get(d);
                Frame place = r.stack.get(d);
                assertFalse(place.hasFunction());
                assertEquals(theirs.module(), place.module());
                if (theirs.hasFunction()) {
                    String other = files.computeIfAbsent(place.module(), m -> new TreeMap<>())
                            .put(place.offset() - theirs.offset(), theirs.function());
                    assertTrue(other == null || other.equals(theirs.function()));
                    buildIds.put(place.module(), place.buildId());
                } else {
                    assertEquals(theirs.offset() & 4095, place.offset() & 4095);
                }
            }
        }
        TreeMap<Long, String> kernel = files.remove("[kernel.kallsyms]");
        assertTrue(files.containsKey("/root/masim/masim") && kernel.size() > 20, files + " " + kernel);
        Path root = Files.createDirectory(dir.resolve("root"));
        for (Map.Entry<String, TreeMap<Long, String>> e : files.entrySet()) {
            Path file = root.resolve(e.getKey().substring(1));
            Files.createDirectories(file.getParent());
            Files.write(file, SmallElf.of(HexFormat.of().parseHex(buildIds.get(e.getKey())), e.getValue()));
        }
        Path list = Files.writeString(dir.resolve("kallsyms"), kallsyms(kernel));
        CliRun.of("symbolize", trace.toString(), "--symfs", root.toString(), "--kallsyms", list.toString())
                .expect(ExitCode.OK);
        List<Sample> named = samples(trace);
        long same = 0;
        for (int i = 0; i < printed.size(); i++) {
            for (int d = 0; d < printed.get(i).stack.size(); d++) {
                Frame theirs = printed.get(i).stack.get(d);
                if (theirs.hasFunction()) {
                    Frame ours = named.get(i).stack.get(d);
                    assertEquals(theirs.function(), ours.function());
                    assertEquals(theirs.offset(), ours.offset());
                    same++;
                }
            }
        }
        assertTrue(same > 1000, same + " names");
        CliRun.of("verify", trace.toString()).expect(ExitCode.OK);
    }

    private static String kallsyms(TreeMap<Long, String> functions) {
        long text = 0xffffffff81000000L;
        StringBuilder lines = new StringBuilder("ffffffff81000000 T _text\n");
        functions.forEach((offset, name) -> lines.append(Long.toHexString(text + offset))
                .append(" T ")
                .append(name)
                .append('\n'));
        return lines.append("ffffffffa0000000 T _etext\n").toString();
    }

    @Test
    void withoutTheFilesPlacesStayAndThatIsTold() throws Exception {
        Path trace = imported("cpu.perf.data.gz");
        List<Sample> before = samples(trace);
        Path root = Files.createDirectory(dir.resolve("empty"));
        CliRun run = CliRun.of("symbolize", trace.toString(), "--symfs", root.toString());
        run.expect(ExitCode.OK);
        assertTrue(run.err().contains("of /root/masim/masim, build id "), run.err());
        assertTrue(run.err().contains("have no name: no such file on this machine"), run.err());
        assertFalse(run.err().contains("wrote"), "nothing changed, nothing is written");
        assertEquals(before, samples(trace));
        CliRun json = CliRun.of("symbolize", trace.toString(), "--symfs", root.toString(), "--json");
        json.expect(ExitCode.OK);
        assertTrue(json.out().contains("\"named\":0"), json.out());
    }

    /** A file that is not the recorded one gives no name, however much it looks like it. */
    @Test
    void anotherBuildIdIsToldAndNotUsed() throws Exception {
        Path trace = imported("cpu.perf.data.gz");
        Path root = dir.resolve("root");
        Files.createDirectories(root.resolve("root/masim"));
        TreeMap<Long, String> all = new TreeMap<>(Map.of(0L, "wrong"));
        Files.write(root.resolve("root/masim/masim"), SmallElf.of(new byte[20], all));
        CliRun run = CliRun.of("symbolize", trace.toString(), "--symfs", root.toString());
        run.expect(ExitCode.OK);
        assertTrue(run.err().contains("has another build id"), run.err());
    }

    @Test
    void textHasAddressesAndNoOffsetsInFiles() throws Exception {
        Path trace = imported("cpu.perf.script.gz");
        Path root = dir.resolve("root");
        Files.createDirectories(root.resolve("usr/lib/x86_64-linux-gnu"));
        TreeMap<Long, String> all = new TreeMap<>(Map.of(0L, "wrong"));
        Files.write(root.resolve("usr/lib/x86_64-linux-gnu/libc.so.6"), SmallElf.of(new byte[20], all));
        List<Sample> before = samples(trace);
        CliRun run = CliRun.of("symbolize", trace.toString(), "--symfs", root.toString());
        run.expect(ExitCode.OK);
        assertTrue(run.err().contains("no offset in a file is recorded"), run.err());
        assertEquals(before, samples(trace));
    }

    @Test
    void aRecordingOrABundleNeedsAnOutput() throws Exception {
        Path recording = dir.resolve("cpu.perf.data");
        try (InputStream in = new GZIPInputStream(Files.newInputStream(STAIRS.resolve("cpu.perf.data.gz")))) {
            Files.write(recording, in.readAllBytes());
        }
        byte[] before = Files.readAllBytes(recording);
        CliRun.of("symbolize", recording.toString()).expect(ExitCode.USAGE);
        assertArrayEquals(before, Files.readAllBytes(recording));
        Path root = Files.createDirectory(dir.resolve("empty"));
        Path out = dir.resolve("out.damson");
        CliRun.of("symbolize", recording.toString(), "--symfs", root.toString(), "-o", out.toString())
                .expect(ExitCode.OK);
        assertFalse(samples(out).isEmpty());
        CliRun.of("symbolize", recording.toString(), "--symfs", root.toString(), "-o", out.toString())
                .expect(ExitCode.USAGE);
    }

    @Test
    void whatHasNoStacksOrOnlyPseudonymsIsRefused() throws Exception {
        Path none = dir.resolve("none.damson");
        CliRun.of("import", STAIRS.resolve("damon.perf.script.gz").toString(), "-o", none.toString())
                .expect(ExitCode.OK);
        CliRun.of("symbolize", none.toString()).expect(ExitCode.INPUT);
        Path bundle = dir.resolve("b.damson.zip");
        CliRun.of("bundle", imported("cpu.perf.data.gz").toString(), "--redact", "-o", bundle.toString())
                .expect(ExitCode.OK);
        CliRun run = CliRun.of(
                "symbolize", bundle.toString(), "-o", dir.resolve("r.damson").toString());
        run.expect(ExitCode.INPUT);
        assertTrue(run.err().contains("is redacted"), run.err());
        CliRun.of(
                        "symbolize",
                        none.toString(),
                        "--symfs",
                        dir.resolve("nowhere").toString())
                .expect(ExitCode.USAGE);
    }

    /** What perf copied of the stacks of a program without frame pointers is unwound when it is imported. */
    @Test
    void importUnwindsCopiesOfStacksWithTheFilesOfAnotherMachine() throws IOException {
        Path recording = Path.of("../testdata/perf-stacks/dwarf.perf.data.gz");
        String files = "../testdata/perf-stacks/files";
        Path trace = dir.resolve("unwound.damson");
        CliRun unwound =
                CliRun.of("import", recording, "--symfs", files, "-o", trace).expect(ExitCode.OK);
        assertTrue(
                unwound.err().contains("72 of 72 copies of user stacks are unwound to the thread's begin"),
                unwound.err());
        CliRun.of("symbolize", trace, "--symfs", files).expect(ExitCode.OK);
        for (Sample s : samples(trace)) {
            List<String> names = s.stack().stream().map(Frame::function).toList();
            assertEquals(
                    List.of("inner", "middle", "outer", "begin", "_start"),
                    names.subList(names.size() - 5, names.size()));
        }
        Path never = dir.resolve("never.damson");
        CliRun left = CliRun.of("import", recording, "--unwind", "never", "--symfs", files, "-o", never)
                .expect(ExitCode.OK);
        assertTrue(left.err().contains("which are not unwound"), left.err());
        assertEquals(
                samples(trace).stream().map(s -> s.stack().size() - 4).toList(),
                samples(never).stream().map(s -> s.stack().size()).toList());
        // Read without import, where such a file need not be here, it has the same places at least.
        CliRun read =
                CliRun.of("export", recording, "--to", "collapsed", "-o", "-").expect(ExitCode.OK);
        assertEquals(
                CliRun.of("export", never, "--to", "collapsed", "-o", "-").out(),
                read.out().replaceAll("(?m)^.*;", ""));
        CliRun.of("import", recording, "--unwind", "always", "-o", dir.resolve("x.damson"))
                .expect(ExitCode.USAGE);
        CliRun.of("import", recording, "--symfs", dir.resolve("none"), "-o", dir.resolve("x.damson"))
                .expect(ExitCode.USAGE);
    }
}
