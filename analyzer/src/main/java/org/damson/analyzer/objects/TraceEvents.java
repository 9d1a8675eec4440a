package org.damson.analyzer.objects;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** The events of a trace one by one in the order of time, by the kernel's names. */
public final class TraceEvents {
    /** Names of events. */
    public static final List<String> EVENTS = List.of(
            "damon_aggregated",
            "damon_monitor_intervals_tune",
            "damos_before_apply",
            "damos_stat_after_apply_interval",
            "lost");

    private TraceEvents() {}

    /** Something with a time that can be visited and followed by the next. */
    private interface Events extends Closeable {
        boolean next() throws IOException;

        long timeNs();

        void visit(Visitor to) throws IOException;
    }

    /** Consumes each event. */
    public interface Visitor {
        /** All regions of a snapshot, which are an event each. */
        void regions(Snapshot s) throws IOException;

        /** A row of a table that is an event. */
        void row(String event, Table table, String timeColumn, Batch b, int row) throws IOException;
    }

    /**
     * Goes through the events in the order of time.
     *
     * @param query which snapshots and regions; of other events only its time counts
     * @param events names of those to visit
     */
    public static void each(TraceSource trace, TraceQuery query, Set<String> events, Visitor to) throws IOException {
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
                first.visit(to);
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
        public void visit(Visitor to) throws IOException {
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
        public void visit(Visitor to) throws IOException {
            to.row(event, table, timeColumn, batch, row);
        }

        @Override
        public void close() throws IOException {
            cursor.close();
        }
    }
}
