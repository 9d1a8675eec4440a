package org.damson.analyzer.heatmap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.scan.TargetKey;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * All areas of a trace on one axis of addresses that is linear in pieces: parts that next to nothing is accessed of take
 * little of it, but are there.
 *
 * @param lanes in the order of rows; ascending by address within a target
 * @param rows a power of two
 * @param leftOut areas without a lane: there are more of them than an axis can show
 * @param leftOutBytes their bytes
 * @param leftOutHeatShare their share of all heat, 0..1
 */
public record TileLayout(List<Lane> lanes, int rows, int leftOut, double leftOutBytes, double leftOutHeatShare) {
    /**
     * Contiguous addresses on contiguous rows; all of them of one size.
     *
     * @param end one past the last address, unsigned; 0 is the end of the address space
     * @param firstRow a multiple of {@link #UNIT}, as is {@code rows}
     * @param isUsed whether the part is drawn at its full size
     */
    public record Lane(TargetKey key, long start, long end, int firstRow, int rows, boolean isUsed) {
        /** Unsigned. */
        public long sizeBytes() {
            return end - start;
        }
    }

    /** Lanes begin at multiples of this, so that rows joined up to eight to one are of one lane. */
    static final int UNIT = 8;

    private static final int MAX_ROWS = 1024;
    private static final int MIN_ROWS = 128;
    private static final int MAX_AREAS = 32;
    private static final int MAX_PARTS = 56;
    private static final int STEPS = 8192;
    private static final long PAGE = 4096;

    /** Share of the axis that what is hardly accessed takes at most. */
    private static final double UNUSED_SHARE = 0.15;

    /** Less than this share of an area is not worth another scale. */
    private static final double WORTH = 0.25;

    private record Part(Area area, boolean isUsed) {}

    /** Empty if nothing was monitored. */
    public static TileLayout of(TraceSource source, TraceQuery query, GuideResult guide) throws IOException {
        List<Area> all = new ArrayList<>();
        for (GuideResult.Target t : guide.targets()) {
            all.addAll(Heatmap.neighbourhoods(t.areas()));
        }
        List<Area> areas = chosen(all);
        List<Part> parts = areas.isEmpty() ? List.of() : parts(source, query, guide, areas);
        if (parts.size() > MAX_PARTS) {
            parts = areas.stream().map(a -> new Part(a, true)).toList();
        }
        double bytes = 0;
        double heat = 0;
        double allHeat = 0;
        for (Area a : all) {
            bytes += Scan.bytes(a.sizeBytes());
            allHeat += a.heatByteSeconds();
        }
        for (Area a : areas) {
            bytes -= Scan.bytes(a.sizeBytes());
            heat += a.heatByteSeconds();
        }
        int rows = rows(parts);
        return new TileLayout(
                lanes(parts, rows),
                rows,
                all.size() - areas.size(),
                Math.max(0, bytes),
                allHeat <= 0 ? 0 : Math.max(0, 1 - heat / allHeat));
    }

    /** The hottest areas, then the largest, in their order. */
    private static List<Area> chosen(List<Area> all) {
        if (all.size() <= MAX_AREAS) {
            return all;
        }
        Set<Area> best = all.stream()
                .sorted(Comparator.comparingDouble(Area::heatByteSeconds)
                        .thenComparingDouble(a -> Scan.bytes(a.sizeBytes()))
                        .reversed())
                .limit(MAX_AREAS)
                .collect(Collectors.toSet());
        return all.stream().filter(best::contains).toList();
    }

    private static int rows(List<Part> parts) {
        double pages = 0;
        for (Part p : parts) {
            pages += Math.ceil(Scan.bytes(p.area().sizeBytes()) / PAGE);
        }
        int rows = MIN_ROWS;
        while (rows < MAX_ROWS && (rows < pages || rows < 2 * UNIT * parts.size())) {
            rows *= 2;
        }
        return rows;
    }

    private static List<Part> parts(TraceSource source, TraceQuery query, GuideResult guide, List<Area> areas)
            throws IOException {
        double total =
                areas.stream().mapToDouble(a -> Scan.bytes(a.sizeBytes())).sum();
        int[] steps = new int[areas.size()];
        int rows = 0;
        Layout layout = new Layout();
        for (int i = 0; i < steps.length; i++) {
            double bytes = Scan.bytes(areas.get(i).sizeBytes());
            steps[i] = (int) Math.max(1, Math.min(bytes / PAGE, STEPS * bytes / total));
            rows += steps[i];
            layout.add(areas.get(i), steps[i]);
        }
        long fromNs = guide.startNs();
        long toNs = guide.endNs();
        double[] heat =
                Heatmap.grid(source, query, layout, fromNs, toNs, 1, rows).means();
        double least = UsedParts.least(heat);
        List<Part> parts = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < steps.length; i++) {
            boolean[] used = new boolean[steps[i]];
            for (int s = 0; s < used.length; s++) {
                used[s] = heat[at + s] > 0 && heat[at + s] >= least;
            }
            addParts(areas.get(i), used, parts);
            at += steps[i];
        }
        return parts;
    }

    /** Cuts an area where its use changes for long. */
    private static void addParts(Area area, boolean[] used, List<Part> parts) {
        int margin = Math.max(1, used.length / 128);
        boolean[] wide = new boolean[used.length];
        int count = 0;
        for (int s = 0; s < used.length; s++) {
            for (int k = Math.max(0, s - margin); used[s] && k <= Math.min(used.length - 1, s + margin); k++) {
                count += wide[k] ? 0 : 1;
                wide[k] = true;
            }
        }
        if (count == 0 || count >= (1 - WORTH) * used.length) {
            parts.add(new Part(area, count > 0));
            return;
        }
        for (int from = 0; from < used.length; ) {
            int to = from + 1;
            while (to < used.length && wide[to] == wide[from]) {
                to++;
            }
            parts.add(new Part(
                    new Area(area.key(), address(area, from, used.length), address(area, to, used.length), 0),
                    wide[from]));
            from = to;
        }
    }

    private static long address(Area area, int step, int steps) {
        if (step == steps) {
            return area.end();
        }
        return area.start() + (long) (Scan.bytes(area.sizeBytes()) * step / steps) / PAGE * PAGE;
    }

    /** A unit of rows for each, the others by size, of what is not used by its magnitude. */
    private static List<Lane> lanes(List<Part> parts, int rows) {
        int n = parts.size();
        double[] weights = new double[n];
        double used = 0;
        double unused = 0;
        double unusedBytes = 0;
        for (int i = 0; i < n; i++) {
            double bytes = Scan.bytes(parts.get(i).area().sizeBytes());
            boolean isUsed = parts.get(i).isUsed();
            weights[i] = isUsed ? bytes : Math.log(2 + bytes / PAGE);
            used += isUsed ? bytes : 0;
            unused += isUsed ? 0 : weights[i];
            unusedBytes += isUsed ? 0 : bytes;
        }
        double share = used == 0 ? 1 : Math.min(UNUSED_SHARE, unusedBytes / (used + unusedBytes));
        int free = rows / UNIT - n;
        int[] units = new int[n];
        Integer[] byRest = new Integer[n];
        double[] rest = new double[n];
        int given = 0;
        for (int i = 0; i < n; i++) {
            double wanted =
                    free * (parts.get(i).isUsed() ? (1 - share) * weights[i] / used : share * weights[i] / unused);
            units[i] = 1 + (int) wanted;
            rest[i] = wanted - (int) wanted;
            byRest[i] = i;
            given += (int) wanted;
        }
        Arrays.sort(byRest, Comparator.comparingDouble(i -> -rest[i]));
        for (int i = 0; i < n && given < free; i++, given++) {
            units[byRest[i]]++;
        }
        List<Lane> lanes = new ArrayList<>();
        int row = 0;
        for (int i = 0; i < n; i++) {
            Area a = parts.get(i).area();
            lanes.add(new Lane(
                    a.key(),
                    a.start(),
                    a.end(),
                    row,
                    units[i] * UNIT,
                    parts.get(i).isUsed()));
            row += units[i] * UNIT;
        }
        return List.copyOf(lanes);
    }

    /** The same for sums: a unit of it is a row. */
    Layout layout() {
        Layout layout = new Layout();
        for (Lane l : lanes) {
            layout.add(new Area(l.key(), l.start(), l.end(), 0), l.rows());
        }
        return layout;
    }
}
