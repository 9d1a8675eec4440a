package org.damson.analyzer.advise;

import java.util.List;
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
     * What is gained over doing nothing; of several recordings, in the one in which it is least.
     *
     * @param metric of what, with its unit
     * @param done if it is done
     * @param nothing if nothing is done
     * @param cost what it costs, in words with numbers
     * @param confidence how far to trust it
     * @param why what the confidence rests on
     * @param runs of several recordings each, in the order given; empty: there is one
     */
    public record Gain(
            String metric,
            double done,
            double nothing,
            String cost,
            Confidence confidence,
            String why,
            List<InRun> runs) {
        /** What a gain without any lack rests on. */
        static final String ONE_RUN = "of this recording; another run may differ";

        public Gain {
            runs = List.copyOf(runs);
        }
    }

    /**
     * A gain in one of several recordings.
     *
     * @param recording its name
     * @param done if it is done
     * @param nothing if nothing is done
     */
    public record InRun(String recording, double done, double nothing) {}

    /** How far a simulated gain is to be trusted in another run. */
    public enum Confidence {
        LOW,
        MEDIUM,
        HIGH
    }

    /** What advice is about; programs may rely on the names. */
    public enum Kind {
        /** About the recording itself: how far it can be trusted. */
        TRACE,
        /** Memory can be saved. */
        WORTH,
        /** Memory cannot be saved. */
        NOTHING,
        /** What gains enough in some of several recordings only, and is therefore not advised. */
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
}
