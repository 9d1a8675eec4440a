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
import org.damson.model.summary.LongSum;

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

    /** Enough cells to separate used from unused parts of areas; traces of some seven million regions have them. */
    private static final int MIN_CELLS = 96;

    private static final long PAGE = 4096;

    /** Share of the axis that what is hardly accessed takes at most. */
    private static final double UNUSED_SHARE = 0.15;

    /** Less than this share of an area is not worth another scale. */
    private static final double WORTH = 0.25;

    private record Part(Area area, boolean isUsed) {}

    /** Empty if nothing was monitored. The guide is that of the same query. */
    public static TileLayout of(TraceSource source, TraceQuery query, GuideResult guide) throws IOException {
        return of(source, query, guide, MIN_CELLS);
    }

    /** @param leastCells cells of all areas without which what is used is told by steps instead */
    static TileLayout of(TraceSource source, TraceQuery query, GuideResult guide, int leastCells) throws IOException {
        List<Area> all = new ArrayList<>();
        for (GuideResult.Target t : guide.targets()) {
            all.addAll(Heatmap.neighbourhoods(t.areas()));
        }
        List<Area> areas = chosen(all);
        List<Part> parts = areas.isEmpty() ? List.of() : parts(source, query, guide, areas, leastCells);
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

    private static List<Part> parts(
            TraceSource source, TraceQuery query, GuideResult guide, List<Area> areas, int leastCells)
            throws IOException {
        List<Steps> steps = cells(source, query, guide, areas, leastCells);
        if (steps == null) {
            steps = steps(source, query, guide, areas);
        }
        double least = UsedParts.least(
                steps.stream().flatMapToDouble(s -> Arrays.stream(s.heat)).toArray());
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < areas.size(); i++) {
            Steps s = steps.get(i);
            boolean[] used = new boolean[s.heat.length];
            for (int k = 0; k < used.length; k++) {
                used[k] = s.heat[k] > 0 && s.heat[k] >= least;
            }
            addParts(areas.get(i), s.addresses, used, parts);
        }
        return parts;
    }

    /**
     * An area as it is looked at for what is used of it.
     *
     * @param addresses where steps begin, and the last one ends
     * @param heat of each over all of the time, NaN where nothing was monitored
     */
    private record Steps(long[] addresses, double[] heat) {}

    /** Steps that are the cells of a long trace; null if there are too few. */
    private static List<Steps> cells(
            TraceSource source, TraceQuery query, GuideResult guide, List<Area> areas, int leastCells)
            throws IOException {
        TraceCells cells = TraceCells.of(source, query, guide, 1, leastCells);
        List<Steps> steps = new ArrayList<>();
        int count = 0;
        for (Area a : cells == null ? List.<Area>of() : areas) {
            TraceCells.Lane lane = cells.lane(a);
            if (lane == null) {
                return null;
            }
            Steps s = new Steps(new long[(int) lane.length() + 1], new double[(int) lane.length()]);
            Arrays.setAll(s.addresses, k -> lane.address(lane.first() + k));
            for (int k = 0; k < s.heat.length; k++) {
                LongSum heat = new LongSum();
                LongSum cover = new LongSum();
                cells.add(lane, lane.first() + k, 0, cells.cols(), heat, cover);
                s.heat[k] = TraceCells.mean(heat, cover);
            }
            steps.add(s);
            count += s.heat.length;
        }
        return count < leastCells ? null : steps;
    }

    /** Fine steps, by a pass over the trace. */
    private static List<Steps> steps(TraceSource source, TraceQuery query, GuideResult guide, List<Area> areas)
            throws IOException {
        double total =
                areas.stream().mapToDouble(a -> Scan.bytes(a.sizeBytes())).sum();
        int[] counts = new int[areas.size()];
        int rows = 0;
        Layout layout = new Layout();
        for (int i = 0; i < counts.length; i++) {
            double bytes = Scan.bytes(areas.get(i).sizeBytes());
            counts[i] = (int) Math.max(1, Math.min(bytes / PAGE, STEPS * bytes / total));
            rows += counts[i];
            layout.add(areas.get(i), counts[i]);
        }
        double[] heat = Heatmap.grid(source, query, layout, guide.startNs(), guide.endNs(), 1, rows)
                .means();
        List<Steps> steps = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < counts.length; i++) {
            Area area = areas.get(i);
            int n = counts[i];
            long[] addresses = new long[n + 1];
            Arrays.setAll(addresses, step -> address(area, step, n));
            steps.add(new Steps(addresses, Arrays.copyOfRange(heat, at, at + n)));
            at += n;
        }
        return steps;
    }

    /** Cuts an area where its use changes for long. */
    private static void addParts(Area area, long[] addresses, boolean[] used, List<Part> parts) {
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
            parts.add(new Part(new Area(area.key(), addresses[from], addresses[to], 0), wide[from]));
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
