package org.damson.api;

/**
 * The difference between two traces. Distances are 0 (alike) to 1 (nothing in common).
 *
 * <pre>{@code
 * try (Trace before = Trace.open(recording); Trace after = Trace.open(recording)) {
 *     Comparison c = before.compare(after, 0.1);
 *     System.out.println(c.verdict() + ", " + c.workingSet().value());
 * }
 * }</pre>
 *
 * @param verdict whether they show the same behaviour, within the tolerance
 * @param explanation one line: the verdict, and what it rests on
 * @param workingSet of the distributions of the working set's size
 * @param pattern of heat at the same places and times
 * @param withoutCounterpart share of heat in memory that only one of them has, 0 to 1
 */
public record Comparison(
        Verdict verdict, String explanation, Distance workingSet, Distance pattern, double withoutCounterpart) {
    /** Verdict of a comparison. */
    public enum Verdict {
        SAME,
        DIFFERENT,
        /** The tolerance lies within the bounds of a distance, or the traces are too short for bounds. */
        UNDECIDED
    }

    /**
     * A distance.
     *
     * @param low lower bound with 95 % confidence; NaN where the traces are too short for one
     * @param high upper bound
     */
    public record Distance(double value, double low, double high) {}
}
