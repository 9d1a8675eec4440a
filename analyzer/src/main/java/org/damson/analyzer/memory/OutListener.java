package org.damson.analyzer.memory;

import org.damson.analyzer.scan.TargetKey;

/** Receives, after each pass of a kdamond context, the memory of its targets that is estimated to be paged out. */
public interface OutListener {
    /** A pass ended; following calls belong to it. */
    void turn(long fromNs, long toNs);

    /**
     * Memory of which some is out, ascending by address within a target.
     *
     * @param share of its bytes, 0 (exclusive) to 1
     */
    void out(TargetKey key, long start, long end, double share);
}
