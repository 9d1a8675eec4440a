package org.damson.analyzer.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Scores by hand. Two mappings of 1 MiB (256 pages), A and B, are gone through by turns for four seconds each, 256 accesses
 * in 10 ms: every page ten times in every window of 100 ms.
 */
final class CertifierTest {
    private static final String HEAD = "from_ns,to_ns,phase,region,accesses,start,size_bytes,stride_bytes,random\n";
    private static final long MIB = 1 << 20;
    private static final long A = 0x1000_0000L;
    private static final long B = 0x2000_0000L;
    private static final long S = 1_000_000_000L;

    @TempDir
    Path dir;

    private int traces;

    /** What a recorder might say: a region in one second. */
    private record Seen(long startS, long address, long sizeBytes, double share) {}

    private AccessLog turns() throws IOException {
        StringBuilder log = new StringBuilder(HEAD);
        log.append("0,0,,a,0,").append(A).append(',').append(MIB).append(",0,0\n");
        log.append("0,0,,b,0,").append(B).append(',').append(MIB).append(",0,0\n");
        for (int i = 0; i < 800; i++) {
            boolean first = i < 400;
            log.append(i * S / 100 + "," + (i + 1) * S / 100 + ",turns: " + (first ? "a" : "b") + ","
                    + (first ? "a" : "b") + ",256," + (first ? A : B) + "," + MIB + ",4096,0\n");
        }
        return log(log.toString());
    }

    private AccessLog log(String text) throws IOException {
        Path file = dir.resolve("log" + traces++ + ".csv");
        Files.writeString(file, text);
        return AccessLog.read(file, 4096);
    }

    private static List<Seen> perfect() {
        List<Seen> seen = new ArrayList<>();
        for (int s = 0; s < 8; s++) {
            seen.add(new Seen(s, A, MIB, s < 4 ? 1 : 0));
            seen.add(new Seen(s, B, MIB, s < 4 ? 0 : 1));
        }
        return seen;
    }

    /** Scores 100 ms samples, ten a second, of referenced bits, moved in time and space. */
    private Score score(AccessLog log, List<Seen> seen, long lateNs, long movedBytes) throws IOException {
        Path path = dir.resolve("trace" + traces++ + ".damson");
        Manifest m = new Manifest();
        m.clock = Manifest.ClockKind.MONOTONIC;
        m.source = "referenced";
        m.attrs = new MonitoringAttrs(100_000, 1_000_000, 0, 0, 0, MonitoringAttrs.IntervalsOrigin.RECORDED);
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            for (long second : seen.stream().map(Seen::startS).distinct().toList()) {
                Snapshot s = new Snapshot();
                s.startNs = second * S + lateNs;
                s.endNs = s.startNs + S;
                s.sampleUs = 100_000;
                s.aggrUs = 1_000_000;
                s.columns = Snapshot.HAS_REFERENCED;
                s.reserve(4);
                for (Seen x : seen) {
                    if (x.startS == second) {
                        int r = s.add(
                                x.address + movedBytes, x.address + x.sizeBytes + movedBytes, x.share > 0 ? 10 : 0, 0);
                        s.referencedMean[r] = Math.round(x.share * x.sizeBytes);
                        s.referencedMax[r] = s.referencedMean[r];
                        s.referencedMin[r] = s.referencedMean[r];
                    }
                }
                sink.append(s);
            }
        }
        try (TraceSource trace = Traces.open(path)) {
            Certificate c = Certifier.certify(trace, log);
            assertEquals(c.passes(), c.scores().get(0).passes());
            return c.scores().get(0);
        }
    }

    @Test
    void aRecordingOfTheTruthScoresOne() throws IOException {
        Score s = score(turns(), perfect(), 0, 0);
        assertEquals(8, s.snapshots());
        assertEquals(MIB, s.meanWorkingSetBytes(), 1);
        assertEquals(0, s.workingSetError(), 1e-9);
        assertEquals(1, s.f1(), 1e-9);
        assertEquals(1, s.correlation(), 1e-9);
        assertEquals(1, s.detection(), 1e-9);
        assertEquals(0, s.undecided(), 1e-9);
        assertTrue(s.passes());
    }

    @Test
    void blindnessIsNotDetection() throws IOException {
        // A quarter is seen of what is hot: F1 = 2 * 0.25 / (0.25 + 1).
        List<Seen> quarter = perfect().stream()
                .map(x -> new Seen(x.startS, x.address, x.sizeBytes, x.share / 4))
                .toList();
        Score s = score(turns(), quarter, 0, 0);
        assertEquals(0.75, s.workingSetError(), 1e-6);
        assertEquals(0.4, s.f1(), 1e-6);
        assertEquals(0.25, s.detection(), 1e-6);
        assertEquals("75.0 % of the touched memory was not detected", s.fault());
    }

    @Test
    void droppedSamplesLowerTheScore() throws IOException {
        // Two of eight snapshots saw nothing: F1 = 2 * 6 / (6 + 8).
        List<Seen> dropped = perfect().stream()
                .map(x -> new Seen(x.startS, x.address, x.sizeBytes, x.startS % 4 == 1 ? 0 : x.share))
                .toList();
        Score s = score(turns(), dropped, 0, 0);
        assertEquals(12.0 / 14, s.f1(), 1e-6);
        assertEquals(0.25, s.workingSetError(), 1e-6);
        assertEquals(0.75, s.detection(), 1e-6);
        assertFalse(s.passes());
    }

    @Test
    void shiftedAddressesLowerTheScore() throws IOException {
        // Half of each region lies beside the mapping: F1 = 2 * 0.5 / (0.5 + 1).
        Score half = score(turns(), perfect(), 0, MIB / 2);
        assertEquals(2.0 / 3, half.f1(), 1e-6);
        assertEquals(0.5, half.workingSetError(), 1e-6);
        Score all = score(turns(), perfect(), 0, 1L << 32);
        assertEquals(0, all.f1(), 1e-9);
        assertEquals(1, all.workingSetError(), 1e-9);
        assertEquals(0, all.detection(), 1e-9);
        assertFalse(half.passes() || all.passes());
        // In the other's place the sizes are right, and only the place tells.
        List<Seen> swapped = perfect().stream()
                .map(x -> new Seen(x.startS, x.address == A ? B : A, x.sizeBytes, x.share))
                .toList();
        Score s = score(turns(), swapped, 0, 0);
        assertEquals(0, s.workingSetError(), 1e-9);
        assertEquals(0, s.f1(), 1e-9);
        assertEquals(-1, s.correlation(), 1e-9);
        assertEquals("hot memory is reported at the wrong place or time", s.fault());
    }

    @Test
    void shiftedTimesLowerTheScore() throws IOException {
        double before = 1;
        for (int lateMs : new int[] {250, 500, 1000, 2000}) {
            Score s = score(turns(), perfect(), lateMs * 1_000_000L, 0);
            assertTrue(s.f1() < before - 0.03, lateMs + " ms late: " + s.f1() + ", before " + before);
            before = s.f1();
        }
        // Two seconds late: of the six seconds that are judged four are right.
        assertEquals(4.0 / 6, before, 1e-6);
    }

    @Test
    void whereHotAndColdShareARegionThePlaceIsNotDecided() throws IOException {
        StringBuilder text = new StringBuilder(HEAD + "0,0,,a,0," + A + "," + 2 * MIB + ",0,0\n");
        for (int i = 0; i < 400; i++) {
            text.append(i * S / 100 + "," + (i + 1) * S / 100 + ",blocks,a,256," + A + "," + MIB + ",4096,0\n");
        }
        List<Seen> mapping = new ArrayList<>();
        List<Seen> halves = new ArrayList<>();
        for (int s = 0; s < 4; s++) {
            mapping.add(new Seen(s, A, 2 * MIB, 0.5));
            halves.add(new Seen(s, A, MIB, 1));
            halves.add(new Seen(s, A + MIB, MIB, 0));
        }
        // Heat 0.5 over 2 MiB of which one is hot: common 0.5 MiB, F1 = 2 * 0.5 / (1 + 1).
        Score whole = score(log(text.toString()), mapping, 0, 0);
        assertEquals(0, whole.workingSetError(), 1e-9);
        assertEquals(0.5, whole.f1(), 1e-6);
        assertEquals(1, whole.detection(), 1e-9);
        assertEquals(1, whole.undecided(), 1e-9);
        assertFalse(whole.isPlaceDecided());
        assertTrue(whole.passes());
        Score cut = score(log(text.toString()), halves, 0, 0);
        assertEquals(1, cut.f1(), 1e-9);
        assertTrue(cut.isPlaceDecided());
    }

    @Test
    void ofASparsePatternOnlyThePagesItReachesAreHot() throws IOException {
        StringBuilder text = new StringBuilder(HEAD + "0,0,,a,0," + A + "," + MIB + ",0,0\n");
        for (int i = 0; i < 400; i++) {
            text.append(i * S / 100 + "," + (i + 1) * S / 100 + ",sparse,a,256," + A + "," + MIB + ",32768,0\n");
        }
        List<Seen> seen = new ArrayList<>();
        for (int s = 0; s < 4; s++) {
            seen.add(new Seen(s, A, MIB, 1.0 / 8));
        }
        // One page in eight is hot: common 1/8 of 1/8, F1 = 2 * 1/64 / (1/8 + 1/8).
        Score s = score(log(text.toString()), seen, 0, 0);
        assertEquals(MIB / 8.0, s.meanWorkingSetBytes(), 1);
        assertEquals(0.125, s.f1(), 1e-6);
        assertFalse(s.isPlaceDecided());
        assertEquals(0, s.workingSetError(), 1e-9);
    }

    @Test
    void aWindowTooShortForAllPagesTouchesSomeOfThem() {
        // 2560 accesses in 1 s: 256 in 100 ms, all pages in turn; at random 1 - 1/e of them.
        for (boolean random : new boolean[] {false, true}) {
            TouchedPart p = new TouchedPart(new TouchedPart.Kind(A, A + 2 * MIB, 4096, random, 4096));
            for (int i = 0; i < 80; i++) {
                p.add(i * S / 80, (i + 1) * S / 80, 32);
            }
            for (boolean most : new boolean[] {false, true}) {
                double pages = p.touchedBytes(Window.spread(0, S, S / 10, 10), most) / 4096;
                assertEquals(random ? 512 * (1 - Math.exp(-0.5)) : 256, pages, 0.01);
            }
        }
        // A stride of a quarter page meets each page four times.
        assertEquals(64, new TouchedPart.Kind(A, A + MIB, 1024, false, 4096).distinct(256), 1e-9);
        // A page of 16 KiB is met by four accesses at a stride of 4 KiB; 64 KiB further on is another page either way.
        assertEquals(64, new TouchedPart.Kind(A, A + MIB, 4096, false, 16384).distinct(256), 1e-9);
        assertEquals(16, new TouchedPart.Kind(A, A + MIB, 4096, false, 65536).pages(), 1e-9);
        assertEquals(16, new TouchedPart.Kind(A, A + MIB, 65536, false, 16384).distinct(256), 1e-9);
    }

    /** Scores six samples of 100 ms a second, taken when they were; without their times if {@code beginsMs} is not stored. */
    private Score timed(AccessLog log, long[] beginsMs, long clearMs, long readMs, double share, boolean stored)
            throws IOException {
        Path path = dir.resolve("timed" + traces++ + ".damson");
        Manifest m = new Manifest();
        m.clock = Manifest.ClockKind.MONOTONIC;
        m.source = "referenced";
        m.attrs = new MonitoringAttrs(100_000, 1_000_000, 0, 0, 0, MonitoringAttrs.IntervalsOrigin.RECORDED);
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            for (int second = 0; second < 8; second++) {
                Snapshot s = new Snapshot();
                s.startNs = second * S;
                s.endNs = s.startNs + S;
                s.sampleUs = 1_000_000 / beginsMs.length;
                s.aggrUs = 1_000_000;
                s.columns = Snapshot.HAS_REFERENCED;
                s.reserve(1);
                int r = s.add(A, A + MIB, (int) Math.round(share * beginsMs.length), 0);
                s.referencedMean[r] = Math.round(share * MIB);
                s.referencedMax[r] = MIB;
                sink.append(s);
                Batch rows = new Batch(Table.SAMPLING);
                for (long ms : beginsMs) {
                    long fromNs = s.startNs + ms * 1_000_000;
                    rows.add(
                            fromNs,
                            fromNs + (100 + clearMs + readMs) * 1_000_000,
                            clearMs * 1_000_000,
                            readMs * 1_000_000);
                }
                if (stored) {
                    sink.append(rows);
                }
            }
        }
        try (TraceSource trace = Traces.open(path)) {
            return Certifier.certify(trace, log).scores().get(0);
        }
    }

    @Test
    void judgesSamplesWhenTheyWereTaken() throws IOException {
        // Touched in the first half of each second only; four of six samples came then, late as they are.
        StringBuilder text = new StringBuilder(HEAD + "0,0,,a,0," + A + "," + MIB + ",0,0\n");
        for (int second = 0; second < 8; second++) {
            for (int i = 0; i < 50; i++) {
                long from = second * S + i * S / 100;
                text.append(from + "," + (from + S / 100) + ",halves,a,256," + A + "," + MIB + ",4096,0\n");
            }
        }
        long[] late = {0, 100, 200, 380, 600, 800};
        Score told = timed(log(text.toString()), late, 0, 0, 4.0 / 6, true);
        assertEquals(4 * MIB / 6.0, told.meanWorkingSetBytes(), 1);
        assertEquals(0, told.workingSetError(), 1e-6);
        assertEquals(1, told.f1(), 1e-6);
        // Taken for evenly spaced, three of six were, and the recording is a third off.
        assertEquals(
                1.0 / 3, timed(log(text.toString()), late, 0, 0, 4.0 / 6, false).workingSetError(), 1e-6);
        // A recording that says less than its own samples had is told.
        assertEquals(
                0.25, timed(log(text.toString()), late, 0, 0, 3.0 / 6, true).workingSetError(), 1e-6);
        // What is touched while bits are cleared or read may be in a sample: the fifth begins to clear in the first
        // half.
        long[] edge = {0, 100, 200, 300, 480, 800};
        for (double share : new double[] {4.0 / 6, 4.5 / 6, 5.0 / 6}) {
            assertEquals(
                    0, timed(log(text.toString()), edge, 30, 0, share, true).workingSetError(), 1e-6, "" + share);
        }
        assertEquals(0.2, timed(log(text.toString()), edge, 30, 0, 1, true).workingSetError(), 1e-6);
    }

    /** Of one second in eight nobody knows when it was that the generator ran: it was away for most of it. */
    private AccessLog kept(int secondsAway) throws IOException {
        StringBuilder log = new StringBuilder(HEAD);
        log.append("0,0,,a,0,").append(A).append(',').append(MIB).append(",0,0\n");
        for (int s = 0; s < 8; s++) {
            int steps = s < secondsAway ? 1 : 100;
            for (int i = 0; i < steps; i++) {
                log.append((s * S + i * S / steps) + "," + (s * S + (i + 1) * S / steps) + ",busy,a,256," + A + ","
                        + MIB + ",4096,0\n");
            }
        }
        return log(log.toString());
    }

    @Test
    void whereTheProgramWasKeptFromItsProcessorTheTruthIsNotKnown() throws IOException {
        for (double share : new double[] {0, 0.1, 0.7, 1}) {
            // Whatever is recorded of the first second may be true.
            List<Seen> seen = new ArrayList<>();
            for (int s = 0; s < 8; s++) {
                seen.add(new Seen(s, A, MIB, s == 0 ? share : 1));
            }
            Score s = score(kept(1), seen, 0, 0);
            assertEquals(0, s.workingSetError(), 1e-9);
            assertEquals(1, s.f1(), 1e-6);
            assertEquals(1, s.detection(), 1e-9);
            assertEquals(0.125, s.notKnown(), 1e-9);
            assertTrue(s.passes(), s.fault());
        }
        // What is known is judged all the same: another second was missed.
        List<Seen> missed = new ArrayList<>();
        for (int s = 0; s < 8; s++) {
            missed.add(new Seen(s, A, MIB, s == 0 || s == 5 ? 0 : 1));
        }
        Score s = score(kept(1), missed, 0, 0);
        assertEquals(1.0 / 7, s.workingSetError(), 1e-9);
        assertFalse(s.passes());
        // Too little is known, whatever is recorded.
        List<Seen> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(new Seen(i, A, MIB, 1));
        }
        Score most = score(kept(3), all, 0, 0);
        assertFalse(most.passes());
        assertTrue(most.fault().contains("37.5 %"), most.fault());
    }

    @Test
    void namesTheLineOfALogThatCannotBeRead() throws IOException {
        for (String bad : List.of(
                "1,2,p,a,1",
                "x,2,p,a,1,4096,4096,4096,0",
                "1,2,p,a,1,4096,0,4096,0",
                "1,2,p,a,1,4096,4096,64,4",
                "1,2,p,a,1,4096,4096,64,5")) {
            TraceFormatException e = assertThrows(TraceFormatException.class, () -> log(HEAD + bad + "\n"));
            assertTrue(e.getMessage().contains(".csv: line 2: "), e.getMessage());
        }
        assertThrows(TraceFormatException.class, () -> log("time,region\n"));
        assertThrows(TraceFormatException.class, () -> log(HEAD));
    }

    @Test
    void figuresOverAllPatternsAreOfAllOrNotThere() {
        Score good = new Score("a", 3, 1 << 20, 0, 1, 1, 1, 0, 1, 0);
        Score few = new Score("b", 1, 1 << 20, 0, 1, 1, 1, 0, 1, 0);
        Score overall = new Score("overall", 4, 1 << 20, 0, 1, 1, 1, 0, 1, 0);
        assertEquals(
                "2 of 2 patterns pass; WSS error 0.0 %, F1 1.000, correlation 1.000, detection 100.0 %",
                new Certificate(List.of(good, good), overall).summary().line());
        assertEquals(
                "1 of 2 patterns pass; WSS error -, F1 -, correlation -, detection -",
                new Certificate(List.of(good, few), overall).summary().line());
    }
}
