package org.damson.recorder;

import java.util.Objects;

/**
 * What recording through referenced bits may cost the recorded programs.
 *
 * @param tlbFlush whether the TLB is flushed when bits are cleared
 * @param maxSlowdown most that the recorded programs may be slowed down, a share of the time they take without being
 *     recorded: 0.02 is 2 %; above 0, infinite for no bound
 */
public record OverheadBudget(TlbFlush tlbFlush, double maxSlowdown) {
    /** Least that a stranger's program is asked to give. */
    public static final double DEFAULT_MAX_SLOWDOWN = 0.02;

    /** No bound: for targets whose speed is nobody's concern. */
    public static final OverheadBudget UNBOUNDED = new OverheadBudget(TlbFlush.AUTO, Double.POSITIVE_INFINITY);

    public OverheadBudget {
        Objects.requireNonNull(tlbFlush, "tlbFlush");
        if (!(maxSlowdown > 0)) {
            throw new IllegalArgumentException("maxSlowdown must be more than 0 but was " + maxSlowdown);
        }
    }
}
