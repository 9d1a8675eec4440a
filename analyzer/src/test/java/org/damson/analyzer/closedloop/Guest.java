package org.damson.analyzer.closedloop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.damos.KernelVersion;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.whatif.Recorded;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** A generator recorded by a real kernel: what it touched when, what it had mapped, and what DAMON made of it. */
final class Guest implements AutoCloseable {
    /** One touch by the generator when nothing keeps it: the best phase of these recordings. */
    private static final double TOUCH_NS = 25;

    final TraceSource trace;
    final List<PlannedAccesses.Load> loads = new ArrayList<>();
    final long[] areas;
    final long[] endsNs;
    final long startNs;

    Guest(Path dir, String name) throws IOException {
        Path from = Path.of("..", "testdata", "damos-6.12", "patterns", name);
        trace = Recorded.open(dir, "damos-6.12/patterns/" + name + "/trace.txt.gz");
        List<long[]> all = new ArrayList<>();
        List<long[]> places = new ArrayList<>();
        long size = name.equals("stairs") ? 32 << 20 : 48 << 20;
        for (String line : Files.readAllLines(from.resolve("maps"))) {
            String[] f = line.split("[- ]");
            long[] area = {Long.parseUnsignedLong(f[0], 16), Long.parseUnsignedLong(f[1], 16)};
            all.add(area);
            if (f[2].equals("rw") && area[1] - area[0] == size) {
                // mmap gives addresses from the top down, in the order of the configuration.
                places.add(0, area);
            }
        }
        areas = new long[all.size() * 2];
        for (int i = 0; i < all.size(); i++) {
            areas[2 * i] = all.get(i)[0];
            areas[2 * i + 1] = all.get(i)[1];
        }
        List<String> names = new ArrayList<>();
        List<String> log = Files.readAllLines(from.resolve("log.csv"));
        for (String line : log.subList(1, log.size())) {
            String[] f = line.split(",");
            if (!names.contains(f[3])) {
                names.add(f[3]);
            }
            long[] at = places.get(names.indexOf(f[3]));
            long begin = Long.parseLong(f[0]);
            long end = Long.parseLong(f[1]);
            double pages = (at[1] - at[0]) / 4096.0;
            double period = pages * (end - begin) / Double.parseDouble(f[4]);
            loads.add(new PlannedAccesses.Load(begin, end, at[0], at[1], period, false));
        }
        long lastNs = loads.get(loads.size() - 1).toNs();
        List<Long> ends = new ArrayList<>();
        long first = 0;
        Snapshot s = new Snapshot();
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            while (cursor.next(s) && s.endNs <= lastNs) {
                first = ends.isEmpty() ? s.startNs : first;
                ends.add(s.endNs);
            }
        }
        startNs = first;
        endsNs = ends.stream().mapToLong(Long::longValue).toArray();
    }

    /** A closed loop over the same accesses, aggregating when the kernel did. */
    Kdamond kdamond(MonitoringAttrs attrs, double detection, double burstNs, long seed) throws IOException {
        List<PlannedAccesses.Load> shared = new ArrayList<>();
        for (PlannedAccesses.Load l : loads) {
            double sweepNs = (l.end() - l.start()) / 4096.0 * TOUCH_NS;
            PlannedAccesses.Bursts bursts = burstNs > 0 ? new PlannedAccesses.Bursts(sweepNs, burstNs) : null;
            shared.add(new PlannedAccesses.Load(
                    l.fromNs(), l.toNs(), l.start(), l.end(), Math.max(sweepNs, l.periodNs()), false, bursts));
        }
        Kdamond k = new Kdamond(
                new Kdamond.Options(
                        attrs, KernelVersion.V6_12, 0, detection, null, List.of(), OutcomeOptions.DEFAULTS, seed),
                new PlannedAccesses(shared, areas, seed),
                new PlannedAccesses(shared, areas, seed),
                startNs);
        k.follow(endsNs);
        return k;
    }

    @Override
    public void close() throws IOException {
        trace.close();
    }
}
