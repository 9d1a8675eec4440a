package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.damson.cli.command.ExitCode;
import org.damson.cli.input.TraceFiles;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.junit.jupiter.api.Test;

/** What {@code merge} joins, what it refuses, and what of several traces the result says. */
final class MergeCommandTest extends MadeTrace {
    @Test
    void slicesMergeBackIntoTheWhole() {
        Path a = dir.resolve("a.damson");
        Path b = dir.resolve("b.damson");
        Path whole = dir.resolve("whole.damson");
        CliRun.of("slice", trace, "--snapshots", "0..13", "-o", a).expect(ExitCode.OK);
        CliRun.of("slice", trace, "--snapshots", "13..", "-o", b).expect(ExitCode.OK);
        CliRun.of("merge", a, b, "-o", whole).expect(ExitCode.OK);
        assertArrayEquals(
                CliRun.of("dump", trace).outBytes(), CliRun.of("dump", whole).outBytes());
        CliRun.of("merge", a, "-o", dir.resolve("one.damson")).expect(ExitCode.USAGE);
    }

    /** The snapshot in which the cut falls is in both. */
    @Test
    void slicesOfTimesMergeBackIntoTheWhole() {
        for (String recording :
                List.of("java-hot/hot.damson", "golden/stairs-2.damson.zip", "replay-6.12/two-a.damson.zip")) {
            Path of = CliRun.testdata().resolve(recording);
            Path a = dir.resolve(recording.length() + "a.damson");
            Path b = dir.resolve(recording.length() + "b.damson");
            Path whole = dir.resolve(recording.length() + "whole.damson");
            CliRun.of("slice", of, "--time", "..2.037s", "-o", a).expect(ExitCode.OK);
            CliRun.of("slice", of, "--time", "2.037s..", "-o", b).expect(ExitCode.OK);
            CliRun.of("merge", b, a, "-o", whole).expect(ExitCode.OK);
            for (Table table : Table.values()) {
                if (!table.isDerived() && table != Table.DAMO) {
                    assertEquals(
                            CliRun.of("dump", of, "--table", table.fileStem()).out(),
                            CliRun.of("dump", whole, "--table", table.fileStem())
                                    .out(),
                            recording + " " + table);
                }
            }
        }
    }

    /** Of call stacks alone the times are those of the samples. */
    @Test
    void callStacksHaveTheirTimesAndCountOnce() {
        Path perf = CliRun.testdata().resolve("stairs-perf");
        Path both = dir.resolve("both.damson");
        CliRun.of("merge", perf.resolve("damon.perf.script.gz"), perf.resolve("cpu.perf.script.gz"), "-o", both)
                .expect(ExitCode.OK);
        Path stacks = dir.resolve("stacks.damson");
        CliRun.of("import", perf.resolve("cpu.perf.script.gz"), "-o", stacks).expect(ExitCode.OK);
        refusesToMerge(stacks, stacks, "at the same time, which counts twice");
        Path late = dir.resolve("late.damson");
        CliRun.of("slice", stacks, "--time", "5s..8s", "-o", late).expect(ExitCode.OK);
        assertTrue(CliRun.of("dump", late, "--table", "samples").out().lines().count() > 100);
        CliRun nothing = CliRun.of("slice", stacks, "--time", "1h..", "-o", dir.resolve("never"))
                .expect(ExitCode.USAGE);
        assertTrue(nothing.err().contains("leaves nothing: there are "), nothing.err());
    }

    /** DAMON numbers targets, and the number says nothing of whose memory it is. */
    @Test
    void targetsOfDifferentProcessesAreNotOne() throws Exception {
        long second = 1_000_000_000L;
        Path a = numbered("first", 0, 100L);
        refusesToMerge(a, numbered("other", 5 * second, 200L), "target 0 is process 100, in ");
        CliRun.of("merge", a, numbered("same", 5 * second, 100L), "-o", dir.resolve("same-whole.damson"))
                .expect(ExitCode.OK);
    }

    /** A trace of one snapshot whose manifest {@code change} sets. */
    private Path made(String name, long fromNs, Consumer<Manifest> change) throws Exception {
        return made(name, fromNs, 7, change);
    }

    /** The same of kernel DAMON, whose target 0 is this process. */
    private Path numbered(String name, long fromNs, long pid) throws Exception {
        return made(name, fromNs, 0, m -> {
            m.source = "damon";
            ManifestKey.PIDS_RECORDED.put(m, List.of(pid));
        });
    }

    private Path made(String name, long fromNs, long target, Consumer<Manifest> change) throws Exception {
        Manifest m = new Manifest();
        m.clock = Manifest.ClockKind.MONOTONIC;
        m.source = "referenced";
        m.host.put("host_name", "one");
        m.toEpochNs = 1_000_000_000_000_000_000L;
        change.accept(m);
        Path path = dir.resolve(name + ".damson");
        TraceFiles.create(path, m, sink -> {
            Snapshot s = new Snapshot();
            s.target = target;
            s.startNs = fromNs;
            s.endNs = fromNs + 1_000_000_000L;
            s.sampleUs = 5000;
            s.aggrUs = 100_000;
            s.add(0x1000, 0x2000, 3, 0);
            sink.append(s);
        });
        return path;
    }

    @Test
    void tracesOfDifferentClocksHostsOrSourcesAreNotOne() throws Exception {
        long second = 1_000_000_000L;
        Path a = made("a", 0, m -> {});
        CliRun.of("merge", a, made("same", 5000 * second, m -> m.toEpochNs += second), "-o", dir.resolve("0.damson"))
                .expect(ExitCode.OK);
        refusesToMerge(a, made("clock", 0, m -> m.clock = Manifest.ClockKind.PERF), "the clock of ");
        refusesToMerge(a, made("host", 0, m -> m.host.put("host_name", "two")), "the host name of ");
        refusesToMerge(a, made("source", 0, m -> m.source = "damon"), "the source of ");
        refusesToMerge(a, made("boot", 0, m -> m.toEpochNs += 60 * second), "began 1 m 0 s apart: another boot");
        Path foreign = made("foreign", 0, MergeCommandTest::ofNobody);
        Path near = made("near", 2 * second, MergeCommandTest::ofNobody);
        CliRun.of("merge", foreign, near, "-o", dir.resolve("1.damson")).expect(ExitCode.OK);
        refusesToMerge(
                foreign, made("far", 1380 * second, MergeCommandTest::ofNobody), "nothing shows that the clocks");
        Path forced = dir.resolve("forced.damson");
        CliRun run = CliRun.of("merge", a, dir.resolve("host.damson"), "-o", forced, "--force")
                .expect(ExitCode.OK);
        assertTrue(run.err().contains("note: the host name of "), run.err());
        String info = CliRun.of("info", forced).expect(ExitCode.OK).out();
        assertTrue(Files.readString(forced.resolve("manifest.json")).contains("merged_despite"), info);
    }

    /** What certify found of such recordings is told of every trace that is made of them, and of no other. */
    @Test
    void aCertificateGoesThroughSliceMergeAndBundle() throws Exception {
        Consumer<Manifest> certified = m -> {
            ManifestKey.ACCURACY_PATTERNS.put(m, 8L);
            ManifestKey.ACCURACY_PASSED.put(m, 7L);
            ManifestKey.ACCURACY_UNDECIDED.put(m, 1L);
            ManifestKey.ACCURACY_F1.put(m, 0.987);
        };
        Path a = made("certified", 0, certified);
        Path b = made("later", 5_000_000_000L, certified);
        List<List<Object>> ways = List.of(
                List.of("slice", a, "--snapshots", "0..1"),
                List.of("slice", a, "--address", "0..0x7fffffffffff"),
                List.of("merge", a, b),
                List.of("bundle", a),
                List.of("bundle", a, "--redact"),
                List.of("bundle", a, "--redact=strict"));
        for (int i = 0; i < ways.size(); i++) {
            Path made = dir.resolve("way" + i + ".damson" + (i >= 3 ? ".zip" : ""));
            List<Object> words = new ArrayList<>(ways.get(i));
            words.addAll(List.of("-o", made));
            CliRun.of(words.toArray()).expect(ExitCode.OK);
            String said = CliRun.of("report", "wss", made).expect(ExitCode.OK).err();
            assertTrue(said.contains("7 of 8 patterns pass; WSS error -, F1 0.987"), ways.get(i) + said);
        }
        Path unlike = made("unlike", 5_000_000_000L, m -> {
            certified.accept(m);
            ManifestKey.ACCURACY_F1.put(m, 0.5);
        });
        for (List<Object> way : List.of(
                List.<Object>of("merge", a, made("uncertified", 9_000_000_000L, m -> {})),
                List.<Object>of("slice", a, "--aggregate", "200ms"))) {
            Path made = dir.resolve("without" + way.get(0) + ".damson");
            List<Object> words = new ArrayList<>(way);
            words.addAll(List.of("-o", made));
            CliRun.of(words.toArray()).expect(ExitCode.OK);
            assertFalse(CliRun.of("report", "wss", made).err().contains("certify"), way.toString());
        }
        Path differing = dir.resolve("differing.damson");
        CliRun.of("merge", a, unlike, "-o", differing).expect(ExitCode.OK);
        assertFalse(CliRun.of("report", "wss", differing).err().contains("0.987"));
    }

    @Test
    void redactedTracesAreNotMergedAsIfTheirTimesWereOfOneClock() throws Exception {
        Path a = made("plain", 0, m -> {});
        Path zip = dir.resolve("redacted.damson.zip");
        CliRun.of("bundle", a, "--redact", "-o", zip).expect(ExitCode.OK);
        refusesToMerge(zip, zip, "which is redacted, count from its own first snapshot");
    }

    private static void ofNobody(Manifest m) {
        m.clock = Manifest.ClockKind.PERF;
        m.toEpochNs = null;
        m.host.clear();
    }

    private void refusesToMerge(Path a, Path b, String why) {
        Path output = dir.resolve("refused.damson");
        CliRun run = CliRun.of("merge", a, b, "-o", output).expect(ExitCode.INPUT);
        assertTrue(run.err().contains(why), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
        assertFalse(Files.exists(output));
    }
}
