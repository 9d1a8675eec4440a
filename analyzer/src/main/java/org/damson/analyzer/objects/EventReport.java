package org.damson.analyzer.objects;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.text.Printable;

/** The events of a trace one by one in the order of time, by the kernel's names. */
public final class EventReport {
    /** Names of events, as {@link #write} takes them. */
    public static final List<String> EVENTS = List.of(
            "damon_aggregated",
            "damon_monitor_intervals_tune",
            "damos_before_apply",
            "damos_stat_after_apply_interval",
            "lost");

    private EventReport() {}

    /** Something with a time that can be printed and followed by the next. */
    private interface Events extends Closeable {
        boolean next() throws IOException;

        long timeNs();

        void print(Printer to) throws IOException;
    }

    /** What is done with each event. */
    public interface Printer {
        /** All regions of a snapshot, which are an event each. */
        void regions(Snapshot s) throws IOException;

        /** A row of a table that is an event. */
        void row(String event, Table table, String timeColumn, Batch b, int row) throws IOException;
    }

    /**
     * Prints the events, a line each: time in seconds of the trace's clock, name, fields.
     *
     * @param query which snapshots and regions; of other events only its time counts
     * @param events names of those to print
     */
    public static void write(TraceSource trace, TraceQuery query, Set<String> events, Appendable out)
            throws IOException {
        each(trace, query, events, new Lines(out));
    }

    /** Goes through the events in the order of time. */
    public static void each(TraceSource trace, TraceQuery query, Set<String> events, Printer to) throws IOException {
        List<Events> open = new ArrayList<>();
        try {
            if (events.contains("damon_aggregated")) {
                open.add(new Regions(trace, query));
            }
            if (events.contains("damon_monitor_intervals_tune")) {
                open.add(new Rows(trace, "damon_monitor_intervals_tune", Table.TUNING, "time_ns", query));
            }
            if (events.contains("damos_before_apply")) {
                open.add(new Rows(trace, "damos_before_apply", Table.SCHEMES, "time_ns", query));
            }
            if (events.contains("damos_stat_after_apply_interval")) {
                open.add(new Rows(trace, "damos_stat_after_apply_interval", Table.SCHEME_STATS, "time_ns", query));
            }
            if (events.contains("lost")) {
                open.add(new Rows(trace, "lost", Table.LOSSES, "from_ns", query));
            }
            List<Events> left = new ArrayList<>();
            for (Events e : open) {
                if (e.next()) {
                    left.add(e);
                }
            }
            while (!left.isEmpty()) {
                Events first = left.stream()
                        .min(Comparator.comparingLong(Events::timeNs))
                        .orElseThrow();
                first.print(to);
                if (!first.next()) {
                    left.remove(first);
                }
            }
        } finally {
            for (Events e : open) {
                e.close();
            }
        }
    }

    /** The regions of each snapshot, at the snapshot's end. */
    private static final class Regions implements Events {
        private final TraceSource.SnapshotCursor cursor;
        private final Snapshot s = new Snapshot();

        Regions(TraceSource trace, TraceQuery query) throws IOException {
            cursor = trace.snapshots(query);
        }

        @Override
        public boolean next() throws IOException {
            return cursor.next(s);
        }

        @Override
        public long timeNs() {
            return s.endNs;
        }

        @Override
        public void print(Printer to) throws IOException {
            to.regions(s);
        }

        @Override
        public void close() throws IOException {
            cursor.close();
        }
    }

    /** Rows of a table within the time of a query. */
    private static final class Rows implements Events {
        private final TraceSource.BatchCursor cursor;
        private final int time;
        private final TraceQuery query;
        private final String event;
        private final Table table;
        private final String timeColumn;
        private Batch batch;
        private int row = -1;

        Rows(TraceSource trace, String event, Table table, String timeColumn, TraceQuery query) throws IOException {
            cursor = trace.rows(table);
            time = table.indexOf(timeColumn);
            this.query = query;
            this.event = event;
            this.table = table;
            this.timeColumn = timeColumn;
        }

        @Override
        public boolean next() throws IOException {
            do {
                row++;
                while (batch == null || row >= batch.rows()) {
                    batch = cursor.next();
                    row = 0;
                    if (batch == null) {
                        return false;
                    }
                }
            } while (timeNs() < query.fromNs() || timeNs() >= query.toNs());
            return true;
        }

        @Override
        public long timeNs() {
            return batch.get(time, row);
        }

        @Override
        public void print(Printer to) throws IOException {
            to.row(event, table, timeColumn, batch, row);
        }

        @Override
        public void close() throws IOException {
            cursor.close();
        }
    }

    /** Lines for people. */
    private record Lines(Appendable out) implements Printer {
        private static String head(long timeNs, String event) {
            return String.format(
                    Locale.ROOT, "%d.%06d %s ", timeNs / 1_000_000_000, timeNs % 1_000_000_000 / 1000, event);
        }

        private static String area(long start, long end) {
            long size = end - start; // unsigned
            return Units.address(start) + "-" + Units.address(end) + " ("
                    + Units.bytes(size < 0 ? Long.MAX_VALUE : size) + ")";
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
}
