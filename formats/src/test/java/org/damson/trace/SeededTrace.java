package org.damson.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;

/** A seeded trace that is always the same, and what must be read from it. */
final class SeededTrace {
    static final int SNAPSHOTS = 300;

    private SeededTrace() {}

    /** Snapshot {@code i} of a seeded trace: always the same. */
    static void fill(Snapshot s, int i) {
        Random random = new Random(1000 + i);
        s.clear();
        s.target = i % 2 == 0 ? 0 : -1;
        s.startNs = i * 100L;
        s.endNs = i * 100L + 100;
        s.sampleUs = 5_000;
        s.aggrUs = 100_000;
        s.columns = Snapshot.HAS_AGE;
        long at = i % 3 == 0 ? 0 : 0x7fff_0000_0000L;
        for (int r = 0; r < 1 + random.nextInt(40); r++) {
            long end = at + 4096L * (1 + random.nextInt(1000));
            s.add(at, end, random.nextInt(21), random.nextInt(500));
            at = end + (random.nextInt(3) == 0 ? 8192 : 0);
        }
    }

    static void write(Path path, WriterOptions options) throws IOException {
        try (TraceSink sink = Traces.create(path, new Manifest(), options)) {
            Snapshot s = new Snapshot();
            for (int i = 0; i < SNAPSHOTS; i++) {
                fill(s, i);
                sink.append(s);
                if (i % 10 == 0) {
                    sink.flush();
                }
            }
            Batch losses = new Batch(Table.LOSSES);
            losses.add(5, 6, "ring", 7, "overrun, \"quoted\" ü");
            sink.append(losses);
        }
    }

    static List<String> read(Path path, TraceQuery query) throws IOException {
        List<String> lines = new ArrayList<>();
        Snapshot s = new Snapshot();
        try (TraceSource trace = Traces.open(path);
                TraceSource.SnapshotCursor cursor = trace.snapshots(query)) {
            while (cursor.next(s)) {
                lines.add(describe(s));
            }
        }
        return lines;
    }

    static String describe(Snapshot s) {
        StringBuilder b = new StringBuilder();
        b.append(s.id)
                .append(' ')
                .append(s.target)
                .append(' ')
                .append(s.startNs)
                .append(' ')
                .append(s.endNs);
        for (int r = 0; r < s.regions; r++) {
            b.append(" %x-%x:%d/%d".formatted(s.start[r], s.end[r], s.nrAccesses[r], s.age[r]));
        }
        return b.toString();
    }

    static List<String> expected() {
        List<String> lines = new ArrayList<>();
        Snapshot s = new Snapshot();
        for (int i = 0; i < SNAPSHOTS; i++) {
            fill(s, i);
            s.id = i;
            lines.add(describe(s));
        }
        return lines;
    }
}
