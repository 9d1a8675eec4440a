package org.damson.cli;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Temporary files and directories of this run: an interrupted command leaves nothing half-written behind. */
final class Unfinished {
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
    static void atEnd(Runnable action) {
        first = action;
    }

    static void add(Path path) {
        PATHS.add(path);
        if (ending) {
            discard(path);
        }
    }

    /** Renames it first: what the command, which may still run, creates or renames by the old name then fails. */
    private static void discard(Path path) {
        Path doomed = path.resolveSibling(
                path.getFileName() + ".gone" + ProcessHandle.current().pid());
        try {
            Files.move(path, doomed, StandardCopyOption.ATOMIC_MOVE);
            TraceFiles.deleteTree(doomed);
        } catch (IOException | RuntimeException e) {
            // complete and in its place by now, or gone; nobody is left to tell
        }
    }

    static void remove(Path path) {
        PATHS.remove(path);
    }

    /**
     * Removes what dead processes of this user left in a directory: files and directories, never links, named
     * {@code prefix}, the number of their process, and {@code rest}. What cannot be removed stays.
     *
     * @param rest a regular expression
     */
    static void removeDead(Path directory, String prefix, String rest) {
        Pattern name = Pattern.compile(Pattern.quote(prefix) + "([1-9]\\d{0,9})" + rest);
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            Object self = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            for (Path path : all) {
                Matcher m = name.matcher(path.getFileName().toString());
                if (m.matches()
                        && !Files.isSymbolicLink(path)
                        && ProcessHandle.of(Long.parseLong(m.group(1))).isEmpty()
                        && self.equals(Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS))) {
                    TraceFiles.deleteTree(path);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return; // what was left is in nobody's way
        }
    }
}
