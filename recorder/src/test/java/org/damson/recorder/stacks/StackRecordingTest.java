package org.damson.recorder.stacks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.recorder.LiveConfig;
import org.damson.recorder.LiveRecording;
import org.damson.recorder.RecordingStatus;
import org.damson.recorder.ring.OverflowPolicy;
import org.damson.recorder.ring.RecorderConfig;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Call stacks of real processes, through the kernel. */
@Timeout(120)
final class StackRecordingTest {
    private static final StackRequest OFTEN = new StackRequest(500, false, true, 1);
    private static final int EVENT = Table.SAMPLES.indexOf("event");
    private static final int WEIGHT = Table.SAMPLES.indexOf("weight");
    private static final int TIME = Table.SAMPLES.indexOf("time_ns");

    @TempDir
    Path dir;

    private LiveConfig config(Path out, List<String> command, List<Long> pids, long durationNs) {
        RecorderConfig recorder = new RecorderConfig(64, OverflowPolicy.BLOCK, 200_000_000, 200_000_000);
        return new LiveConfig(out, command, pids, durationNs, 50_000, 200_000, 1, true, recorder).withStacks(OFTEN);
    }

    private static Set<String> modules(TraceSource trace) throws IOException {
        Set<String> modules = new HashSet<>();
        trace.forEachRow(Table.FRAMES, (b, r) -> modules.add(b.text(2, r)));
        return modules;
    }

    /** The second function runs in a thread that the recorder never heard of. */
    @Test
    void eachFunctionIsFoundWhereItRanAndWhereItTouchedFirst() throws Exception {
        PhasesProgram program = new PhasesProgram(dir);
        Path out = dir.resolve("x.damson");
        LiveRecording.Result result =
                LiveRecording.record(config(out, program.command(2, 500), List.of(), 0), RecordingStatus.NONE);
        program.ended();
        assertEquals(0, result.commandExit());
        assertEquals("", result.stacks().refusal());
        assertTrue(result.isWhole(), result.toString());
        assertEquals(List.of(), Traces.verify(out).findings());
        try (TraceSource trace = Traces.open(out)) {
            assertEquals(result.stacks().samples(), trace.rowCount(Table.SAMPLES));
            // 250 samples each on a machine that has a processor to spare for it.
            assertTrue(program.samples(trace, "cpu-clock", "work_first", null) > 20);
            assertTrue(program.samples(trace, "cpu-clock", "work_second", null) > 20);
            assertTrue(program.samples(trace, "page-faults", "fill_first", "buffer_first") >= 1);
            assertTrue(program.samples(trace, "page-faults", "fill_second", "buffer_second") >= 1);
            assertEquals(0, program.samples(trace, "page-faults", "fill_second", "buffer_first"));
            assertEquals(0, program.samples(trace, "page-faults", "fill_first", "buffer_second"));
            assertThreadsAreNamed(trace);
            // Only where code without frame pointers left no address of code is there none of a module.
            trace.forEachRow(Table.FRAMES, (b, r) -> assertTrue(!b.text(2, r).isEmpty() || b.get(4, r) >= 0));
        }
    }

    /** The shell becomes the program, which starts a thread that ends before it does. */
    private static void assertThreadsAreNamed(TraceSource trace) throws IOException {
        List<String> rows = new ArrayList<>();
        trace.forEachRow(
                Table.THREADS,
                (b, r) -> rows.add((b.get(4, r) == 0 ? "" : "no more ")
                        + b.text(3, r)
                        + (b.get(1, r) == b.get(2, r) ? "" : " thread")));
        assertTrue(
                rows.containsAll(List.of("phases", "phases thread", "no more phases thread", "no more phases")),
                rows.toString());
        Set<List<Long>> named = new HashSet<>();
        trace.forEachRow(Table.THREADS, (b, r) -> named.add(List.of(b.get(1, r), b.get(2, r))));
        Set<List<Long>> sampled = new HashSet<>();
        trace.forEachRow(Table.SAMPLES, (b, r) -> sampled.add(List.of(b.get(1, r), b.get(2, r))));
        sampled.removeAll(named);
        sampled.remove(
                List.of(-1L, -1L)); // the kernel's number of a thread that has ended but for its last instructions
        assertEquals(Set.of(), sampled, rows.toString());
    }

    /** Samples and snapshots count the same clock; a sample of a clock weighs the time it stands for. */
    @Test
    void samplesAreOfTheTracesClockAndWeighTheirTime() throws Exception {
        PhasesProgram program = new PhasesProgram(dir);
        Path out = dir.resolve("x.damson");
        long fromNs = System.nanoTime();
        LiveRecording.record(config(out, program.command(1, 300), List.of(), 0), RecordingStatus.NONE);
        long toNs = System.nanoTime();
        try (TraceSource trace = Traces.open(out)) {
            trace.forEachRow(Table.SAMPLES, (b, r) -> {
                assertTrue(b.get(TIME, r) > fromNs && b.get(TIME, r) < toNs);
                if (b.text(EVENT, r).equals("cpu-clock")) {
                    assertEquals(2_000_000, b.get(WEIGHT, r));
                }
            });
        }
    }

    /** Of a process that runs already, what it has mapped is read from /proc; its child is recorded too. */
    @Test
    void attachesToAProcessAndItsChildren() throws Exception {
        PhasesProgram program = new PhasesProgram(dir);
        Path out = dir.resolve("x.damson");
        List<String> command = program.command(1, 4000);
        Process parent = new ProcessBuilder("sh", "-c", "sh -c '" + command.get(2) + "'; true").start();
        try {
            Thread.sleep(300);
            LiveRecording.Result result = LiveRecording.record(
                    config(out, List.of(), List.of(parent.pid()), 3_000_000_000L), RecordingStatus.NONE);
            assertTrue(result.isWhole(), result.toString());
            program.ended();
            try (TraceSource trace = Traces.open(out)) {
                assertTrue(
                        modules(trace).contains(program.module()),
                        modules(trace).toString());
                assertTrue(program.samples(trace, "cpu-clock", "work_first", null) > 20);
            }
        } finally {
            parent.descendants().forEach(ProcessHandle::destroy);
            parent.destroy();
            parent.waitFor();
        }
    }

    /** What was flushed is there, with the stacks and frames that it refers to. */
    @Test
    void samplesOfAKilledRecorderAreKept() throws Exception {
        PhasesProgram program = new PhasesProgram(dir);
        Path out = dir.resolve("killed.damson");
        List<String> java = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                KilledRecording.class.getName(),
                out.toString()));
        java.addAll(program.command(1, 30_000));
        Process recorder = new ProcessBuilder(java)
                .redirectError(dir.resolve("err").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<ProcessHandle> children = List.of();
        try {
            long killedNs = 0;
            for (int i = 0; i < 600 && killedNs == 0; i++) {
                Thread.sleep(100);
                children = recorder.descendants().toList();
                if (recorded(out) > 60) {
                    killedNs = System.nanoTime();
                    recorder.destroyForcibly().waitFor();
                }
            }
            assertTrue(killedNs != 0, Files.readString(dir.resolve("err")));
            program.ended();
            Traces.recover(out);
            assertEquals(List.of(), Traces.verify(out).findings());
            try (TraceSource trace = Traces.open(out)) {
                assertTrue(program.samples(trace, "cpu-clock", "work_first", null) > 30);
                Set<Long> stacks = new HashSet<>();
                trace.forEachRow(Table.STACKS, (b, r) -> stacks.add(b.get(0, r)));
                long[] newestNs = {0};
                trace.forEachRow(Table.SAMPLES, (b, r) -> {
                    assertTrue(stacks.contains(b.get(7, r)));
                    newestNs[0] = Math.max(newestNs[0], b.get(TIME, r));
                });
                assertTrue(newestNs[0] <= killedNs);
            }
        } finally {
            children.forEach(ProcessHandle::destroyForcibly);
            recorder.destroyForcibly();
        }
    }

    /** Samples that a reader finds while it is recorded. */
    private static long recorded(Path out) {
        if (!Files.exists(out.resolve("manifest.json"))) {
            return 0;
        }
        try (TraceSource trace = Traces.open(out)) {
            return trace.rowCount(Table.SAMPLES);
        } catch (IOException notYet) {
            return 0;
        }
    }

    /** Each trace of a series has the frames of its samples. */
    @Test
    void everyTraceOfASeriesIsCompleteInItself() throws Exception {
        PhasesProgram program = new PhasesProgram(dir);
        Path out = dir.resolve("x.traces");
        org.damson.recorder.Operation rotated =
                new org.damson.recorder.Operation(500_000_000, 0, 0, 0, 0, 1, 0, null, List.of(), null, 0);
        LiveConfig config = config(out, program.command(1, 500), List.of(), 0);
        LiveRecording.record(
                config,
                rotated,
                LiveRecording.referenced(config),
                (path, manifest) -> Traces.create(path, manifest, org.damson.trace.WriterOptions.LIVE),
                RecordingStatus.NONE,
                result -> {});
        program.ended();
        List<Path> traces = Traces.inSeries(out);
        assertTrue(traces.size() > 1, traces.toString());
        long[] missing = {0};
        List<TraceSource> opened = new ArrayList<>();
        long samples = 0;
        for (Path path : traces) {
            TraceSource trace = Traces.open(path);
            opened.add(trace);
            Set<Long> frames = new HashSet<>();
            Set<Long> stacks = new HashSet<>();
            trace.forEachRow(Table.FRAMES, (b, r) -> assertTrue(frames.add(b.get(0, r))));
            trace.forEachRow(Table.STACKS, (b, r) -> {
                stacks.add(b.get(0, r));
                missing[0] += frames.contains(b.get(2, r)) ? 0 : 1;
            });
            trace.forEachRow(Table.SAMPLES, (b, r) -> missing[0] += stacks.contains(b.get(7, r)) ? 0 : 1);
            Set<Long> threads = new HashSet<>();
            trace.forEachRow(Table.THREADS, (b, r) -> threads.add(b.get(2, r)));
            trace.forEachRow(Table.SAMPLES, (b, r) -> missing[0] += threads.contains(b.get(2, r)) ? 0 : 1);
            samples += trace.rowCount(Table.SAMPLES);
        }
        assertEquals(0, missing[0]);
        Path whole = dir.resolve("whole.damson");
        try (var sink =
                Traces.create(whole, opened.get(0).manifest().sameFacts(), org.damson.trace.WriterOptions.BATCH)) {
            Traces.merge(opened, sink);
        }
        long ofFirst = 0;
        for (TraceSource trace : opened) {
            ofFirst += program.samples(trace, "cpu-clock", "work_first", null);
            trace.close();
        }
        try (TraceSource trace = Traces.open(whole)) {
            assertEquals(samples, trace.rowCount(Table.SAMPLES));
            assertEquals(ofFirst, program.samples(trace, "cpu-clock", "work_first", null));
            assertTrue(ofFirst > 20);
            Set<List<Object>> distinct = new HashSet<>();
            trace.forEachRow(
                    Table.FRAMES,
                    (Batch b, int r) ->
                            assertTrue(distinct.add(List.of(b.text(1, r), b.text(2, r), b.text(3, r), b.get(4, r)))));
        }
    }
}
