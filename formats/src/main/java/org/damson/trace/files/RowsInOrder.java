package org.damson.trace.files;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;

/**
 * Rows of one table of several traces, each in order of time, as one: readers rely on that order. What is the same in several, as in
 * slices that share a snapshot, is taken once.
 */
public final class RowsInOrder implements Closeable {
    private static final int ROWS = 1 << 12;

    /** The next row of one trace. */
    private final class Head implements Comparable<Head> {
        final int place;
        final TraceSource.BatchCursor cursor;
        Batch batch;
        int row;

        Head(int place, TraceSource.BatchCursor cursor) {
            this.place = place;
            this.cursor = cursor;
        }

        boolean isAtEnd() throws IOException {
            while (batch == null || row == batch.rows()) {
                batch = cursor.next();
                row = 0;
                if (batch == null) {
                    return true;
                }
            }
            return false;
        }

        long timeNs() {
            return time < 0 ? 0 : batch.get(time, row);
        }

        @Override
        public int compareTo(Head o) {
            int c = Long.compare(timeNs(), o.timeNs());
            return c != 0 ? c : Integer.compare(place, o.place);
        }
    }

    private final int time;
    private final Batch rows;

    /** Rows of one time so far, and of them the first of the trace that is being read. */
    private final Batch now;

    private long nowNs;
    private int place;
    private int own;
    private final List<Head> heads = new ArrayList<>();

    /** Copies them; of a table without times those of one trace after those of another. */
    public static void copy(List<TraceSource> from, Table table, TraceSink to) throws IOException {
        try (RowsInOrder rows = new RowsInOrder(from, table)) {
            rows.writeTo(to);
        }
    }

    private RowsInOrder(List<TraceSource> from, Table table) throws IOException {
        time = new TimeRange(table).column();
        rows = new Batch(table);
        now = new Batch(table);
        try {
            for (TraceSource source : from) {
                heads.add(new Head(heads.size(), source.rows(table)));
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void writeTo(TraceSink to) throws IOException {
        PriorityQueue<Head> next = new PriorityQueue<>();
        for (Head head : heads) {
            if (!head.isAtEnd()) {
                next.add(head);
            }
        }
        for (Head head = next.poll(); head != null; head = next.poll()) {
            do {
                if (time < 0 || !isAgain(head)) {
                    take(head.batch, head.row, to);
                }
                head.row++;
            } while (!head.isAtEnd() && (next.isEmpty() || head.compareTo(next.peek()) < 0));
            if (head.batch != null) {
                next.add(head);
            }
        }
        flush(to);
    }

    /** Whether another trace had the row that comes next of this one. */
    private boolean isAgain(Head head) {
        if (head.timeNs() != nowNs || now.rows() == 0) {
            now.clear();
            nowNs = head.timeNs();
            own = 0;
        } else if (head.place != place) {
            own = now.rows();
        }
        place = head.place;
        for (int i = 0; i < own; i++) {
            if (now.isSame(i, head.batch, head.row)) {
                return true;
            }
        }
        now.addRow(head.batch, head.row);
        return false;
    }

    private void take(Batch from, int row, TraceSink to) throws IOException {
        if (rows.rows() == ROWS || !Arrays.equals(rows.present(), from.present())) {
            flush(to);
            rows.setPresentAs(from);
        }
        rows.addRow(from, row);
    }

    private void flush(TraceSink to) throws IOException {
        if (rows.rows() > 0) {
            to.append(rows);
            rows.clear();
        }
    }

    @Override
    public void close() throws IOException {
        for (Head head : heads) {
            head.cursor.close();
        }
    }
}
