package org.damson.recorder.damon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.damson.model.Batch;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.recorder.kernel.Kernel;
import org.damson.recorder.kernel.RealRing;
import org.damson.recorder.kernel.TraceInstance;
import org.damson.recorder.ring.Sampler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** The whole way from this machine's kernel to snapshots. */
@Timeout(60)
@EnabledIf(value = "org.damson.recorder.kernel.RealRing#isAvailable", disabledReason = "needs root and tracefs")
final class RealRingTest {
    /** A kdamond that runs until told to end. */
    private static final class Fixed implements Session {
        volatile boolean over;
        boolean closed;

        @Override
        public MonitoringAttrs attrs() {
            return MonitoringAttrs.DEFAULTS;
        }

        @Override
        public void describe(Map<String, Object> recording) {}

        @Override
        public boolean tick(long nowNs) {
            return !over;
        }

        @Override
        public void close() {
            closed = true;
        }

        @Override
        public Facts of(int thread) {
            return new Facts(0, 5_000, 100_000, false, 1);
        }
    }

    private static long sum(DamonSource source, Table table, String column) throws IOException {
        for (Sampler sampler : source.samplers()) {
            if (sampler.table() == table) {
                Batch rows = new Batch(table);
                sampler.sample(0, rows);
                long sum = 0;
                for (int i = 0; i < rows.rows(); i++) {
                    sum += rows.get(table.indexOf(column), i);
                }
                return sum;
            }
        }
        throw new AssertionError("no sampler of " + table);
    }

    @Test
    void everyRecordComesOutInItsSnapshotWithTheMonotonicClock() throws Exception {
        Fixed session = new Fixed();
        try (RealRing ring = new RealRing(1 << 20, 40);
                DamonSource source = DamonSource.start(session, ring.instance, System::nanoTime)) {
            long beforeNs = System.nanoTime();
            for (int n = 0; n < 50; n++) {
                ring.burst(n % 3, 100 + n, n);
            }
            long afterNs = System.nanoTime();
            session.over = true;
            Snapshot s = new Snapshot();
            int n = 0;
            while (source.next(s)) {
                assertEquals(n % 3, s.target);
                assertEquals(100 + n, s.regions);
                assertEquals(0, s.lost);
                assertTrue(s.endNs >= beforeNs && s.endNs <= afterNs, "time outside of the test");
                for (int i = 0; i < s.regions; i++) {
                    assertEquals(i * 4096L, s.start[i]);
                    assertEquals((i + 1) * 4096L, s.end[i]);
                    assertEquals(n, s.nrAccesses[i]);
                    assertEquals(i, s.age[i]);
                }
                n++;
            }
            assertEquals(50, n);
            assertEquals(0, sum(source, Table.LOSSES, "count"));
        }
        assertTrue(session.closed);
    }

    @Test
    void anOverrunIsCountedExactlyAsTheKernelCountsIt() throws Exception {
        Fixed session = new Fixed();
        try (RealRing ring = new RealRing(64 << 10, 50);
                DamonSource source = DamonSource.start(session, ring.instance, System::nanoTime)) {
            long written = 0;
            for (int n = 0; n < 500; n++) {
                written += ring.burst(0, 100, n);
            }
            session.over = true;
            Snapshot s = new Snapshot();
            long rows = 0;
            while (source.next(s)) {
                rows += s.regions;
            }
            long overrun = ring.instance.overrun();
            assertTrue(overrun > 10_000, "the ring did not overrun: " + overrun);
            assertEquals(overrun, sum(source, Table.LOSSES, "count"));
            assertEquals(written, rows + overrun);
        }
    }

    @Test
    void anInterruptEndsAWaitAndWhatIsInTheRingIsStillHandedOut() throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        try (RealRing ring = new RealRing(1 << 20, 90);
                DamonSource source = DamonSource.start(new Fixed(), ring.instance, System::nanoTime)) {
            Thread reader = new Thread(() -> {
                try {
                    source.next(new Snapshot());
                } catch (InterruptedException | IOException e) {
                    thrown.set(e);
                }
            });
            reader.start();
            reader.interrupt();
            reader.join(10_000);
            assertFalse(reader.isAlive());
            assertEquals(InterruptedException.class, thrown.get().getClass());
            ring.burst(7, 10, 1);
            Snapshot s = new Snapshot();
            assertTrue(source.rest(s));
            assertEquals(7, s.target);
            assertFalse(source.rest(s));
        }
    }

    @Test
    void closingLeavesNothingBehindAndTheNextRunRemovesWhatAKilledOneLeft() throws Exception {
        Path left;
        try (RealRing ring = new RealRing(64 << 10, 50)) {
            left = ring.instance.directory();
            assertTrue(Files.isDirectory(left));
            Path orphan = left.resolveSibling("damson-999999999-1-0");
            Files.createDirectory(orphan);
            TraceInstance.removeOrphans(Kernel.LOCAL, left.getParent().getParent());
            assertFalse(Files.exists(orphan));
            assertTrue(Files.isDirectory(left), "the instance of a living process was removed");
        }
        assertFalse(Files.exists(left));
    }

    @Test
    void aDirectoryThatIsNoTracefsIsRefusedInOneLine() {
        IOException e = assertThrows(
                IOException.class, () -> TraceInstance.create(Kernel.LOCAL, Path.of("/proc"), 1 << 20, 50));
        assertTrue(e.getMessage().contains("instances"), e.getMessage());
    }
}
