package org.damson.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Manifest.Source;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/** Random traces of each kind that there is, with what goes wrong while they are recorded. */
final class FreshTraces {
    /** Kinds of traces. */
    enum Kind {
        /** Of DAMON, one process. */
        PLAIN,
        /** Mappings that come and go, touched in part; some samples find nothing. */
        REFERENCED,
        /** The same, with what was written. */
        WRITTEN,
        PHYSICAL,
        /** Three targets that begin and end at times of their own. */
        TARGETS,
        /** Two kdamonds with intervals of their own. */
        KDAMONDS,
        /** Snapshots and regions are missing. */
        LOSSES,
        /** Pages of 64 KiB. */
        LARGE_PAGES,
        /** Intervals that change. */
        TUNED,
        /** Mappings of three processes. */
        PROCESSES,
        /** As damo's joined records: snapshots of times that overlap. */
        OVERLAPPING,
        /** Snapshots that begin when they end. */
        INSTANT,
        /** Addresses at the upper end, and ages that no recording is long enough for. */
        EXTREME
    }

    private static final int BLOCKS = 24;
    private static final int ROUNDS = 120;

    private final Kind kind;
    private final Random random;
    private final long page;
    private final boolean[] mapped = new boolean[BLOCKS];
    private final int[] nr = new int[BLOCKS];
    private final int[] age = new int[BLOCKS];

    private FreshTraces(Kind kind, long seed) {
        this.kind = kind;
        random = new Random(seed);
        page = kind == Kind.LARGE_PAGES ? 65_536 : 4096;
        Arrays.fill(mapped, true);
    }

    private boolean isOfMappings() {
        return kind == Kind.REFERENCED || kind == Kind.WRITTEN || kind == Kind.PROCESSES;
    }

    /** Writes a trace. */
    static void write(Kind kind, long seed, Path path) throws IOException {
        new FreshTraces(kind, seed).write(path, WriterOptions.BATCH);
    }

    /** The same as a recorder that dies leaves it. */
    static void writeUnfinished(Kind kind, long seed, Path path) throws IOException {
        new FreshTraces(kind, seed).write(path, WriterOptions.LIVE);
    }

    private void write(Path path, WriterOptions options) throws IOException {
        Manifest m = new Manifest();
        m.attrs = new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        m.source = (isOfMappings() ? Source.REFERENCED : Source.DAMON).text();
        ManifestKey.OPS.put(m, kind == Kind.PHYSICAL ? "paddr" : "vaddr");
        ManifestKey.PAGE_SIZE.put(m, page);
        int targets = kind == Kind.TARGETS || kind == Kind.PROCESSES ? 3 : 1;
        int kdamonds = kind == Kind.KDAMONDS ? 2 : 1;
        try (TraceSink sink = Traces.create(path, m, options)) {
            long beganNs = random.nextInt(1000) * 1_000_003L;
            long endNs = beganNs;
            for (int round = 0; round < ROUNDS; round++) {
                long aggrNs = kind == Kind.TUNED && round > ROUNDS / 2 ? 200_000_000 : 100_000_000;
                long startNs = endNs + (isOfMappings() ? random.nextInt(20_000_000) : 0);
                endNs = startNs + aggrNs + random.nextInt(300_000);
                step();
                if (kind == Kind.LOSSES && random.nextInt(12) == 0) {
                    loss(sink, startNs, endNs);
                    continue;
                }
                if (round % 10 == 0 && kind != Kind.PHYSICAL) {
                    counters(sink, endNs);
                }
                for (int k = 0; k < kdamonds; k++) {
                    for (int t = 0; t < targets; t++) {
                        boolean isThere = round >= 15 * t && round < ROUNDS - 20 * t;
                        if (isThere && (k == 0 || round % 3 == 2)) {
                            long from = k == 0 ? startNs : Math.max(beganNs, endNs - 3 * aggrNs);
                            from = kind == Kind.OVERLAPPING ? endNs - (1 + random.nextInt(4)) * aggrNs : from;
                            from = kind == Kind.INSTANT && random.nextBoolean() ? endNs : from;
                            snapshot(sink, k, t, from, endNs, (k == 0 ? aggrNs : 3 * aggrNs) / 1000);
                        }
                    }
                }
            }
            if (options.live()) {
                sink.flush();
                sink.abort();
            }
        }
    }

    private void step() {
        for (int i = 0; i < BLOCKS; i++) {
            int before = nr[i];
            if (random.nextInt(20) == 0) {
                nr[i] = random.nextInt(3) == 0 ? random.nextInt(21) : 0;
            }
            boolean was = mapped[i];
            if (random.nextInt(60) == 0) {
                mapped[i] = !was || kind == Kind.PHYSICAL;
            }
            age[i] = before == nr[i] && was ? age[i] + 1 : 0;
        }
    }

    private void snapshot(TraceSink sink, int kdamond, int target, long startNs, long endNs, long aggrUs)
            throws IOException {
        Snapshot s = new Snapshot();
        s.kdamond = kdamond;
        s.target = target;
        s.startNs = startNs;
        s.endNs = endNs;
        s.aggrUs = aggrUs;
        s.sampleUs = aggrUs / 20;
        s.columns = Snapshot.HAS_AGE;
        long at = kind == Kind.EXTREME ? -(1L << 28) : (1L << 32) + target * (1L << 28);
        for (int i = 0; i < BLOCKS; i++) {
            long bytes = (1 + i % 5) * 7 * page;
            if (mapped[i]) {
                boolean isLost = kind == Kind.LOSSES && random.nextInt(200) == 0;
                s.lost += isLost ? 1 : 0;
                if (!isLost) {
                    int old = kind == Kind.EXTREME && i % 4 == 0 && age[i] > 0 ? Integer.MAX_VALUE : age[i];
                    s.add(at, at + bytes, nr[i], old);
                }
            }
            at += bytes;
        }
        if (isOfMappings()) {
            touched(s);
        }
        sink.append(s);
    }

    private void touched(Snapshot s) {
        s.columns |= Snapshot.HAS_REFERENCED | (kind == Kind.WRITTEN ? Snapshot.HAS_WRITTEN : 0);
        s.reserve(s.regions);
        for (int i = 0; i < s.regions; i++) {
            long pages = (s.end[i] - s.start[i]) / page;
            // Of a mapping in use a sample may find nothing.
            long most = s.nrAccesses[i] == 0 ? 0 : random.nextLong(pages + 1) * page;
            s.referencedMax[i] = most;
            s.referencedMin[i] = random.nextBoolean() ? 0 : most / 2;
            s.referencedMean[i] = s.referencedMin[i] + random.nextLong(most - s.referencedMin[i] + 1);
            s.writtenMean[i] = random.nextInt(5) == 0 ? Snapshot.NOT_KNOWN : random.nextLong(s.referencedMean[i] + 1);
        }
    }

    private static void loss(TraceSink sink, long fromNs, long toNs) throws IOException {
        Batch b = new Batch(Table.LOSSES);
        b.add(fromNs, toNs, "ring", 1L, "overrun");
        sink.append(b);
    }

    private void counters(TraceSink sink, long timeNs) throws IOException {
        Batch b = new Batch(Table.MEMORY);
        b.add(timeNs, 7, "rss", (4 + random.nextInt(4)) * 64 * page);
        b.add(timeNs, 0, "mem_total", 1L << 34);
        b.add(timeNs, 0, "mem_available", (1L << 33) + random.nextInt(1 << 30));
        b.add(timeNs, 0, "mem_free", (1L << 32) + random.nextInt(1 << 30));
        sink.append(b);
    }
}
