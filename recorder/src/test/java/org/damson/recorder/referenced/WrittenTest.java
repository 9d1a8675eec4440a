package org.damson.recorder.referenced;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.recorder.ring.Recorder;
import org.damson.recorder.ring.RecorderConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which pages were written, from files as the kernel writes them: a tree of damson's own in place of {@code /proc}. */
final class WrittenTest {
    private static final long PAGE = 4096;
    private static final long DIRTY = 1L << 55;
    private static final long PRESENT = 1L << 63;
    private static final long SWAPPED = 1L << 62;

    @TempDir
    Path proc;

    private final long pid = ProcessHandle.current().pid();

    private void smaps(String... mappings) throws IOException {
        Path dir = Files.createDirectories(proc.resolve(String.valueOf(pid)));
        StringBuilder text = new StringBuilder();
        for (String mapping : mappings) {
            // start pages permissions referenced-kB flags
            String[] f = mapping.split(" ");
            long start = Long.parseLong(f[0], 16);
            text.append(Long.toHexString(start))
                    .append('-')
                    .append(Long.toHexString(start + Long.parseLong(f[1]) * PAGE));
            text.append(' ').append(f[2]).append(" 00000000 00:00 0 [sd]\nSize: 4 kB\nRss: ");
            text.append(Long.parseLong(f[1]) * 4)
                    .append(" kB\nReferenced: ")
                    .append(f[3])
                    .append(" kB\n");
            text.append("VmFlags: rd wr mr ").append(f.length > 4 ? f[4] : "ac").append(" \n");
        }
        Files.writeString(dir.resolve("smaps"), text);
    }

    private void pages(long start, long... entries) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(entries.length * 8).order(ByteOrder.nativeOrder());
        bytes.asLongBuffer().put(entries);
        try (FileChannel map =
                FileChannel.open(proc.resolve(pid + "/pagemap"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            map.write(bytes, start / PAGE * 8);
        }
    }

    private static long[] repeat(int n, long entry) {
        long[] entries = new long[n];
        Arrays.fill(entries, entry);
        return entries;
    }

    private ReferencedSource source() throws IOException {
        OverheadBudget unbounded = new OverheadBudget(TlbFlush.ALWAYS, Double.POSITIVE_INFINITY, SelfTest.NONE);
        return new ReferencedSource(
                new ReferencedConfig(List.of(pid), 5_000, 20_000, 1, false, unbounded, true),
                System::nanoTime,
                () -> 0,
                proc);
    }

    private static List<String> rows(ReferencedSource source) throws IOException {
        Batch rows = new Batch(Table.WRITES);
        source.samplers().get(0).sample(0, rows);
        List<String> found = new ArrayList<>();
        for (int r = 0; r < rows.rows(); r++) {
            long samples = rows.get(5, r);
            // start-end of pages in hexadecimal, writes of samples, mean and any in pages
            found.add(Long.toHexString(rows.get(3, r)) + "-" + Long.toHexString(rows.get(4, r)) + " "
                    + (rows.get(6, r) == samples ? "all" : rows.get(6, r) + "/" + samples) + " "
                    + (double) rows.get(7, r) / PAGE + " " + (double) rows.get(8, r) / PAGE);
        }
        return found;
    }

    @Test
    void tellsWrittenPagesFromReadOnesAndWhatItCannotTell() throws Exception {
        smaps(
                "100000 16 rw-p 64", // half written
                "200000 4 rw-p 16 sd", // came within the sample: the kernel calls all of it written
                "300000 4 r--p 16", // cannot be written
                "400000 4 rw-p 0", // not referenced: its bits are of before
                "500000 4 rw-p 16"); // a hole, a page in swap, two in memory of which one was written
        pages(0x100000, repeat(8, PRESENT | DIRTY));
        pages(0x108000, repeat(8, PRESENT));
        pages(0x200000, repeat(4, PRESENT | DIRTY));
        pages(0x400000, repeat(4, PRESENT | DIRTY));
        pages(0x500000, DIRTY, SWAPPED | DIRTY, PRESENT | DIRTY, PRESENT);
        Files.writeString(proc.resolve(pid + "/clear_refs"), "");
        try (ReferencedSource source = source()) {
            Snapshot s = new Snapshot();
            source.arm();
            assertTrue(source.next(s));
            assertTrue(s.has(Snapshot.HAS_WRITTEN));
            assertEquals(5, s.regions);
            assertEquals(8 * PAGE, s.writtenMean[0]);
            assertEquals(Snapshot.NOT_KNOWN, s.writtenMean[1]);
            assertEquals(0, s.writtenMean[2]);
            assertEquals(0, s.writtenMean[3]);
            assertEquals(2 * PAGE, s.writtenMean[4]);
            assertEquals(
                    List.of(
                            "100000-108000 all 8.0 8.0",
                            "108000-110000 0/" + s.aggrUs / s.sampleUs + " 0.0 0.0",
                            "400000-404000 0/" + s.aggrUs / s.sampleUs + " 0.0 0.0",
                            "500000-501000 0/" + s.aggrUs / s.sampleUs + " 0.0 0.0",
                            "501000-503000 all 2.0 2.0",
                            "503000-504000 0/" + s.aggrUs / s.sampleUs + " 0.0 0.0"),
                    rows(source));
            assertEquals("4", Files.readString(proc.resolve(pid + "/clear_refs")));

            // The next snapshot tells of itself alone.
            pages(0x100000, repeat(8, PRESENT));
            pages(0x10f000, PRESENT | DIRTY);
            assertTrue(source.next(s));
            assertEquals(PAGE, s.writtenMean[0]);
            assertEquals("10f000-110000 all 1.0 1.0", rows(source).get(1));

            Manifest manifest = new Manifest();
            source.summarize(manifest);
            long told = (Long) manifest.recording.get("written_mappings_told");
            assertEquals(told, 2 * (Long) manifest.recording.get("written_mappings_not_known"));
        }
    }

    @Test
    void aProcessWithoutItsPageMapIsNotKnown() throws Exception {
        smaps("100000 16 rw-p 64");
        Files.writeString(proc.resolve(pid + "/clear_refs"), "");
        try (ReferencedSource source = source()) {
            Snapshot s = new Snapshot();
            assertTrue(source.next(s));
            assertEquals(Snapshot.NOT_KNOWN, s.writtenMean[0]);
            pages(0x100000, PRESENT | DIRTY); // and ends there, as the map of a process that has ended does
            assertTrue(source.next(s));
            assertEquals(Snapshot.NOT_KNOWN, s.writtenMean[0]);
            assertEquals(List.of(), rows(source));
        }
    }

    /** Else a rotated trace ends without what was written last, and a killed recorder costs a second more of it. */
    @Test
    void whereWasWrittenFollowsItsSnapshotAtOnce() throws Exception {
        smaps("100000 16 rw-p 64");
        pages(0x100000, repeat(16, PRESENT | DIRTY));
        Files.writeString(proc.resolve(pid + "/clear_refs"), "");
        List<Long> order = new ArrayList<>();
        TraceSink sink = new TraceSink() {
            private final Manifest manifest = new Manifest();

            @Override
            public Manifest manifest() {
                return manifest;
            }

            @Override
            public void append(Snapshot s) throws IOException {
                order.add(s.endNs);
                if (order.size() == 7) {
                    Files.move(proc.resolve(String.valueOf(pid)), proc.resolve("ended"));
                }
            }

            @Override
            public void append(Batch rows) {
                if (rows.table() == Table.SAMPLING) {
                    return;
                }
                order.add(rows.get(1, 0));
                assertEquals(1, rows.rows());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        ReferencedSource source = source();
        try (Recorder recorder =
                new Recorder(RecorderConfig.DEFAULTS, source, sink, source.samplers(), System::nanoTime)) {
            recorder.run();
        }
        assertTrue(order.size() >= 8 && order.size() % 2 == 0, order::toString);
        for (int i = 0; i < order.size(); i += 2) {
            assertEquals(order.get(i), order.get(i + 1), order::toString);
        }
    }

    /** Samples are where they were taken, in step with the snapshots that they belong to. */
    @Test
    void tellsWhenSamplesWereTaken() throws Exception {
        smaps("100000 4 rw-p 16");
        pages(0x100000, repeat(4, PRESENT));
        Files.writeString(proc.resolve(pid + "/clear_refs"), "");
        try (ReferencedSource source = source()) {
            Snapshot s = new Snapshot();
            source.arm();
            for (int i = 0; i < 3; i++) {
                assertTrue(source.next(s));
                Batch rows = new Batch(Table.SAMPLING);
                source.samplers().get(1).sample(0, rows);
                assertEquals(s.maxNrAccesses(), rows.rows());
                long afterNs = s.startNs;
                for (int r = 0; r < rows.rows(); r++) {
                    long fromNs = rows.get(0, r);
                    assertEquals(r == 0, fromNs == s.startNs);
                    assertTrue(fromNs >= afterNs, "samples follow one another");
                    afterNs = rows.get(1, r);
                    long windowNs = afterNs - rows.get(3, r) - fromNs - rows.get(2, r);
                    assertTrue(windowNs > 0 && rows.get(2, r) >= 0 && rows.get(3, r) >= 0);
                }
                assertTrue(afterNs <= s.endNs);
            }
        }
    }

    @Test
    void noMorePagesAreLookedAtThanTheBudgetHas() {
        PageMap map = new PageMap(100, PAGE);
        map.begin();
        assertTrue(map.take(60 * PAGE));
        assertFalse(map.take(41 * PAGE));
        assertTrue(map.take(40 * PAGE));
        assertFalse(map.take(PAGE));
        map.begin();
        assertTrue(map.take(100 * PAGE));
    }

    /** On a machine of pages of 64 KiB the map has an entry for each of them. */
    @Test
    void pagesAreThoseOfTheMachine() throws Exception {
        Files.createDirectories(proc.resolve("self"));
        Files.writeString(
                proc.resolve("self/smaps"),
                "KernelPageSize:     2048 kB\nKernelPageSize:       64 kB\nKernelPageSize:  2048 kB\n");
        smaps("100000 64 rw-p 256");
        ByteBuffer bytes = ByteBuffer.allocate(4 * 8).order(ByteOrder.nativeOrder());
        bytes.asLongBuffer().put(new long[] {PRESENT, PRESENT | DIRTY, PRESENT, PRESENT});
        try (FileChannel map =
                FileChannel.open(proc.resolve(pid + "/pagemap"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            map.write(bytes, 0x100000 / 65536 * 8);
        }
        Files.writeString(proc.resolve(pid + "/clear_refs"), "");
        try (ReferencedSource source = source()) {
            Snapshot s = new Snapshot();
            source.arm();
            assertTrue(source.next(s));
            assertEquals(65536, s.writtenMean[0]);
            assertEquals("110000-120000 all 16.0 16.0", rows(source).get(1));
        }
    }

    /** Whatever becomes of mappings between two samples, no page was written in more samples than are known of its mapping. */
    @Test
    void mappingsThatSplitJoinMoveAndComeAgainKeepCountsThatCanBe() throws IOException {
        for (long seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            ReferencedTarget target = new ReferencedTarget(pid);
            target.beginAggregation();
            int samples = 1 + random.nextInt(6);
            for (int n = 0; n < samples; n++) {
                List<String> mappings = new ArrayList<>();
                for (int page = random.nextInt(3); page < 600; ) {
                    int length = Math.min(600 - page, 1 + random.nextInt(300));
                    if (random.nextInt(5) > 0) {
                        mappings.add(Long.toHexString(0x100000 + page * PAGE) + " " + length + " rw-p "
                                + (random.nextInt(6) == 0 ? 0 : length * 4) + (random.nextInt(6) == 0 ? " sd" : ""));
                    }
                    page += length;
                }
                smaps(mappings.toArray(String[]::new));
                long[] entries = new long[600];
                for (int p = 0; p < 600; p++) {
                    entries[p] = random.nextInt(3) == 0 ? PRESENT : PRESENT | DIRTY;
                }
                pages(0x100000, entries);
                Smaps smaps = new Smaps();
                smaps.read(proc.resolve(pid + "/smaps").toString());
                target.merge(smaps, n);
                PageMap map = new PageMap(random.nextInt(4) == 0 ? 300 : 1000, PAGE);
                map.begin();
                target.addWritten(smaps, proc, map, new WrittenTally());
            }
            Snapshot s = new Snapshot();
            Batch rows = new Batch(Table.WRITES);
            target.emit(samples, s);
            target.emitWritten(s, 1 + random.nextInt(400), new WrittenRuns(), rows);
            long place = seed;
            for (int r = 0; r < rows.rows(); r++) {
                long size = rows.get(4, r) - rows.get(3, r);
                long known = rows.get(5, r);
                long writes = rows.get(6, r);
                assertTrue(size > 0 && known >= 1 && known <= samples && writes <= known, "seed " + place);
                assertTrue(rows.get(7, r) <= rows.get(8, r) && rows.get(8, r) <= size, "seed " + place);
                assertEquals(writes > 0, rows.get(8, r) > 0, "seed " + place);
            }
            for (int i = 0; i < s.regions; i++) {
                assertTrue(s.writtenMean[i] <= s.end[i] - s.start[i], "seed " + place);
            }
        }
    }

    /** The kernel of this machine, whichever it is: bits where it keeps them, none where it does not. */
    @Test
    void thisMachinesKernelTellsWritesOrSaysThatItDoesNot() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "60").start();
        try (FileChannel map = PageMap.open(Path.of("/proc"), sleep.pid())) {
            Smaps smaps = new Smaps();
            boolean flagged = false;
            for (int i = 0; i < 100 && smaps.count == 0; i++) {
                smaps.read("/proc/" + sleep.pid() + "/smaps");
            }
            PageMap pages = new PageMap(1 << 20, PAGE);
            long[] found = new long[1];
            for (int i = 0; i < smaps.count; i++) {
                flagged |= smaps.isNew[i];
                assertTrue(pages.read(map, smaps.start[i], smaps.end[i], address -> found[0]++));
            }
            assertEquals(flagged, found[0] > 0, "the kernel flags new mappings and written pages, or neither");
        } finally {
            sleep.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void rangesAreExactWhereThereIsRoomAndFewWhereThereIsNot() {
        for (long seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            WrittenPages pages = new WrittenPages();
            WrittenRuns runs = new WrittenRuns();
            int mappings = 1 + random.nextInt(4);
            int[][] counts = new int[mappings][];
            long[] starts = new long[mappings];
            long at = 0x7f0000000000L + random.nextInt(600) * PAGE;
            for (int m = 0; m < mappings; m++) {
                starts[m] = at;
                counts[m] = new int[1 + random.nextInt(1500)];
                int value = 0;
                for (int p = 0; p < counts[m].length; p++) {
                    value = random.nextInt(10) == 0 ? random.nextInt(4) : value;
                    counts[m][p] = value;
                    for (int i = 0; i < value; i++) {
                        pages.add(at + p * PAGE);
                    }
                }
                // Neighbours now and then.
                at += counts[m].length * PAGE + random.nextInt(2) * 700 * PAGE;
            }
            for (int m = 0; m < mappings; m++) {
                runs.beginMapping();
                pages.runs(starts[m], starts[m] + counts[m].length * PAGE, runs);
            }
            check(runs, starts, counts, true);
            int limit = 1 + random.nextInt(60);
            runs.joinTo(limit);
            assertTrue(runs.count() <= Math.max(limit, mappings), "seed " + seed);
            check(runs, starts, counts, false);
        }
    }

    /** Ranges cover each mapping once, in order, and what they say is what the pages of them add up to. */
    private static void check(WrittenRuns runs, long[] starts, int[][] counts, boolean exact) {
        int r = 0;
        for (int m = 0; m < starts.length; m++) {
            long end = starts[m] + counts[m].length * PAGE;
            for (long from = starts[m]; from < end; from = runs.end(r++)) {
                assertEquals(from, runs.start(r));
                assertTrue(runs.end(r) > from && runs.end(r) <= end);
                long sum = 0;
                long any = 0;
                int most = 0;
                for (int p = (int) ((from - starts[m]) / PAGE); p < (runs.end(r) - starts[m]) / PAGE; p++) {
                    sum += counts[m][p];
                    any += counts[m][p] > 0 ? 1 : 0;
                    most = Math.max(most, counts[m][p]);
                    assertTrue(!exact || counts[m][p] == most, "a range of one count");
                }
                assertEquals(sum * PAGE, runs.writtenBytes(r));
                assertEquals(any * PAGE, runs.anyBytes(r));
                assertEquals(most, runs.most(r));
            }
        }
        assertEquals(runs.count(), r);
    }

    @Test
    void rangesThatDifferMostAreKeptApart() {
        WrittenRuns runs = new WrittenRuns();
        runs.beginMapping();
        runs.add(0, 10 * PAGE, 0);
        runs.add(10 * PAGE, 11 * PAGE, 1);
        runs.add(11 * PAGE, 20 * PAGE, 0);
        runs.add(20 * PAGE, 30 * PAGE, 9);
        runs.joinTo(2);
        assertEquals(2, runs.count());
        assertEquals(20 * PAGE, runs.end(0));
        assertEquals(PAGE, runs.writtenBytes(0));
        assertEquals(PAGE, runs.anyBytes(0));
        assertEquals(1, runs.most(0));
        runs.joinTo(1);
        assertEquals(1, runs.count());
        assertEquals(91 * PAGE, runs.writtenBytes(0));
    }

    @Test
    void aMachineThatDoesNotKeepSoftDirtyBitsIsSaidTo() throws IOException {
        String rest = "unflushed_windows=8\nunflushed_undisturbed=8\nunflushed_least=1\nflushed_windows=8\n"
                + "flushed_undisturbed=8\nflushed_least=1\nflush_error=\npage_ns=1\nflushed_page_ns=700\nhuge_page_ns=2\n";
        SelfTest without = SelfTest.parse(rest + "soft_dirty_error=not kept\n");
        assertTrue(without.isGood() && !without.tellsWritten());
        assertEquals(false, without.facts().get("soft_dirty"));
        SelfTest with = SelfTest.parse(rest + "soft_dirty_error=\n");
        assertTrue(with.isGood() && with.tellsWritten());
        assertEquals(true, with.facts().get("soft_dirty"));
        // What a first write costs after the clear is in the price of a page that is touched.
        assertEquals(700, with.pageCostNs(true));
        assertFalse(SelfTest.NONE.tellsWritten());
        assertFalse(SelfTest.NONE.facts().containsKey("soft_dirty"));
    }
}
