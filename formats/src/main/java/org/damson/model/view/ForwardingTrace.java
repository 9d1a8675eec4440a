package org.damson.model.view;

import java.io.IOException;
import java.util.List;
import org.damson.model.Manifest;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** A trace that passes every call on to another one; who extends it overrides what differs. */
public abstract class ForwardingTrace implements TraceSource {
    private final TraceSource trace;

    public ForwardingTrace(TraceSource trace) {
        this.trace = trace;
    }

    /** The trace that calls are passed on to. */
    public TraceSource source() {
        return trace;
    }

    @Override
    public String name() {
        return trace.name();
    }

    @Override
    public Manifest manifest() {
        return trace.manifest();
    }

    @Override
    public SnapshotCursor snapshots(TraceQuery query) throws IOException {
        return trace.snapshots(query);
    }

    @Override
    public BatchCursor rows(Table table) throws IOException {
        return trace.rows(table);
    }

    @Override
    public long rowCount(Table table) throws IOException {
        return trace.rowCount(table);
    }

    /** A subclass that shows other snapshots than those of the trace overrides this too. */
    @Override
    public boolean isKept(Table table) throws IOException {
        return trace.isKept(table);
    }

    @Override
    public List<String> refusals() {
        return trace.refusals();
    }

    @Override
    public List<TraceQuery> split(TraceQuery query, int n) throws IOException {
        return trace.split(query, n);
    }

    @Override
    public void close() throws IOException {
        trace.close();
    }
}
