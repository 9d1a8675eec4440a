package org.damson.exchange.build;

import java.io.IOException;
import org.damson.model.Batch;

/** Destination of rows of call stacks: the trace of an import, or a running recording. */
public interface StackSink {
    /** Takes the rows and empties the batch once there are {@code atLeast}. */
    void drain(Batch rows, int atLeast) throws IOException;

    /** Takes one line for people. */
    void note(String line);

    /**
     * Notes that a process has code of a file mapped.
     *
     * @param end exclusive
     * @param buildId hexadecimal; empty if it is not known
     */
    default void mapped(int pid, long start, long end, String file, String buildId) {}

    /** Notes that samples are missing from what it is given. */
    default void leftOut(long samples) {}
}
