package org.damson.analyzer.damos;

/**
 * Upper bound on the bytes that a scheme with a quota tries while the quota is in force: the effective quota of as many
 * windows as the kernel may have begun. Those are the most if each begins as soon as it may; a simulated window has one of
 * them to itself.
 */
public final class QuotaCeiling {
    private double over;
    private double current;
    private long fromMs;
    private boolean any;

    /**
     * A turn of the scheme.
     *
     * @param leastMs from which time on since the last window's beginning another may begin
     * @param effectiveBytes the effective quota, unsigned; 0 where there is none
     */
    void turn(long nowMs, long leastMs, long effectiveBytes) {
        double bytes = effectiveBytes < 0 ? effectiveBytes + 0x1p64 : effectiveBytes;
        if (any && nowMs - fromMs < leastMs) {
            current = Math.max(current, bytes);
            return;
        }
        over += current;
        current = bytes;
        fromMs = nowMs;
        any = true;
    }

    /** Bytes granted in all turns so far. */
    public double bytes() {
        return over + current;
    }
}
