package org.damson.analyzer.heatmap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** The parts of an area that a picture is about: without long stretches that next to nothing is accessed of. */
final class UsedParts {
    /** Steps of address that an area is looked at in. */
    private static final int STEPS = 2048;

    /** A step is used if its heat over time is at least this share of the hottest step's. */
    private static final double USED = 1.0 / 200;

    /** Unused steps around what is used stay, so that its borders are seen. */
    private static final int MARGIN = STEPS / 128;

    /** Less than this share left out is not worth a picture with gaps. */
    private static final double WORTH = 0.25;

    private UsedParts() {}

    /** The used parts of {@code area}, or all of it. */
    static List<Area> of(TraceSource source, TraceQuery query, Area area, long fromNs, long toNs) throws IOException {
        if (Scan.bytes(area.sizeBytes()) < STEPS * 4096.0) {
            return List.of(area);
        }
        HeatGrid grid = Heatmap.grid(source, query, Layout.of(List.of(area)), fromNs, toNs, 1, STEPS);
        double[] heat = grid.means();
        double least = least(heat);
        List<Area> parts = new ArrayList<>();
        double kept = 0;
        for (int i = 0; i < STEPS; ) {
            if (!(heat[i] > 0 && heat[i] >= least)) {
                i++;
                continue;
            }
            int end = i + 1;
            for (int k = end; k < STEPS && k <= end + 2 * MARGIN; k++) {
                end = heat[k] > 0 && heat[k] >= least ? k + 1 : end;
            }
            Area part = part(area, grid.heat, Math.max(0, i - MARGIN), Math.min(STEPS, end + MARGIN));
            parts.add(part);
            kept += Scan.bytes(part.sizeBytes());
            i = end + 2 * MARGIN;
        }
        boolean worth = !parts.isEmpty() && kept <= (1 - WORTH) * Scan.bytes(area.sizeBytes());
        return worth ? parts : List.of(area);
    }

    /** The heat from which on a step is used. */
    static double least(double[] heat) {
        double least = 0;
        for (double h : heat) {
            least = h > 0 ? Math.max(least, h * USED) : least;
        }
        return least;
    }

    /** The steps of an area from {@code from} to before {@code to}, with their share of its heat. */
    private static Area part(Area area, double[] heat, int from, int to) {
        double step = Scan.bytes(area.sizeBytes()) / STEPS;
        long start = area.start() + (long) (from * step) / 4096 * 4096;
        long end = to == STEPS ? area.end() : area.start() + (long) (to * step) / 4096 * 4096;
        double share = Arrays.stream(heat, from, to).sum() / Arrays.stream(heat).sum();
        return new Area(area.key(), start, end, area.heatByteSeconds() * share);
    }
}
