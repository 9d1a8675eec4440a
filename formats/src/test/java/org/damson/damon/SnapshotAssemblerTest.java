package org.damson.damon;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.junit.jupiter.api.Test;

final class SnapshotAssemblerTest {
    private static final long MS = 1_000_000;

    private final EventColumns events = new EventColumns();
    private long overwritten;
    private SnapshotAssembler assembler = listening(0);
    private final List<String> wrong = new ArrayList<>();

    private SnapshotAssembler listening(long sinceNs) {
        return new SnapshotAssembler(
                t -> new Kdamonds.Facts(t - 90, 5_000, 100_000, false, 1),
                new Listening(sinceNs, false, () -> overwritten));
    }

    private void take() {
        String why = assembler.take(events);
        if (why != null) {
            wrong.add(why);
        }
    }

    private void region(long timeNs, int thread, long target, int of, long start, long end, int accesses, int age) {
        int i = events.add(EventColumns.REGION, timeNs, thread);
        events.target[i] = target;
        events.regions[i] = of;
        events.start[i] = start;
        events.end[i] = end;
        events.accesses[i] = accesses;
        events.age[i] = age;
        take();
    }

    /** Regions {@code from} to {@code to} (excluded) of a burst of {@code of}. */
    private void burst(long timeNs, int thread, long target, int of, int from, int to) {
        for (int i = from; i < to; i++) {
            region(timeNs + i, thread, target, of, i * 4096L, (i + 1) * 4096L, i, 1);
        }
    }

    private void missed(long afterNs, long beforeNs, long count) {
        events.addMissed(afterNs, beforeNs, count);
        take();
    }

    private List<String> snapshots() {
        List<String> all = new ArrayList<>();
        for (Snapshot s = assembler.poll(); s != null; s = assembler.poll()) {
            all.add("k" + s.kdamond + " t" + s.target + " " + s.regions + " regions lost " + s.lost + " at "
                    + s.startNs / MS + ".." + s.endNs / MS);
        }
        return all;
    }

    private List<String> losses() {
        Batch rows = assembler.rows(Table.LOSSES);
        List<String> all = new ArrayList<>();
        for (int i = 0; i < rows.rows(); i++) {
            all.add(rows.get(0, i) / MS + ".." + rows.get(1, i) / MS + " " + rows.get(3, i) + " " + rows.text(4, i));
        }
        return all;
    }

    @Test
    void burstsOfInterleavedKdamondsAndTargetsAreToldApart() {
        for (int i = 0; i < 10; i++) {
            burst(200 * MS + i, 90, 0, 10, i, i + 1);
            burst(200 * MS + i, 91, 0, 12, i, i + 1);
            burst(200 * MS + i, 90, 1, 10, i, i + 1);
        }
        // The other kdamond's began before the second one: it comes first.
        assertEquals(List.of("k0 t0 10 regions lost 0 at 100..200"), snapshots());
        burst(200 * MS, 91, 0, 12, 10, 12);
        assertEquals(
                List.of("k1 t0 12 regions lost 0 at 100..200", "k0 t1 10 regions lost 0 at 100..200"), snapshots());
        assertEquals(List.of(), losses());
    }

    @Test
    void aSnapshotStartsWhereTheOneBeforeItEnded() {
        burst(500 * MS, 90, 0, 3, 0, 3);
        burst(605 * MS, 90, 0, 3, 0, 3);
        assertEquals(List.of("k0 t0 3 regions lost 0 at 400..500", "k0 t0 3 regions lost 0 at 500..605"), snapshots());
    }

    @Test
    void aGapInTheMiddleOfABurstLeavesOneSnapshotThatSaysWhatIsMissing() {
        burst(100 * MS, 90, 0, 10, 0, 10);
        burst(200 * MS, 90, 0, 10, 0, 3);
        missed(200 * MS + 2, 200 * MS + 7, 4);
        burst(200 * MS, 90, 0, 10, 7, 10);
        burst(300 * MS, 90, 0, 10, 0, 10);
        assertEquals(
                List.of(
                        "k0 t0 10 regions lost 0 at 0..100",
                        "k0 t0 6 regions lost 4 at 100..200",
                        "k0 t0 10 regions lost 0 at 200..300"),
                snapshots());
        assertEquals(List.of("200..200 4 events overwritten in the trace buffer"), losses());
        assertEquals(4, assembler.lost());
        assertEquals(4, assembler.counts().lostRegions());
    }

    @Test
    void aGapOverSeveralBurstsNeverJoinsTwoOfThem() {
        burst(100 * MS, 90, 0, 10, 0, 10);
        burst(200 * MS, 90, 0, 10, 0, 3);
        missed(200 * MS + 2, 400 * MS, 7 + 10 + 6);
        // The rest of a later burst has the same size and higher addresses.
        burst(400 * MS, 90, 0, 10, 6, 10);
        burst(500 * MS, 90, 0, 10, 0, 10);
        assertEquals(
                List.of(
                        "k0 t0 10 regions lost 0 at 0..100",
                        "k0 t0 3 regions lost 7 at 100..200",
                        "k0 t0 4 regions lost 6 at 300..400",
                        "k0 t0 10 regions lost 0 at 400..500"),
                snapshots());
        assertEquals(23, assembler.lost());
    }

    @Test
    void theBurstUnderWayAtTheStartAndAtTheEndIsNoLoss() {
        burst(100 * MS, 90, 0, 10, 4, 10);
        burst(200 * MS, 90, 0, 10, 0, 10);
        burst(300 * MS, 90, 0, 10, 0, 5);
        assembler.finish(overwritten);
        assertEquals(List.of("k0 t0 10 regions lost 0 at 100..200"), snapshots());
        assertEquals(List.of(), losses());
        assertEquals(11, assembler.counts().cutRegions());
    }

    @Test
    void aBurstThatTheRingOverranIsGivenOutAtTheEnd() {
        burst(100 * MS, 90, 0, 10, 0, 10);
        burst(200 * MS, 90, 0, 10, 0, 5);
        missed(200 * MS, 201 * MS, -1);
        assembler.finish(overwritten);
        assertEquals(List.of("k0 t0 10 regions lost 0 at 0..100", "k0 t0 5 regions lost 5 at 100..200"), snapshots());
        assertEquals(List.of("200..201 -1 events overwritten in the trace buffer"), losses());
    }

    @Test
    void regionsMissingWithoutAGapAreALossOfTheirOwn() {
        burst(100 * MS, 90, 0, 3, 0, 3);
        burst(200 * MS, 90, 0, 4, 0, 2);
        burst(300 * MS, 90, 0, 3, 0, 3);
        assertEquals(3, snapshots().size());
        assertEquals(List.of("100..200 2 regions missing from a snapshot"), losses());
    }

    @Test
    void regionsOfAnotherProcessorsGapAreCountedOnceThoughItIsToldLater() {
        burst(100 * MS, 90, 0, 3, 0, 3);
        // The rest of this burst was overwritten in the ring of a processor whose next page comes later.
        overwritten = 2;
        burst(200 * MS, 90, 0, 4, 0, 2);
        burst(300 * MS, 90, 0, 3, 0, 3);
        missed(200 * MS + 1, 350 * MS, 2);
        burst(400 * MS, 90, 0, 3, 0, 3);
        // Told of: what is missing now is another loss.
        burst(500 * MS, 90, 0, 4, 0, 3);
        burst(600 * MS, 90, 0, 3, 0, 3);
        assertEquals(6, snapshots().size());
        assertEquals(
                List.of(
                        "200..350 2 events overwritten in the trace buffer",
                        "400..500 1 regions missing from a snapshot"),
                losses());
    }

    @Test
    void tuningChangesTheIntervalsOfWhatFollows() {
        burst(100 * MS, 90, 0, 1, 0, 1);
        int i = events.add(EventColumns.TUNED, 150 * MS, 90);
        events.target[i] = 10_000;
        take();
        burst(300 * MS, 90, 0, 1, 0, 1);
        Snapshot before = assembler.poll();
        Snapshot after = assembler.poll();
        assertArrayEquals(
                new long[] {5_000, 100_000, 10_000, 200_000},
                new long[] {before.sampleUs, before.aggrUs, after.sampleUs, after.aggrUs});
        Batch tuning = assembler.rows(Table.TUNING);
        assertArrayEquals(
                new long[] {150 * MS, 0, 10_000, 200_000},
                new long[] {tuning.get(0, 0), tuning.get(1, 0), tuning.get(2, 0), tuning.get(3, 0)});
    }

    @Test
    void impossibleRegionsAreCountedNotKept() {
        region(1, 90, 0, 0, 1, 2, 0, 0);
        region(1, 90, 0, -1, 1, 2, 0, 0);
        region(1, 90, 0, 1, 2, 2, 0, 0);
        region(1, 90, 0, 1, -1, 2, 0, 0);
        assertNull(assembler.poll());
        assertEquals(
                List.of(
                        "nr_regions=0",
                        "nr_regions=18446744073709551615",
                        "region 2-2: 0",
                        "region 18446744073709551615-2: 0"),
                wrong);
        assertEquals(0, assembler.lost());
    }

    @Test
    void addressesAreGivenInBytes() {
        SnapshotAssembler paged = new SnapshotAssembler(
                t -> new Kdamonds.Facts(0, 5_000, 100_000, false, 4096), new Listening(0, false, () -> 0));
        int i = events.add(EventColumns.REGION, MS, 90);
        events.regions[i] = 1;
        events.start[i] = 2;
        events.end[i] = 3;
        paged.take(events);
        Snapshot s = paged.poll();
        assertEquals(8192, s.start[0]);
        assertEquals(12288, s.end[0]);
    }

    @Test
    void aRealRecordingGivesItsBurstsWholeAndInOrder() throws Exception {
        Pattern line = Pattern.compile(
                ".*-(\\d+) +\\[\\d+\\].* (\\d+)\\.(\\d{6}): damon_aggregated: target_id=(\\d+) nr_regions=(\\d+) (\\d+)-(\\d+): (\\d+) (\\d+)");
        Path file = Path.of("../testdata/many-regions/tracefs.txt.gz");
        List<long[]> wanted = new ArrayList<>();
        long rows = 0;
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            long left = 0;
            long[] current = null;
            for (String text = in.readLine(); text != null; text = in.readLine()) {
                Matcher m = line.matcher(text);
                if (!m.matches()) {
                    continue;
                }
                rows++;
                long n = Long.parseLong(m.group(5));
                if (left == 0) {
                    // regions, then sums over the burst: enough to notice any row that moved
                    current = new long[] {n, 0, 0, 0};
                    wanted.add(current);
                    left = n;
                }
                left--;
                current[1] += Long.parseLong(m.group(6));
                current[2] += Long.parseLong(m.group(8));
                current[3] += Long.parseLong(m.group(9));
                region(
                        Long.parseLong(m.group(2)) * 1_000_000_000 + Long.parseLong(m.group(3)) * 1000,
                        Integer.parseInt(m.group(1)),
                        Long.parseLong(m.group(4)),
                        (int) n,
                        Long.parseLong(m.group(6)),
                        Long.parseLong(m.group(7)),
                        Integer.parseInt(m.group(8)),
                        Integer.parseInt(m.group(9)));
            }
            if (left > 0) {
                wanted.remove(wanted.size() - 1);
            }
        }
        assembler.finish(overwritten);
        assertTrue(rows > 200_000, rows + " rows");
        for (long[] w : wanted) {
            Snapshot s = assembler.poll();
            long start = Arrays.stream(s.start, 0, s.regions).sum();
            long accesses = Arrays.stream(s.nrAccesses, 0, s.regions).sum();
            long age = Arrays.stream(s.age, 0, s.regions).sum();
            assertArrayEquals(w, new long[] {s.regions, start, accesses, age});
        }
        assertNull(assembler.poll());
        assertEquals(0, assembler.lost());
    }

    @Test
    void aBurstThatSaysNothingForLongHoldsNobodyUp() {
        burst(200 * MS, 90, 0, 10, 0, 5);
        burst(201 * MS, 91, 0, 3, 0, 3);
        assertEquals(List.of(), snapshots());
        burst(301 * MS, 91, 0, 3, 0, 3);
        assertEquals(List.of("k1 t0 3 regions lost 0 at 101..201", "k1 t0 3 regions lost 0 at 201..301"), snapshots());
    }

    @Test
    void countsAbove31BitsAreKeptAsTheGreatest() {
        int i = events.add(EventColumns.REGION, MS, 90);
        events.regions[i] = 1;
        events.start[i] = 4096;
        events.end[i] = 8192;
        events.accesses[i] = 0xffff_ffffL;
        events.age[i] = 0x8000_0000L;
        take();
        Snapshot s = assembler.poll();
        assertEquals(Integer.MAX_VALUE, s.nrAccesses[0]);
        assertEquals(Integer.MAX_VALUE, s.age[0]);
        assertEquals(2, assembler.counts().clamped());
    }

    @Test
    void aKdamondWithoutProbesBesideOneWithThemHasTheColumnToo() {
        burst(100 * MS, 91, 0, 2, 0, 2);
        for (int n = 2; n < 4; n++) {
            burst(n * 100 * MS, 91, 0, 2, 0, 2);
            int i = events.add(EventColumns.REGION_WITH_HITS, (n * 100 + 1) * MS, 90);
            events.regions[i] = 1;
            events.start[i] = 4096;
            events.end[i] = 8192;
            events.probeHits[i] = 7;
            take();
        }
        List<String> hits = new ArrayList<>();
        for (Snapshot s = assembler.poll(); s != null; s = assembler.poll()) {
            hits.add("k" + s.kdamond + (s.has(Snapshot.HAS_PROBE_HITS) ? " " + s.probeHits[0] : ""));
        }
        // Before the first hits nobody knows of them.
        assertEquals(List.of("k1", "k1", "k0 7", "k1 -1", "k0 7"), hits);
    }

    /** Records of few threads, targets and bounds, in any order, some of them damaged. */
    @Test
    void anyRecordsMakeSnapshotsWhoseRegionsAscend() throws Exception {
        Random random = new Random(7);
        for (int round = 0; round < 400; round++) {
            PageBuilder page = new PageBuilder(ByteOrder.LITTLE_ENDIAN, 1 + random.nextInt(3));
            for (int n = 0; n < 45; n++) {
                int thread = random.nextInt(2);
                int target = random.nextInt(2);
                int regions = 1 + random.nextInt(3);
                long start = random.nextInt(4) * 4096L;
                long end = random.nextInt(20) == 0 ? random.nextLong() : start + 4096;
                int accesses = random.nextInt(20) == 0 ? -1 : random.nextInt(2);
                byte[] body = random.nextBoolean()
                        ? Formats.aggregated(767, thread, target, regions, start, end, accesses, 1)
                        : Formats.regionAggregated(thread, target, regions, start, end, accesses, 1, 3, 4);
                if (random.nextInt(8) == 0) {
                    body[random.nextInt(body.length)] = (byte) random.nextInt();
                }
                if (random.nextInt(4) == 0) {
                    page.timeExtend(random.nextInt(200_000_000));
                }
                page.record(random.nextInt(2), body);
            }
            page.commit(random.nextInt(4) == 0 ? 1L << 31 : 0, -1);
            byte[] input = new byte[1 + PageBuilder.SIZE];
            input[0] = 2;
            page.bytes.get(0, input, 1, PageBuilder.SIZE);
            RingFuzz.fuzzerTestOneInput(input);
        }
    }

    @Test
    void nothingIsAllocatedForAnEvent() throws Exception {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        EventDecoder decoder =
                EventDecoder.of(List.of(Formats.of(Formats.AGGREGATED), Formats.of(Formats.REGION_AGGREGATED)));
        ByteBuffer[] records = new ByteBuffer[2000];
        for (int r = 0; r < records.length / 2; r++) {
            records[2 * r] = ByteBuffer.wrap(Formats.aggregated(767, 90, 0, 1000, r * 8192L, r * 8192L + 4096, 3, r));
            records[2 * r + 1] =
                    ByteBuffer.wrap(Formats.regionAggregated(90, 0, 1000, r * 8192L, r * 8192L + 4096, 3, r, 5, 6));
        }
        for (ByteBuffer record : records) {
            record.order(ByteOrder.nativeOrder());
        }
        long before = 0;
        int rounds = 0;
        // The first bursts make room.
        for (int n = 1; n <= 30; n++) {
            before = n == 11 ? threads.getCurrentThreadAllocatedBytes() : before;
            rounds += n > 10 ? 1 : 0;
            for (int r = 0; r < records.length; r++) {
                decoder.decode(n * 100 * MS + r, records[r], 0, records[r].capacity(), events);
                assembler.take(events);
                events.reset();
            }
            Snapshot s = assembler.poll();
            if (s != null) {
                assembler.recycle(s);
            }
        }
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertEquals(20, rounds);
        assertTrue(bytes < 20 * 1000, bytes + " bytes for 40,000 events");
    }
}
