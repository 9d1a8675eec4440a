package org.damson.analyzer.damos;

/** Receives each region that a scheme is about to be applied to, in the kernel's order. */
public interface TriedListener {
    /** As {@code damos_before_apply} reports it: bounds in bytes, accesses in samples, age in aggregations. */
    void tried(int scheme, long target, long start, long end, int nrAccesses, int age);
}
