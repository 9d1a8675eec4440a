package org.damson.damon;

import java.util.LinkedHashMap;
import java.util.Map;

/** A kdamond whose events are taken, and the bursts of its targets. */
final class Kdamond {
    /** Whether a kdamond reports regions twice. */
    private enum Twice {
        NOT_KNOWN,
        YES,
        NO
    }

    final Kdamonds.Facts facts;

    /** Intervals in force. */
    long sampleUs;

    long aggrUs;

    final Map<Long, Burst> bursts = new LinkedHashMap<>();

    private final long samplesPerAggr;
    private Twice twice;
    private Burst waiting;
    private long lastTarget;
    private Burst lastBurst;

    Kdamond(Kdamonds.Facts facts, boolean mayReportTwice) {
        this.facts = facts;
        sampleUs = facts.sampleUs();
        aggrUs = facts.aggrUs();
        samplesPerAggr = sampleUs == 0 ? 1 : Math.max(1, aggrUs / sampleUs);
        twice = mayReportTwice ? Twice.NOT_KNOWN : Twice.NO;
    }

    /** Null if the target is new. */
    Burst burst(long target) {
        if (lastBurst == null || target != lastTarget) {
            lastBurst = bursts.get(target);
            lastTarget = target;
        }
        return lastBurst;
    }

    Burst newBurst(long target) {
        Burst b = new Burst(target);
        b.usualNs = facts.areAssumed() ? 0 : aggrUs * 1000;
        bursts.put(target, b);
        return b;
    }

    /**
     * Tunes the sampling interval, and the aggregation interval by the same factor.
     *
     * @return false if it cannot be one
     */
    boolean tune(long newSampleUs) {
        if (newSampleUs <= 0 || newSampleUs > Long.MAX_VALUE / 1000 / samplesPerAggr) {
            return false;
        }
        bursts.values().forEach(b -> b.tune(sampleUs, newSampleUs));
        sampleUs = newSampleUs;
        aggrUs = newSampleUs * samplesPerAggr;
        return true;
    }

    void reportsTwice() {
        twice = Twice.YES;
    }

    void reportsHits() {
        twice = twice == Twice.NOT_KNOWN ? Twice.YES : twice;
    }

    /** Keeps a whole burst until it is known whether its last region is reported once more; false if it is not. */
    boolean keepWaiting(Burst whole) {
        waiting = twice == Twice.NO ? null : whole;
        return waiting != null;
    }

    boolean isWaiting() {
        return waiting != null;
    }

    /** The burst that waits, which does so no longer: what it waited for is there. */
    void endWait() {
        waiting = null;
    }

    /** The burst that waits, if any, which does so no longer: something else has come. */
    Burst giveUpWaiting() {
        Burst b = waiting;
        waiting = null;
        twice = b != null && twice == Twice.NOT_KNOWN ? Twice.NO : twice;
        return b;
    }
}
