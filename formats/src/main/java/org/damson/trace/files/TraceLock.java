package org.damson.trace.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.damson.model.TraceFormatException;

/** The advisory lock of a trace directory: who writes there holds it, and it goes with its process. */
public final class TraceLock {
    public static final String NAME = ".lock";

    private TraceLock() {}

    /** Takes the advisory lock of a trace directory; the lock lives as long as the channel. */
    public static FileChannel take(Path dir) throws IOException {
        Path file = dir.resolve(NAME);
        boolean isThere = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
        if (isThere && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new TraceFormatException(file.toString(), "", "not a regular file");
        }
        FileChannel channel = isThere
                ? FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)
                : SafeFiles.create(file);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new IOException(dir + ": another damson is writing this trace");
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
