package org.damson.analyzer.scan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.damson.analyzer.MemoryTrace;
import org.damson.model.Snapshot;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.view.ForwardingTrace;
import org.junit.jupiter.api.Test;

final class ReadAheadTest {
    /** Most snapshots are small, some have no regions, and a few more than may wait. */
    private static MemoryTrace trace(int snapshots) {
        Random random = new Random(5);
        MemoryTrace t = new MemoryTrace();
        for (int i = 0; i < snapshots; i++) {
            Snapshot s = t.snapshot(i % 3, i * 100L, i * 100L + 100);
            s.columns = i % 5 == 0 ? 0 : Snapshot.HAS_AGE;
            int regions = i % 97 == 96 ? 70_000 : i % 31 == 30 ? 0 : random.nextInt(3000);
            s.reserve(regions);
            for (int k = 0; k < regions; k++) {
                s.add(k * 4096L, k * 4096L + 4096, random.nextInt(21), random.nextInt(100));
            }
        }
        return t;
    }

    private static String text(Snapshot s) {
        return s.id + " " + s.target + " " + s.startNs + " " + s.endNs + " " + s.columns + " " + s.regions + " "
                + Arrays.hashCode(Arrays.copyOf(s.end, s.regions)) + " "
                + Arrays.hashCode(Arrays.copyOf(s.nrAccesses, s.regions)) + " "
                + Arrays.hashCode(Arrays.copyOf(s.age, s.regions));
    }

    /** A trace that ends in a fault, and says when its cursor is closed. */
    private static final class Faulty extends ForwardingTrace {
        final TraceFormatException fault = new TraceFormatException("t", "snapshot 40", "its regions are missing");
        final AtomicBoolean isClosed = new AtomicBoolean();
        final int good;

        Faulty(TraceSource trace, int good) {
            super(trace);
            this.good = good;
        }

        @Override
        public SnapshotCursor snapshots(TraceQuery query) throws IOException {
            SnapshotCursor all = super.snapshots(query);
            return new SnapshotCursor() {
                private int given;

                @Override
                public boolean next(Snapshot into) throws IOException {
                    if (given++ == good) {
                        throw fault;
                    }
                    return all.next(into);
                }

                @Override
                public void close() {
                    isClosed.set(true);
                }
            };
        }
    }

    @Test
    void givesWhatTheTraceGivesInItsOrder() throws IOException {
        MemoryTrace t = trace(400);
        Snapshot s = new Snapshot();
        try (TraceSource.SnapshotCursor plain = t.snapshots(TraceQuery.ALL.target(1L));
                TraceSource.SnapshotCursor ahead = new ReadAhead(t, TraceQuery.ALL.target(1L))) {
            Snapshot want = new Snapshot();
            int n = 0;
            while (plain.next(want)) {
                assertTrue(ahead.next(s));
                assertEquals(text(want), text(s));
                n++;
            }
            assertEquals(133, n);
            assertFalse(ahead.next(s));
            assertFalse(ahead.next(s), "an end stays one");
        }
    }

    @Test
    void whatTheTraceThrowsComesAfterTheSnapshotsBeforeIt() throws IOException {
        Faulty t = new Faulty(trace(60), 40);
        Snapshot s = new Snapshot();
        try (TraceSource.SnapshotCursor ahead = new ReadAhead(t, TraceQuery.ALL)) {
            for (int i = 0; i < 40; i++) {
                assertTrue(ahead.next(s));
                assertEquals(i, s.id);
            }
            assertSame(t.fault, assertThrows(TraceFormatException.class, () -> ahead.next(s)));
        }
        assertTrue(t.isClosed.get());
    }

    @Test
    void whoLeavesEarlyLeavesNoReaderBehind() throws IOException {
        Faulty t = new Faulty(trace(400), Integer.MAX_VALUE);
        try (TraceSource.SnapshotCursor ahead = new ReadAhead(t, TraceQuery.ALL)) {
            assertTrue(ahead.next(new Snapshot()));
        }
        assertTrue(t.isClosed.get());
    }
}
