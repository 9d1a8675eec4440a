package org.damson.analyzer.fleet.report;

import java.io.IOException;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.fleet.FleetTrace;
import org.damson.analyzer.fleet.Origin;
import org.damson.analyzer.openloop.RecordedSchemes;
import org.damson.analyzer.scan.TargetPids;
import org.damson.analyzer.workingset.WorkingSet;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.model.InvalidInputException;
import org.damson.model.Manifest.Source;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/**
 * What a report over many traces needs of one: the working set as {@code report wss} has it, of all targets together, and what
 * is idle as {@code report curves} has it.
 *
 * @param recordedNs from the first snapshot's start to the last one's end
 * @param wssMean bytes, of the snapshots; the percentiles and the greatest likewise
 * @param coveredSeconds time that {@code curves} counted; 0 if it counted nothing
 * @param touchedByteS memory that was ever seen touched, over time; likewise the next two
 * @param recentByteS touched within 120 s
 * @param coldByteS seen touched, and idle for {@link #COLD_US} or longer
 * @param backBytes memory touched again after it had been idle so long
 * @param isPhysical whether it is of the machine's memory, not of processes
 */
record TraceFigures(
        String path,
        Origin origin,
        long snapshots,
        long regions,
        long recordedNs,
        double wssMean,
        long wssP50,
        long wssP95,
        long wssP99,
        long wssMax,
        double coveredSeconds,
        double touchedByteS,
        double recentByteS,
        double coldByteS,
        double backBytes,
        boolean isPhysical)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Memory is cold after Google's 120 s. */
    static final long COLD_US = 120_000_000;

    /** The order in which figures are added up, so that sums of doubles come out the same. */
    static final Comparator<TraceFigures> ORDER = Comparator.comparing(TraceFigures::path);

    /** @param trace one with snapshots */
    static TraceFigures of(FleetTrace where, TraceSource trace, Curves curves, Consumer<String> doubts)
            throws IOException {
        WorkingSetResult wss = WorkingSet.compute(trace, TraceQuery.ALL, WorkingSetOptions.DEFAULTS);
        WorkingSetResult.Series all = wss.total();
        if (wss.lostRegions() > 0) {
            doubts.accept(Units.count(wss.lostRegions(), "region", "was") + " lost; sizes are too small by that");
        }
        long fromNs = Long.MAX_VALUE;
        long toNs = Long.MIN_VALUE;
        for (int i = 0; i < all.length(); i++) {
            fromNs = Math.min(fromNs, all.startNs(i));
            toNs = Math.max(toNs, all.endNs(i));
        }
        double seconds = curves == null ? 0 : curves.seconds();
        Curves.Point cold = seconds <= 0 ? null : curves.at(ageAggrs(curves.aggrUs()));
        return new TraceFigures(
                where.path(),
                Origin.of(where, trace, doubts),
                all.length(),
                trace.rowCount(Table.REGIONS),
                toNs - fromNs,
                all.mean(),
                all.bySize(50),
                all.bySize(95),
                all.bySize(99),
                all.bySize(100),
                seconds,
                cold == null ? 0 : curves.touchedBytes() * seconds,
                cold == null ? 0 : curves.workingSet() * seconds,
                cold == null ? 0 : cold.cold().likely() * seconds,
                cold == null ? 0 : cold.back().likely() * seconds,
                TargetPids.of(trace.manifest()).isPhysical());
    }

    /** The least age in aggregations that is 120 s or more. */
    private static long ageAggrs(long aggrUs) {
        return (COLD_US + aggrUs - 1) / Math.max(1, aggrUs);
    }

    /** The curves of a trace, null where it cannot tell them; {@code doubts} then knows why. */
    static Curves curves(TraceSource trace, Consumer<String> doubts) throws IOException {
        List<String> acting = RecordedSchemes.acting(trace);
        if (!acting.isEmpty()) {
            doubts.accept("recorded while " + acting.get(0) + " acted and reset ages: its idle memory does not count");
            return null;
        }
        try {
            Curves all = Curves.empty();
            Curves.of(trace, TraceQuery.ALL, 0).forEach(all::add);
            // Those of referenced bits vary with how late samples come, in every recording: the table's notes say so.
            if (all.isMixed() && !Source.REFERENCED.is(trace.manifest())) {
                doubts.accept("its intervals change: ages are counted in the first aggregation interval");
            }
            return all.regions() == 0 ? null : all;
        } catch (InvalidInputException e) {
            doubts.accept("no ages or no intervals: its idle memory does not count");
            return null;
        }
    }
}
