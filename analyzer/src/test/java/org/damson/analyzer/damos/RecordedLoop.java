package org.damson.analyzer.damos;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.damson.analyzer.closedloop.Kdamond;
import org.damson.analyzer.closedloop.PlannedAccesses;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeText;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Manifest.Source;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/**
 * A kdamond whose accesses are known, recorded as damson records one of its own with schemes that cut nothing.
 *
 * @param events what its schemes were applied to, one line each
 * @param tried by scheme: regions and bytes
 */
record RecordedLoop(List<String> events, long[][] tried) {
    static final MonitoringAttrs ATTRS =
            new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);

    static final String STEPS =
            """
            a, 24M
            b, 24M
            c, 40M

            first
            1500
            a, 0, 4096, 1

            second
            1500
            b, 0, 4096, 1
            c, 1, 4096, 1

            third
            1000
            a, 0, 4096, 1
            c, 0, 4096, 1
            """;

    /** What is recorded of a run. */
    enum Told {
        /** Regions only. */
        REGIONS,
        /** What schemes were applied to, too. */
        EVENTS,
        /** Regions, of which some are lost, and snapshots. */
        WITH_LOSSES
    }

    static RecordedLoop of(
            KernelVersion kernel, List<Scheme> schemes, Kdamond.IntervalsGoal goal, long seed, Path path, Told told)
            throws IOException {
        // So slow a program is seen by some samples of a piece and not by others: neighbours come near each other by
        // chance.
        Kdamond k = new Kdamond(
                new Kdamond.Options(ATTRS, kernel, 0, 1, goal, schemes, OutcomeOptions.DEFAULTS, seed),
                () -> PlannedAccesses.of(STEPS, 2e6, 3));
        List<String> events = new ArrayList<>();
        long[][] tried = new long[schemes.size()][2];
        Batch rows = new Batch(Table.SCHEMES);
        k.listen((scheme, target, start, end, nr, age) -> {
            tried[scheme][0]++;
            tried[scheme][1] += end - start;
            events.add(scheme + " " + start + "-" + end + " " + nr + " " + age);
            rows.add(0L, 0, 0, scheme, target, start, end, nr, age, k.nrRegions());
        });
        Random random = new Random(seed);
        Snapshot s = new Snapshot();
        try (TraceSink sink = Traces.create(path, manifest(kernel, schemes), WriterOptions.BATCH)) {
            while (k.next(s)) {
                for (int i = 0; i < rows.rows(); i++) {
                    rows.set(Table.SCHEMES.indexOf("time_ns"), i, s.endNs);
                }
                if (told == Told.EVENTS && rows.rows() > 0) {
                    sink.append(rows);
                }
                rows.clear();
                if (told != Told.WITH_LOSSES || !lose(s, random, sink)) {
                    sink.append(s);
                }
            }
        }
        return new RecordedLoop(events, tried);
    }

    /**
     * Drops regions, or a whole snapshot, except in the first and last half second: a loss there would only shorten the recording.
     * Returns whether the snapshot is dropped.
     */
    private static boolean lose(Snapshot s, Random random, TraceSink sink) throws IOException {
        if (s.endNs < 500_000_000 || s.endNs > 11_500_000_000L || random.nextInt(10) > 1) {
            return false;
        }
        boolean all = random.nextInt(3) == 0;
        if (!all) {
            int gone = random.nextInt(s.regions);
            for (int i = gone; i + 1 < s.regions; i++) {
                s.start[i] = s.start[i + 1];
                s.end[i] = s.end[i + 1];
                s.nrAccesses[i] = s.nrAccesses[i + 1];
                s.age[i] = s.age[i + 1];
            }
            s.regions--;
            s.lost = 1;
        }
        Batch loss = new Batch(Table.LOSSES);
        loss.add(s.startNs, s.endNs, "ring", 1L, "overrun");
        sink.append(loss);
        return all;
    }

    private static Manifest manifest(KernelVersion kernel, List<Scheme> schemes) {
        Manifest m = new Manifest();
        m.source = Source.DAMON.text();
        m.attrs = ATTRS;
        ManifestKey.OPS.put(m, "vaddr");
        ManifestKey.KERNEL.put(m, kernel + ".0");
        if (!schemes.isEmpty()) {
            ManifestKey.DAMON_SCHEMES.put(
                    m, schemes.stream().map(s -> s.action().word()).toList());
            ManifestKey.CUTTING_SCHEMES.put(m, List.of());
        }
        return m;
    }

    /** Nothing if a scheme's bounds hold, else what does not. */
    String beyond(OpenLoopResult r, int i, String which) {
        OpenLoopResult.PerScheme s = r.schemes().get(i);
        boolean holds = s.nrTriedMin() <= tried[i][0]
                && tried[i][0] <= s.nrTriedMax()
                && s.szTriedMin() <= tried[i][1]
                && tried[i][1] <= s.szTriedMax();
        return holds
                ? ""
                : which + " scheme " + i + " " + SchemeText.shortForm(s.scheme()) + ": " + tried[i][1] + " in "
                        + s.szTriedMin() + ".." + s.szTriedMax() + ", " + tried[i][0] + " in " + s.nrTriedMin() + ".."
                        + s.nrTriedMax() + "\n";
    }
}
