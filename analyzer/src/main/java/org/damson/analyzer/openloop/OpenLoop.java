package org.damson.analyzer.openloop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.damson.analyzer.damos.DamosHost;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.damos.TriedListener;
import org.damson.analyzer.memory.MappedMemory;
import org.damson.analyzer.memory.MemoryModel;
import org.damson.analyzer.memory.OutListener;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.scan.ReadAhead;
import org.damson.damon.scheme.Scheme;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * Schemes over recorded snapshots. Region bounds and access counts are those of the recording, which no scheme changes;
 * ages, and what schemes split, are simulated.
 *
 * <p>A scheme other than {@code stat} sets the age of what it tries to 0. From then on a region's simulated age is
 * counted from there, unless the recording shows a younger one. Where a region is made of parts that were reset and parts
 * that were not, the kernel's age is their size-weighted average; which of them DAMON's own resets and roundings fell on
 * is not recorded, and gives the bounds. One kdamond context is one machine; memory is
 * that of one round of snapshots.
 */
public final class OpenLoop {
    /** Alternatives that share a pass: each keeps pieces of memory. */
    private static final int MAX_TOGETHER = 64;

    private OpenLoop() {}

    /**
     * Runs schemes over the part of a trace that the query chooses.
     *
     * @throws InvalidInputException if the trace cannot answer: no ages where a scheme asks for them, no intervals
     */
    public static OpenLoopResult run(TraceSource trace, TraceQuery query, List<Scheme> schemes, OpenLoopOptions options)
            throws IOException {
        return run(trace, query, schemes, options, DamosHost.NONE);
    }

    /**
     * The same, with the outcome for memory and time.
     *
     * @param listener receives every region tried; null: none
     */
    public static OpenLoopResult run(
            TraceSource trace,
            TraceQuery query,
            List<Scheme> schemes,
            OpenLoopOptions options,
            OutcomeOptions outcome,
            TriedListener listener)
            throws IOException {
        return runTogether(trace, query, List.of(schemes), options, outcome, listener, null, true)
                .get(0);
    }

    /** The same; {@code out} receives the memory that is paged out after each pass. */
    public static OpenLoopResult runTelling(
            TraceSource trace,
            TraceQuery query,
            List<Scheme> schemes,
            OpenLoopOptions options,
            OutcomeOptions outcome,
            OutListener out)
            throws IOException {
        return runTogether(trace, query, List.of(schemes), options, outcome, null, out, true)
                .get(0);
    }

    public static OpenLoopResult run(
            TraceSource trace, TraceQuery query, List<Scheme> schemes, OpenLoopOptions options, DamosHost surroundings)
            throws IOException {
        OpenLoopOptions known = RecordedCuts.options(trace, options);
        return pass(trace, query, List.of(new Simulation(schemes, known, surroundings)), true)
                .get(0);
    }

    /**
     * Several alternatives, each as if it were alone, in few passes over the trace and on all processors.
     *
     * @param alternatives lists of schemes
     * @return one result for each, in order
     */
    public static List<OpenLoopResult> runAll(
            TraceSource trace,
            TraceQuery query,
            List<List<Scheme>> alternatives,
            OpenLoopOptions options,
            OutcomeOptions outcome)
            throws IOException {
        int threads = Math.max(1, Math.min(Runtime.getRuntime().availableProcessors(), alternatives.size()));
        int size = Math.min(MAX_TOGETHER, (alternatives.size() + threads - 1) / threads);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<List<OpenLoopResult>>> parts = new ArrayList<>();
            for (int i = 0; i < alternatives.size(); i += size) {
                List<List<Scheme>> part = alternatives.subList(i, Math.min(alternatives.size(), i + size));
                parts.add(
                        pool.submit(() -> runTogether(trace, query, part, options, outcome, null, null, threads == 1)));
            }
            List<OpenLoopResult> all = new ArrayList<>();
            for (Future<List<OpenLoopResult>> part : parts) {
                all.addAll(part.get());
            }
            return all;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            if (e.getCause() instanceof RuntimeException r) {
                throw r;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    private static List<OpenLoopResult> runTogether(
            TraceSource trace,
            TraceQuery query,
            List<List<Scheme>> alternatives,
            OpenLoopOptions options,
            OutcomeOptions outcome,
            TriedListener listener,
            OutListener out,
            boolean isAlone)
            throws IOException {
        OpenLoopOptions known = RecordedCuts.options(trace, options);
        try (MappedMemory mapped = new MappedMemory(trace, known.physical())) {
            List<Simulation> simulations = new ArrayList<>();
            for (List<Scheme> schemes : alternatives) {
                simulations.add(new Simulation(
                        schemes,
                        known,
                        new MemoryModel(mapped, known, outcome, schemes.size(), listener).telling(out)));
            }
            return pass(trace, query, simulations, isAlone);
        }
    }

    /** @param isAlone whether no other pass keeps the other processors busy */
    private static List<OpenLoopResult> pass(
            TraceSource trace, TraceQuery query, List<Simulation> simulations, boolean isAlone) throws IOException {
        TraceQuery aged = query.columns(Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED | Snapshot.HAS_WRITTEN);
        Snapshot s = new Snapshot();
        try (RecordedCuts recorded = new RecordedCuts(trace, simulations.get(0).options());
                TraceSource.SnapshotCursor cursor = isAlone ? ReadAhead.of(trace, aged) : trace.snapshots(aged)) {
            while (cursor.next(s)) {
                SeenRegions seen = recorded.of(s);
                for (Simulation simulation : simulations) {
                    simulation.add(seen, trace.name());
                }
            }
            List<OpenLoopResult> results = new ArrayList<>();
            for (Simulation simulation : simulations) {
                simulation.end();
                results.add(simulation.result(recorded));
            }
            return results;
        }
    }
}
