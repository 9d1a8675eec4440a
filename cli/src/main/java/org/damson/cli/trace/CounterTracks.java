package org.damson.cli.trace;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.damson.analyzer.heatmap.Heatmap;
import org.damson.analyzer.heatmap.HeatmapOptions;
import org.damson.analyzer.heatmap.HeatmapResult;
import org.damson.analyzer.workingset.WorkingSet;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.exchange.profile.CounterTrack;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/** What a trace says of memory over time as counters: working sets of targets, and the heat of equal parts of what is used. */
final class CounterTracks {
    /** Parts of the memory that a heatmap shows; a viewer draws one below the other. */
    private static final int PARTS = 16;

    private static final int MAX_COLUMNS = 480;
    private static final int MAX_TARGETS = 16;

    private CounterTracks() {}

    /** Empty for a trace without snapshots. */
    static List<CounterTrack> of(TraceSource trace, TraceQuery query) throws IOException {
        WorkingSetResult sizes = WorkingSet.compute(trace, query, WorkingSetOptions.DEFAULTS);
        if (sizes.total().length() == 0) {
            return List.of();
        }
        List<CounterTrack> tracks = new ArrayList<>();
        List<WorkingSetResult.Series> targets = sizes.targets();
        for (WorkingSetResult.Series s : targets.subList(0, Math.min(MAX_TARGETS, targets.size()))) {
            tracks.add(size("working set, " + s.label(), s));
        }
        if (targets.size() > 1) {
            tracks.add(size("working set, all targets", sizes.total()));
        }
        int columns = Math.min(MAX_COLUMNS, sizes.total().length());
        HeatmapResult map =
                Heatmap.compute(trace, query, new HeatmapOptions(columns, PARTS, HeatmapOptions.Scope.USED));
        for (int row = 0; row < map.rows() && !map.areas().isEmpty(); row++) {
            tracks.add(heat(map, row));
        }
        return tracks;
    }

    /** From the start of each snapshot on; not known where none tells. */
    private static CounterTrack size(String name, WorkingSetResult.Series s) {
        int n = s.length();
        long[] timesNs = new long[n + 1];
        double[] values = new double[n + 1];
        for (int i = 0; i < n; i++) {
            timesNs[i] = s.startNs(i);
            values[i] = s.size(i);
        }
        timesNs[n] = Math.max(timesNs[n - 1], s.endNs(n - 1));
        values[n] = values[n - 1];
        return new CounterTrack(name, true, timesNs, values);
    }

    private static CounterTrack heat(HeatmapResult map, int row) {
        long[] timesNs = new long[map.cols()];
        double[] percent = new double[map.cols()];
        Arrays.setAll(timesNs, map::timeNs);
        Arrays.setAll(percent, c -> 100 * map.cell(c, row));
        String part = Units.bytes((long) (map.totalBytes() / map.rows())) + " from " + Units.address(map.address(row));
        return new CounterTrack("heat in %, " + part, false, timesNs, percent);
    }
}
