package org.damson.analyzer.workingset;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.scan.MemoryReadings;
import org.damson.analyzer.scan.SystemMemory;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * What an evaluation of monitoring and schemes compares, one row per trace: how long the run took and what memory and
 * processor time it needed. NaN is what a trace does not record.
 */
public final class Evaluation {
    /** What a column counts. */
    public enum Unit {
        SECONDS,
        BYTES,
        PERCENT,
        COUNT
    }

    /** The columns, in order. */
    public enum Column {
        /** Time that snapshots cover. */
        RUNTIME(Unit.SECONDS, "runtime"),
        /** {@link SystemMemory}, mean over the readings. */
        SYSTEM_USED(Unit.BYTES, "system used"),
        /** Sum over all recorded processes, mean over the readings. */
        RSS(Unit.BYTES, "rss"),
        RSS_MAX(Unit.BYTES, "rss max"),
        /** Mean over the snapshots. */
        WORKING_SET(Unit.BYTES, "wss"),
        WORKING_SET_P50(Unit.BYTES, "wss p50"),
        WORKING_SET_P95(Unit.BYTES, "wss p95"),
        /** Processor time of kdamonds over the runtime. */
        KDAMOND_CPU(Unit.PERCENT, "kdamond"),
        /** Of the whole system, during the run. */
        MAJOR_FAULTS(Unit.COUNT, "majflt"),
        /** Time in which some task waited for memory, over the runtime. */
        MEMORY_PRESSURE(Unit.PERCENT, "psi some");

        public final Unit unit;
        public final String title;

        Column(Unit unit, String title) {
            this.unit = unit;
            this.title = title;
        }

        /** Its name in CSV and JSON, with the unit. */
        public String key() {
            String name = name().toLowerCase(Locale.ROOT);
            return switch (unit) {
                case SECONDS -> name + "_s";
                case BYTES -> name + "_bytes";
                case PERCENT -> name + "_percent";
                case COUNT -> name;
            };
        }
    }

    /**
     * One trace.
     *
     * @param name of the trace
     * @param values one per {@link Column}
     */
    public record Row(String name, double[] values) {
        public double get(Column column) {
            return values[column.ordinal()];
        }
    }

    private final List<Row> rows = new ArrayList<>();

    /** Adds the row of a trace; its table of memory and its regions are read once. */
    public void add(String name, TraceSource trace) throws IOException {
        double[] values = new double[Column.values().length];
        WorkingSetResult.Series sizes = WorkingSet.compute(trace, TraceQuery.ALL, WorkingSetOptions.DEFAULTS)
                .total();
        boolean any = sizes.length() > 0;
        double seconds = Double.NaN;
        if (any) {
            long startNs = Long.MAX_VALUE;
            long endNs = Long.MIN_VALUE;
            for (int i = 0; i < sizes.length(); i++) {
                startNs = Math.min(startNs, sizes.startNs(i));
                endNs = Math.max(endNs, sizes.endNs(i));
            }
            seconds = (endNs - startNs) / 1e9;
        }
        Counters counters = Counters.of(trace);
        values[Column.RUNTIME.ordinal()] = seconds;
        values[Column.SYSTEM_USED.ordinal()] = counters.systemUsed.mean();
        values[Column.RSS.ordinal()] = counters.rss.mean();
        values[Column.RSS_MAX.ordinal()] = counters.rss.max;
        values[Column.WORKING_SET.ordinal()] = any ? sizes.mean() : Double.NaN;
        values[Column.WORKING_SET_P50.ordinal()] = any ? sizes.bySize(50) : Double.NaN;
        values[Column.WORKING_SET_P95.ordinal()] = any ? sizes.bySize(95) : Double.NaN;
        values[Column.KDAMOND_CPU.ordinal()] = 100 * counters.kdamondNs() / 1e9 / seconds;
        values[Column.MAJOR_FAULTS.ordinal()] = counters.grown("pgmajfault");
        values[Column.MEMORY_PRESSURE.ordinal()] = 100 * counters.grown("psi_memory_some_us") / 1e6 / seconds;
        rows.add(new Row(name, values));
    }

    /** Rows in the order in which traces were added. */
    public List<Row> rows() {
        return List.copyOf(rows);
    }

    /** Mean and greatest of readings. */
    private static final class Readings {
        private double sum;
        private long count;
        double max = Double.NaN;

        void add(double value) {
            sum += value;
            max = count++ == 0 ? value : Math.max(max, value);
        }

        double mean() {
            return count == 0 ? Double.NaN : sum / count;
        }
    }

    /** The table of memory, one pass; readings of one time are one reading. */
    private static final class Counters {
        final Readings rss = new Readings();
        final Readings systemUsed = new Readings();
        private final Map<String, long[]> system = new LinkedHashMap<>();
        private final Map<Long, Long> kdamonds = new TreeMap<>();
        private long timeNs = Long.MIN_VALUE;
        private double rssNow = Double.NaN;
        private SystemMemory systemNow = new SystemMemory();

        static Counters of(TraceSource trace) throws IOException {
            Counters c = new Counters();
            MemoryReadings.forEach(trace, c::add);
            c.close();
            return c;
        }

        private void add(long time, long pid, String counter, long value) {
            if (time != timeNs) {
                close();
                timeNs = time;
            }
            switch (counter) {
                case "rss" -> {
                    if (pid != 0) {
                        rssNow = Double.isNaN(rssNow) ? value : rssNow + value;
                    }
                }
                case "kdamond_cpu_ns" -> kdamonds.merge(pid, value, Math::max);
                case "pgmajfault", "psi_memory_some_us" ->
                    system.computeIfAbsent(counter, k -> new long[] {value, value})[1] = value;
                default -> {
                    if (pid == 0) {
                        systemNow.add(counter, value);
                    }
                }
            }
        }

        private void close() {
            if (!Double.isNaN(rssNow)) {
                rss.add(rssNow);
            }
            if (!Double.isNaN(systemNow.usedBytes())) {
                systemUsed.add(systemNow.usedBytes());
            }
            rssNow = Double.NaN;
            systemNow = new SystemMemory();
        }

        double grown(String counter) {
            long[] seen = system.get(counter);
            return seen == null ? Double.NaN : seen[1] - seen[0];
        }

        double kdamondNs() {
            return kdamonds.isEmpty()
                    ? Double.NaN
                    : kdamonds.values().stream().mapToLong(Long::longValue).sum();
        }
    }
}
