package org.damson.analyzer.whatif;

import java.util.Map;

/**
 * A statement about a recording, or advice: then with what is gained.
 *
 * @param kind what it is about
 * @param text a sentence with the numbers it stands on
 * @param numbers the same numbers by name; bytes, nanoseconds, shares 0..1
 * @param gain what doing it gains, by simulation over this recording; null: nothing is advised
 */
public record Advice(Kind kind, String text, Map<String, Object> numbers, Gain gain) {
    /**
     * What is gained over doing nothing.
     *
     * @param metric of what, with its unit
     * @param done if it is done
     * @param nothing if nothing is done
     * @param cost what it costs, in words with numbers
     * @param confidence how far to trust it
     * @param why what the confidence rests on
     */
    public record Gain(String metric, double done, double nothing, String cost, Confidence confidence, String why) {}

    /** How far a simulated gain is to be trusted in another run. */
    public enum Confidence {
        LOW,
        MEDIUM,
        HIGH
    }

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
        /** Ranges for huge pages. */
        HUGEPAGE,
        /** Ranges that are not used any more. */
        PAGEOUT,
        /** What hardware and kernel counters say. */
        COUNTERS,
        /** What to record next. */
        RECORD
    }
}
