package org.damson.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.damson.analyzer.fleet.FleetAnswer;
import org.damson.analyzer.fleet.FleetEngine;
import org.damson.analyzer.fleet.FleetPlan;
import org.damson.analyzer.fleet.FleetResult;
import org.damson.analyzer.fleet.FleetSelection;
import org.damson.analyzer.fleet.report.FleetCurves;
import org.damson.analyzer.fleet.report.FleetReport;
import org.damson.analyzer.fleet.tune.FleetSweep;
import org.damson.analyzer.fleet.tune.FleetTune;
import org.damson.analyzer.fleet.tune.SchemeWords;
import org.damson.analyzer.openloop.SweepGrid;
import org.damson.analyzer.render.fleet.FleetCurvesTable;
import org.damson.analyzer.render.fleet.FleetReportTable;
import org.damson.analyzer.render.fleet.FleetSweepTable;
import org.damson.analyzer.render.fleet.FleetTuneTable;
import org.damson.analyzer.render.table.TableReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster of processes, one of whose workers is killed, answers as one process does, to the byte. */
final class ClusterTest {
    private static final int TRACES = 60;
    private static final int BEFORE_THE_KILL = 20;
    private static final FleetTune.Options TUNE = new FleetTune.Options(
            new SchemeWords(
                    new ArrayList<>(List.of("pageout access=0..0")),
                    new ArrayList<>(List.of("min_age=500ms..4s/500ms")),
                    "out where refaults<=64M",
                    false,
                    0,
                    "zram"),
            70,
            80,
            40,
            1,
            100);

    @TempDir
    Path dir;

    @Test
    void aClusterThatLosesAWorkerAnswersAsOneProcess() throws Exception {
        Path fleet = makeFleet();
        List<String> expected = new ArrayList<>();
        try (FleetEngine alone = new SparkProvider().open("local[1]", new TreeMap<>())) {
            FleetSelection traces = alone.find(List.of(fleet.toString()), new TreeMap<>());
            assertEquals(TRACES, traces.traces().size());
            expected.add(text(new FleetReport(true).run(alone, traces), r -> FleetReportTable.of(r, 10)));
            expected.add(text(new FleetCurves("service").run(alone, traces), FleetCurvesTable::of));
            expected.add(text(FleetTune.run(TUNE, alone, traces), FleetTuneTable::of));
            expected.add(text(sweep().run(alone, traces), FleetSweepTable::of));
        }
        try (Cluster cluster = Cluster.start(dir.resolve("spark"), 2);
                FleetEngine engine = new SparkProvider().open(cluster.master(), settings())) {
            FleetSelection traces = engine.find(List.of(fleet.toString()), new TreeMap<>());
            List<String> answers = new ArrayList<>();
            answers.add(text(
                    new FleetReport(true).run(new Killing(engine, cluster), traces), r -> FleetReportTable.of(r, 10)));
            answers.add(text(new FleetCurves("service").run(engine, traces), FleetCurvesTable::of));
            answers.add(text(FleetTune.run(TUNE, engine, traces), FleetTuneTable::of));
            answers.add(text(sweep().run(engine, traces), FleetSweepTable::of));
            assertEquals(expected, answers);
        }
    }

    private static FleetSweep sweep() {
        return new FleetSweep(
                new SweepGrid(new long[] {0, 500_000, 2_000_000}, new int[] {0, 4}, new long[] {0, 2 * Made.MIB}),
                "service");
    }

    /** Five services on twelve hosts each; one trace is cut short, one is there twice. */
    private Path makeFleet() throws IOException {
        Path fleet = dir.resolve("fleet");
        for (int i = 0; i < TRACES - 1; i++) {
            Path at = fleet.resolve("service=s" + i % 5 + "/host=h" + i + "/day=2026-11-30/t.damson");
            Made.trace(at, Made.manifest(1_795_996_800L), 60, i);
            if (i == 7) {
                Files.delete(at.resolve("regions-000000.parquet"));
            }
        }
        Made.trace(fleet.resolve("again.damson"), Made.manifest(1_795_996_800L), 60, 3);
        return fleet;
    }

    private TreeMap<String, String> settings() {
        TreeMap<String, String> settings = new TreeMap<>();
        settings.put("spark.driver.host", "127.0.0.1");
        settings.put("spark.driver.bindAddress", "127.0.0.1");
        settings.put("spark.executor.memory", Cluster.EXECUTOR_MEMORY);
        settings.put("spark.executor.cores", "1");
        settings.put("spark.executor.extraClassPath", Cluster.classDirectories());
        settings.put("spark.executor.extraJavaOptions", "-XX:+UseSerialGC -Darrow.allocation.manager.type=Netty");
        settings.put("spark.local.dir", dir.resolve("local").toString());
        // Both workers have begun before anything is done.
        settings.put("spark.scheduler.minRegisteredResourcesRatio", "1.0");
        settings.put("spark.scheduler.maxRegisteredResourcesWaitingTime", "120s");
        return settings;
    }

    private static <R extends FleetResult> String text(R result, Function<R, TableReport> tables) throws IOException {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        tables.apply(result).json(json);
        return result.isKept() + json.toString(StandardCharsets.UTF_8);
    }

    /** An engine whose first plan is stopped in the middle, until a worker was killed. */
    private final class Killing implements FleetEngine {
        private final FleetEngine engine;
        private final Cluster cluster;

        Killing(FleetEngine engine, Cluster cluster) {
            this.engine = engine;
            this.cluster = cluster;
        }

        @Override
        public <V extends Serializable, S extends Serializable, R extends Serializable> FleetAnswer<R> run(
                FleetSelection selection, FleetPlan<V, S, R> plan) throws IOException {
            Path gate = Files.createDirectories(dir.resolve("gate"));
            CompletableFuture<FleetAnswer<R>> answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return engine.run(selection, new Gated<>(plan, gate.toString(), BEFORE_THE_KILL));
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            try {
                // Both executors stand before the gate, each with what it has done so far.
                while (Gated.begun(gate) < BEFORE_THE_KILL + 2 && !answer.isDone()) {
                    TimeUnit.MILLISECONDS.sleep(20);
                }
                assertTrue(!answer.isDone(), "there is a middle");
                cluster.kill(1);
                Gated.open(gate);
                return answer.get(5, TimeUnit.MINUTES);
            } catch (Exception e) {
                throw new IOException(e);
            }
        }

        @Override
        public FleetSelection find(List<String> roots, TreeMap<String, String> where) throws IOException {
            return engine.find(roots, where);
        }

        @Override
        public void close() throws IOException {
            engine.close();
        }
    }
}
