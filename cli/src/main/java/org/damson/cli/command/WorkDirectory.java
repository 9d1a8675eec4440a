package org.damson.cli.command;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.damson.model.MissingCapabilityException;
import org.damson.trace.Leftovers;

/** A directory for what a command makes on its way, for its owner alone; it goes when closed, also of an interrupted command. */
public final class WorkDirectory implements Closeable {
    private final Path path;

    private WorkDirectory(Path path) {
        this.path = path;
        Unfinished.add(path);
    }

    /** Where temporary files go. */
    public static WorkDirectory create(String purpose) throws IOException {
        return in(Path.of(System.getProperty("java.io.tmpdir")), "damson-" + purpose + "-");
    }

    /** Beside {@code output}: for what is as large as that. */
    public static WorkDirectory beside(Path output, String purpose) throws IOException {
        return in(output.toAbsolutePath().getParent(), ".damson-" + purpose + "-");
    }

    /** Those that killed processes left there go first. */
    private static WorkDirectory in(Path directory, String prefix) throws IOException {
        Leftovers.removeDead(directory, prefix, "-\\d+");
        try {
            return new WorkDirectory(Files.createTempDirectory(
                    directory, prefix + ProcessHandle.current().pid() + "-"));
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(directory, e);
        }
    }

    public Path resolve(String name) {
        return path.resolve(name);
    }

    @Override
    public void close() throws IOException {
        FileTrees.delete(path);
        Unfinished.remove(path);
    }
}
