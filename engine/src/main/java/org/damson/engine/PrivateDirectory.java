package org.damson.engine;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.damson.model.MissingCapabilityException;
import org.damson.trace.Leftovers;

/** A temporary directory for its owner alone; it goes when closed, and with the next one if this process is killed. */
final class PrivateDirectory implements Closeable {
    private static final String PREFIX = "damson-embedded-";

    private final Path path;

    private PrivateDirectory(Path path) {
        this.path = path;
    }

    static PrivateDirectory create() throws IOException {
        Path parent = Path.of(System.getProperty("java.io.tmpdir"));
        Leftovers.removeDead(parent, PREFIX, "-\\d+");
        try {
            return new PrivateDirectory(Files.createTempDirectory(
                    parent, PREFIX + ProcessHandle.current().pid() + "-"));
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(parent, e);
        }
    }

    Path resolve(String name) {
        return path.resolve(name);
    }

    @Override
    public void close() throws IOException {
        if (Files.isDirectory(path)) {
            Files.walkFileTree(path, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
                    Files.delete(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        }
    }
}
