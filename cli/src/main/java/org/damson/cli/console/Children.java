package org.damson.cli.console;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs another program to its end, its output on ours. */
public final class Children {
    private Children() {}

    /** Runs {@code command}, its output on the console's streams, and returns its exit code. */
    public static int run(List<String> command, Console console) throws Exception {
        Process child = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread hook = new Thread(child::destroy);
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            Thread errors = pump(child.getErrorStream(), console.err());
            Thread output = pump(child.getInputStream(), console.out());
            int exit = child.waitFor();
            output.join();
            errors.join();
            return exit;
        } finally {
            child.destroy();
            if (!child.waitFor(2, TimeUnit.SECONDS)) {
                child.destroyForcibly();
            }
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // shutting down already; the hook does its work
            }
        }
    }

    private static Thread pump(InputStream from, OutputStream to) {
        Thread thread = new Thread(() -> {
            try (from) {
                from.transferTo(to);
                to.flush();
            } catch (java.io.IOException | ClosedOutputException e) {
                // the reader has gone; the child notices by itself
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
