package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a cursor gives of random traces to random queries is what a list of the same snapshots says, whole or in parts. */
final class StoredSnapshotsTest {
    private static final BigInteger ALL_ADDRESSES = BigInteger.ONE.shiftLeft(64);

    private static final int[] OPTIONAL = {
        Snapshot.HAS_AGE,
        Snapshot.HAS_REFERENCED,
        Snapshot.HAS_FILTER_PASSED,
        Snapshot.HAS_PROBE_HITS,
        Snapshot.HAS_WRITTEN
    };

    @TempDir
    Path dir;

    @Test
    void randomQueriesOverRandomTracesGiveWhatAListDoes() throws IOException {
        for (int seed = 1; seed <= 24; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Snapshot> written = snapshots(random);
            Path path = dir.resolve("t" + seed + ".damson");
            WriterOptions options = random.nextBoolean() ? WriterOptions.LIVE : WriterOptions.BATCH;
            try (TraceSink sink =
                    Traces.create(path, new Manifest(), options.segment(random.nextInt(20, 3000), Long.MAX_VALUE))) {
                for (Snapshot s : written) {
                    sink.append(s);
                }
            }
            try (TraceSource trace = Traces.open(path)) {
                assertEquals(expected(written, TraceQuery.ALL), read(trace, TraceQuery.ALL), "seed " + seed);
                for (int q = 0; q < 12; q++) {
                    TraceQuery query = query(random, written);
                    List<String> expected = expected(written, query);
                    assertEquals(expected, read(trace, query), "seed " + seed + ": " + query);
                    List<String> joined = new ArrayList<>();
                    for (TraceQuery part : trace.split(query, random.nextInt(1, 9))) {
                        joined.addAll(read(trace, part));
                    }
                    assertEquals(expected, joined, "seed " + seed + ", in parts: " + query);
                }
            }
        }
    }

    private static List<Snapshot> snapshots(SplittableRandom random) {
        List<Snapshot> all = new ArrayList<>();
        int count = random.nextInt(1, 250);
        int most = random.nextInt(4) == 0 ? 3000 : random.nextInt(1, 80);
        int columns = columns(random);
        int last = columns(random);
        int turn = random.nextBoolean() ? count : random.nextInt(count);
        for (int i = 0; i < count; i++) {
            Snapshot s = new Snapshot();
            s.id = i;
            s.kdamond = random.nextInt(2);
            s.target = random.nextInt(3) - 1;
            s.startNs = i * 100L + random.nextInt(50);
            s.endNs = s.startNs + 100;
            s.sampleUs = 5_000;
            s.aggrUs = 100_000;
            s.lost = random.nextInt(3);
            s.columns = i < turn ? columns : last;
            regions(random, s, most);
            all.add(s);
        }
        return all;
    }

    private static int columns(SplittableRandom random) {
        int columns = 0;
        for (int column : OPTIONAL) {
            columns |= random.nextInt(3) == 0 ? column : 0;
        }
        return columns;
    }

    private static void regions(SplittableRandom random, Snapshot s, int most) {
        long at = random.nextInt(3) == 0 ? -(1L << 40) : 4096L * random.nextInt(100);
        int regions = random.nextInt(5) == 0 ? 0 : random.nextInt(1, most + 1);
        for (int r = 0; r < regions; r++) {
            long size = 4096L * random.nextInt(1, 1000);
            int i = s.add(at, at + size, random.nextInt(21), s.has(Snapshot.HAS_AGE) ? random.nextInt() : -1);
            s.referencedMin[i] = random.nextLong(size);
            s.referencedMean[i] = random.nextLong(size);
            s.referencedMax[i] = size;
            s.filterPassed[i] = random.nextLong(size);
            s.probeHits[i] = random.nextLong();
            s.writtenMean[i] = random.nextInt(4) == 0 ? Snapshot.NOT_KNOWN : random.nextLong(size);
            at += size + (random.nextInt(4) == 0 ? 8192 : 0);
        }
    }

    private static TraceQuery query(SplittableRandom random, List<Snapshot> of) {
        TraceQuery query = TraceQuery.ALL.columns(random.nextBoolean() ? ~0 : columns(random));
        int count = of.size();
        if (random.nextBoolean()) {
            long from = random.nextLong(count * 100L);
            query = query.time(from, from + 1 + random.nextLong(count * 100L));
        }
        if (random.nextInt(3) == 0) {
            int from = random.nextInt(count);
            query = query.snapshots(from, from + 1 + random.nextInt(count));
        }
        if (random.nextInt(3) == 0) {
            query = query.target(random.nextLong(3) - 1);
        }
        if (random.nextBoolean()) {
            Snapshot s = of.get(random.nextInt(count));
            long from = s.regions == 0 ? 0 : s.start[random.nextInt(s.regions)] + random.nextInt(2) * 5000;
            query = query.address(from, random.nextInt(4) == 0 ? 0 : from + 4096L * random.nextInt(1, 20_000));
        }
        return query;
    }

    private static List<String> read(TraceSource trace, TraceQuery query) throws IOException {
        List<String> lines = new ArrayList<>();
        Snapshot s = new Snapshot();
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(query)) {
            while (cursor.next(s)) {
                StringBuilder b = new StringBuilder(head(s));
                for (int i = 0; i < s.regions; i++) {
                    b.append(region(s, i, s.start[i], s.end[i], 1, s.columns));
                }
                lines.add(b.toString());
            }
        }
        return lines;
    }

    private static List<String> expected(List<Snapshot> all, TraceQuery q) {
        List<String> lines = new ArrayList<>();
        for (Snapshot s : all) {
            boolean wanted = s.id >= q.fromSnapshot()
                    && s.id < q.toSnapshot()
                    && s.endNs > q.fromNs()
                    && s.startNs < q.toNs()
                    && (q.target() == null || q.target() == s.target);
            if (!wanted) {
                continue;
            }
            StringBuilder b = new StringBuilder(head(s));
            int columns = s.columns & q.optionalColumns();
            for (int i = 0; i < s.regions; i++) {
                BigInteger start = start(s.start[i]).max(start(q.startAddr()));
                BigInteger end = end(s.end[i]).min(end(q.endAddr()));
                if (start.compareTo(end) < 0) {
                    double share = end.subtract(start).doubleValue() / (s.end[i] - s.start[i]);
                    b.append(region(s, i, start.longValue(), end.longValue(), share, columns));
                }
            }
            lines.add(b.toString());
        }
        return lines;
    }

    private static BigInteger start(long address) {
        return new BigInteger(Long.toUnsignedString(address));
    }

    private static BigInteger end(long address) {
        return address == 0 ? ALL_ADDRESSES : start(address);
    }

    private static String head(Snapshot s) {
        return s.id + " " + s.kdamond + " " + s.target + " " + s.startNs + " " + s.endNs + " " + s.lost;
    }

    /** A region's cells, of those that count bytes a share. */
    private static String region(Snapshot s, int i, long start, long end, double share, int columns) {
        StringBuilder b = new StringBuilder(" %x-%x:%d".formatted(start, end, s.nrAccesses[i]));
        if ((columns & Snapshot.HAS_AGE) != 0) {
            b.append(" age ").append(s.age[i]);
        }
        if ((columns & Snapshot.HAS_REFERENCED) != 0) {
            b.append(" referenced ").append((long) (s.referencedMin[i] * share));
            b.append(' ').append((long) (s.referencedMean[i] * share));
            b.append(' ').append((long) (s.referencedMax[i] * share));
        }
        if ((columns & Snapshot.HAS_FILTER_PASSED) != 0) {
            b.append(" passed ").append((long) (s.filterPassed[i] * share));
        }
        if ((columns & Snapshot.HAS_PROBE_HITS) != 0) {
            b.append(" hits ").append(s.probeHits[i]);
        }
        if ((columns & Snapshot.HAS_WRITTEN) != 0) {
            long written = s.writtenMean[i];
            b.append(" written ").append(written < 0 ? written : (long) (written * share));
        }
        return b.toString();
    }
}
