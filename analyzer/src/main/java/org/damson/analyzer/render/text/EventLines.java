package org.damson.analyzer.render.text;

import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import org.damson.analyzer.objects.TraceEvents;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.text.Printable;

/** The events of a trace as lines: time in seconds of the trace's clock, name, fields. */
public record EventLines(Appendable out) implements TraceEvents.Visitor {
    /** Writes the events of these names; of others than regions only the query's time counts. */
    public static void write(TraceSource trace, TraceQuery query, Set<String> events, Appendable out)
            throws IOException {
        TraceEvents.each(trace, query, events, new EventLines(out));
    }

    private static String head(long timeNs, String event) {
        return String.format(Locale.ROOT, "%d.%06d %s ", timeNs / 1_000_000_000, timeNs % 1_000_000_000 / 1000, event);
    }

    private static String area(long start, long end) {
        long size = end - start; // unsigned
        return Units.address(start) + "-" + Units.address(end) + " (" + Units.bytes(size < 0 ? Long.MAX_VALUE : size)
                + ")";
    }

    private static String tuning(Batch b, int i) {
        return head(b.get(0, i), "damon_monitor_intervals_tune") + "kdamond " + b.get(1, i) + " sample "
                + Units.duration(b.get(2, i) * 1000) + " aggregation " + Units.duration(b.get(3, i) * 1000);
    }

    private static String scheme(Batch b, int i) {
        return head(b.get(0, i), "damos_before_apply") + "kdamond " + b.get(1, i) + " context " + b.get(2, i)
                + " scheme " + b.get(3, i) + " target " + Long.toUnsignedString(b.get(4, i)) + " "
                + area(b.get(5, i), b.get(6, i)) + " accesses " + b.get(7, i) + " age " + b.get(8, i);
    }

    private static String statistic(Batch b, int i) {
        return head(b.get(0, i), "damos_stat_after_apply_interval") + "kdamond " + b.get(1, i) + " context "
                + b.get(2, i) + " scheme " + b.get(3, i) + " " + Printable.line(b.text(4, i)) + " " + b.get(5, i);
    }

    private static String loss(Batch b, int i) {
        return head(b.get(0, i), "lost") + Printable.line(b.text(2, i)) + ": "
                + (b.get(3, i) < 0 ? "an unknown number of" : b.get(3, i)) + " " + Printable.line(b.text(4, i));
    }

    @Override
    public void regions(Snapshot s) throws IOException {
        String head = head(s.endNs, "damon_aggregated") + "target " + Long.toUnsignedString(s.target) + " region ";
        for (int i = 0; i < s.regions; i++) {
            out.append(head)
                    .append(Integer.toString(i))
                    .append('/')
                    .append(Integer.toString(s.regions))
                    .append(' ')
                    .append(area(s.start[i], s.end[i]))
                    .append(" accesses ")
                    .append(Integer.toString(s.nrAccesses[i]));
            if (s.has(Snapshot.HAS_AGE) && s.age[i] >= 0) {
                out.append(" age ").append(Integer.toString(s.age[i]));
            }
            out.append('\n');
        }
    }

    @Override
    public void row(String event, Table table, String timeColumn, Batch b, int i) throws IOException {
        out.append(
                switch (table) {
                    case TUNING -> tuning(b, i);
                    case SCHEMES -> scheme(b, i);
                    case SCHEME_STATS -> statistic(b, i);
                    default -> loss(b, i);
                });
        out.append('\n');
    }
}
