package org.damson.model;

import java.io.Closeable;
import java.io.IOException;

/** Destination of a trace. Not thread-safe: one thread writes. */
public interface TraceSink extends Closeable {
    /** Facts about the trace; may be changed until {@link #close}. */
    Manifest manifest();

    /** Appends one snapshot and assigns its {@code id}. */
    void append(Snapshot snapshot) throws IOException;

    /** Appends rows of any table but SNAPSHOTS and REGIONS. */
    void append(Batch rows) throws IOException;

    /** Hands everything appended so far to the operating system; it then survives the death of this process. */
    void flush() throws IOException;

    /** Gives up: what a sink that is not live has written so far is removed; a live one keeps what was flushed. */
    default void abort() throws IOException {
        close();
    }

    /** Seals: after this the trace is complete. */
    @Override
    void close() throws IOException;
}
