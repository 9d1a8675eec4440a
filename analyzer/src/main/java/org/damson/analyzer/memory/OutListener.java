package org.damson.analyzer.memory;

import org.damson.analyzer.scan.TargetKey;

/** Is told after each turn of a kdamond context which memory of its targets is out, in the likely course. */
public interface OutListener {
    /** A turn ended: what is told from here on is of it. */
    void turn(long fromNs, long toNs);

    /**
     * Memory of which some is out, ascending by address within a target.
     *
     * @param share of its bytes, 0 (exclusive) to 1
     */
    void out(TargetKey key, long start, long end, double share);
}
