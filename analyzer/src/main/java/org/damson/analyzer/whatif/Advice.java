package org.damson.analyzer.whatif;

import java.util.Map;

/**
 * One piece of advice.
 *
 * @param kind what it is about
 * @param text a sentence with the numbers it stands on
 * @param numbers the same numbers by name; bytes, nanoseconds, shares 0..1
 */
public record Advice(Kind kind, String text, Map<String, Object> numbers) {
    /** What advice is about; programs may rely on the names. */
    public enum Kind {
        /** What the recording is worth. */
        TRACE,
        /** There is memory to save. */
        WORTH,
        /** There is not. */
        NOTHING,
        /** How much DRAM serves most accesses. */
        DRAM,
        /** A scheme that pages idle memory out. */
        RECLAIM,
        /** Tiers of memory. */
        TIER,
        /** Ranges to lock. */
        MLOCK,
        /** Ranges for huge pages. */
        HUGEPAGE,
        /** Ranges that are not used any more. */
        PAGEOUT,
        /** Ranges used now and then. */
        COLD,
        /** What hardware and kernel counters say. */
        COUNTERS,
        /** What to record next. */
        RECORD
    }
}
