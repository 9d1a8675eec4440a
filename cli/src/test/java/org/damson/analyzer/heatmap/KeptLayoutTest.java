package org.damson.analyzer.heatmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.model.view.ForwardingTrace;
import org.damson.trace.SummedTraces;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The axis of addresses of a page is the same from the cells that a trace keeps as from its rows. */
final class KeptLayoutTest {
    private static final long MIB = 1 << 20;

    @TempDir
    Path dir;

    /** A trace that says of its sums that it has none. */
    private static final class WithoutSums extends ForwardingTrace {
        boolean isRead;

        WithoutSums(TraceSource trace) {
            super(trace);
        }

        @Override
        public boolean isKept(Table table) {
            return false;
        }

        @Override
        public SnapshotCursor snapshots(TraceQuery query) throws IOException {
            isRead = true;
            return super.snapshots(query);
        }
    }

    /** Notices whether regions are read. */
    private static final class Watched extends ForwardingTrace {
        boolean isRead;

        Watched(TraceSource trace) {
            super(trace);
        }

        @Override
        public SnapshotCursor snapshots(TraceQuery query) throws IOException {
            isRead = true;
            return super.snapshots(query);
        }
    }

    /** Two areas of 512 MiB, 64 of them hot in the first one. */
    private Path write(int seed) throws IOException {
        Path path = dir.resolve("t" + seed + ".damson");
        Random random = new Random(seed);
        try (TraceSink sink = SummedTraces.create(path, new Manifest(), WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            for (int i = 0; i < 120; i++) {
                s.clear();
                s.startNs = i * 100_000_000L;
                s.endNs = s.startNs + 100_000_000L;
                s.sampleUs = 5_000;
                s.aggrUs = 100_000;
                for (long area = 1L << 32; area <= 1L << 36; area <<= 4) {
                    long end = area + 512 * MIB;
                    for (long at = area; at < end; ) {
                        long to = Math.min(end, at + (1 + random.nextInt(128)) * 4096L);
                        boolean isHot = area == 1L << 32 && at - area >= 128 * MIB && at - area < 192 * MIB;
                        s.add(at, to, isHot ? 1 + random.nextInt(20) : 0, 0);
                        at = to;
                    }
                }
                sink.append(s);
            }
        }
        return path;
    }

    @Test
    void theAxisIsTheSameFromCellsAsFromRows() throws IOException {
        for (int seed = 1; seed <= 2; seed++) {
            try (TraceSource trace = Traces.open(write(seed))) {
                Watched kept = new Watched(trace);
                WithoutSums rows = new WithoutSums(trace);
                GuideResult guide = TraceGuide.compute(kept, TraceQuery.ALL);
                TileLayout got = TileLayout.of(kept, TraceQuery.ALL, guide, 8);
                assertFalse(kept.isRead);
                TileLayout want = TileLayout.of(rows, TraceQuery.ALL, TraceGuide.compute(rows, TraceQuery.ALL), 8);
                assertTrue(rows.isRead);
                assertEquals(want, got);
                assertTrue(got.lanes().size() > 2, got.lanes().toString());
                assertTrue(
                        got.lanes().stream()
                                .anyMatch(l -> l.isUsed()
                                        && l.start() <= (1L << 32) + 128 * MIB
                                        && l.end() >= (1L << 32) + 192 * MIB),
                        got.lanes().toString());
            }
        }
    }
}
