package org.damson.analyzer.curves;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.damson.analyzer.scan.MemoryReadings;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** Resident bytes that were recorded beside the accesses. */
final class ResidentBytes {
    private ResidentBytes() {}

    /** The mean over time of all processes' sum, bytes; infinite where none was recorded in the part that is asked for. */
    static double mean(TraceSource trace, TraceQuery query) throws IOException {
        Map<Long, Long> now = new HashMap<>();
        // Sum so far, time so far, and when it began.
        double[] byteNs = {0, 0};
        long[] lastNs = {Long.MIN_VALUE};
        MemoryReadings.forEach(trace, (timeNs, pid, counter, value) -> {
            if (pid == 0 || !counter.equals("rss") || timeNs >= query.toNs()) {
                return;
            }
            if (lastNs[0] != Long.MIN_VALUE && timeNs > lastNs[0]) {
                double sum = sum(now);
                byteNs[0] += sum * (timeNs - lastNs[0]);
                byteNs[1] += timeNs - lastNs[0];
            }
            now.put(pid, value);
            if (timeNs >= query.fromNs()) {
                lastNs[0] = timeNs;
            }
        });
        if (byteNs[1] > 0) {
            return byteNs[0] / byteNs[1];
        }
        return now.isEmpty() ? Double.POSITIVE_INFINITY : sum(now);
    }

    private static double sum(Map<Long, Long> now) {
        return now.values().stream().mapToDouble(Long::doubleValue).sum();
    }
}
