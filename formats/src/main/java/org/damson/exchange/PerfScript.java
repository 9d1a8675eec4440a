package org.damson.exchange;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.damson.damon.SnapshotAssembler;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * Writes a trace as {@code perf script --ns} prints DAMON's events, in order of time, so that an import gives the same rows.
 * The kdamond's number stands for its thread id. A snapshot without regions has no event and is left out.
 */
final class PerfScript {
    private record Stream(int kdamond, long target) {}

    /** The only snapshot of a stream so far; null once there is a second. */
    private record Only(long endNs, long durationNs) {}

    private final StringBuilder lines = new StringBuilder();
    private final OutputStream out;
    private final Map<Stream, Only> only = new LinkedHashMap<>();

    private PerfScript(OutputStream out) {
        this.out = out;
    }

    static void write(TraceSource trace, OutputStream out) throws IOException {
        new PerfScript(out).run(trace);
    }

    private void run(TraceSource trace) throws IOException {
        Snapshot s = new Snapshot();
        try (Rows tuning = new Rows(trace, Table.TUNING);
                Rows schemes = new Rows(trace, Table.SCHEMES);
                Rows losses = new Rows(trace, Table.LOSSES);
                TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            while (cursor.next(s)) {
                // Of one time, in the order in which a kdamond says them.
                rowsUntil(s.endNs, losses, schemes, tuning);
                snapshot(s);
            }
            rowsUntil(Long.MAX_VALUE, losses, schemes, tuning);
        }
        only.forEach((stream, one) -> {
            if (one != null) {
                // damo's way to say how long the only snapshot took.
                head(stream.kdamond(), one.endNs() + one.durationNs(), "damon_aggregated");
                lines.append("target_id=").append(Long.toUnsignedString(stream.target()));
                lines.append(" nr_regions=1 0-0: -1 -1\n");
            }
        });
        flush();
        out.flush();
    }

    private void rowsUntil(long timeNs, Rows losses, Rows schemes, Rows tuning) throws IOException {
        while (true) {
            // A loss begins with the last event before it.
            long lossNs = losses.timeNs == Long.MAX_VALUE ? losses.timeNs : losses.timeNs + 1;
            long next = Math.min(lossNs, Math.min(schemes.timeNs, tuning.timeNs));
            if (next > timeNs || next == Long.MAX_VALUE) {
                return;
            }
            if (lossNs == next) {
                loss(losses);
                losses.advance();
            } else if (schemes.timeNs == next) {
                scheme(schemes);
                schemes.advance();
            } else {
                head((int) tuning.number("kdamond"), next, "damon_monitor_intervals_tune");
                lines.append("sample_us=").append(tuning.number("sample_us")).append('\n');
                tuning.advance();
            }
        }
    }

    private void snapshot(Snapshot s) throws IOException {
        Only one = new Only(s.endNs, s.endNs - s.startNs);
        Stream stream = new Stream(s.kdamond, s.target);
        if (s.regions > 0) {
            only.put(stream, only.containsKey(stream) ? null : one);
        }
        String arguments = "target_id=" + Long.toUnsignedString(s.target) + " nr_regions=" + (s.regions + s.lost) + ' ';
        for (int i = 0; i < s.regions; i++) {
            String hits = s.has(Snapshot.HAS_PROBE_HITS) ? hits(s.probeHits[i]) : "";
            head(s.kdamond, s.endNs, hits.isEmpty() ? "damon_aggregated" : "damon_region_aggregated");
            lines.append(arguments);
            region(s.start[i], s.end[i], s.nrAccesses[i], s.has(Snapshot.HAS_AGE) ? s.age[i] : -1, hits);
        }
    }

    /** As the kernel prints them, bytes in hexadecimal; empty if they are not known or do not fit. */
    private static String hits(long packed) {
        StringBuilder text = new StringBuilder(" probe_hits=");
        for (int probe = 0; probe < 4; probe++) {
            long count = packed >>> 16 * probe & 0xffff;
            if (count > 0xff) {
                return "";
            }
            text.append(probe == 0 ? "" : " ").append(HexFormat.of().toHexDigits((byte) count));
        }
        return text.toString();
    }

    private void scheme(Rows row) throws IOException {
        head((int) row.number("kdamond"), row.timeNs, "damos_before_apply");
        lines.append("ctx_idx=").append(row.number("context"));
        if (row.number("scheme") >= 0) {
            lines.append(" scheme_idx=").append(row.number("scheme"));
        }
        lines.append(" target_idx=").append(Long.toUnsignedString(row.number("target")));
        lines.append(" nr_regions=").append(row.number("nr_regions")).append(' ');
        region(row.number("start"), row.number("end"), row.number("nr_accesses"), row.number("age"), "");
    }

    private void region(long start, long end, long accesses, long age, String more) throws IOException {
        lines.append(Long.toUnsignedString(start)).append('-').append(Long.toUnsignedString(end));
        lines.append(": ").append(accesses);
        if (age >= 0) {
            lines.append(' ').append(age);
        }
        lines.append(more).append('\n');
        if (lines.length() > 1 << 16) {
            flush();
        }
    }

    /** What the tracer lost. Regions missing from a snapshot are told by its own lines. */
    private void loss(Rows row) {
        if (row.text("source").equals(SnapshotAssembler.TRACER)) {
            time("perf 0 [000] ", row.timeNs);
            long count = row.number("count");
            lines.append(count < 0 ? "[EVENTS DROPPED]" : "PERF_RECORD_LOST lost " + count)
                    .append('\n');
        }
    }

    private void head(int kdamond, long timeNs, String event) {
        time("kdamond." + kdamond + ' ' + kdamond + " [000] ", timeNs);
        lines.append("damon:").append(event).append(": ");
    }

    private void time(String before, long timeNs) {
        String fraction = Long.toString(timeNs % 1_000_000_000);
        lines.append(before).append(timeNs / 1_000_000_000).append('.');
        lines.append("0".repeat(9 - fraction.length())).append(fraction).append(": ");
    }

    private void flush() throws IOException {
        out.write(lines.toString().getBytes(StandardCharsets.US_ASCII));
        lines.setLength(0);
    }

    /** A table row by row, in order of time. */
    private static final class Rows implements Closeable {
        long timeNs;

        private final Table table;
        private final int timeColumn;
        private final TraceSource.BatchCursor cursor;
        private Batch batch;
        private int row = -1;

        Rows(TraceSource trace, Table table) throws IOException {
            this.table = table;
            timeColumn = table.indexOf(table == Table.LOSSES ? "from_ns" : "time_ns");
            cursor = trace.rows(table);
            advance();
        }

        void advance() throws IOException {
            row++;
            while (timeNs != Long.MAX_VALUE && (batch == null || row >= batch.rows())) {
                batch = cursor.next();
                row = 0;
                if (batch == null) {
                    timeNs = Long.MAX_VALUE;
                    return;
                }
            }
            timeNs = batch.get(timeColumn, row);
        }

        long number(String column) {
            return batch.get(table.indexOf(column), row);
        }

        String text(String column) {
            return batch.text(table.indexOf(column), row);
        }

        @Override
        public void close() throws IOException {
            cursor.close();
        }
    }
}
