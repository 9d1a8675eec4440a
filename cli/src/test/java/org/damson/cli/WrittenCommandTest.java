package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.damson.cli.command.ExitCode;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What was written, from a trace to every way out. Three mappings in each of four snapshots of a second and ten samples: a heap of
 * 64 pages, of which 32 are touched and the first 8 written in each sample; a library of 16, of which 4 are read; and 16 that
 * came in the sample, all touched, of which it is not known what was written.
 */
final class WrittenCommandTest {
    private static final long PAGE = 4096;
    private static final long HEAP = 0x10000000L;
    private static final long LIBRARY = 0x20000000L;
    private static final long NEW = 0x30000000L;
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path dir;

    private Path trace;

    @BeforeEach
    void write() throws IOException {
        trace = dir.resolve("t.damson");
        Manifest manifest = new Manifest();
        manifest.source = "referenced";
        manifest.attrs = new MonitoringAttrs(100_000, 1_000_000, 0, 0, 0, MonitoringAttrs.IntervalsOrigin.RECORDED);
        manifest.recording.put("pids", List.of(7L));
        ManifestKey.WINDOW.put(manifest, 100_000L);
        ManifestKey.WRITTEN.put(manifest, true);
        ManifestKey.WRITTEN_TOLD.put(manifest, 40L);
        ManifestKey.WRITTEN_NOT_KNOWN.put(manifest, 40L);
        try (TraceSink sink = Traces.create(trace, manifest, WriterOptions.BATCH)) {
            Batch mappings = new Batch(Table.MAPPINGS);
            mappings.add(0, 7, HEAP, HEAP + 64 * PAGE, "rw-p", "[heap]", 0);
            mappings.add(0, 7, LIBRARY, LIBRARY + 16 * PAGE, "r-xp", "/lib/x.so", 0);
            mappings.add(0, 7, NEW, NEW + 16 * PAGE, "rw-p", "", 0);
            sink.append(mappings);
            Batch writes = new Batch(Table.WRITES);
            Snapshot s = new Snapshot();
            for (int i = 0; i < 4; i++) {
                s.clear();
                s.target = 7;
                s.startNs = i * SECOND;
                s.endNs = s.startNs + SECOND;
                s.sampleUs = 100_000;
                s.aggrUs = 1_000_000;
                s.columns = Snapshot.HAS_REFERENCED | Snapshot.HAS_WRITTEN;
                region(s, HEAP, 64, 32, 8 * PAGE);
                region(s, LIBRARY, 16, 4, 0);
                region(s, NEW, 16, 16, Snapshot.NOT_KNOWN);
                sink.append(s);
                writes.add(s.startNs, s.endNs, 7, HEAP, HEAP + 8 * PAGE, 10, 10, 8 * PAGE, 8 * PAGE);
                writes.add(s.startNs, s.endNs, 7, HEAP + 8 * PAGE, HEAP + 64 * PAGE, 10, 0, 0, 0);
            }
            sink.append(writes);
        }
    }

    @Test
    void rangesThatCannotBeAreFoundAndRefused() throws IOException {
        long[][] bad = {
            {HEAP + PAGE, HEAP, 10, 10, 0, 0}, // backwards
            {HEAP, HEAP, 10, 0, 0, 0}, // empty
            {HEAP, HEAP + PAGE, 0, 0, 0, 0}, // of no sample
            {HEAP, HEAP + PAGE, 10, 11, PAGE, PAGE}, // in more samples than there were
            {HEAP, HEAP + PAGE, 10, 10, 2 * PAGE, 2 * PAGE}, // more than there is
            {HEAP, HEAP + PAGE, 10, 10, PAGE, 0}, // more in the mean sample than in any
            {HEAP, HEAP + PAGE, 10, 10, -5, PAGE}
        };
        for (int i = 0; i < bad.length; i++) {
            Path path = dir.resolve("bad" + i + ".damson");
            try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
                Snapshot s = new Snapshot();
                s.startNs = 0;
                s.endNs = SECOND;
                s.columns = Snapshot.HAS_REFERENCED | Snapshot.HAS_WRITTEN;
                region(s, HEAP, 64, 32, 0);
                sink.append(s);
                Batch writes = new Batch(Table.WRITES);
                long[] b = bad[i];
                writes.add(0, SECOND, 0, b[0], b[1], b[2], b[3], b[4], b[5]);
                sink.append(writes);
            }
            CliRun run = CliRun.of("report", "heatmap", path, "--writes").expect(ExitCode.INPUT);
            assertEquals(1, run.err().lines().count(), run.err());
            assertTrue(run.err().contains("writes of 0 ns"), run.err());
            CliRun.of("verify", path).expect(ExitCode.FINDINGS);
        }
    }

    private static void region(Snapshot s, long start, int pages, int touched, long written) {
        s.reserve(s.regions + 1);
        int i = s.add(start, start + pages * PAGE, 10, 0);
        s.referencedMin[i] = touched * PAGE;
        s.referencedMean[i] = touched * PAGE;
        s.referencedMax[i] = touched * PAGE;
        s.writtenMean[i] = written;
    }

    private static String wss(Path path) {
        return CliRun.of("report", "wss", path).expect(ExitCode.OK).out();
    }

    private static final String SPLIT =
            "# of the mean working set 32 KiB were written, 112 KiB only read, 64 KiB not known";

    @Test
    void theWorkingSetIsSplitIntoWrittenReadAndNotKnown() {
        assertTrue(wss(trace).contains(SPLIT), wss(trace));
        String json =
                CliRun.of("report", "wss", trace, "--json").expect(ExitCode.OK).out();
        for (String field : new String[] {
            "\"mean_bytes\":212992",
            "\"mean_written_bytes\":32768",
            "\"mean_only_read_bytes\":114688",
            "\"mean_not_known_bytes\":65536"
        }) {
            assertTrue(json.contains(field), field + "\n" + json);
        }
        String objects = CliRun.of("report", "objects", trace, "--json")
                .expect(ExitCode.OK)
                .out();
        assertTrue(objects.contains("\"written_bytes\":32768"), objects);
        assertTrue(objects.contains("\"written_not_known_bytes\":65536"), objects);
        String info = CliRun.of("info", trace).expect(ExitCode.OK).out();
        assertTrue(info.contains("written pages known of 40 of 80 mappings in use"), info);
    }

    @Test
    void theHeatmapOfWritesHasThemWhereTheyWere() throws IOException {
        String csv = heatmap(trace, "0x10000000..0x10040000", 8);
        assertEquals(8, csv.lines().filter(l -> !l.startsWith("start")).count());
        csv.lines()
                .skip(1)
                .forEach(l -> assertEquals(
                        l.contains(",0x10000000,") ? "1.0" : "0.0", l.substring(l.lastIndexOf(',') + 1), csv));
        // What is not told is not there, which is not the same as unwritten.
        CliRun.of("report", "heatmap", trace, "--writes", "--address", "0x30000000..0x30010000")
                .expect(ExitCode.USAGE);
    }

    private String heatmap(Path path, String address, int rows) throws IOException {
        Path csv = dir.resolve(rows + ".csv");
        CliRun.of(
                        "report",
                        "heatmap",
                        path,
                        "--writes",
                        "--scope",
                        "all",
                        "--cols",
                        "1",
                        "--rows",
                        rows,
                        "--address",
                        address,
                        "--output",
                        csv)
                .expect(ExitCode.OK);
        return Files.readString(csv);
    }

    @Test
    void slicesMergesAndRedactedBundlesKeepIt() {
        Path first = dir.resolve("first.damson");
        Path second = dir.resolve("second.damson");
        Path merged = dir.resolve("merged.damson");
        Path bundle = dir.resolve("b.damson.zip");
        CliRun.of("slice", trace, "--snapshots", "0..2", "-o", first).expect(ExitCode.OK);
        CliRun.of("slice", trace, "--snapshots", "2..4", "-o", second).expect(ExitCode.OK);
        assertEquals(4, rows(first));
        assertEquals(4, rows(second));
        CliRun.of("merge", first, second, "-o", merged).expect(ExitCode.OK);
        assertEquals(8, rows(merged));
        CliRun.of("bundle", "--redact", trace, "-o", bundle).expect(ExitCode.OK);
        for (Path each : new Path[] {first, second, merged, bundle}) {
            assertTrue(wss(each).contains(SPLIT), wss(each));
            CliRun.of("verify", each).expect(ExitCode.OK);
            CliRun.of("report", "heatmap", each, "--writes").expect(ExitCode.OK);
        }
        Path cut = dir.resolve("cut.damson");
        CliRun.of("slice", trace, "--address", "0x10004000..0x10010000", "-o", cut)
                .expect(ExitCode.OK);
        String dump =
                CliRun.of("dump", cut, "--table", "writes").expect(ExitCode.OK).out();
        // Half of the written range and an eighth of the rest.
        assertTrue(dump.contains(String.valueOf(4 * PAGE)), dump);
        assertEquals(8, rows(cut));
    }

    private static long rows(Path path) {
        return CliRun.of("dump", path, "--table", "writes")
                        .expect(ExitCode.OK)
                        .out()
                        .lines()
                        .count()
                - 1;
    }

    @Test
    void sqlHasItAndOtherToolsFormsDoNot() {
        String sql = CliRun.of(
                        "sql",
                        trace,
                        "-c",
                        "select sum(written_mean) as written, count(*) as n from heat where written_mean >= 0")
                .expect(ExitCode.OK)
                .out();
        assertTrue(sql.contains("131072") && sql.contains("8"), sql);
        sql = CliRun.of("sql", trace, "-c", "select sum(written_mean) as written from writes where writes > 0")
                .expect(ExitCode.OK)
                .out();
        assertTrue(sql.contains("131072"), sql);
        for (String form : new String[] {"damo", "perf-script"}) {
            Path out = dir.resolve("x." + form);
            CliRun.of("export", trace, "--to", form, "-o", out).expect(ExitCode.OK);
            assertFalse(
                    CliRun.of("report", "wss", out).expect(ExitCode.OK).out().contains("written"));
            CliRun.of("report", "heatmap", out, "--writes").expect(ExitCode.INPUT);
        }
    }

    @Test
    void recordingItWhereTheKernelCannotTellIsRefusedInOneLine() {
        Path out = dir.resolve("r.damson");
        CliRun run = CliRun.of("record", "--written", "-o", out, "--", "sleep", "0.5");
        if (run.exit() == ExitCode.CAPABILITY) { // this kernel, or this sandbox
            assertEquals(1, run.err().lines().count(), run.err());
            assertTrue(run.err().contains("--written: "), run.err());
            assertFalse(out.toFile().exists());
        } else {
            run.expect(ExitCode.OK);
            assertTrue(CliRun.of("info", out).out().contains("written pages recorded"), run.err());
        }
        CliRun.of("record", "--written", "--tlb-flush", "never", "-o", out, "--", "true")
                .expect(ExitCode.USAGE);
        CliRun.of("record", "--written", "--source", "damon", "-o", out, "--", "true")
                .expect(ExitCode.USAGE);
        CliRun.of("report", "heatmap", trace, "--writes", "--damo-compat").expect(ExitCode.USAGE);
    }
}
