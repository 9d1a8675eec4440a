package org.damson.analyzer.fleet.report;

import java.util.List;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.fleet.FleetResult;
import org.damson.analyzer.fleet.Trouble;

/**
 * Curves of many traces.
 *
 * @param by what traces are grouped by
 * @param sums by group, then by aggregation interval: ages count these, so that those of different ones do not add up
 * @param isEmpty whether no trace counts
 */
public record FleetCurvesResult(Level by, List<Sum> sums, List<Trouble> troubles, boolean isEmpty)
        implements FleetResult {
    /**
     * Those of one group and aggregation interval.
     *
     * @param keys what the group has for {@link Level#keys}
     * @param aggrUs aggregation interval, microseconds
     */
    public record Sum(List<String> keys, long aggrUs, Curves curves) {}
}
