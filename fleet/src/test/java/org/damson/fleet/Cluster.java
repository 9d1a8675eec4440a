package org.damson.fleet;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.launcher.JavaModuleOptions;

/** A standalone cluster of Spark on loopback: a master and workers as processes, whose executors have half a gigabyte. */
final class Cluster implements AutoCloseable {
    static final String EXECUTOR_MEMORY = "512m";
    private static final Pattern MASTER = Pattern.compile("Starting Spark master at (spark://\\S+)");
    private static final long PATIENCE_S = 120;

    private final Path home;
    private final List<Process> processes = new ArrayList<>();
    private String master;

    private Cluster(Path home) {
        this.home = home;
    }

    /** Starts it. */
    static Cluster start(Path home, int workers) throws IOException, InterruptedException {
        Cluster cluster = new Cluster(home);
        try {
            cluster.linkJars();
            cluster.launch(
                    "master",
                    "org.apache.spark.deploy.master.Master",
                    "--host",
                    "127.0.0.1",
                    "--port",
                    "0",
                    "--webui-port",
                    "0");
            cluster.master = cluster.awaitLine("master", MASTER);
            for (int i = 0; i < workers; i++) {
                cluster.launch(
                        "worker" + i,
                        "org.apache.spark.deploy.worker.Worker",
                        "--host",
                        "127.0.0.1",
                        "--port",
                        "0",
                        "--webui-port",
                        "0",
                        "--cores",
                        "1",
                        "--memory",
                        EXECUTOR_MEMORY,
                        "--work-dir",
                        home.resolve("work" + i).toString(),
                        cluster.master);
            }
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    String master() {
        return master;
    }

    /** The class path of this test, directories among it. */
    static List<String> classPath() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return List.of(path.split(File.pathSeparator));
    }

    static String classDirectories() {
        return classPath().stream()
                .filter(p -> Files.isDirectory(Path.of(p)))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Spark looks for its jars where a distribution has them. */
    private void linkJars() throws IOException {
        Path jars = Files.createDirectories(home.resolve("jars"));
        for (String entry : classPath()) {
            Path file = Path.of(entry);
            if (Files.isRegularFile(file)) {
                Files.createSymbolicLink(jars.resolve(file.getFileName()), file.toAbsolutePath());
            }
        }
    }

    private void launch(String name, String main, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-Xmx160m", "-XX:+UseSerialGC"));
        command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
        command.addAll(List.of(
                "-Ddamson.spark.log=info",
                "-cp",
                classDirectories() + File.pathSeparator + home.resolve("jars") + "/*",
                main));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log(name).toFile());
        builder.environment().put("SPARK_HOME", home.toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        builder.environment().put("SPARK_LOCAL_DIRS", home.resolve("local").toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        processes.add(builder.start());
    }

    private Path log(String name) {
        return home.resolve(name + ".log");
    }

    private String awaitLine(String name, Pattern wanted) throws IOException, InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (System.nanoTime() < until && processes.get(processes.size() - 1).isAlive()) {
            Matcher m = wanted.matcher(Files.readString(log(name)));
            if (m.find()) {
                return m.group(1);
            }
            Thread.sleep(50);
        }
        throw new IOException(name + ": " + Files.readString(log(name)));
    }

    /** Kills a worker so that it can clean up nothing. */
    void kill(int worker) throws IOException, InterruptedException {
        Process process = processes.get(1 + worker);
        int exit = new ProcessBuilder("kill", "-9", Long.toString(process.pid()))
                .start()
                .waitFor();
        assertTrue(exit == 0 && process.waitFor(PATIENCE_S, TimeUnit.SECONDS), "worker " + worker + " lives on");
    }

    @Override
    public void close() {
        for (Process process : processes) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        for (Process process : processes) {
            process.onExit().join();
        }
    }
}
