package org.damson.api;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Writes a trace of a program's own snapshots: from a simulator, an instrumented allocator, another monitor. The
 * trace appears under its name only when it is complete. Not thread-safe.
 *
 * <pre>{@code
 * Path own = directory.resolve("own.damson");
 * try (TraceWriter writer = TraceWriter.create(own, 5_000, 100_000)) {
 *     for (int n = 0; n < 10; n++) {
 *         writer.write(Snapshot.builder(1)
 *                 .time(n * 100_000_000L, (n + 1) * 100_000_000L)
 *                 .region(0x10000, 0x20000, n % 2 == 0 ? 20 : 0, n)
 *                 .build());
 *     }
 * }
 * try (Trace trace = Trace.open(own)) {
 *     System.out.println(trace.workingSet().total().meanBytes()); // 32768.0
 * }
 * }</pre>
 */
public interface TraceWriter extends Closeable {
    /**
     * Creates a trace directory.
     *
     * @param directory of the default file system, in a directory that is there
     * @param sampleUs sampling interval, microseconds
     * @param aggrUs aggregation interval, microseconds, at least the sampling interval
     * @throws java.nio.file.FileAlreadyExistsException if anything has that name
     * @throws IllegalArgumentException if the intervals break their rule, or it is a path of another file system
     */
    static TraceWriter create(Path directory, long sampleUs, long aggrUs) throws IOException {
        return Engines.get().create(directory, sampleUs, aggrUs);
    }

    /**
     * Appends a snapshot. Snapshots come in the order of their end times.
     *
     * @throws IllegalArgumentException if its time is empty, or its regions are empty, overlap or are out of order
     * @throws IllegalStateException if the trace was closed or abandoned
     */
    void write(Snapshot snapshot) throws IOException;

    /** Abandons the trace and deletes what was written. */
    void abort() throws IOException;

    /** Seals the trace, unless it was abandoned. */
    @Override
    void close() throws IOException;
}
