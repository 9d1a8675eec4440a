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
    private static final int TUNING_TIME_NS = Table.TUNING.indexOf("time_ns");
    private static final int TUNING_KDAMOND = Table.TUNING.indexOf("kdamond");
    private static final int TUNING_SAMPLE_US = Table.TUNING.indexOf("sample_us");
    private static final int TUNING_AGGR_US = Table.TUNING.indexOf("aggr_us");

    private static final int SCHEMES_TIME_NS = Table.SCHEMES.indexOf("time_ns");
    private static final int SCHEMES_KDAMOND = Table.SCHEMES.indexOf("kdamond");
    private static final int SCHEMES_CONTEXT = Table.SCHEMES.indexOf("context");
    private static final int SCHEMES_SCHEME = Table.SCHEMES.indexOf("scheme");
    private static final int SCHEMES_TARGET = Table.SCHEMES.indexOf("target");
    private static final int SCHEMES_START = Table.SCHEMES.indexOf("start");
    private static final int SCHEMES_END = Table.SCHEMES.indexOf("end");
    private static final int SCHEMES_NR_ACCESSES = Table.SCHEMES.indexOf("nr_accesses");
    private static final int SCHEMES_AGE = Table.SCHEMES.indexOf("age");

    private static final int STATS_TIME_NS = Table.SCHEME_STATS.indexOf("time_ns");
    private static final int STATS_KDAMOND = Table.SCHEME_STATS.indexOf("kdamond");
    private static final int STATS_CONTEXT = Table.SCHEME_STATS.indexOf("context");
    private static final int STATS_SCHEME = Table.SCHEME_STATS.indexOf("scheme");
    private static final int STATS_NAME = Table.SCHEME_STATS.indexOf("name");
    private static final int STATS_VALUE = Table.SCHEME_STATS.indexOf("value");

    private static final int LOSSES_FROM_NS = Table.LOSSES.indexOf("from_ns");
    private static final int LOSSES_SOURCE = Table.LOSSES.indexOf("source");
    private static final int LOSSES_COUNT = Table.LOSSES.indexOf("count");
    private static final int LOSSES_CAUSE = Table.LOSSES.indexOf("cause");

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
        return head(b.get(TUNING_TIME_NS, i), "damon_monitor_intervals_tune") + "kdamond " + b.get(TUNING_KDAMOND, i)
                + " sample " + Units.duration(b.get(TUNING_SAMPLE_US, i) * 1000) + " aggregation "
                + Units.duration(b.get(TUNING_AGGR_US, i) * 1000);
    }

    private static String scheme(Batch b, int i) {
        return head(b.get(SCHEMES_TIME_NS, i), "damos_before_apply") + "kdamond " + b.get(SCHEMES_KDAMOND, i)
                + " context " + b.get(SCHEMES_CONTEXT, i)
                + " scheme " + b.get(SCHEMES_SCHEME, i) + " target " + Long.toUnsignedString(b.get(SCHEMES_TARGET, i))
                + " "
                + area(b.get(SCHEMES_START, i), b.get(SCHEMES_END, i)) + " accesses " + b.get(SCHEMES_NR_ACCESSES, i)
                + " age " + b.get(SCHEMES_AGE, i);
    }

    private static String statistic(Batch b, int i) {
        return head(b.get(STATS_TIME_NS, i), "damos_stat_after_apply_interval") + "kdamond " + b.get(STATS_KDAMOND, i)
                + " context " + b.get(STATS_CONTEXT, i) + " scheme " + b.get(STATS_SCHEME, i) + " "
                + Printable.line(b.text(STATS_NAME, i)) + " " + b.get(STATS_VALUE, i);
    }

    private static String loss(Batch b, int i) {
        return head(b.get(LOSSES_FROM_NS, i), "lost") + Printable.line(b.text(LOSSES_SOURCE, i)) + ": "
                + (b.get(LOSSES_COUNT, i) < 0 ? "an unknown number of" : b.get(LOSSES_COUNT, i)) + " "
                + Printable.line(b.text(LOSSES_CAUSE, i));
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
