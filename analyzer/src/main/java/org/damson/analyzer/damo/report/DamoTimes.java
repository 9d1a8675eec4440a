package org.damson.analyzer.damo.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.damson.analyzer.damo.DamoRecord;
import org.damson.analyzer.damo.DamoRecordFilter;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.Num;

/** {@code damo report times}: when there were regions that pass the filters. */
public final class DamoTimes {
    /**
     * A time with such regions, of the recording's clock.
     *
     * @param fromNs start of its first snapshot
     * @param toNs end of its last
     */
    public record Interval(long fromNs, long toNs) {}

    private record Span(Num from, Num to) {}

    private DamoTimes() {}

    /** What damo prints, with the last line's end: its remark on the unit follows every interval. */
    public static String report(DamoTrace trace, DamoRecordFilter filter, boolean compat) throws IOException {
        StringBuilder b = new StringBuilder(compat ? "" : "# seconds of the recording's clock\n");
        for (Span s : spans(trace, filter, compat)) {
            b.append(seconds(s.from)).append('-').append(seconds(s.to)).append('\n');
            if (compat) {
                b.append("# (seconds)\n");
            }
        }
        return b.toString();
    }

    /** The same as numbers, in the order of time and apart from each other. */
    public static List<Interval> intervals(DamoTrace trace, DamoRecordFilter filter) throws IOException {
        return spans(trace, filter, false).stream()
                .map(s -> new Interval(s.from.toBig().longValue(), s.to.toBig().longValue()))
                .toList();
    }

    private static String seconds(Num ns) {
        return Num.fixed(ns.over(Num.of(1_000_000_000)).toDouble(), 6);
    }

    private static List<Span> spans(DamoTrace trace, DamoRecordFilter filter, boolean compat) throws IOException {
        List<Span> spans = new ArrayList<>();
        for (DamoRecord record : filter.apply(trace.records)) {
            record.forEach(s -> {
                if (!s.regions.isEmpty()) {
                    add(spans, new Span(s.start, s.end));
                }
            });
        }
        if (compat) {
            return spans;
        }
        // One target after the other: what overlaps is one time.
        List<Span> apart = new ArrayList<>();
        spans.sort(Comparator.comparing(Span::from));
        for (Span s : spans) {
            int last = apart.size() - 1;
            if (last < 0 || apart.get(last).to.less(s.from)) {
                apart.add(s);
            } else {
                apart.set(last, new Span(apart.get(last).from, Num.max(apart.get(last).to, s.to)));
            }
        }
        return apart;
    }

    /** What follows without a gap continues the interval before it. */
    private static void add(List<Span> spans, Span next) {
        int last = spans.size() - 1;
        if (last >= 0 && spans.get(last).to.equals(next.from)) {
            spans.set(last, new Span(spans.get(last).from, next.to));
        } else {
            spans.add(next);
        }
    }
}
