package org.damson.replayer.memory;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.damson.model.Table;
import org.damson.model.TraceSource;

/** The resident sizes of one process, read by its recorder at the same times as its mappings. */
public final class ResidentReadings {
    private static final int TIME = Table.MEMORY.indexOf("time_ns");
    private static final int PID = Table.MEMORY.indexOf("pid");
    private static final int COUNTER = Table.MEMORY.indexOf("counter");
    private static final int VALUE = Table.MEMORY.indexOf("value");

    /** Times, ascending. */
    private final long[] timesNs;

    private final long[] bytes;

    private ResidentReadings(Map<Long, Long> byTime) {
        timesNs = byTime.keySet().stream().mapToLong(t -> t).toArray();
        bytes = byTime.values().stream().mapToLong(v -> v).toArray();
    }

    /** The readings of a process; none if it is null or the trace has none. */
    public static ResidentReadings read(TraceSource trace, Long pid) throws IOException {
        Map<Long, Long> byTime = new TreeMap<>();
        if (pid != null) {
            trace.forEachRow(Table.MEMORY, (b, i) -> {
                if (b.get(PID, i) == pid && b.text(COUNTER, i).equals("rss")) {
                    byTime.put(b.get(TIME, i), Math.max(0, b.get(VALUE, i)));
                }
            });
        }
        return new ResidentReadings(byTime);
    }

    /** The readings of a period, both ends included. */
    public ResidentReadings within(long fromNs, long toNs) {
        Map<Long, Long> part = new TreeMap<>();
        for (int i = 0; i < timesNs.length; i++) {
            if (timesNs[i] >= fromNs && timesNs[i] <= toNs) {
                part.put(timesNs[i], bytes[i]);
            }
        }
        return new ResidentReadings(part);
    }

    public boolean isEmpty() {
        return timesNs.length == 0;
    }

    /** The resident size at a time: the last reading until then, else the first; unlimited without readings. */
    public long at(long timeNs) {
        if (isEmpty()) {
            return Long.MAX_VALUE;
        }
        return bytes[Math.max(0, before(timeNs + 1) - 1)];
    }

    /** The time of the last reading before this one; the least {@code long} if there is none. */
    long lastBefore(long timeNs) {
        int i = before(timeNs);
        return i == 0 ? Long.MIN_VALUE : timesNs[i - 1];
    }

    int size() {
        return timesNs.length;
    }

    long bytes(int i) {
        return bytes[i];
    }

    /** Index of the first reading at or after a time. */
    int indexOf(long timeNs) {
        return before(timeNs);
    }

    /** The maximum; 0 without readings. */
    public long most() {
        return Arrays.stream(bytes).max().orElse(0);
    }

    private int before(long timeNs) {
        int at = Arrays.binarySearch(timesNs, timeNs);
        return at < 0 ? -at - 1 : at;
    }
}
