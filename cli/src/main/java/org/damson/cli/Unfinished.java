package org.damson.cli;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
