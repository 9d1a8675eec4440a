package org.damson.model.view;

import java.io.IOException;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceSink;

/** A sink that passes every call on to another one; who extends it overrides what differs. */
public abstract class ForwardingSink implements TraceSink {
    private final TraceSink sink;

    public ForwardingSink(TraceSink sink) {
        this.sink = sink;
    }

    @Override
    public Manifest manifest() {
        return sink.manifest();
    }

    @Override
    public void append(Snapshot snapshot) throws IOException {
        sink.append(snapshot);
    }

    @Override
    public void append(Batch rows) throws IOException {
        sink.append(rows);
    }

    @Override
    public void flush() throws IOException {
        sink.flush();
    }

    @Override
    public void abort() throws IOException {
        sink.abort();
    }

    @Override
    public void close() throws IOException {
        sink.close();
    }
}
