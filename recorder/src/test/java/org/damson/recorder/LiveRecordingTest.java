package org.damson.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.damson.model.Batch;
import org.damson.model.ColumnType;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.recorder.referenced.OverheadBudget;
import org.damson.recorder.referenced.ReferencedConfig;
import org.damson.recorder.referenced.ReferencedSource;
import org.damson.recorder.referenced.SelfTest;
import org.damson.recorder.referenced.TlbFlush;
import org.damson.recorder.ring.OverflowPolicy;
import org.damson.recorder.ring.RecorderConfig;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class LiveRecordingTest {
    @TempDir
    Path dir;

    @Test
    void commandIsRecordedSealedAndItsExitStatusKept() throws IOException {
        Path out = dir.resolve("x.damson");
        LiveConfig c = new LiveConfig(
                out,
                List.of("sh", "-c", "sleep 0.7; exit 3"),
                List.of(),
                0,
                20_000,
                100_000,
                1,
                true,
                RecorderConfig.DEFAULTS);
        LiveRecording.Result r = LiveRecording.record(c, RecordingStatus.NONE);
        assertEquals(3, r.commandExit());
        assertTrue(r.isWhole());
        assertEquals(List.of(), Traces.verify(out).findings());
        try (TraceSource t = Traces.open(out)) {
            assertEquals(r.stats().snapshots(), t.rowCount(Table.SNAPSHOTS));
            assertTrue(t.rowCount(Table.MAPPINGS) > 5);
            assertTrue(t.rowCount(Table.MEMORY) > 5);
            assertEquals(ReferencedSource.DISTORTION, t.manifest().recording.get("distortion"));
            assertEquals(3L, ((Number) t.manifest().recording.get("exit_status")).longValue());
        }
    }

    @Test
    void commandThatDoesNotExistLeavesNoTrace() {
        Path out = dir.resolve("x.damson");
        LiveConfig c = LiveConfig.of(out, List.of("/no/such/command"), List.of(), 0);
        assertThrows(IOException.class, () -> LiveRecording.record(c, RecordingStatus.NONE));
        assertFalse(Files.exists(out));
    }

    /** 20 ms samples, 100 ms aggregations and side samples, all of a CPU. */
    private static LiveConfig fast(Path out, List<String> command, long durationNs) {
        RecorderConfig r = new RecorderConfig(64, OverflowPolicy.BLOCK, 100_000_000, 100_000_000);
        return new LiveConfig(out, command, List.of(), durationNs, 20_000, 100_000, 1, true, r);
    }

    /** Distinct values of a column. */
    private static Set<String> values(TraceSource t, Table table, String column) throws IOException {
        int c = table.indexOf(column);
        boolean text = table.columns().get(c).type() == ColumnType.STRING;
        Set<String> found = new TreeSet<>();
        try (TraceSource.BatchCursor rows = t.rows(table)) {
            for (Batch b = rows.next(); b != null; b = rows.next()) {
                for (int i = 0; i < b.rows(); i++) {
                    found.add(text ? b.text(c, i) : String.valueOf(b.get(c, i)));
                }
            }
        }
        return found;
    }

    @Test
    void shortLivedCommandIsRecordedFromItsFirstInstruction() throws IOException {
        Path out = dir.resolve("x.damson");
        LiveRecording.Result r = LiveRecording.record(fast(out, List.of("sleep", "0.3"), 0), RecordingStatus.NONE);
        assertTrue(r.isWhole());
        try (TraceSource t = Traces.open(out)) {
            // No row is about the shell that held the command back.
            Set<String> names = values(t, Table.MAPPINGS, "name");
            assertTrue(names.stream().anyMatch(n -> n.endsWith("/sleep")), names::toString);
            assertFalse(names.stream().anyMatch(n -> n.endsWith("sh")), names::toString);
        }
    }

    @Test
    void commandThatEndsAtOnceLeavesAGoodTraceThatSaysSo() throws IOException {
        Path out = dir.resolve("x.damson");
        LiveRecording.Result r = LiveRecording.record(fast(out, List.of("false"), 0), RecordingStatus.NONE);
        assertEquals(1, r.commandExit());
        assertFalse(r.isWhole());
        assertTrue(r.note().contains("ended before its first sample"), r.note());
        assertEquals(List.of(), Traces.verify(out).findings());
    }

    @Test
    void childrenAppearAsTargetsAndMappingsThatVanishAreNoted() throws IOException {
        Path out = dir.resolve("x.damson");
        String script = "sleep 0.4 & sh -c 'sleep 0.2; exec sleep 0.3'; wait";
        LiveRecording.Result r = LiveRecording.record(fast(out, List.of("sh", "-c", script), 0), RecordingStatus.NONE);
        assertEquals(0, r.commandExit());
        try (TraceSource t = Traces.open(out)) {
            // the shell, its background sleep, the inner shell that becomes sleep, the inner shell's own sleep
            assertTrue(values(t, Table.SNAPSHOTS, "target").size() >= 3);
            assertTrue(values(t, Table.MAPPINGS, "pid").size() >= 3);
            assertEquals(Set.of("0", "1"), values(t, Table.MAPPINGS, "gone"));
        }
    }

    @Test
    void recordingEndsAfterItsDurationKeepsTheUnfinishedAggregationAndLeavesTheCommandRunning() throws Exception {
        Path out = dir.resolve("x.damson");
        // One aggregation of an hour, which no recording of 300 ms completes.
        LiveConfig c = new LiveConfig(
                out,
                List.of("sleep", "60"),
                List.of(),
                300_000_000L,
                20_000,
                3_600_000_000L,
                1,
                true,
                RecorderConfig.DEFAULTS);
        LiveRecording.Result r = LiveRecording.record(c, RecordingStatus.NONE);
        long pid = Long.parseLong(r.note().replaceAll("\\D+", ""));
        ProcessHandle command = ProcessHandle.of(pid).orElseThrow();
        assertTrue(command.isAlive());
        command.destroy();
        assertTrue(r.isWhole());
        try (TraceSource t = Traces.open(out);
                TraceSource.SnapshotCursor cursor = t.snapshots(TraceQuery.ALL)) {
            Snapshot s = new Snapshot();
            assertTrue(cursor.next(s));
            assertTrue(s.regions > 5);
            // Its columns say what was really measured, not what was wanted.
            assertEquals((s.endNs - s.startNs) / 1000, s.aggrUs);
            assertTrue(s.aggrUs < 3_600_000_000L);
            long samples = ((Number) t.manifest().recording.get("samples")).longValue();
            assertEquals(s.aggrUs / samples, s.sampleUs);
            assertFalse(cursor.next(s));
        }
    }

    @Test
    void samplingSlowsDownUntilItsCpuTimeIsWithinTheShare() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "60").start();
        // 5 ms of CPU time between any two looks at the CPU clock, a tenth of a CPU allowed: at least 50 ms a sample.
        AtomicLong cpuNs = new AtomicLong();
        ReferencedConfig c = new ReferencedConfig(List.of(sleep.pid()), 10_000, 200_000, 0.1, false);
        try (ReferencedSource source =
                new ReferencedSource(c, System::nanoTime, () -> cpuNs.getAndAdd(5_000_000), Path.of("/proc"))) {
            Snapshot s = new Snapshot();
            assertTrue(source.next(s)); // its first sample does not know the cost yet
            assertTrue(source.next(s));
            assertTrue(s.sampleUs >= 50_000, "sample " + s.sampleUs);
            Manifest m = new Manifest();
            source.summarize(m);
            long stretched = (Long) m.recording.get("samples_stretched_to_keep_cpu_share");
            assertEquals((Long) m.recording.get("samples") - 1, stretched);
            assertTrue((Long) m.recording.get("sample_spacing_most_us") >= 50_000);
        } finally {
            sleep.destroy();
        }
    }

    @Test
    void aFirstSampleBeyondTheBudgetIsNotTakenAndTheAlternativesAreNamedAtOnce() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "60").start();
        // 2 s a page: at 2 % a single page is more than a minute's share, however few a process has just after its
        // start.
        SelfTest.Seen all = new SelfTest.Seen(8, 8, 1);
        SelfTest slow = new SelfTest(new SelfTest.Seen(8, 8, 0), all, "", 2e9, 2e9, -1, "not kept", "");
        ReferencedConfig c = new ReferencedConfig(
                List.of(sleep.pid()), 10_000, 20_000, 1, false, new OverheadBudget(TlbFlush.AUTO, 0.02, slow));
        try (ReferencedSource source = new ReferencedSource(c, System::nanoTime)) {
            List<String> notices = new ArrayList<>();
            source.tellTo(notices::add);
            source.arm();
            source.arm();
            assertEquals(1, notices.size(), notices::toString);
            assertTrue(notices.get(0).contains("kernel DAMON"), notices.get(0));
            Manifest m = new Manifest();
            source.summarize(m);
            assertEquals(0L, m.recording.get("tlb_flushes"));
            assertEquals(0.0, m.recording.get("slowdown_estimate"));
        } finally {
            sleep.destroy();
        }
    }

    @Test
    void hostFactsAreInTheManifest() throws IOException {
        Path out = dir.resolve("x.damson");
        LiveRecording.record(fast(out, List.of("sleep", "0.2"), 0), RecordingStatus.NONE);
        try (TraceSource t = Traces.open(out)) {
            Map<String, Object> host = t.manifest().host;
            assertTrue(((Number) host.get("memory_bytes")).longValue() > 1 << 20);
            assertTrue(((Number) host.get("page_size_bytes")).longValue() >= 4096);
            assertTrue(host.keySet().containsAll(Set.of("kernel", "machine", "cpus", "host_name", "damon")));
        }
    }
}
