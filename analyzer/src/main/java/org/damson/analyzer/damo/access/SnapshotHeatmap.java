package org.damson.analyzer.damo.access;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.damson.analyzer.damo.DamoRegion;
import org.damson.analyzer.damo.DamoText;
import org.damson.analyzer.damo.Num;
import org.damson.analyzer.damo.report.DamoColors;

/** One snapshot's temperatures as one line: a digit per column, gaps cut short. */
final class SnapshotHeatmap {
    private static final class Pixel {
        final Num start;
        Num end;
        final boolean isVoid;
        final Num temperature;

        Pixel(Num start, Num end, List<DamoRegion> regions, AccessOptions o) {
            this.start = start;
            this.end = end;
            Num heat = Num.ZERO;
            boolean untouched = true;
            for (DamoRegion r : regions) {
                if (r.end.compareTo(start) <= 0) {
                    continue;
                }
                if (end.compareTo(r.start) <= 0) {
                    break;
                }
                untouched = false;
                DamoRegion part = r.clippedTo(Num.max(r.start, start), Num.min(r.end, end));
                heat = heat.plus(o.temperature(part).times(part.size()));
            }
            isVoid = untouched;
            temperature = heat.over(end.minus(start));
        }
    }

    private SnapshotHeatmap() {}

    static String of(List<DamoRegion> found, AccessOptions o) {
        if (found.isEmpty()) {
            return "n/a (no region)";
        }
        List<DamoRegion> regions = new ArrayList<>(found);
        if (!o.compat) {
            regions.sort(Comparator.comparing(r -> r.start));
        }
        Num total = Num.ZERO;
        if (o.heatmapStatic) {
            total = regions.get(regions.size() - 1).end.minus(regions.get(0).start);
        } else {
            for (DamoRegion r : regions) {
                total = total.plus(r.size());
            }
        }
        Num unit = total.over(o.heatmapWidth);
        List<Pixel> pixels = pixels(regions, unit, o);
        Num min = null;
        Num max = null;
        for (Pixel p : pixels) {
            if (!p.isVoid) {
                min = min == null ? p.temperature : Num.min(min, p.temperature);
                max = max == null ? p.temperature : Num.max(max, p.temperature);
            }
        }
        if (min == null) {
            return "n/a (regions out of order)";
        }
        return dots(pixels, min, max, unit, o) + "\n# min/max temperatures: " + DamoText.nr(min, o.raw) + ", "
                + DamoText.nr(max, o.raw) + ", column size: " + DamoText.sz(unit, o.raw);
    }

    /**
     * Columns from the first region's start on. damo adds up a fraction of a byte per column, so that a last column of next to
     * nothing may appear; otherwise columns start at whole multiples.
     */
    private static List<Pixel> pixels(List<DamoRegion> regions, Num unit, AccessOptions o) {
        List<Pixel> pixels = new ArrayList<>();
        Num start = regions.get(0).start;
        Num last = regions.get(regions.size() - 1).end;
        // What is left of a column by rounding is not a column.
        Num sliver = o.compat ? Num.ZERO : unit.over(1 << 10);
        while (start.less(last.minus(sliver))) {
            Num end = start.plus(unit);
            Pixel p = new Pixel(start, end, regions, o);
            pixels.add(p);
            start = end;
            if (p.isVoid) {
                DamoRegion next = after(end, regions, o.compat);
                if (next == null) {
                    break;
                }
                start = o.compat ? next.start.floorOver(unit).times(unit) : next.start;
                p.end = start;
            }
        }
        return pixels;
    }

    private static DamoRegion after(Num address, List<DamoRegion> regions, boolean compat) {
        for (DamoRegion r : regions) {
            if (r.start.compareTo(address) > (compat ? 0 : -1)) {
                return r;
            }
        }
        return null;
    }

    private static String dots(List<Pixel> pixels, Num min, Num max, Num unit, AccessOptions o) {
        Num perLevel = max.minus(min).over(DamoColors.MAX_LEVEL);
        if (perLevel.signum() == 0) {
            perLevel = max.over(DamoColors.MAX_LEVEL);
        }
        if (perLevel.signum() == 0) {
            perLevel = Num.of(1);
        }
        StringBuilder b = new StringBuilder();
        for (Pixel p : pixels) {
            if (p.isVoid) {
                Num columns = p.end.minus(p.start).over(unit);
                if (!o.heatmapStatic && Num.of(4).less(columns)) {
                    b.append("[...]");
                } else {
                    b.append(".".repeat(Math.max(0, columns.toInt())));
                }
                continue;
            }
            int level = Math.min(
                    DamoColors.MAX_LEVEL,
                    p.temperature.minus(min).over(perLevel).toInt());
            b.append(DamoColors.colored(Integer.toString(level), o.heatmapColorset, level));
        }
        return b.toString();
    }
}
