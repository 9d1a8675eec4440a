package org.damson.analyzer.whatif;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/** Builds traces whose answers are known. Aggregations of 100 ms, 20 samples; regions with their ages follow. */
public final class Made implements Closeable {
    public static final long MIB = 1 << 20;
    static final long AGGR_NS = 100_000_000L;

    private final Path path;
    private final TraceSink sink;
    private final Snapshot s = new Snapshot();
    private long[] starts = new long[0];
    private int[] accesses = new int[0];
    private int[] ages = new int[0];
    private long turn;
    private long touchedBytes = -1;
    private long writtenBytes;

    public Made(Path dir, String name) throws IOException {
        path = dir.resolve(name + ".damson");
        Manifest m = new Manifest();
        m.attrs = new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        sink = Traces.create(path, m, WriterOptions.BATCH);
    }

    /** So many aggregations of regions of 4 MiB from 1 GiB on, with these access counts. */
    public Made turns(int n, int... nr) throws IOException {
        long[] at = new long[nr.length + 1];
        for (int i = 0; i <= nr.length; i++) {
            at[i] = 1024 * MIB + i * 4 * MIB;
        }
        return regions(n, at, nr);
    }

    /** The same with bounds; a region keeps its age while it begins where it did and is as hot as it was. */
    public Made regions(int n, long[] bounds, int... nr) throws IOException {
        for (int k = 0; k < n; k++) {
            int[] age = new int[nr.length];
            s.clear();
            for (int i = 0; i < nr.length; i++) {
                for (int j = 0; j < starts.length; j++) {
                    if (starts[j] == bounds[i] && accesses[j] == nr[i]) {
                        age[i] = ages[j] + 1;
                    }
                }
                s.add(bounds[i], bounds[i + 1], nr[i], age[i]);
            }
            starts = java.util.Arrays.copyOf(bounds, nr.length);
            accesses = nr;
            ages = age;
            s.startNs = turn * AGGR_NS;
            s.endNs = ++turn * AGGR_NS;
            s.sampleUs = 5_000;
            s.aggrUs = 100_000;
            s.columns = Snapshot.HAS_AGE;
            if (touchedBytes >= 0) {
                touched();
            }
            sink.append(s);
        }
        return this;
    }

    private void touched() {
        s.columns |= Snapshot.HAS_REFERENCED | Snapshot.HAS_WRITTEN;
        s.reserve(s.regions);
        for (int i = 0; i < s.regions; i++) {
            long bytes = s.nrAccesses[i] > 0 ? touchedBytes : 0;
            s.referencedMin[i] = bytes;
            s.referencedMean[i] = bytes;
            s.referencedMax[i] = bytes;
            s.writtenMean[i] = s.nrAccesses[i] > 0 ? writtenBytes : 0;
        }
    }

    public Made mapping(long start, long end) throws IOException {
        return mapping(start, end, 0);
    }

    /** Now mapped, or no longer. */
    public Made mapping(long start, long end, int gone) throws IOException {
        return mapping(start, end, "rw-p", "", gone);
    }

    /** Mapped with permissions, and a name. */
    public Made mapping(long start, long end, String permissions, String name) throws IOException {
        return mapping(start, end, permissions, name, 0);
    }

    private Made mapping(long start, long end, String permissions, String name, int gone) throws IOException {
        Batch b = new Batch(Table.MAPPINGS);
        b.add(turn * AGGR_NS, 7, start, end, permissions, name, gone);
        sink.append(b);
        return this;
    }

    /**
     * From now on regions are mappings, of which so many bytes are touched in each sample while they have accesses, and so many
     * written; {@link Snapshot#NOT_KNOWN} if it is not known how many.
     */
    public Made touching(long touched, long written) {
        touchedBytes = touched;
        writtenBytes = written;
        return this;
    }

    /** So many bytes are resident from the beginning on. */
    public Made resident(long bytes) throws IOException {
        Batch b = new Batch(Table.MEMORY);
        int i = b.addRow();
        b.set(Table.MEMORY.indexOf("pid"), i, 7);
        b.set(Table.MEMORY.indexOf("counter"), i, "rss");
        b.set(Table.MEMORY.indexOf("value"), i, bytes);
        sink.append(b);
        return this;
    }

    public TraceSource open() throws IOException {
        sink.close();
        return Traces.open(path);
    }

    @Override
    public void close() throws IOException {
        sink.close();
    }
}
