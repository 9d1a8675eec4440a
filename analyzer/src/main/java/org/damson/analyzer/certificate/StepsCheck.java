package org.damson.analyzer.certificate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * Whether each pattern of a log, one place after the other, is to be seen in a trace: in the pattern's time most of the heat
 * must lie at its place, and be at least half of what was touched there.
 *
 * @param steps patterns of the log
 * @param seen those that are found
 * @param missing what the first that is not found looks like, in one line; empty if all are found
 */
public record StepsCheck(int steps, int seen, String missing) {
    /** Least share of the recorded heat at the place, and of the place's true heat in the recording. */
    private static final double VISIBLE = 0.5;

    /** Whether all are there. */
    public boolean passes() {
        return seen == steps;
    }

    /**
     * Looks for the patterns.
     *
     * @param laterNs how much later than the log says they are expected
     */
    public static StepsCheck of(TraceSource trace, AccessLog log, long laterNs) throws IOException {
        int places = log.places().size();
        double[][] recorded = new double[log.patterns().size()][places];
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL.columns(Snapshot.HAS_REFERENCED))) {
            Snapshot s = new Snapshot();
            while (cursor.next(s)) {
                for (int p = 0; p < recorded.length; p++) {
                    AccessLog.Pattern pattern = log.patterns().get(p);
                    double ns = (double) Math.min(s.endNs, pattern.toNs() + laterNs)
                            - Math.max(s.startNs, pattern.fromNs() + laterNs);
                    for (int k = 0; ns > 0 && k < places; k++) {
                        recorded[p][k] += ns * heatBytes(s, log.places().get(k));
                    }
                }
            }
        }
        Cells cells = new Cells(log);
        int seen = 0;
        List<String> missing = new ArrayList<>();
        for (int p = 0; p < recorded.length; p++) {
            AccessLog.Pattern pattern = log.patterns().get(p);
            long windowNs = trace.manifest().attrs.sampleUs() * 1000;
            long lengthNs = pattern.toNs() - pattern.fromNs();
            cells.look(
                    Window.spread(pattern.fromNs(), pattern.toNs(), windowNs, (int) Math.max(1, lengthNs / windowNs)));
            double[] touched = new double[places];
            for (Cells.Cell c : cells.cells) {
                AccessLog.Place place = log.places().get(c.place());
                double mean = recorded[p][c.place()] / ((double) lengthNs * (place.end() - place.start()));
                touched[c.place()] += (double) lengthNs * (c.end() - c.start()) * cells.heat(c, mean);
            }
            String fault = fault(pattern, recorded[p], touched, log);
            if (fault.isEmpty()) {
                seen++;
            } else {
                missing.add(fault);
            }
        }
        return new StepsCheck(recorded.length, seen, missing.isEmpty() ? "" : missing.get(0));
    }

    private static double heatBytes(Snapshot s, AccessLog.Place place) {
        double sum = 0;
        for (int i = 0; i < s.regions; i++) {
            double common = Recorded.common(s, i, place.start(), place.end());
            sum += common > 0 ? common * Recorded.heat(s, i) : 0;
        }
        return sum;
    }

    private static String fault(AccessLog.Pattern pattern, double[] recorded, double[] touched, AccessLog log) {
        int place = 0;
        double all = 0;
        for (int k = 0; k < touched.length; k++) {
            place = touched[k] > touched[place] ? k : place;
            all += recorded[k];
        }
        String name = "'" + pattern.name() + "', at " + log.places().get(place).name() + ": ";
        if (recorded[place] < VISIBLE * touched[place]) {
            return name + AccuracySummary.percent(recorded[place] / touched[place])
                    + " of the touched memory there is detected";
        }
        return recorded[place] < VISIBLE * all
                ? name + AccuracySummary.percent(recorded[place] / all) + " of the heat of its time is there"
                : "";
    }

    /** One line. */
    public String text() {
        return seen + " of " + steps + " steps are there" + (missing.isEmpty() ? "" : "; " + missing);
    }
}
