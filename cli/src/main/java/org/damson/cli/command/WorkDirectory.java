package org.damson.cli.command;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import org.damson.trace.files.PrivateDirectory;

/** A directory for what a command makes on its way, for its owner alone; it goes when closed, also of an interrupted command. */
public final class WorkDirectory implements Closeable {
    private final PrivateDirectory directory;

    private WorkDirectory(PrivateDirectory directory) {
        this.directory = directory;
        Unfinished.add(directory.path());
    }

    /** Where temporary files go. */
    public static WorkDirectory create(String purpose) throws IOException {
        return new WorkDirectory(PrivateDirectory.create("damson-" + purpose + "-"));
    }

    /** Beside {@code output}: for what is as large as that. */
    public static WorkDirectory beside(Path output, String purpose) throws IOException {
        return new WorkDirectory(PrivateDirectory.in(output.toAbsolutePath().getParent(), ".damson-" + purpose + "-"));
    }

    public Path resolve(String name) {
        return directory.resolve(name);
    }

    @Override
    public void close() throws IOException {
        directory.close();
        Unfinished.remove(directory.path());
    }
}
