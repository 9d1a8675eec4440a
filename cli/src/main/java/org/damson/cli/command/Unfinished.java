package org.damson.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.damson.trace.files.FileTrees;
import org.damson.trace.files.Leftovers;

/** Temporary files and directories of this run: an interrupted command leaves nothing half-written behind. */
public final class Unfinished {
    private static final Set<Path> PATHS = ConcurrentHashMap.newKeySet();
    private static volatile boolean ending;
    private static volatile Runnable first = () -> {};

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            first.run();
            ending = true;
            PATHS.forEach(Unfinished::discard);
        }));
    }

    private Unfinished() {}

    /** Has {@code action} run when this process ends, before anything is removed. */
    public static void atEnd(Runnable action) {
        first = action;
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
