package org.damson.recorder.referenced;

import java.util.Objects;

/**
 * What recording through referenced bits may cost the recorded programs.
 *
 * @param tlbFlush whether the TLB is flushed when bits are cleared
 * @param maxSlowdown maximum slowdown of the recorded programs, as a share of the time they take without being recorded:
 *     0.02 is 2 %; above 0, infinite for no bound
 * @param selfTest what is known of this machine
 */
public record OverheadBudget(TlbFlush tlbFlush, double maxSlowdown, SelfTest selfTest) {
    /** Default bound on the slowdown of the recorded programs: 2 %. */
    public static final double DEFAULT_MAX_SLOWDOWN = 0.02;

    /** No bound: for targets whose speed does not matter. */
    public static final OverheadBudget UNBOUNDED =
            new OverheadBudget(TlbFlush.AUTO, Double.POSITIVE_INFINITY, SelfTest.NONE);

    public OverheadBudget {
        Objects.requireNonNull(tlbFlush, "tlbFlush");
        Objects.requireNonNull(selfTest, "selfTest");
        if (!(maxSlowdown > 0)) {
            throw new IllegalArgumentException("maxSlowdown must be more than 0 but was " + maxSlowdown);
        }
    }

    /** The same targets without a bound. */
    public OverheadBudget unbounded() {
        return new OverheadBudget(tlbFlush, Double.POSITIVE_INFINITY, selfTest);
    }

    boolean isBounded() {
        return maxSlowdown < Double.POSITIVE_INFINITY;
    }

    /** Share of the time that passes, 0 to 1, that touches of cleared pages may take. */
    double shareOfTime() {
        return isBounded() ? maxSlowdown / (1 + maxSlowdown) : 1;
    }

    /** Whether to flush, before a kernel refuses. */
    public boolean shouldFlush() {
        return switch (tlbFlush) {
            case AUTO -> selfTest.shouldFlush();
            case ALWAYS -> true;
            case NEVER -> false;
        };
    }
}
