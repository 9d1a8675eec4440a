package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Damson as a process of its own, for what an invocation within the test's cannot show. */
public final class DamsonProcess {
    private DamsonProcess() {}

    /** The words that start damson with these arguments. */
    static List<String> line(Object... args) {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-ea:org.damson...",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "org.damson.cli.Main"));
        for (Object arg : args) {
            line.add(arg.toString());
        }
        return line;
    }

    /** Starts damson; {@code out} and {@code err} in {@code dir} take what it says. */
    public static Process start(Path dir, Object... args) throws IOException {
        // A parent in the background, or under nohup, hands ignored signals down, and a JVM leaves ignored what it
        // found so.
        List<String> line = new ArrayList<>(List.of("env", "--default-signal"));
        line.addAll(line(args));
        return new ProcessBuilder(line)
                .redirectError(dir.resolve("err").toFile())
                .redirectOutput(dir.resolve("out").toFile())
                .start();
    }

    static void send(String signal, Process to) throws Exception {
        run("kill", "-" + signal, Long.toString(to.pid()));
    }

    /** Runs another program, which must succeed. */
    static void run(String... words) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder(words).start().waitFor(), String.join(" ", words));
    }
}
