package org.damson.replayer.memory;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.damson.model.Table;
import org.damson.model.TraceSource;

/** What of one process was resident, as its recorder read it; the recorder looked at its mappings at the same times. */
public final class ResidentReadings {
    private static final int TIME = Table.MEMORY.indexOf("time_ns");
    private static final int PID = Table.MEMORY.indexOf("pid");
    private static final int COUNTER = Table.MEMORY.indexOf("counter");
    private static final int VALUE = Table.MEMORY.indexOf("value");

    /** Ascending. */
    private final long[] timesNs;

    private final long[] bytes;

    private ResidentReadings(Map<Long, Long> byTime) {
        timesNs = byTime.keySet().stream().mapToLong(t -> t).toArray();
        bytes = byTime.values().stream().mapToLong(v -> v).toArray();
    }

    /** Those of a process; none if it is null or the trace has none. */
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

    /** Those of a part of the time, both ends included. */
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

    /** What was resident at a time: the last reading until then, else the first; without readings there is no limit. */
    public long at(long timeNs) {
        if (isEmpty()) {
            return Long.MAX_VALUE;
        }
        return bytes[Math.max(0, before(timeNs + 1) - 1)];
    }

    /** The time of the last reading before a time, or the least there is. */
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

    /** The first reading that is not before a time. */
    int indexOf(long timeNs) {
        return before(timeNs);
    }

    /** The greatest, 0 without readings. */
    public long most() {
        return Arrays.stream(bytes).max().orElse(0);
    }

    private int before(long timeNs) {
        int at = Arrays.binarySearch(timesNs, timeNs);
        return at < 0 ? -at - 1 : at;
    }
}
