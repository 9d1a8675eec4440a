package org.damson.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.damson.analyzer.closedloop.Kdamond;
import org.damson.analyzer.closedloop.PlannedAccesses;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.damos.KernelVersion;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.damos.SchemeStats;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.Sweep;
import org.damson.damon.scheme.SchemeParser;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;

/**
 * Speed of the simulator over a trace: {@code WhatIfSpeed TRACE [ROUNDS]}, three rounds if not given. Time of the
 * processor, of that the thread that simulates while another one reads, and time passed. At the end a sweep is checked against full simulations; exit code 1 if they differ.
 */
public final class WhatIfSpeed {
    private static final String IDLE = " access=0..0 age=10aggr..max";

    private interface Work {
        /** Returns what was done, in regions or in milliseconds simulated. */
        long run() throws IOException;
    }

    private WhatIfSpeed() {}

    /** Runs it. */
    public static void main(String[] args) throws IOException {
        try (TraceSource t = Traces.open(Path.of(args[0]))) {
            int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 3;
            for (int i = 0; i < rounds; i++) {
                time("read alone", () -> read(t));
                time("stat", () -> plain(t, "stat" + IDLE));
                time("pageout", () -> plain(t, "pageout" + IDLE));
                time("pageout with memory", () -> OpenLoop.run(
                                t,
                                TraceQuery.ALL,
                                SchemeParser.parse("pageout" + IDLE),
                                OpenLoopOptions.DEFAULTS,
                                OutcomeOptions.DEFAULTS,
                                null)
                        .regionUpdates());
                time("curves", () -> Curves.of(t, TraceQuery.ALL, 0).get(0).regions());
                time("sweep of 1,000 points", () -> sweep(t).points());
                time("closed loop, 10 GiB, 1,000 regions, ms", WhatIfSpeed::closed);
            }
            if (!isSweepRight(t)) {
                System.exit(1);
            }
        }
    }

    private static void time(String what, Work work) throws IOException {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long cpu = system.getProcessCpuTime();
        long own = threads.getCurrentThreadCpuTime();
        long wall = System.nanoTime();
        long n = work.run();
        double ownSeconds = (threads.getCurrentThreadCpuTime() - own) / 1e9;
        double cpuSeconds = (system.getProcessCpuTime() - cpu) / 1e9;
        double wallSeconds = (System.nanoTime() - wall) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "%-40s %,12d  %6.2f s of CPU, %.2f of this thread  %6.2f s passed  %.1f M/s of CPU, %.1f of this thread%n",
                what,
                n,
                cpuSeconds,
                ownSeconds,
                wallSeconds,
                n / cpuSeconds / 1e6,
                n / ownSeconds / 1e6);
    }

    private static long read(TraceSource t) throws IOException {
        long n = 0;
        Snapshot s = new Snapshot();
        try (TraceSource.SnapshotCursor c = t.snapshots(TraceQuery.ALL.columns(Snapshot.HAS_AGE))) {
            while (c.next(s)) {
                n += s.regions;
            }
        }
        return n;
    }

    private static long plain(TraceSource t, String scheme) throws IOException {
        return OpenLoop.run(t, TraceQuery.ALL, SchemeParser.parse(scheme), OpenLoopOptions.DEFAULTS)
                .regionUpdates();
    }

    private static Sweep sweep(TraceSource t) throws IOException {
        return Sweep.run(
                t,
                TraceQuery.ALL,
                new long[] {0, 1, 2, 5, 10, 20, 50, 100, 200, 500},
                new int[] {0, 1, 2, 4, 6, 8, 10, 12, 16, 20},
                new long[] {0, 4096, 16384, 65536, 262144, 1 << 20, 2 << 20, 3 << 20, 4 << 20, 8 << 20});
    }

    /** The twenty points that try most, simulated in full. */
    private static boolean isSweepRight(TraceSource t) throws IOException {
        Sweep s = sweep(t);
        List<Integer> best = new ArrayList<>(IntStream.range(0, s.points())
                .boxed()
                .sorted(Comparator.comparing(i -> s.tried(i).bytes(), Comparator.reverseOrder()))
                .limit(20)
                .toList());
        int equal = 0;
        for (int i : best) {
            SchemeStats full = OpenLoop.run(t, TraceQuery.ALL, List.of(s.scheme(i)), OpenLoopOptions.DEFAULTS)
                    .schemes()
                    .get(0)
                    .stats();
            boolean isEqual = BigInteger.valueOf(full.szTried).equals(s.tried(i).bytes())
                    && full.nrTried == s.tried(i).regions();
            equal += isEqual ? 1 : 0;
        }
        System.out.println(equal + " of 20 points of the sweep equal their full simulation");
        return equal == best.size();
    }

    private static long closed() throws IOException {
        StringBuilder plan = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            plan.append("r").append(i).append(", 1G\n");
        }
        for (int i = 0; i < 10; i++) {
            plan.append("\nphase\n6000\nr").append(i).append(", 0, 4096, 3\nr");
            plan.append((i + 3) % 10).append(", 1, 4096, 1\n");
        }
        MonitoringAttrs attrs =
                new MonitoringAttrs(5_000, 100_000, 1_000_000, 1000, 2000, MonitoringAttrs.IntervalsOrigin.GIVEN);
        Kdamond k = new Kdamond(
                new Kdamond.Options(attrs, KernelVersion.V6_18, 0, 1, null, List.of(), OutcomeOptions.DEFAULTS, 1),
                () -> PlannedAccesses.of(plan.toString(), 100e6, 10));
        Snapshot s = new Snapshot();
        while (k.next(s)) {
            // to the end
        }
        return k.nowNs() / 1_000_000;
    }
}
