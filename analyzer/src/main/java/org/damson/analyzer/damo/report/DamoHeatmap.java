package org.damson.analyzer.damo.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.damo.DamoIntervals;
import org.damson.analyzer.damo.DamoRecord;
import org.damson.analyzer.damo.DamoRegion;
import org.damson.analyzer.damo.DamoSnapshot;
import org.damson.analyzer.damo.DamoText;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.DamoVersion;
import org.damson.analyzer.damo.Num;
import org.damson.analyzer.damo.UnfitTraceException;
import org.damson.analyzer.heatmap.HeatmapOptions;
import org.damson.analyzer.heatmap.HeatmapResult;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.TargetKey;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;

/** {@code damo report heatmap}: damo's own terminal picture and raw table. */
public final class DamoHeatmap {
    /** Options by damo's names; null where the guide decides. */
    public static final class Options {
        public boolean compat;
        public DamoVersion version = DamoVersion.USUAL;
        public boolean rawTable;
        public int timeResol = 40;
        public int addrResol = 80;
        /** Indices and id, null for the guide's. */
        public String kdamond;

        public String context;
        public String scheme;
        public String target;
        /** Two or three words: start, end, and a base. */
        public List<String> timeRange;

        public List<List<String>> addressRanges;
        public boolean allAreas;
        public boolean absTime;
        public boolean absAddr;
        public String colorset = "gray";
        public boolean skipColorExample;
        public boolean passedOnly;
        public boolean sortTemperature;
        public double[] temperatureWeights = {1.0, 1.0};
        /** Only what the ranges could be, in plain numbers or for people. */
        public boolean guide;

        public boolean guideHuman;
    }

    private final Options o;
    private final Num timeStart;
    private final Num timeUnit;
    private final Num addrStart;
    private final Num addrUnit;
    private final Num area;
    private final Num[][] heat;
    private boolean hz;

    private DamoHeatmap(Options options, Num[] times, Num[] addresses) {
        o = options;
        timeStart = times[0];
        addrStart = addresses[0];
        timeUnit = times[1].minus(times[0]).floorOver(Num.of(o.timeResol));
        addrUnit = addresses[1].minus(addresses[0]).floorOver(Num.of(o.addrResol));
        // Of ranges that end before they start damo draws nothing.
        boolean drawn = o.compat
                ? timeUnit.signum() != 0 && addrUnit.signum() != 0
                : timeUnit.signum() > 0 && addrUnit.signum() > 0;
        if (!drawn) {
            throw new InvalidInputException("the ranges are smaller than the resolution "
                    + o.timeResol + "x" + o.addrResol + ": " + times[1].minus(times[0]) + " ns, "
                    + addresses[1].minus(addresses[0]) + " bytes");
        }
        area = timeUnit.times(addrUnit);
        heat = new Num[o.timeResol][o.addrResol];
    }

    /**
     * What damo prints, with the last line's end.
     *
     * @throws InvalidInputException if options contradict the trace
     * @throws UnfitTraceException if there is nothing to draw
     */
    public static String report(DamoTrace trace, Options o) throws IOException {
        List<DamoRecord> all = trace.records;
        long known = all.stream().filter(r -> r.intervals != null).count();
        if (known != 0 && known != all.size()) {
            throw new InvalidInputException("Some records have intervals while some not.  Cannot proceed.");
        }
        if (o.guide || o.guideHuman) {
            return DamoGuide.report(trace, o.guide, o.compat);
        }
        DamoHeatmapChoice choice = DamoHeatmapChoice.of(trace, o);
        StringBuilder b = new StringBuilder();
        for (Num[] range : choice.addresses()) {
            b.append(picture(choice.records(), o, choice.times(), range)).append('\n');
        }
        return b.toString();
    }

    /**
     * The same for a picture: the ranges one above the other.
     *
     * @throws InvalidInputException if options contradict the trace
     * @throws UnfitTraceException if there is nothing to draw, or nothing known of intervals
     */
    public static HeatmapResult map(DamoTrace trace, Options o) throws IOException {
        DamoHeatmapChoice choice = DamoHeatmapChoice.of(trace, o);
        DamoIntervals intervals = choice.wanted().intervals;
        if (intervals == null) {
            throw new UnfitTraceException("a share of samples needs intervals, which the recording does not say");
        }
        TargetKey key = new TargetKey(
                orElse(choice.wanted().kdamond, 0),
                orElse(choice.wanted().context, 0),
                orElse(choice.wanted().scheme, Snapshot.NO_SCHEME),
                choice.wanted().target == null ? 0 : choice.wanted().target.toLong());
        List<DamoHeatmap> maps = new ArrayList<>();
        List<Area> areas = new ArrayList<>();
        List<Num> ends = new ArrayList<>();
        for (Num[] range : choice.addresses()) {
            DamoHeatmap map = new DamoHeatmap(o, choice.times(), range);
            map.add(choice.records());
            maps.add(map);
            Num end = map.addrStart.plus(map.addrUnit.times(o.addrResol));
            ends.add(end);
            areas.add(new Area(key, map.addrStart.toLong(), end.toLong(), 0));
        }
        HeatmapResult blank = new HeatmapResult(
                choice.times()[0].toLong(),
                choice.times()[0].plus(maps.get(0).timeUnit.times(o.timeResol)).toLong(),
                o.timeResol,
                o.addrResol * maps.size(),
                new double[o.timeResol * o.addrResol * maps.size()],
                areas,
                0,
                o.allAreas ? HeatmapOptions.Scope.ALL : HeatmapOptions.Scope.HOTTEST,
                false,
                intervals.sample().toLong(),
                intervals.aggr().toLong(),
                0,
                false,
                null,
                null);
        // An access frequency times the sampling interval is the share of samples.
        double seconds = intervals.sample().toDouble() / 1e6;
        for (int row = 0; row < blank.rows(); row++) {
            Num address = Num.unsigned(blank.address(row));
            int i = 0;
            while (i + 1 < maps.size() && (address.less(maps.get(i).addrStart) || !address.less(ends.get(i)))) {
                i++;
            }
            DamoHeatmap map = maps.get(i);
            int a = Math.max(0, index(address.minus(map.addrStart).over(map.addrUnit), o.addrResol - 1));
            for (int t = 0; t < o.timeResol; t++) {
                Num hz = map.heat[t][a];
                blank.heat()[row * blank.cols() + t] = hz == null ? Double.NaN : hz.toDouble() * seconds;
            }
        }
        return blank;
    }

    private static int orElse(Num known, int otherwise) {
        return known == null ? otherwise : known.toInt();
    }

    /** One range of times and addresses of some records, without the last line's end. */
    static String picture(List<DamoRecord> chosen, Options o, Num[] times, Num[] range) throws IOException {
        DamoHeatmap map = new DamoHeatmap(o, times, range);
        map.add(chosen);
        return o.rawTable ? map.table() : map.picture();
    }

    private void add(List<DamoRecord> records) throws IOException {
        DamoSnapshot[] last = new DamoSnapshot[1];
        for (DamoRecord record : records) {
            hz |= record.intervals != null;
            record.forEach(s -> {
                add(s, last[0], record.intervals);
                last[0] = s;
            });
        }
    }

    private void add(DamoSnapshot s, DamoSnapshot last, DamoIntervals intervals) {
        Num end = addrStart.plus(addrUnit.times(o.addrResol));
        Num aggrNs = intervals == null ? null : intervals.aggr().times(1000);
        Num aggrUs = intervals == null ? null : s.aggrUs(intervals);
        Num toTime = s.end.minus(timeStart).over(timeUnit);
        for (DamoRegion r : s.regions) {
            if (r.end.less(addrStart) || end.less(r.start)) {
                continue;
            }
            Num observed = aggrNs == null || r.age == null ? s.start : s.start.minus(r.age.times(aggrNs));
            Num from = last != null && observed.less(last.end) ? last.end : observed;
            Num value = intervals == null ? r.samples : r.hz(aggrUs);
            if (o.passedOnly) {
                value = value.times(r.filterPassed).over(r.size());
            }
            // Until 3.3.1 damo counted a region's whole history anew with every snapshot; since then where it knows
            // intervals.
            boolean isClipped = !o.compat || o.version.clipsAges() && intervals != null;
            Num counted = isClipped ? from : observed;
            int t1 = index(toTime, o.timeResol);
            int a1 = index(r.end.minus(addrStart).over(addrUnit), o.addrResol);
            int a0 = Math.max(0, index(r.start.minus(addrStart).over(addrUnit), o.addrResol));
            for (int t = Math.max(0, index(from.minus(timeStart).over(timeUnit), o.timeResol)); t <= t1; t++) {
                if (t >= o.timeResol) {
                    break;
                }
                for (int a = a0; a <= a1 && a < o.addrResol; a++) {
                    add(t, a, r, s, counted, value);
                }
            }
        }
    }

    /** Cut to a whole number, and into [-1, most]. */
    private static int index(Num n, int most) {
        Num whole = n.truncated();
        return whole.signum() < 0 ? -1 : Num.min(whole, Num.of(most)).toInt();
    }

    private void add(int t, int a, DamoRegion r, DamoSnapshot s, Num counted, Num value) {
        Num pixelTime = timeStart.plus(timeUnit.times(t)).truncated();
        Num pixelAddr = addrStart.plus(addrUnit.times(a)).truncated();
        Num time = Num.min(s.end, pixelTime.plus(timeUnit)).minus(Num.max(counted, pixelTime));
        Num size = Num.min(r.end, pixelAddr.plus(addrUnit)).minus(Num.max(r.start, pixelAddr));
        // Touching a pixel's border is not a sample of it, except to damo.
        if (!o.compat && (time.signum() <= 0 || size.signum() <= 0)) {
            return;
        }
        Num sum = value.times(time).times(size);
        Num old = heat[t][a] == null ? Num.ZERO : heat[t][a];
        heat[t][a] = Num.of(sum.plus(old.times(area)).toDouble()).over(area);
    }

    private Num[] extremes() {
        Num lowest = null;
        Num highest = null;
        for (Num[] row : heat) {
            for (Num h : row) {
                if (h != null) {
                    lowest = lowest == null ? h : Num.min(lowest, h);
                    highest = highest == null ? h : Num.max(highest, h);
                }
            }
        }
        return new Num[] {lowest, highest};
    }

    private String table() {
        List<String> lines = new ArrayList<>();
        for (int t = 0; t < o.timeResol; t++) {
            for (int a = 0; a < o.addrResol; a++) {
                Num time = timeStart.plus(timeUnit.times(t)).truncated();
                Num addr = addrStart.plus(addrUnit.times(a)).truncated();
                lines.add((o.absTime ? time : time.minus(timeStart)) + "\t"
                        + (o.absAddr ? addr : addr.minus(addrStart)) + "\t"
                        + (heat[t][a] == null ? "NaN" : heat[t][a]));
            }
        }
        return String.join("\n", lines);
    }

    private String picture() {
        List<String> lines = new ArrayList<>();
        Num[] extremes = extremes();
        if (extremes[0] != null) {
            // damo spreads the heats over one more than there are, so that its last level never shows.
            double spread = extremes[1].minus(extremes[0]).toDouble();
            double unit = o.compat
                    ? extremes[1].plus(Num.of(1)).minus(extremes[0]).toDouble() / DamoColors.MAX_LEVEL
                    : spread == 0 ? 1 : spread / (DamoColors.MAX_LEVEL + 1);
            for (Num[] row : heat) {
                lines.add(row(row, extremes[0], unit));
            }
        }
        if (!o.skipColorExample) {
            String range = extremes[0] == null
                    ? "no heat"
                    : Num.fixed(extremes[0].toDouble(), 3) + "-" + Num.fixed(extremes[1].toDouble(), 3) + " "
                            + (hz ? "hz" : "samples");
            lines.add("# access_frequency: " + DamoColors.samples(o.colorset) + " (" + range + ")");
        }
        Num space = addrUnit.times(o.addrResol);
        Num time = timeUnit.times(o.timeResol);
        lines.add("# x-axis: space [" + DamoText.szAccurate(addrStart, false) + ", "
                + DamoText.szAccurate(addrStart.plus(space), false) + ") (" + DamoText.sz(space, false) + ")");
        lines.add("# y-axis: time [" + DamoText.timeNs(timeStart, false) + ", "
                + DamoText.timeNs(timeStart.plus(time), false) + ") (" + DamoText.timeNs(time, false) + ")");
        lines.add("# resolution: " + o.addrResol + "x" + o.timeResol + " ("
                + DamoText.sz(Num.of(space.toDouble()).over(o.addrResol), false) + " and "
                + DamoText.timeNs(Num.of(time.toDouble()).over(o.timeResol), false) + " for each character)");
        return String.join("\n", lines);
    }

    private String row(Num[] row, Num lowest, double unit) {
        StringBuilder b = new StringBuilder();
        for (Num h : row) {
            if (h == null) {
                b.append(DamoColors.start(o.colorset, 4)).append(' ');
                continue;
            }
            int level = Math.min(DamoColors.MAX_LEVEL, (int) (h.minus(lowest).toDouble() / unit));
            b.append(DamoColors.start(o.colorset, level)).append(level);
        }
        return b.append(DamoColors.END).toString();
    }
}
