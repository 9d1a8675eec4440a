package org.damson.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.damson.cli.command.ExitCode;
import org.damson.cli.console.Console;

/** One invocation in this process: exit code and both streams. */
public record CliRun(int exit, byte[] outBytes, String err) {
    public static CliRun of(Object... args) {
        return with(Map.of(), new byte[0], args);
    }

    public static CliRun with(Map<String, String> environment, byte[] input, Object... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(out, err, new ByteArrayInputStream(input), environment, false, false);
        int exit = Cli.run(Arrays.stream(args).map(String::valueOf).toArray(String[]::new), console);
        return new CliRun(exit, out.toByteArray(), err.toString(StandardCharsets.UTF_8));
    }

    public String out() {
        return new String(outBytes, StandardCharsets.UTF_8);
    }

    /** Fails with everything that was said if the exit code is another. */
    public CliRun expect(int code) {
        if (exit != code) {
            throw new AssertionError(
                    "exit " + exit + ", expected " + code + "\n--- out\n" + out() + "\n--- err\n" + err);
        }
        if (err.contains("\tat ") || err.contains("internal error")) {
            throw new AssertionError("a stack trace or internal error reached the user:\n" + err);
        }
        return this;
    }

    /** Fails if there is no answer; one that rests on what this machine, perhaps busy, recorded may be partial. */
    public CliRun expectAnswer() {
        return expect(exit == ExitCode.PARTIAL ? ExitCode.PARTIAL : ExitCode.OK);
    }

    /** The recordings that come with the project. */
    public static Path testdata() {
        return Path.of("..", "testdata");
    }

    /** Imports {@code testdata/zigzag-damo} as this trace. */
    public static Path importZigzag(Path trace) {
        of("import", testdata().resolve("zigzag-damo/damon.data"), "-o", trace).expect(ExitCode.OK);
        return trace;
    }

    /** Makes a program of accessgen that touches one page for 200 ms. */
    public static Path shortProgram(Path dir) throws IOException {
        return Files.writeString(dir.resolve("short.cfg"), "r0, 1M\n\nstep 0\n200\nr0, 0, 4096, 1, rw\n");
    }
}
