package org.damson.replayer;

/**
 * How a replay went.
 *
 * @param intendedPages page touches in the plan
 * @param touchedPages page touches made; the difference was shed because its slice was already over
 * @param slices slices played
 * @param lateSlices slices that began later than a tenth of their length
 * @param maxLateNs greatest lateness of a slice's begin
 * @param meanLateNs mean lateness over all slices
 * @param wallNs duration
 */
public record ReplayReport(
        long intendedPages,
        long touchedPages,
        long slices,
        long lateSlices,
        long maxLateNs,
        long meanLateNs,
        long wallNs) {}
