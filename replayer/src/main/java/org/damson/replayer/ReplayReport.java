package org.damson.replayer;

import java.util.List;

/**
 * How a replay went.
 *
 * @param startNs when it began, CLOCK_MONOTONIC
 * @param intendedPages page touches in the plan
 * @param touchedPages page touches made; the difference was shed because its slice was already over
 * @param againPages page touches made beyond those, of memory that stays busy, so that every window meets one
 * @param classes intended and made per class of regions, in the order of {@link ReplayPlanner#CLASSES}
 * @param slices slices played
 * @param lateSlices slices that began later than a tenth of their length
 * @param lateWakeups those of them for which the process slept in time and was woken late
 * @param shedSlices slices that were over before they could begin: their touches were left out
 * @param maxLateNs greatest lateness of a slice's begin
 * @param meanLateNs mean lateness over all slices
 * @param wallNs duration
 * @param beyond processes that made less than half of their touches although they had the processor half of the time that the plan has
 * @param tlbFlushes how often the generator flushed its TLB
 * @param tlbFlushNs what that took; what touches take more after it is in the lateness
 */
public record ReplayReport(
        long startNs,
        long intendedPages,
        long touchedPages,
        long againPages,
        List<Touches> classes,
        long slices,
        long lateSlices,
        long lateWakeups,
        long shedSlices,
        long maxLateNs,
        long meanLateNs,
        long wallNs,
        long beyond,
        long tlbFlushes,
        long tlbFlushNs) {
    /** Page touches, intended and made. */
    public record Touches(long intendedPages, long touchedPages) {}

    public ReplayReport {
        classes = List.copyOf(classes);
    }

    /** Share of the intended touches that were made, 0..1. */
    public double achieved() {
        return intendedPages == 0 ? 1 : (double) touchedPages / intendedPages;
    }
}
