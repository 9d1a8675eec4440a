package org.damson.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Temporary files and directories of this run: an interrupted command leaves nothing half-written behind. */
final class Unfinished {
    private static final Set<Path> PATHS = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            for (Path path : PATHS) {
                try {
                    TraceFiles.deleteTree(path);
                } catch (IOException | RuntimeException e) {
                    // the command may still be writing there, and nobody is left to tell
                }
            }
        }));
    }

    private Unfinished() {}

    static void add(Path path) {
        PATHS.add(path);
    }

    static void remove(Path path) {
        PATHS.remove(path);
    }
}
