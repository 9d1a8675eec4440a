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
        return "kdamond " + get(b, i, "kdamond") + " sample " + Units.duration(get(b, i, "sample_us") * 1000)
                + " aggregation " + Units.duration(get(b, i, "aggr_us") * 1000);
    }

    private static String scheme(Batch b, int i) {
        return ofScheme(b, i) + " target " + Long.toUnsignedString(get(b, i, "target")) + " "
                + area(get(b, i, "start"), get(b, i, "end")) + " accesses " + get(b, i, "nr_accesses") + " age "
                + get(b, i, "age");
    }

    private static String statistic(Batch b, int i) {
        return ofScheme(b, i) + " " + text(b, i, "name") + " " + get(b, i, "value");
    }

    private static String ofScheme(Batch b, int i) {
        return "kdamond " + get(b, i, "kdamond") + " context " + get(b, i, "context") + " scheme "
                + get(b, i, "scheme");
    }

    private static String loss(Batch b, int i) {
        long count = get(b, i, "count");
        return text(b, i, "source") + ": " + (count < 0 ? "an unknown number of" : count) + " " + text(b, i, "cause");
    }

    private static long get(Batch b, int row, String column) {
        return b.get(b.table().indexOf(column), row);
    }

    private static String text(Batch b, int row, String column) {
        return Printable.line(b.text(b.table().indexOf(column), row));
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
        out.append(head(get(b, i, timeColumn), event));
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
