package org.damson.symbols;

/** Limits how often an unwinding process is started: each start costs most of a second of CPU time. */
final class Starts {
    private final int atOnce;
    private final long eachNs;
    private double left;
    private long lastNs;
    private int taken;
    private int refused;

    /**
     * @param atOnce how many there may be at once
     * @param eachNs one more after so long; {@link Long#MAX_VALUE}: no more
     */
    Starts(int atOnce, long eachNs, long nowNs) {
        this.atOnce = atOnce;
        this.eachNs = eachNs;
        left = atOnce;
        lastNs = nowNs;
    }

    /** Whether one may be begun now. */
    boolean isAllowed(long nowNs) {
        left = Math.min(atOnce, left + (double) (nowNs - lastNs) / eachNs);
        lastNs = nowNs;
        return left >= 1;
    }

    /** Begins one if that is allowed. */
    boolean take(long nowNs) {
        if (!isAllowed(nowNs)) {
            refused++;
            return false;
        }
        left--;
        taken++;
        return true;
    }

    int taken() {
        return taken;
    }

    /** Whether there would have been more, and never will be. */
    boolean isUsedUp() {
        return refused > 0 && eachNs == Long.MAX_VALUE;
    }
}
