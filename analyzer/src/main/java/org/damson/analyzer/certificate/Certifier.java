package org.damson.analyzer.certificate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * Scores the recording of a generator against the generator's own log. Judged is the generator's memory alone, not the
 * process's stack and libraries, of which the log knows nothing; and the time from its first access on.
 */
public final class Certifier {
    private final AccessLog log;
    private final SampleTimes times;
    private final Cells cells;
    private final Map<String, Tally> tallies = new LinkedHashMap<>();
    private final Tally overall = new Tally(Certificate.OVERALL);
    private final double[] recordedOfPlace;
    private final double[] touchedOfPlace;

    private Certifier(AccessLog log, SampleTimes times) {
        this.log = log;
        this.times = times;
        cells = new Cells(log);
        log.patterns().forEach(p -> tallies.put(p.name(), new Tally(p.name())));
        recordedOfPlace = new double[log.places().size()];
        touchedOfPlace = new double[log.places().size()];
    }

    /**
     * Scores a trace of one process, the generator's.
     *
     * @throws TraceFormatException if the trace's times are not of the clock of the log
     */
    public static Certificate certify(TraceSource trace, AccessLog log) throws IOException {
        if (trace.manifest().clock != Manifest.ClockKind.MONOTONIC) {
            throw new TraceFormatException(
                    trace.name(), "", "its times are not of CLOCK_MONOTONIC, unlike those of the generator's log");
        }
        Certifier c = new Certifier(log, SampleTimes.of(trace));
        long windowUs = trace.manifest().attrs.sampleUs();
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL.columns(Snapshot.HAS_REFERENCED))) {
            Snapshot s = new Snapshot();
            Snapshot gap = new Snapshot();
            long untilNs = Long.MAX_VALUE;
            while (cursor.next(s)) {
                if (s.scheme == Snapshot.NO_SCHEME && s.endNs > s.startNs) {
                    long windowNs = Math.min(windowUs, s.sampleUs) * 1000;
                    if (lacks(untilNs, s, gap)) {
                        c.judge(gap, windowNs);
                    }
                    c.judge(s, windowNs);
                    untilNs = untilNs == Long.MAX_VALUE ? s.endNs : Math.max(untilNs, s.endNs);
                }
            }
        }
        List<Score> scores = new ArrayList<>();
        c.tallies.values().forEach(t -> scores.add(t.score()));
        return new Certificate(scores, c.overall.score());
    }

    /** Whether a snapshot is missing before this one: one that has nothing of what was touched meanwhile. */
    private static boolean lacks(long untilNs, Snapshot s, Snapshot missing) {
        if (s.startNs - untilNs <= (s.endNs - s.startNs) / 2 || untilNs == Long.MAX_VALUE) {
            return false;
        }
        missing.clear();
        missing.target = s.target;
        missing.startNs = untilNs;
        missing.endNs = s.startNs;
        missing.sampleUs = s.sampleUs;
        missing.aggrUs = (s.startNs - untilNs) / 1000;
        missing.columns = s.columns;
        return true;
    }

    private void judge(Snapshot s, long windowNs) {
        AccessLog.Pattern only = null;
        int patterns = 0;
        for (AccessLog.Pattern p : log.patterns()) {
            if (p.fromNs() < s.endNs && p.toNs() > s.startNs) {
                only = p;
                patterns++;
            }
        }
        // Before it begins the generator writes all of its memory once, which is not an access of a pattern.
        if (patterns == 0 || s.startNs < log.beginNs()) {
            return;
        }
        List<Tally> into = patterns == 1 ? List.of(overall, tallies.get(only.name())) : List.of(overall);
        double seconds = (s.endNs - s.startNs) / 1e9;
        boolean referenced = s.has(Snapshot.HAS_REFERENCED);
        List<Window> samples = times.of(s, windowNs);
        // Without referenced bytes a working set is what was touched within an aggregation.
        cells.look(referenced ? samples : Window.spread(s.startNs, s.endNs, s.endNs - s.startNs, 1));
        double recorded = 0;
        for (AccessLog.Place p : log.places()) {
            recorded += workingSet(s, p, referenced);
        }
        for (Tally t : into) {
            t.snapshot(seconds, recorded, cells.leastBytes(), cells.mostBytes());
        }
        if (!referenced) {
            cells.look(samples);
        }
        judgeHeat(s, seconds, into);
    }

    private static double workingSet(Snapshot s, AccessLog.Place place, boolean referenced) {
        double bytes = 0;
        for (int i = 0; i < s.regions; i++) {
            double common = Recorded.common(s, i, place.start(), place.end());
            if (common > 0 && s.isAccessed(i)) {
                bytes += referenced ? s.referencedMean[i] * (common / (s.end[i] - s.start[i])) : common;
            }
        }
        return bytes;
    }

    private void judgeHeat(Snapshot s, double seconds, List<Tally> into) {
        Arrays.fill(recordedOfPlace, 0);
        Arrays.fill(touchedOfPlace, 0);
        double[] covered = new double[cells.cells.size()];
        for (int i = 0; i < s.regions; i++) {
            double r = Recorded.heat(s, i);
            double bytes = 0;
            double hot = 0;
            for (int c = 0; c < covered.length; c++) {
                Cells.Cell cell = cells.cells.get(c);
                double common = Recorded.common(s, i, cell.start(), cell.end());
                if (common > 0) {
                    covered[c] += common;
                    bytes += common;
                    hot += common * cells.heat(cell, r);
                    add(cell, common * seconds, r, into);
                }
            }
            if (hot > 0) {
                double best = best(s, i, r, hot / bytes);
                for (Tally t : into) {
                    t.region(best * seconds, hot * seconds);
                }
            }
        }
        for (int c = 0; c < covered.length; c++) {
            Cells.Cell cell = cells.cells.get(c);
            double missing = Math.max(0, cell.end() - cell.start() - covered[c]);
            double hot = missing * cells.heat(cell, 0) * seconds;
            add(cell, missing * seconds, 0, into);
            for (Tally t : into) {
                t.region(hot, hot);
            }
        }
        for (int p = 0; p < recordedOfPlace.length; p++) {
            for (Tally t : into) {
                t.place(recordedOfPlace[p], touchedOfPlace[p]);
            }
        }
    }

    /** What a region has in common with the truth when it has the mean heat, in bytes. */
    private double best(Snapshot s, int i, double recorded, double mean) {
        double best = 0;
        for (Cells.Cell cell : cells.cells) {
            double common = Recorded.common(s, i, cell.start(), cell.end());
            if (common > 0) {
                double reach = cells.reach(cell);
                best += common * reach * Math.min(mean, cells.heat(cell, recorded) / reach);
            }
        }
        return best;
    }

    private void add(Cells.Cell cell, double byteSeconds, double recordedHeat, List<Tally> into) {
        double heat = cells.heat(cell, recordedHeat);
        double reach = cells.reach(cell);
        recordedOfPlace[cell.place()] += byteSeconds * recordedHeat;
        touchedOfPlace[cell.place()] += byteSeconds * heat;
        for (Tally t : into) {
            t.bytes(byteSeconds * reach, recordedHeat, heat / reach);
            t.bytes(byteSeconds * (1 - reach), recordedHeat, 0);
        }
    }
}
