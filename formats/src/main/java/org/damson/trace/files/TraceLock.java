package org.damson.trace.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.damson.model.TraceFormatException;

/** The advisory lock of a directory, a trace's or a series': who writes there holds it, and it goes with its process. */
public final class TraceLock {
    public static final String NAME = ".lock";

    private TraceLock() {}

    /** Takes the advisory lock of a trace directory; the lock lives as long as the channel. */
    public static FileChannel take(Path dir) throws IOException {
        return take(dir, "another damson is writing this trace");
    }

    /**
     * Takes the advisory lock of a directory; the lock lives as long as the channel.
     *
     * @param refusal message about the directory if another process holds it
     */
    public static FileChannel take(Path dir, String refusal) throws IOException {
        Path file = dir.resolve(NAME);
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new TraceFormatException(file.toString(), "", "not a regular file");
        }
        FileChannel channel = SafeFiles.openOrCreate(file);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new IOException(dir + ": " + refusal);
        }
        return channel;
    }

    /** Whether a recorder holds the lock of a trace directory. */
    public static boolean isHeld(Path dir) {
        Path file = dir.resolve(NAME);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (FileChannel channel = take(dir)) {
            return !channel.isOpen();
        } catch (IOException held) {
            return true;
        }
    }
}
