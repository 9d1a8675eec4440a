package org.damson.analyzer.damo.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.damo.DamoText;
import org.damson.analyzer.damo.Num;
import org.damson.analyzer.scan.MemoryReadings;
import org.damson.model.TraceSource;

/** {@code damo report footprints}: process and system memory usage. */
public final class DamoFootprints {
    /** What damo shows of them, in its order. */
    public static final List<String> METRICS = List.of("vsz", "rss", "sys_used");

    /**
     * Options of {@code damo report footprints}, by damo's names.
     *
     * @param metrics some of {@link #METRICS}
     * @param sortByTime keep the order of time instead of size
     */
    public record Options(
            List<String> metrics,
            List<Integer> percentiles,
            boolean sortByTime,
            int barColumns,
            boolean raw,
            boolean all) {}

    /** Bytes of each reading by damo's names, in the order of time. */
    private final Map<String, List<Num>> sizes = new TreeMap<>();

    private DamoFootprints() {}

    /** What damo prints, with the last line's end. */
    public static String report(TraceSource source, Options o) throws IOException {
        DamoFootprints footprints = of(source);
        DamoDistribution.Style style = new DamoDistribution.Style(o.percentiles(), o.all(), o.raw(), o.barColumns());
        StringBuilder b = new StringBuilder();
        for (String metric : o.metrics()) {
            b.append(DamoDistribution.text(
                            metric, footprints.sizes(metric, o.sortByTime()), style, v -> DamoText.sz(v, o.raw())))
                    .append('\n');
        }
        return b.toString();
    }

    /** A metric's bytes, in the order of time or of size. */
    List<Num> sizes(String metric, boolean byTime) {
        List<Num> values = new ArrayList<>(sizes.getOrDefault(metric, List.of()));
        if (!byTime) {
            Collections.sort(values);
        }
        return values;
    }

    static DamoFootprints of(TraceSource source) throws IOException {
        Map<Long, long[]> byTime = new TreeMap<>();
        MemoryReadings.forEach(source, (timeNs, pid, counter, value) -> {
            long[] sums = new long[3];
            switch (counter) {
                case "vsz" -> sums[0] = pid == 0 ? 0 : value;
                case "rss" -> sums[1] = pid == 0 ? 0 : value;
                case "mem_total" -> sums[2] = value;
                case "mem_free" -> sums[2] = -value;
                default -> sums = null;
            }
            if (sums != null) {
                long[] all = byTime.computeIfAbsent(timeNs, t -> new long[3]);
                for (int i = 0; i < 3; i++) {
                    all[i] += sums[i];
                }
            }
        });
        DamoFootprints footprints = new DamoFootprints();
        byTime.values().forEach(sums -> {
            for (int i = 0; i < 3; i++) {
                footprints
                        .sizes
                        .computeIfAbsent(METRICS.get(i), k -> new ArrayList<>())
                        .add(Num.of(sums[i]));
            }
        });
        return footprints;
    }
}
