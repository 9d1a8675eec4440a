package org.damson.analyzer.scan;

/**
 * A quantity with what it is at least, likely and at most.
 *
 * @param least least in any course the recording allows
 * @param likely in the likely course
 * @param most most
 */
public record Bounded(double least, double likely, double most) {
    public static final Bounded ZERO = new Bounded(0, 0, 0);

    /** Bounds that hold the likely value: sampling can put it a little beyond either. */
    public static Bounded of(double least, double likely, double most) {
        return new Bounded(Math.min(least, likely), likely, Math.max(most, likely));
    }

    /** The same, not below half of the most nor above the likely. */
    public Bounded raisedToHalfOfMax() {
        return new Bounded(Math.min(likely, Math.max(least, most / 2)), likely, most);
    }

    public Bounded times(double factor) {
        return new Bounded(least * factor, likely * factor, most * factor);
    }

    /** What the recording leaves open. */
    public double undecided() {
        return most - least;
    }
}
