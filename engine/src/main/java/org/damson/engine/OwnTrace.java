package org.damson.engine;

import java.io.IOException;
import java.nio.file.Path;
import org.damson.api.Snapshot;
import org.damson.api.TraceWriter;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/** A trace of snapshots that a program gives. */
final class OwnTrace implements TraceWriter {
    private final TraceSink sink;
    private final org.damson.model.Snapshot scratch = new org.damson.model.Snapshot();
    private long lastEndNs = Long.MIN_VALUE;
    private boolean closed;

    OwnTrace(Path directory, long sampleUs, long aggrUs) throws IOException {
        Manifest m = new Manifest();
        m.toolVersion = EmbeddedEngine.version();
        m.source = Manifest.Source.PROGRAM.text();
        m.attrs = new MonitoringAttrs(sampleUs, aggrUs, 0, 0, 0, MonitoringAttrs.IntervalsOrigin.RECORDED);
        sink = Traces.create(directory, m, WriterOptions.BATCH);
    }

    @Override
    public void write(Snapshot s) throws IOException {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        check(s);
        fill(s);
        Failures.telling(() -> {
            sink.append(scratch);
            return null;
        });
        lastEndNs = s.endNs();
    }

    private void check(Snapshot s) {
        if (s.startNs() >= s.endNs()) {
            throw new IllegalArgumentException("empty interval: startNs=" + s.startNs() + ", endNs=" + s.endNs());
        }
        if (s.endNs() < lastEndNs) {
            throw new IllegalArgumentException(
                    "snapshots must come in the order of their end times: endNs=" + s.endNs() + " after " + lastEndNs);
        }
        if (s.sampleUs() < 1 || s.aggrUs() < s.sampleUs()) {
            throw new IllegalArgumentException("intervals must satisfy 1 <= sample <= aggregation: sampleUs="
                    + s.sampleUs() + ", aggrUs=" + s.aggrUs());
        }
        for (int i = 0; i < s.regions(); i++) {
            if (Long.compareUnsigned(s.start(i), s.end(i)) >= 0) {
                throw new IllegalArgumentException(
                        String.format("region %d is empty: start=0x%x, end=0x%x", i, s.start(i), s.end(i)));
            }
            if (i > 0 && Long.compareUnsigned(s.end(i - 1), s.start(i)) > 0) {
                throw new IllegalArgumentException(String.format(
                        "region %d overlaps the one before it or is out of order: start=0x%x, the other's end=0x%x",
                        i, s.start(i), s.end(i - 1)));
            }
            if (s.accesses(i) < 0) {
                throw new IllegalArgumentException("region " + i + " has " + s.accesses(i) + " accesses");
            }
        }
    }

    private void fill(Snapshot s) {
        if (s instanceof ReadSnapshot read) {
            scratch.copyFrom(read.stored);
            return;
        }
        scratch.clear();
        scratch.target = s.target();
        scratch.kdamond = s.kdamond();
        scratch.context = s.context();
        scratch.scheme = s.scheme();
        scratch.startNs = s.startNs();
        scratch.endNs = s.endNs();
        scratch.sampleUs = s.sampleUs();
        scratch.aggrUs = s.aggrUs();
        scratch.lost = s.lostRegions();
        boolean hasAge = true;
        for (int i = 0; i < s.regions(); i++) {
            if (s.referencedBytes(i) != Snapshot.NOT_KNOWN) {
                throw new IllegalArgumentException(
                        "referenced bytes are written only of snapshots that came from a trace");
            }
            hasAge &= s.age(i) != Snapshot.NOT_KNOWN;
            scratch.add(s.start(i), s.end(i), s.accesses(i), s.age(i));
        }
        scratch.columns = hasAge ? org.damson.model.Snapshot.HAS_AGE : 0;
    }

    @Override
    public void abort() throws IOException {
        if (!closed) {
            closed = true;
            sink.abort();
        }
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        // Files cannot be written by an interrupted thread; the trace is sealed all the same.
        boolean isInterrupted = Thread.interrupted();
        try {
            Failures.telling(() -> {
                sink.close();
                return null;
            });
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
