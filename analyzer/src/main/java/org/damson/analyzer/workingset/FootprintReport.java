package org.damson.analyzer.workingset;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.scan.MemoryReadings;
import org.damson.analyzer.scan.Quantiles;
import org.damson.analyzer.scan.SystemMemory;
import org.damson.analyzer.scan.TableReport;
import org.damson.analyzer.scan.TableReport.Column;
import org.damson.analyzer.scan.TableReport.Section;
import org.damson.analyzer.scan.TableReport.Unit;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/** Process and system memory usage: percentiles of the periodic counters, and beside the working set. */
public final class FootprintReport {
    private static final int[] PERCENTS = {0, 25, 50, 75, 90, 95, 99, 100};
    private static final int[] UPPER = {50, 75, 90, 95, 99, 100};

    /** Sizes of a process, in the order of the report. */
    private static final List<String> PROCESS = List.of("rss", "vsz", "swap", "shared");

    /** Samples of one size: three days of one a second. */
    private static final int MAX_SAMPLES = 1 << 18;

    private FootprintReport() {}

    /** Percentiles over time of each size, all processes together and the system. */
    public static TableReport footprint(TraceSource source, TraceQuery query) throws IOException {
        Map<String, Map<Long, Long>> sizes = read(source, query);
        List<Object[]> rows = new ArrayList<>();
        List<Object[]> series = new ArrayList<>();
        for (Map.Entry<String, Map<Long, Long>> e : sizes.entrySet()) {
            long[] sorted = sorted(e.getValue());
            Object[] row = new Object[PERCENTS.length + 1];
            row[0] = e.getKey();
            for (int i = 0; i < PERCENTS.length; i++) {
                row[i + 1] = at(sorted, PERCENTS[i]);
            }
            rows.add(row);
            e.getValue().forEach((t, v) -> series.add(new Object[] {e.getKey(), t, v}));
        }
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("size", "size", Unit.TEXT));
        for (int p : PERCENTS) {
            columns.add(new Column("p" + p + "_bytes", "p" + p, Unit.BYTES));
        }
        return new TableReport(
                List.of(
                        new Section("percentiles", "footprint, percentiles of its samples", columns, rows),
                        new Section(
                                "series",
                                null,
                                List.of(
                                        new Column("size", "size", Unit.TEXT),
                                        new Column("time_ns", "time", Unit.NS),
                                        new Column("bytes", "bytes", Unit.BYTES)),
                                series)),
                notes(rows.isEmpty()));
    }

    /** Upper percentiles of the working set, of what was resident, and of what lies between. */
    public static TableReport sizing(TraceSource source, TraceQuery query) throws IOException {
        WorkingSetResult needed = WorkingSet.compute(source, query, WorkingSetOptions.DEFAULTS);
        Map<String, Map<Long, Long>> sizes = read(source, query);
        long[] rss = sorted(sizes.getOrDefault("rss", Map.of()));
        long[] used = sorted(sizes.getOrDefault("system used", Map.of()));
        List<Object[]> rows = new ArrayList<>();
        for (int p : UPPER) {
            long wss = needed.total().bySize(p);
            Long resident = rss.length == 0 ? null : at(rss, p);
            Long gap = resident == null ? null : Long.valueOf(resident - wss);
            rows.add(new Object[] {
                (double) p,
                wss,
                resident,
                gap,
                resident == null || resident == 0 ? null : Double.valueOf(100.0 * gap / resident),
                used.length == 0 ? null : at(used, p)
            });
        }
        List<String> notes = new ArrayList<>();
        notes.add(needed.note());
        notes.add("resident = sum of the processes' resident sets; gap = resident less working set, each at its own"
                + " percentile");
        notes.addAll(notes(rss.length == 0));
        return new TableReport(
                List.of(new Section(
                        "sizing",
                        "how much memory it needs, and how much it has",
                        List.of(
                                new Column("percent_of_time", "of time", Unit.PERCENT),
                                new Column("working_set_bytes", "working set", Unit.BYTES),
                                new Column("resident_bytes", "resident", Unit.BYTES),
                                new Column("gap_bytes", "gap", Unit.BYTES),
                                new Column("gap_percent", "of resident", Unit.PERCENT),
                                new Column("system_used_bytes", "system used", Unit.BYTES)),
                        rows)),
                notes);
    }

    /** The working set of all targets, and the processes' resident set and swap where the trace has them, over time. */
    public static List<WorkingSetResult.Series> overTime(TraceSource source, TraceQuery query) throws IOException {
        WorkingSetResult.Series needed =
                WorkingSet.compute(source, query, WorkingSetOptions.DEFAULTS).total();
        List<WorkingSetResult.Series> series = new ArrayList<>();
        series.add(needed.labelled("working set"));
        Map<String, Map<Long, Long>> sizes = read(source, query);
        if (sizes.containsKey("rss")) {
            series.add(series("resident", sizes.get("rss")));
        }
        Map<Long, Long> swap = sizes.getOrDefault("swap", Map.of());
        if (swap.values().stream().anyMatch(v -> v > 0)) {
            series.add(series("swapped out", swap));
        }
        return List.copyOf(series);
    }

    /**
     * Sizes over time.
     *
     * @param note on what they are, and what is left out
     */
    public record Sizes(List<WorkingSetResult.Series> series, String note) {}

    /**
     * Process and system memory usage over time. What is far above the resident set, so that it
     * would press the others flat, is left out.
     */
    public static Sizes sizesOverTime(TraceSource source, TraceQuery query) throws IOException {
        Map<String, Map<Long, Long>> sizes = read(source, query);
        Map<String, String> names = new LinkedHashMap<>();
        names.put("rss", "resident");
        names.put("shared", "shared");
        names.put("swap", "swapped out");
        names.put("system used", "system used");
        names.put("vsz", "address space");
        List<WorkingSetResult.Series> series = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        double greatest = 0;
        for (Map.Entry<String, String> e : names.entrySet()) {
            Map<Long, Long> samples = sizes.getOrDefault(e.getKey(), Map.of());
            long most = samples.values().stream().mapToLong(v -> v).max().orElse(0);
            if (greatest > 0 && most > 4 * greatest) {
                leftOut.add(e.getValue() + " (up to " + Units.bytes(most) + ")");
            } else if (most > 0) {
                series.add(series(e.getValue(), samples));
                greatest = Math.max(greatest, most);
            }
        }
        return new Sizes(
                series,
                "sums over the processes; system used = total less available"
                        + (leftOut.isEmpty() ? "" : "; not drawn, being far above: " + String.join(", ", leftOut)));
    }

    /** A sample holds until the next; the last for as long as the one before. */
    private static WorkingSetResult.Series series(String label, Map<Long, Long> samples) {
        long[] times = samples.keySet().stream().mapToLong(Long::longValue).toArray();
        long[] values = samples.values().stream().mapToLong(Long::longValue).toArray();
        int n = times.length;
        long[] ends = new long[n];
        for (int i = 0; i + 1 < n; i++) {
            ends[i] = times[i + 1];
        }
        ends[n - 1] = times[n - 1] + (n > 1 ? times[n - 1] - times[n - 2] : 1);
        return new WorkingSetResult.Series(label, times, ends, values);
    }

    private static List<String> notes(boolean empty) {
        return empty ? List.of("the trace has no footprints of processes") : List.of();
    }

    /** Reads the sizes within the query's time. Processes sampled at the same time add up. */
    private static Map<String, Map<Long, Long>> read(TraceSource source, TraceQuery query) throws IOException {
        Map<String, Map<Long, Long>> sizes = new TreeMap<>();
        MemoryReadings.forEach(source, (timeNs, pid, name, value) -> {
            if (timeNs < query.fromNs() || timeNs >= query.toNs()) {
                return;
            }
            if (pid != 0 ? PROCESS.contains(name) : name.startsWith("mem_")) {
                Map<Long, Long> samples = sizes.computeIfAbsent(name, n -> new TreeMap<>());
                samples.merge(timeNs, value, Long::sum);
                if (samples.size() > MAX_SAMPLES) {
                    throw new IOException(
                            "more than " + MAX_SAMPLES + " samples of " + name + "; choose a part with --time");
                }
            }
        });
        used(sizes);
        return sizes;
    }

    /** Adds what the system used at each moment. */
    private static void used(Map<String, Map<Long, Long>> sizes) {
        Map<Long, SystemMemory> moments = new TreeMap<>();
        sizes.forEach((name, samples) -> samples.forEach((t, v) -> {
            if (name.startsWith("mem_")) {
                moments.computeIfAbsent(t, k -> new SystemMemory()).add(name, v);
            }
        }));
        Map<Long, Long> used = new TreeMap<>();
        moments.forEach((t, system) -> {
            if (!Double.isNaN(system.usedBytes())) {
                used.put(t, (long) system.usedBytes());
            }
        });
        if (!used.isEmpty()) {
            sizes.put("system used", used);
        }
    }

    private static long[] sorted(Map<Long, Long> samples) {
        long[] values = samples.values().stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(values);
        return values;
    }

    private static long at(long[] sorted, double percent) {
        return Quantiles.of(sorted, percent);
    }
}
