package org.damson.analyzer.fleet.tune;

import java.math.BigInteger;
import java.util.List;
import org.damson.analyzer.fleet.FleetResult;
import org.damson.analyzer.fleet.Trouble;
import org.damson.analyzer.fleet.report.Level;

/**
 * What {@code stat} schemes would have tried over many traces.
 *
 * @param by what traces are grouped by
 * @param points by group, then by the intervals of their traces, then by thresholds
 * @param isEmpty whether no trace counts
 */
public record FleetSweepResult(Level by, List<Point> points, List<Trouble> troubles, boolean isEmpty)
        implements FleetResult {
    /**
     * One combination of thresholds over the traces of a group that have the same intervals.
     *
     * @param keys what the group has for {@link Level#keys}
     * @param sampleUs sampling interval, microseconds
     * @param aggrUs aggregation interval, microseconds
     * @param minAgeAggrs least age, aggregation intervals
     * @param maxNrAccesses greatest access count, samples
     * @param nrTried regions tried, of all snapshots
     * @param szTried bytes tried, of all snapshots
     */
    public record Point(
            List<String> keys,
            long sampleUs,
            long aggrUs,
            long traces,
            long minAgeAggrs,
            long maxNrAccesses,
            long minSizeBytes,
            long nrTried,
            BigInteger szTried) {}
}
