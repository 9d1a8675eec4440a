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
    /** What it is about. */
    public enum Kind {
        /** What the recording is worth. */
        TRACE,
        /** There is memory to save. */
        WORTH,
        /** There is not. */
        NOTHING,
        /** What gains enough in some of several recordings only. */
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
        /** What hardware and kernel counters say. */
        COUNTERS,
        /** What to record next. */
        RECORD
    }

    /** How far a simulated gain is to be trusted in another run. */
    public enum Confidence {
        LOW,
        MEDIUM,
        HIGH
    }

    /**
     * What is gained over doing nothing, by simulation over the recording.
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
