package org.damson.analyzer.render.text;

import java.util.List;
import org.damson.analyzer.compare.CompareResult;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.heatmap.HeatmapResult;
import org.damson.analyzer.render.table.WorkingSetTable;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.analyzer.workingset.WrittenShare;
import org.damson.model.Units;

/** Reports for a terminal. Every method gives whole lines, the last one ended. */
public final class TextReports {
    private static final int BAR = 50;

    // 256-colour codes, cold to hot, background and a foreground readable on it.
    private static final int[] BACKGROUND = {17, 18, 54, 90, 126, 162, 202, 208, 214, 226};
    private static final int[] FOREGROUND = {251, 253, 255, 255, 255, 255, 16, 16, 16, 16};

    private TextReports() {}

    /** Working-set percentiles with bars. */
    public static String workingSet(WorkingSetResult r, boolean byTime, List<Integer> points) {
        StringBuilder b = new StringBuilder();
        for (WorkingSetResult.Series s : r.targets()) {
            series(b, s, byTime, points);
            WrittenShare written = r.written().get(s.label());
            if (written != null) {
                b.append("# ").append(written.text()).append('\n');
            }
        }
        if (r.targets().size() > 1) {
            series(b, r.total(), byTime, points);
        }
        if (r.targets().isEmpty()) {
            return b.append("no snapshots\n").toString();
        }
        b.append("# ").append(WorkingSetTable.note(r)).append('\n');
        if (r.lostRegions() != 0 || r.incomplete() != 0) {
            b.append("# incomplete: ")
                    .append(Units.count(r.lostRegions(), "region"))
                    .append(" lost in ")
                    .append(Units.count(r.incomplete(), "snapshot"))
                    .append("; sizes are too small by that\n");
        }
        return b.toString();
    }

    private static void series(StringBuilder b, WorkingSetResult.Series s, boolean byTime, List<Integer> points) {
        b.append("# ")
                .append(s.label())
                .append(": ")
                .append(Units.count(s.length(), "snapshot"))
                .append(", mean ");
        b.append(Units.bytes(Math.round(s.mean()))).append('\n');
        b.append(byTime ? "# % of time" : "# percentile").append("   working set\n");
        long max = 1;
        for (int p : points) {
            max = Math.max(max, s.at(p, byTime));
        }
        for (int p : points) {
            long v = s.at(p, byTime);
            int stars = (int) Math.round((double) v / max * BAR);
            b.append(String.format(
                    Units.NUMBERS,
                    "%12d %13s |%s%s|\n",
                    p,
                    Units.bytes(v),
                    "*".repeat(stars),
                    " ".repeat(BAR - stars)));
        }
    }

    /** Heatmap: time to the right, addresses upwards; with colours as ANSI escapes, or digits alone. */
    public static String heatmap(HeatmapResult r, boolean colour) {
        StringBuilder b = new StringBuilder();
        if (r.areas().isEmpty()) {
            return "no regions\n";
        }
        double max = r.maxHeat();
        int width = 2;
        for (int row = 0; row < r.rows(); row++) {
            width = Math.max(width, Units.address(r.address(row)).length());
        }
        for (int row = r.rows() - 1; row >= 0; row--) {
            b.append(String.format(Units.NUMBERS, "%" + width + "s ", Units.address(r.address(row))));
            cells(b, r, row, max, colour);
            b.append('\n');
        }
        timeAxis(b, r, width + 1);
        legend(b, r, max, colour);
        return b.toString();
    }

    private static void cells(StringBuilder b, HeatmapResult r, int row, double max, boolean colour) {
        int current = Integer.MIN_VALUE;
        for (int col = 0; col < r.cols(); col++) {
            int level = level(r.cell(col, row), max);
            if (colour && level != current) {
                b.append(escape(level));
                current = level;
            }
            b.append(level < 0 ? '-' : (char) ('0' + level));
        }
        if (colour) {
            b.append("\033[0m");
        }
    }

    private static String escape(int level) {
        return level < 0 ? "\033[0m" : "\033[48;5;" + BACKGROUND[level] + "m\033[38;5;" + FOREGROUND[level] + "m";
    }

    /** 0 = no access at all, 1..9 equal steps up to the greatest heat of the map, -1 = not monitored. */
    static int level(double heat, double max) {
        if (Double.isNaN(heat)) {
            return -1;
        }
        return heat <= 0 ? 0 : (int) Math.max(1, Math.min(9, Math.ceil(heat / max * 9 - 1e-9)));
    }

    private static void timeAxis(StringBuilder b, HeatmapResult r, int indent) {
        StringBuilder ticks = new StringBuilder();
        StringBuilder labels = new StringBuilder();
        double seconds = Math.max(1e-9, (r.toNs() - r.fromNs()) / 1e9);
        double step = Ticks.decimal(seconds, Math.max(1, r.cols() / 12));
        for (int i = 0; i * step < seconds; i++) {
            int col = (int) (i * step / seconds * r.cols());
            pad(ticks, col).append('|');
            pad(labels, col).append(Ticks.number(i * step, step)).append(" s");
        }
        pad(b, b.length() + indent).append(ticks).append('\n');
        pad(b, b.length() + indent).append(labels).append('\n');
    }

    private static StringBuilder pad(StringBuilder b, int length) {
        while (b.length() < length) {
            b.append(' ');
        }
        return b;
    }

    private static void legend(StringBuilder b, HeatmapResult r, double max, boolean colour) {
        b.append("# heat: ");
        for (int level = 0; level <= 9; level++) {
            b.append(colour ? escape(level) : "").append(level);
        }
        b.append(colour ? "\033[0m" : "");
        b.append(String.format(
                Units.NUMBERS,
                "  0 = no access seen, 9 = %.3g %% of %s, - = not monitored\n",
                max * 100,
                r.referenced() ? "the bytes in every sample" : "samples"));
        b.append("# x-axis: time, ").append(Units.duration(r.toNs() - r.fromNs()));
        b.append(", ")
                .append(Units.duration((r.toNs() - r.fromNs()) / r.cols()))
                .append(" per column\n");
        b.append("# y-axis: address, ").append(Units.bytes(Math.round(r.totalBytes())));
        b.append(", ")
                .append(Units.bytes(Math.round(r.totalBytes() / r.rows())))
                .append(" per row\n");
        areas(b, r);
        leftOut(b, r);
        if (r.usedAges()) {
            b.append("# between snapshots: by the ages of the next one\n");
        }
        if (r.lostRegions() > 0) {
            b.append("# incomplete: ")
                    .append(Units.count(r.lostRegions(), "region", "was"))
                    .append(" lost\n");
        }
    }

    private static void leftOut(StringBuilder b, HeatmapResult r) {
        if (r.leftOutBytes() >= 1) {
            b.append("# left out: ").append(Units.bytes(Math.round(r.leftOutBytes())));
            b.append(" of this area with next to no access; --scope hottest shows it, --scope all every area\n");
        }
    }

    private static void areas(StringBuilder b, HeatmapResult r) {
        Area before = null;
        int shown = 0;
        for (Area a : r.areas()) {
            if (++shown > 16) {
                b.append("#   and ").append(r.areas().size() - 16).append(" more areas\n");
                return;
            }
            if (before != null && before.key().equals(a.key())) {
                b.append("#   gap of ").append(size(a.start() - before.end())).append(" left out\n");
            }
            b.append("#   [").append(Units.address(a.start())).append(", ").append(Units.address(a.end()));
            b.append(") ")
                    .append(size(a.sizeBytes()))
                    .append(" of ")
                    .append(a.key().label())
                    .append('\n');
            before = a;
        }
    }

    static String size(long unsigned) {
        return unsigned >= 0 ? Units.bytes(unsigned) : "more than 8 EiB";
    }

    /** Content of a trace. */
    public static String guide(GuideResult r) {
        StringBuilder b = new StringBuilder();
        for (GuideResult.Target t : r.targets()) {
            double seconds = Math.max(1e-9, t.heatSeconds());
            b.append(t.key().label()).append('\n');
            b.append(String.format(
                    Units.NUMBERS,
                    "  time       %.6f s to %.6f s (%s)\n",
                    t.startNs() / 1e9,
                    t.endNs() / 1e9,
                    Units.duration(t.endNs() - t.startNs())));
            b.append("  snapshots  ").append(Units.count(t.snapshots())).append(", regions ");
            b.append(Units.count(t.regions()));
            b.append(t.lostRegions() > 0 ? ", lost " + Units.count(t.lostRegions()) : "")
                    .append('\n');
            b.append("  areas      ").append(t.areas().size()).append(", ");
            b.append(Units.bytes(Math.round(t.sizeBytes()))).append(", hot on average ");
            b.append(Units.bytes(Math.round(t.meanHotBytes()))).append('\n');
            for (Area a : t.areas()) {
                double heat = a.heatByteSeconds() / seconds / Scan.bytes(a.sizeBytes());
                b.append(String.format(
                        Units.NUMBERS,
                        "    %18s - %-18s %14s  heat %6.2f %%\n",
                        Units.address(a.start()),
                        Units.address(a.end()),
                        size(a.sizeBytes()),
                        heat * 100));
            }
        }
        return r.targets().isEmpty() ? "no snapshots\n" : b.toString();
    }

    /** Differences between two traces. */
    public static String compare(CompareResult r) {
        StringBuilder b = new StringBuilder();
        b.append("# percentile   working set A   working set B       B less A  (95 % confidence interval)\n");
        for (CompareResult.Size size : r.sizes()) {
            b.append(String.format(
                    Units.NUMBERS,
                    "%12s %15s %15s %14s%s\n",
                    size.isMean() ? "mean" : String.format(Units.NUMBERS, "%.0f", size.percent()),
                    known(size.aBytes()),
                    known(size.bBytes()),
                    signed(size.differenceBytes()),
                    Double.isNaN(size.differenceLowBytes())
                            ? ""
                            : "  (" + signed(size.differenceLowBytes()) + " to " + signed(size.differenceHighBytes())
                                    + ")"));
        }
        distance(b, "working-set distance", r.workingSet(), "0 = the same sizes for as long, 1 = nothing in common");
        if (r.hasNothingInCommon()) {
            b.append(String.format(
                    Units.NUMBERS,
                    "%-22s nothing in common: no accessed memory of one trace is in the other\n",
                    "pattern distance"));
        } else {
            distance(
                    b,
                    "pattern distance",
                    r.pattern(),
                    "0 = same heat at the same places and times, 1 = none in common");
            line(b, "heat distance", r.heatDistance(), "mean difference of heat over mapped memory, 0..1");
            line(b, "correlation", r.correlation(), "of heat, -1..1");
        }
        line(b, "total heat difference", r.totalHeatDifference(), "of bytes hot on average, over the greater");
        line(b, "mapped heat", r.mappedHeat(), "share of heat in areas found in both traces");
        b.append("# ")
                .append(Units.count(r.pairs().size(), "area"))
                .append(" mapped; B lags by ")
                .append(r.lagSlices());
        b.append(" of ").append(r.options().slices()).append(" time slices\n");
        b.append("verdict: ").append(r.explanation()).append('\n');
        return b.toString();
    }

    private static String known(double bytes) {
        return Double.isNaN(bytes) ? "n/a" : Units.bytes(Math.round(bytes));
    }

    private static String signed(double bytes) {
        return Double.isNaN(bytes) ? "n/a" : (bytes < 0 ? "-" : "+") + Units.bytes(Math.round(Math.abs(bytes)));
    }

    private static void distance(StringBuilder b, String name, CompareResult.Distance d, String meaning) {
        String interval =
                Double.isNaN(d.low()) ? "" : String.format(Units.NUMBERS, "95 %%: %.3f to %.3f; ", d.low(), d.high());
        line(b, name, d.value(), interval + meaning);
    }

    private static void line(StringBuilder b, String name, double v, String meaning) {
        String value = Double.isNaN(v) ? "-" : String.format(Units.NUMBERS, "%.3f", v);
        b.append(String.format(Units.NUMBERS, "%-22s %6s  (%s)\n", name, value, meaning));
    }
}
