package org.damson.trace.redact;

import java.util.HashMap;
import java.util.Map;

/** Memory counters of a strictly redacted trace: sizes rounded up, and what counts since the boot or a process's start from 0. */
public final class RedactedMemory {
    private record Counter(long pid, String name) {}

    private final Map<Counter, Long> first = new HashMap<>();

    /** Whether a counter's value is a size, in bytes, at a moment. */
    static boolean isSize(String counter) {
        return switch (counter) {
            case "vsz", "rss", "swap", "shared", "locked", "swap_total", "swap_free" -> true;
            default -> counter.startsWith("mem_");
        };
    }

    /** Whether a counter's value only grows: since the machine's boot, or a process's start. */
    static boolean isCumulative(String counter) {
        // DAMON_STAT tells idle times and a bandwidth.
        return !isSize(counter) && !counter.startsWith("damon_stat_");
    }

    public long value(long pid, String counter, long value) {
        if (isSize(counter)) {
            return CoarseSizes.upBytes(value);
        }
        return isCumulative(counter) ? value - first.computeIfAbsent(new Counter(pid, counter), c -> value) : value;
    }
}
