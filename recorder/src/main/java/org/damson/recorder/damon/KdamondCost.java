package org.damson.recorder.damon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.damson.model.Batch;
import org.damson.model.ManifestKey;
import org.damson.recorder.kernel.Kernel;

/** Processor time that kdamonds take. */
final class KdamondCost {
    /** Name of the counter in the memory table; its {@code pid} is the kdamond's thread id. */
    static final String COUNTER = "kdamond_cpu_ns";

    // What /proc counts in, whatever the kernel's own tick is.
    private static final long TICK_NS = 10_000_000;

    private record Seen(long firstNs, long lastNs) {}

    private final Map<Integer, Seen> threads = new LinkedHashMap<>();
    private volatile long sumNs = -1;

    /** Reads the time of a thread; the first reading is what the others are counted from. */
    void look(int thread) {
        long ns = cpuNs(thread);
        if (ns >= 0) {
            threads.merge(thread, new Seen(ns, ns), (old, now) -> new Seen(old.firstNs(), now.lastNs()));
            sumNs = threads.values().stream()
                    .mapToLong(s -> s.lastNs() - s.firstNs())
                    .sum();
        }
    }

    /** CPU time of all kdamonds since each was first seen, nanoseconds; -1 if there was none. From any thread. */
    long sumNs() {
        return sumNs;
    }

    void rows(long timeNs, Batch memory) {
        threads.forEach((thread, seen) -> memory.add(timeNs, thread, COUNTER, seen.lastNs() - seen.firstNs()));
    }

    /** Adds the sum to the facts of a recording; nothing if no kdamond was seen. */
    void describe(Map<String, Object> recording) {
        if (!threads.isEmpty()) {
            ManifestKey.KDAMOND_CPU.put(recording, sumNs / 1_000_000);
        }
    }

    private static long cpuNs(int thread) {
        try {
            String stat = Kernel.LOCAL.read(Path.of("/proc/" + thread + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_NS;
        } catch (IOException | RuntimeException e) {
            return -1; // it has ended
        }
    }
}
