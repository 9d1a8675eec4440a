package org.damson.analyzer.scan;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.damson.model.TraceSource;

/** The most that was resident of each recorded process until some time, as far as it was read. */
public final class ResidentSoFar {
    private static final class Process {
        long[] ns = new long[16];
        long[] most = new long[16];
        int n;

        void add(long timeNs, long bytes) {
            if (n > 0 && bytes <= most[n - 1]) {
                return;
            }
            if (n > 0 && ns[n - 1] == timeNs) {
                most[n - 1] = bytes;
                return;
            }
            if (n == ns.length) {
                ns = Arrays.copyOf(ns, n * 2);
                most = Arrays.copyOf(most, n * 2);
            }
            ns[n] = timeNs;
            most[n++] = bytes;
        }
    }

    private final Map<Long, Process> processes = new HashMap<>();

    public static ResidentSoFar of(TraceSource source) throws IOException {
        ResidentSoFar r = new ResidentSoFar();
        MemoryReadings.forEach(source, (timeNs, pid, counter, value) -> {
            if (pid != 0 && counter.equals("rss")) {
                r.processes.computeIfAbsent(pid, p -> new Process()).add(timeNs, value);
            }
        });
        return r;
    }

    /** Bytes; -1 where none were read until then. Targets of referenced bits are processes. */
    long until(long pid, long timeNs) {
        Process p = processes.get(pid);
        if (p == null) {
            return -1;
        }
        int at = Arrays.binarySearch(p.ns, 0, p.n, timeNs);
        at = at >= 0 ? at : -at - 2;
        return at < 0 ? -1 : p.most[at];
    }
}
