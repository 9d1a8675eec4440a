package org.damson.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.damson.trace.files.FileTrees;
import org.damson.trace.files.Leftovers;

/** Temporary files and directories of this run: an interrupted command leaves nothing half-written behind. */
public final class Unfinished {
    private static final Set<Path> PATHS = ConcurrentHashMap.newKeySet();
    private static final long MOST_MILLIS = 60_000;

    private static volatile boolean asked;
    private static volatile boolean ending;
    private static volatile Runnable first = () -> {};
    private static volatile CountDownLatch held = new CountDownLatch(0);

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            asked = true;
            first.run();
            try {
                held.await(MOST_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            ending = true;
            PATHS.forEach(Unfinished::discard);
        }));
    }

    private Unfinished() {}

    /** Has {@code action} run when this process ends, before anything is removed. */
    public static void atEnd(Runnable action) {
        first = action;
    }

    /** Has the end of this process wait, for a minute at most, until it is closed: what is under way may be completed before. */
    public static final class Hold implements AutoCloseable {
        private final CountDownLatch latch = new CountDownLatch(1);

        public Hold() {
            held = latch;
        }

        /** Whether the process is about to end. */
        public boolean isAsked() {
            return asked;
        }

        @Override
        public void close() {
            latch.countDown();
        }
    }

    public static void add(Path path) {
        PATHS.add(path);
        if (ending) {
            discard(path);
        }
    }

    /** Renames it first: what the command, which may still run, creates or renames by the old name then fails. */
    private static void discard(Path path) {
        Path doomed = Leftovers.aside(path);
        try {
            Files.move(path, doomed, StandardCopyOption.ATOMIC_MOVE);
            FileTrees.delete(doomed);
        } catch (IOException | RuntimeException e) {
            // complete and in its place by now, or gone; nobody is left to tell
        }
    }

    public static void remove(Path path) {
        PATHS.remove(path);
    }
}
