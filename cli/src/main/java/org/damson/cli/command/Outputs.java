package org.damson.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.apache.commons.cli.CommandLine;
import org.damson.model.MissingCapabilityException;
import org.damson.model.TraceFormatException;
import org.damson.model.text.NativeText;
import org.damson.trace.Traces;

/**
 * Where results go. One rule for all verbs: what is there is refused, and the refusal names {@code --force}; that replaces a
 * regular file by a file and a trace by a trace, and nothing else.
 */
public final class Outputs {
    private Outputs() {}

    /**
     * The path of a new trace. What a recorder left there that died before it had written anything is removed.
     *
     * @throws UsageException if something is there
     * @throws TraceFormatException if {@code --force} is given, and what is there is not a trace or is being recorded
     */
    public static Path newTrace(CommandLine line, String name) throws IOException {
        requireName(name, "a trace");
        Path path = NativeText.path(name);
        requireDirectory(path);
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !Traces.removeUnborn(path)) {
            try {
                Traces.requireReplaceable(path);
            } catch (TraceFormatException e) {
                if (line.hasOption(Shared.FORCE)) {
                    throw e;
                }
                throw new UsageException(e.getMessage());
            }
            requireForce(line.hasOption(Shared.FORCE), name);
        }
        requireWritable(path);
        return path;
    }

    /** The path of a new file. */
    public static Path newFile(CommandLine line, String name) throws IOException {
        requireName(name, "this file");
        return newFile(line.hasOption(Shared.FORCE), name);
    }

    static Path newFile(boolean mayReplace, String name) throws IOException {
        Path path = NativeText.path(name);
        requireDirectory(path);
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new UsageException(name + " exists already and is not a regular file: it is not replaced");
            }
            requireForce(mayReplace, name);
        }
        requireWritable(path);
        return path;
    }

    /** What is written needs a directory, which is found missing before any work is done for it. */
    static void requireDirectory(Path file) throws IOException {
        Path directory = file.getParent();
        if (directory != null && !Files.isDirectory(directory)) {
            throw Files.exists(directory)
                    ? new NotDirectoryException(directory.toString())
                    : new NoSuchFileException(directory.toString());
        }
    }

    /** What is written appears in its directory under a temporary name, which says nothing to people. */
    private static void requireWritable(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null && !Files.isWritable(directory)) {
            throw new MissingCapabilityException(file
                    + (Files.getFileStore(directory).isReadOnly() ? ": read-only file system" : ": permission denied"));
        }
    }

    /** Elsewhere a hyphen is standard output. */
    private static void requireName(String name, String what) {
        if (name.equals("-")) {
            throw new UsageException(what + " cannot go to standard output: -o FILE, or ./- for a file of that name");
        }
    }

    private static void requireForce(boolean isGiven, String name) {
        if (!isGiven) {
            throw new UsageException(name + " exists already; --force replaces it");
        }
    }
}
