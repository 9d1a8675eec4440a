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

    /** A share of the steps around what is used stays, so that its borders are seen. */
    private static final int MARGINS = 128;

    /** Less than this share left out is not worth a picture with gaps. */
    private static final double WORTH = 0.25;

    private UsedParts() {}

    /** The used parts of {@code area}, or all of it. */
    static List<Area> of(TraceSource source, TraceQuery query, Area area, long fromNs, long toNs) throws IOException {
        if (Scan.bytes(area.sizeBytes()) < STEPS * 4096.0) {
            return List.of(area);
        }
        HeatGrid grid = Heatmap.grid(source, query, Layout.of(List.of(area)), fromNs, toNs, 1, STEPS);
        List<Area> parts = new ArrayList<>();
        double kept = 0;
        for (int[] range : ranges(grid.means())) {
            Area part = part(area, grid.heat, range[0], range[1]);
            parts.add(part);
            kept += Scan.bytes(part.sizeBytes());
        }
        return areWorth(parts.size(), kept, area) ? parts : List.of(area);
    }

    /** The used ones among steps with this heat, with a margin of unused ones, as half-open ranges. */
    static List<int[]> ranges(double[] heat) {
        int steps = heat.length;
        int margin = Math.max(1, steps / MARGINS);
        double least = least(heat);
        List<int[]> ranges = new ArrayList<>();
        for (int i = 0; i < steps; ) {
            if (!(heat[i] > 0 && heat[i] >= least)) {
                i++;
                continue;
            }
            int end = i + 1;
            for (int k = end; k < steps && k <= end + 2 * margin; k++) {
                end = heat[k] > 0 && heat[k] >= least ? k + 1 : end;
            }
            ranges.add(new int[] {Math.max(0, i - margin), Math.min(steps, end + margin)});
            i = end + 2 * margin;
        }
        return ranges;
    }

    /** Whether a picture shows parts of so many bytes instead of all of an area. */
    static boolean areWorth(int parts, double bytes, Area area) {
        return parts > 0 && bytes <= (1 - WORTH) * Scan.bytes(area.sizeBytes());
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
