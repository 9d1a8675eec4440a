package org.damson.trace.files;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.damson.model.MissingCapabilityException;

/** A temporary directory for its owner alone; it goes when closed, and with the next one there if this process is killed. */
public final class PrivateDirectory implements Closeable {
    private final Path path;

    private PrivateDirectory(Path path) {
        this.path = path;
    }

    /** Where temporary files go. */
    public static PrivateDirectory create(String prefix) throws IOException {
        return in(Path.of(System.getProperty("java.io.tmpdir")), prefix);
    }

    /** In {@code parent}; those of the same prefix that killed processes left there go first. */
    public static PrivateDirectory in(Path parent, String prefix) throws IOException {
        Leftovers.removeDead(parent, prefix, "-\\d+");
        try {
            return new PrivateDirectory(Files.createTempDirectory(
                    parent, prefix + ProcessHandle.current().pid() + "-"));
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(parent, e);
        }
    }

    public Path path() {
        return path;
    }

    public Path resolve(String name) {
        return path.resolve(name);
    }

    /** Deletes it and what is in it, if it is there. */
    @Override
    public void close() throws IOException {
        FileTrees.delete(path);
    }
}
