package org.damson.recorder.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.recorder.SyntheticSource;
import org.damson.recorder.referenced.ReferencedConfig;
import org.damson.recorder.referenced.ReferencedSource;
import org.damson.recorder.referenced.Smaps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RecorderTest {
    /** Keeps the end times of snapshots, the rows of LOSSES, and fails or waits where it is told to. */
    private static final class MemorySink implements TraceSink {
        final Manifest manifest = new Manifest();
        final List<Long> ends = new ArrayList<>();
        final List<Integer> regions = new ArrayList<>();
        long lost;
        long flushedSnapshots;
        boolean closed;
        int failAt = -1;
        CountDownLatch gate = new CountDownLatch(0);

        @Override
        public Manifest manifest() {
            return manifest;
        }

        @Override
        public void append(Snapshot s) throws IOException {
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            if (ends.size() == failAt) {
                throw new IOException("disk full");
            }
            ends.add(s.endNs);
            regions.add(s.regions);
        }

        @Override
        public void append(Batch rows) {
            for (int i = 0; i < rows.rows() && rows.table() == Table.LOSSES; i++) {
                lost += rows.get(Table.LOSSES.indexOf("count"), i);
            }
        }

        @Override
        public void flush() {
            flushedSnapshots = ends.size();
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static RecorderConfig config(OverflowPolicy policy) {
        return new RecorderConfig(4, policy, 5_000_000, 1_000_000_000);
    }

    @Test
    void everySnapshotArrivesInOrderAndIsFlushed() throws IOException {
        MemorySink sink = new MemorySink();
        SyntheticSource source = new SyntheticSource(1, 500, 20, 0.1);
        try (Recorder r = new Recorder(config(OverflowPolicy.BLOCK), source, sink, List.of(), System::nanoTime)) {
            assertEquals(10_000, r.run().regionRows());
        }
        assertEquals(500, sink.flushedSnapshots);
        for (int i = 0; i < 500; i++) {
            assertEquals((i + 1) * 100_000_000L, sink.ends.get(i));
            assertEquals(20, sink.regions.get(i));
        }
        assertTrue(sink.closed);
    }

    @Test
    void deadWriterStopsSamplingAndItsCauseIsThrownByRunAndClose() {
        MemorySink sink = new MemorySink();
        sink.failAt = 3;
        SyntheticSource endless = new SyntheticSource(1, Long.MAX_VALUE, 5, 0.1);
        Recorder r = new Recorder(config(OverflowPolicy.BLOCK), endless, sink, List.of(), System::nanoTime);
        IOException fromRun = assertThrows(IOException.class, r::run);
        IOException fromClose = assertThrows(IOException.class, r::close);
        assertEquals("disk full", fromRun.getCause().getMessage());
        assertSame(fromRun.getCause(), fromClose.getCause());
        assertTrue(sink.closed);
    }

    @Test
    void snapshotsDroppedBehindASlowWriterAreCountedInLosses() throws Exception {
        MemorySink sink = new MemorySink();
        sink.gate = new CountDownLatch(1);
        SyntheticSource source = new SyntheticSource(1, 100, 5, 0.1);
        Recorder r = new Recorder(config(OverflowPolicy.DROP_NEWEST), source, sink, List.of(), System::nanoTime);
        Thread opener = new Thread(() -> {
            while (r.stats().droppedSnapshots() < 90) {
                Thread.onSpinWait();
            }
            sink.gate.countDown();
        });
        opener.start();
        RecorderStats stats = r.run();
        r.close();
        assertTrue(stats.droppedSnapshots() >= 90);
        assertEquals(stats.droppedSnapshots(), sink.lost);
        assertEquals(100, sink.ends.size() + sink.lost);
    }

    @Test
    void smapsGivesReferencedBytesPerMappingWithoutGuards() throws IOException {
        String text =
                "55aa000-55ac000 r--p 00000000 fe:00 1 /usr/bin/Referenced: 9 kB\nRss: 8 kB\nReferenced:     4 kB\n"
                        + "VmFlags: rd\n55ac000-55ad000 ---p 0 00:00 0\nReferenced: 4 kB\n"
                        + "7f0000000000-7f0000400000 rw-p 0 00:00 0 \nReferenced:   4096 kB\n"
                        + "ffffffffff600000-ffffffffff601000 --xp 0 00:00 0 [vsyscall]\nReferenced: 4 kB\n";
        Smaps s = new Smaps();
        s.parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)));
        assertEquals(2, s.count);
        assertEquals(0x55aa000L, s.start[0]);
        assertEquals(4096, s.referenced[0]);
        assertEquals(0x7f0000400000L, s.end[1]);
        assertEquals(4 << 20, s.referenced[1]);
    }

    @Test
    void realProcessIsSampledUntilItEnds() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "0.5").start();
        MemorySink sink = new MemorySink();
        ReferencedSource source = new ReferencedSource(
                new ReferencedConfig(List.of(sleep.pid()), 20_000, 100_000, 1, true), System::nanoTime);
        try (Recorder r = new Recorder(config(OverflowPolicy.BLOCK), source, sink, List.of(), System::nanoTime)) {
            r.run();
        }
        assertEquals(0, sleep.waitFor());
        assertTrue(sink.ends.size() >= 1, "snapshots: " + sink.ends.size());
        assertTrue(sink.regions.get(0) > 5);
    }

    @Test
    void processThatDoesNotExistIsNamed() {
        IOException e = assertThrows(
                IOException.class,
                () -> new ReferencedSource(ReferencedConfig.of(List.of(99_999_999L)), System::nanoTime));
        assertEquals("process 99999999 does not exist", e.getMessage());
    }
}
