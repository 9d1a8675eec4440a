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

    /** A trace of one snapshot whose manifest {@code change} sets. */
    private Path made(String name, long fromNs, Consumer<Manifest> change) throws Exception {
        Manifest m = new Manifest();
        m.clock = Manifest.ClockKind.MONOTONIC;
        m.source = "referenced";
        m.host.put("host_name", "one");
        m.toEpochNs = 1_000_000_000_000_000_000L;
        change.accept(m);
        Path path = dir.resolve(name + ".damson");
        TraceFiles.create(path, m, sink -> {
            Snapshot s = new Snapshot();
            s.target = 7;
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
