package org.damson.model;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * This machine or this user lacks something: a permission, a capability, or room. No input is at fault. The message is one
 * line.
 */
public class MissingCapabilityException extends IOException {
    private static final long serialVersionUID = 1L;

    public MissingCapabilityException(String message) {
        super(message);
    }

    public MissingCapabilityException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * What it means that a native library was not loaded: there is none for this machine, or no place to unpack it that may be
     * written to and executed from.
     *
     * @param library what is called so to the user
     */
    public static MissingCapabilityException notLoaded(String library, LinkageError e) {
        String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return new MissingCapabilityException(library + " cannot be loaded: " + why, e);
    }

    /**
     * What a failure means that came while something was written. The system gives its reasons as text in its user's
     * language only; but whatever it refuses there is for want of permission or room.
     *
     * @param file what was written
     * @return {@code e} itself if its type says enough, as that of a name which is taken does
     */
    public static IOException whileWriting(Path file, IOException e) {
        if (e instanceof MissingCapabilityException
                || e instanceof TraceFormatException
                || e instanceof AccessDeniedException
                || e instanceof NoSuchFileException
                || e instanceof FileAlreadyExistsException
                || e instanceof ClosedChannelException
                || e instanceof InterruptedIOException) {
            return e;
        }
        if (e instanceof FileSystemException fs && fs.getReason() != null) {
            return new MissingCapabilityException(fs.getFile() + ": " + fs.getReason(), e);
        }
        String why = e.getMessage() == null ? "cannot be written" : e.getMessage();
        // What the kernel says of a full or broken disk has no name in it.
        return new MissingCapabilityException(why.contains(file.toString()) ? why : file + ": " + why, e);
    }
}
