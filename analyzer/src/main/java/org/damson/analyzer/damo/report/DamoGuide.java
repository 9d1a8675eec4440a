package org.damson.analyzer.damo.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.damo.DamoIntervals;
import org.damson.analyzer.damo.DamoRecord;
import org.damson.analyzer.damo.DamoRegion;
import org.damson.analyzer.damo.DamoSnapshot;
import org.damson.analyzer.damo.DamoText;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.Num;

/** {@code damo report record_info}, the guide to heatmaps: when and where there is something to see. */
public final class DamoGuide {
    /** A contiguous area and its heat, bytes × nr_accesses; null if nothing touched it. */
    static final class Area {
        final Num start;
        final Num end;
        Num heats;

        Area(Num start, Num end) {
            this.start = start;
            this.end = end;
        }

        double heatPerByte() {
            return heats == null ? 0 : heats.toDouble() / end.minus(start).toDouble();
        }
    }

    private record Span(Num from, Num to) {}

    final DamoRecord of;
    Num startTime;
    Num endTime;
    private Num lowest;
    private Num highest;
    private List<Span> gaps = new ArrayList<>();
    final List<Area> areas = new ArrayList<>();

    private DamoGuide(DamoRecord of) {
        this.of = of;
    }

    /** What damo prints, with the last line's end. */
    public static String report(DamoTrace trace, boolean raw, boolean compat) throws IOException {
        StringBuilder b = new StringBuilder();
        for (DamoGuide g : of(trace.records, compat)) {
            b.append(g.text(raw)).append('\n');
        }
        return b.toString();
    }

    /** Guides of the records, the one with the most space first. */
    static List<DamoGuide> of(List<DamoRecord> records, boolean compat) throws IOException {
        Map<String, DamoGuide> guides = new LinkedHashMap<>();
        for (DamoRecord record : records) {
            record.forEach(s -> guides.computeIfAbsent(key(record), k -> new DamoGuide(record))
                    .learn(s, record, compat));
        }
        for (DamoGuide g : guides.values()) {
            g.cut();
            for (DamoRecord record : records) {
                if (key(record).equals(key(g.of))) {
                    record.forEach(g::heat);
                }
            }
        }
        List<DamoGuide> sorted = new ArrayList<>(guides.values());
        sorted.sort(Comparator.comparing(DamoGuide::totalSpace).reversed());
        return sorted;
    }

    private static String key(DamoRecord r) {
        return DamoRecord.none(r.kdamond) + " " + DamoRecord.none(r.context) + " " + DamoRecord.none(r.scheme) + " "
                + DamoRecord.none(r.target);
    }

    private void learn(DamoSnapshot s, DamoRecord record, boolean compat) {
        if (startTime == null) {
            startTime = oldest(s, record.intervals);
        }
        endTime = s.end;
        Num last = null;
        List<Span> found = new ArrayList<>();
        for (DamoRegion r : s.regions) {
            if (isUnset(lowest, compat) || r.start.less(lowest)) {
                lowest = r.start;
            }
            if (isUnset(highest, compat) || highest.less(r.end)) {
                highest = r.end;
            }
            if (!isUnset(last, compat) && !last.equals(r.start)) {
                found.add(new Span(last, r.start));
            }
            last = r.end;
        }
        gaps = gaps.isEmpty() ? found : compat ? overlapping(gaps, found) : common(gaps, found);
    }

    /** To damo, address 0 is not an address. */
    private static boolean isUnset(Num address, boolean compat) {
        return address == null || compat && address.signum() == 0;
    }

    private static Num oldest(DamoSnapshot s, DamoIntervals intervals) {
        if (intervals == null) {
            return s.start;
        }
        Num longest = Num.ZERO;
        for (DamoRegion r : s.regions) {
            if (r.age != null) {
                longest = Num.max(longest, r.age);
            }
        }
        return s.start.minus(longest.times(intervals.aggr().times(1000)));
    }

    /** Every old gap shrunk by all new ones it touches; what touches none stays. */
    private static List<Span> overlapping(List<Span> old, List<Span> found) {
        List<Span> result = new ArrayList<>();
        for (Span gap : old) {
            Span g = gap;
            for (Span f : found) {
                if (!g.to().less(f.from()) && !f.to().less(g.from())) {
                    g = new Span(Num.max(g.from(), f.from()), Num.min(g.to(), f.to()));
                }
            }
            result.add(g);
        }
        return result;
    }

    /** What is a gap in both: a gap that a later snapshot covers is none. */
    private static List<Span> common(List<Span> old, List<Span> found) {
        List<Span> result = new ArrayList<>();
        for (Span g : old) {
            for (Span f : found) {
                Num from = Num.max(g.from(), f.from());
                Num to = Num.min(g.to(), f.to());
                if (from.less(to)) {
                    result.add(new Span(from, to));
                }
            }
        }
        return result;
    }

    private void cut() {
        Num from = lowest;
        for (Span gap : gaps) {
            areas.add(new Area(from, gap.from()));
            from = gap.to();
        }
        if (from != null) {
            areas.add(new Area(from, highest));
        }
    }

    private void heat(DamoSnapshot s) {
        for (DamoRegion r : s.regions) {
            if (r.samples.signum() == 0) {
                continue;
            }
            for (Area a : areas) {
                if (!r.end.less(a.start) && !a.end.less(r.start)) {
                    Num heat = r.size().times(r.samples);
                    a.heats = a.heats == null ? heat : a.heats.plus(heat);
                }
            }
        }
    }

    private Num totalSpace() {
        Num sum = Num.ZERO;
        for (Area a : areas) {
            sum = sum.plus(a.end.minus(a.start));
        }
        return sum;
    }

    /** The area with the most heat per byte. */
    Area hottest() {
        Area best = areas.get(0);
        for (Area a : areas) {
            if (a.heatPerByte() > best.heatPerByte()) {
                best = a;
            }
        }
        return best;
    }

    String text(boolean raw) {
        List<String> lines = new ArrayList<>();
        say(lines, "kdamond_idx", of.kdamond);
        say(lines, "context_idx", of.context);
        say(lines, "scheme_idx", of.scheme);
        say(lines, "target_id", of.target);
        lines.add("time: [" + DamoText.timeNs(startTime, raw) + ", " + DamoText.timeNs(endTime, raw) + ") ("
                + DamoText.timeNs(endTime.minus(startTime), raw) + ")");
        for (int i = 0; i < areas.size(); i++) {
            Area a = areas.get(i);
            lines.add("region\t" + DamoText.right(Integer.toString(i), 2) + ": [" + DamoText.szAccurate(a.start, raw)
                    + ", " + DamoText.szAccurate(a.end, raw) + ") (" + DamoText.sz(a.end.minus(a.start), raw) + ")");
        }
        return String.join("\n", lines);
    }

    private static void say(List<String> lines, String key, Num value) {
        if (value != null) {
            lines.add(key + ": " + value);
        }
    }
}
