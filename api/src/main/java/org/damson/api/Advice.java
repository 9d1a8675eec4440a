package org.damson.api;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A statement about a recording, or advice.
 *
 * <pre>{@code
 * try (Trace trace = Trace.open(recording)) {
 *     for (Advice advice : trace.advise()) {
 *         System.out.println(advice.kind() + ": " + advice.text());
 *     }
 * }
 * }</pre>
 *
 * @param text a sentence with the numbers it stands on
 * @param numbers the same numbers by name, with units in the names: bytes, nanoseconds, shares 0 to 1
 * @param gain what following it gains; null where nothing is advised
 */
public record Advice(Kind kind, String text, Map<String, Object> numbers, Gain gain) {
    /** Subject of a piece of advice. */
    public enum Kind {
        /** The quality of the recording. */
        TRACE,
        /** There is memory to save. */
        WORTH,
        /** There is no memory to save. */
        NOTHING,
        /** Gains enough in only some of several recordings. */
        UNCERTAIN,
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
        /** Hardware and kernel counters. */
        COUNTERS,
        /** What to record next. */
        RECORD
    }

    /** How far to trust a simulated gain in another run. */
    public enum Confidence {
        LOW,
        MEDIUM,
        HIGH
    }

    /**
     * The gain over doing nothing, by simulation over the recording.
     *
     * @param metric of what, with its unit
     * @param done if the advice is followed
     * @param nothing if it is not
     * @param cost what it costs, in words with numbers
     * @param why what the confidence rests on
     */
    public record Gain(String metric, double done, double nothing, String cost, Confidence confidence, String why) {}

    /** Keeps a copy of the numbers. */
    public Advice {
        numbers = Collections.unmodifiableMap(new LinkedHashMap<>(numbers));
    }
}
