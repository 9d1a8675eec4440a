package org.damson.analyzer.workingset;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.damson.analyzer.scan.MemoryReadings;
import org.damson.analyzer.scan.SystemMemory;
import org.damson.analyzer.scan.TargetPids;
import org.damson.analyzer.workingset.WorkingSetResult.Series;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * Process and system memory usage over time: the periodic counters, all processes together.
 *
 * @param sizes by the name of the counter, in the order of names, none of them empty; a sample holds until the next, the last
 *     for as long as the one before
 */
public record Footprint(Map<String, Series> sizes) {
    private static final String RESIDENT = "rss";
    private static final String SWAPPED = "swap";

    /** Total less available memory. */
    public static final String SYSTEM_USED = "system used";

    private static final List<String> OF_PROCESSES = List.of(RESIDENT, "vsz", SWAPPED, "shared");

    /** Samples of one size: three days of one a second. */
    private static final int MAX_SAMPLES = 1 << 18;

    /** The sizes within the query's time. */
    public static Footprint compute(TraceSource source, TraceQuery query) throws IOException {
        Map<String, Series> sizes = new TreeMap<>();
        read(source, query).forEach((name, samples) -> sizes.put(name, series(name, samples)));
        return new Footprint(sizes);
    }

    /** Sum of the processes' resident sets; null if it is not known. */
    public Series resident() {
        return sizes.get(RESIDENT);
    }

    /** Sum of what of the processes is in swap; null if it is not known. */
    public Series swapped() {
        return sizes.get(SWAPPED);
    }

    /** Null if it is not known. */
    public Series systemUsed() {
        return sizes.get(SYSTEM_USED);
    }

    private static Series series(String label, Map<Long, Long> samples) {
        long[] times = samples.keySet().stream().mapToLong(Long::longValue).toArray();
        long[] values = samples.values().stream().mapToLong(Long::longValue).toArray();
        int n = times.length;
        long[] ends = new long[n];
        for (int i = 0; i + 1 < n; i++) {
            ends[i] = times[i + 1];
        }
        ends[n - 1] = times[n - 1] + (n > 1 ? times[n - 1] - times[n - 2] : 1);
        return new Series(label, times, ends, values);
    }

    /** Whether the memory of a process, 0 for the system's, counts beside a target whose process is this one, -1 if unknown. */
    static boolean isReadBeside(long process, long pid) {
        return pid == 0 || pid == process;
    }

    /** Processes sampled at the same time add up. */
    private static Map<String, Map<Long, Long>> read(TraceSource source, TraceQuery query) throws IOException {
        Map<String, Map<Long, Long>> sizes = new TreeMap<>();
        long process = query.target() == null ? -1 : process(source, query.target());
        MemoryReadings.forEach(source, (timeNs, pid, name, value) -> {
            boolean isOther = query.target() != null && !isReadBeside(process, pid);
            if (timeNs < query.fromNs() || timeNs >= query.toNs() || isOther) {
                return;
            }
            if (pid != 0 ? OF_PROCESSES.contains(name) : name.startsWith("mem_")) {
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

    /** The process whose memory a target is, of those that were read; -1 if nobody says. */
    static int process(TraceSource source, long target) throws IOException {
        Set<Integer> read = new HashSet<>();
        MemoryReadings.forEach(source, (timeNs, pid, name, value) -> {
            if (pid != 0) {
                read.add((int) pid);
            }
        });
        return TargetPids.of(source.manifest()).orLone(target, read);
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
            sizes.put(SYSTEM_USED, used);
        }
    }
}
