package org.damson.fleet;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.damson.analyzer.fleet.FleetAnswer;
import org.damson.analyzer.fleet.FleetFiles;
import org.damson.analyzer.fleet.FleetPlan;
import org.damson.analyzer.fleet.FleetSelection;
import org.damson.analyzer.fleet.FleetTrace;
import org.damson.analyzer.fleet.SharedRows;
import org.damson.analyzer.fleet.TraceAnswer;
import org.damson.analyzer.fleet.Trouble;
import org.damson.analyzer.render.fleet.FleetService;
import org.damson.analyzer.render.table.TableReport;
import org.damson.model.MissingCapabilityException;
import org.damson.model.text.NativeText;
import scala.Tuple2;

/**
 * A task a trace: each is opened where the task runs, what comes of it is put together with its copies, then with its
 * groups. The driver holds the names of the traces and what is told of the groups.
 */
final class SparkEngine implements FleetService {
    /** Beyond it a task reads several traces: the driver schedules each. */
    private static final int MAX_TASKS = 20_000;

    /** What comes of so many traces is put together by one task, unless processors would be idle. */
    private static final int ANSWERS_A_PARTITION = 100;

    private final SparkSession spark;
    private final JavaSparkContext context;

    SparkEngine(SparkSession spark) {
        this.spark = spark;
        context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    }

    @Override
    public FleetSelection find(List<String> roots, TreeMap<String, String> where) throws IOException {
        FleetFiles here = new FleetFiles();
        RemoteFiles remote = new RemoteFiles(context.hadoopConfiguration());
        for (String given : roots) {
            // This machine's files need no copies.
            String root = given.replaceFirst("^file:/+", "/");
            if (FleetTrace.isRemote(root)) {
                try {
                    remote.find(root);
                } catch (RuntimeException e) { // a scheme whose classes are not here, or no URI
                    throw failure(e);
                }
            } else {
                here.find(NativeText.path(root));
            }
        }
        List<String> found = new ArrayList<>(here.found());
        found.addAll(remote.found());
        List<Trouble> troubles = new ArrayList<>(here.troubles());
        troubles.addAll(remote.troubles());
        return FleetSelection.of(found, where, troubles);
    }

    @Override
    public <V extends Serializable, S extends Serializable, R extends Serializable> FleetAnswer<R> run(
            FleetSelection selection, FleetPlan<V, S, R> plan) throws IOException {
        TreeMap<String, R> groups = new TreeMap<>();
        List<Trouble> troubles = new ArrayList<>(selection.troubles());
        if (!selection.traces().isEmpty()) {
            try {
                run(selection, plan, groups, troubles);
            } catch (Exception e) {
                IOException failure = failure(e);
                // What is wrong with a trace is among the troubles: this is Spark's own disk.
                throw failure instanceof FileSystemException || failure.getClass() == IOException.class
                        ? gaveUp(failure.getMessage(), e)
                        : failure;
            }
        }
        troubles.sort(Trouble.ORDER);
        return new FleetAnswer<>(groups, List.copyOf(troubles));
    }

    private <V extends Serializable, S extends Serializable, R extends Serializable> void run(
            FleetSelection selection, FleetPlan<V, S, R> plan, TreeMap<String, R> groups, List<Trouble> troubles) {
        int tasks = Math.min(selection.traces().size(), MAX_TASKS);
        int partitions = Math.min(
                tasks,
                Math.max(2 * context.defaultParallelism(), selection.traces().size() / ANSWERS_A_PARTITION));
        TreeMap<String, String> where = selection.where();
        Configuration hadoop = context.hadoopConfiguration();
        Broadcast<SerializableConfiguration> files = context.broadcast(new SerializableConfiguration(hadoop));
        // Answers are kept as Spark shuffles them: the second job below reads no trace again.
        JavaPairRDD<String, TraceAnswer<V>> recordings = context.parallelize(selection.traces(), tasks)
                .mapToPair(trace -> {
                    TraceAnswer<V> answer = RemoteFiles.answer(trace, plan, where, files);
                    return new Tuple2<>(answer.identity(), answer);
                })
                .reduceByKey(TraceAnswer::first, partitions);
        SharedRows shared = shared(recordings.filter(r -> r._2.value() != null).mapValues(TraceAnswer::rows));
        HashSet<String> leftOut = new HashSet<>(shared.leftOut());
        troubles.addAll(
                recordings.flatMap(r -> r._2.troubles(leftOut).iterator()).collect());
        troubles.addAll(shared.troubles());
        recordings
                .filter(r -> r._2.value() != null && !leftOut.contains(r._1))
                .flatMapToPair(r -> grouped(r._2.value(), plan))
                .aggregateByKey(plan.none(), partitions, plan::add, plan::join)
                .mapToPair(g -> new Tuple2<>(g._1, plan.end(g._1, g._2)))
                .collect()
                .forEach(g -> groups.put(g._1, g._2));
        files.destroy();
    }

    /** Of traces made from others: they alone, and those they name, come to the driver. */
    private static SharedRows shared(JavaPairRDD<String, SharedRows.Rows> rows) {
        List<SharedRows.Rows> made =
                rows.values().filter(SharedRows.Rows::isMade).collect();
        if (made.isEmpty()) {
            return new SharedRows(made);
        }
        HashSet<String> wanted = new HashSet<>();
        made.forEach(of -> {
            wanted.add(of.identity());
            wanted.addAll(of.madeFrom());
            wanted.addAll(of.merged());
        });
        return new SharedRows(rows.filter(of -> wanted.contains(of._1)).values().collect());
    }

    private static <V extends Serializable> Iterator<Tuple2<String, V>> grouped(V value, FleetPlan<V, ?, ?> plan) {
        return plan.groups(value).stream()
                .map(group -> new Tuple2<>(group, value))
                .iterator();
    }

    /** One line for what ended a job: nothing that is in a trace does. */
    private static IOException failure(Exception e) {
        Throwable cause = e;
        while (cause instanceof SparkException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof IOException io) {
            return io;
        }
        return gaveUp(cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage(), e);
    }

    private static MissingCapabilityException gaveUp(String why, Exception e) {
        return new MissingCapabilityException(
                "Spark gave up: " + String.valueOf(why).lines().findFirst().orElse(""), e);
    }

    @Override
    public void writeParquet(TableReport.Section table, String path, boolean mayReplace) throws IOException {
        try {
            ParquetTables.write(spark, table, path, mayReplace);
        } catch (Exception e) {
            throw failure(e);
        }
    }

    @Override
    public void close() {
        spark.stop();
    }
}
