package org.damson.recorder.kernel;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The kernel's own files, and the few of damson's that need privilege too. All that takes privilege goes through here, so
 * that it can be done by this process ({@link #LOCAL}) or by a helper that holds the privilege instead.
 *
 * <p>Failures are {@link KernelException}s, which know what the kernel answered.
 */
public interface Kernel {
    /** Direct access, with the privileges of this process. */
    Kernel LOCAL = new LocalKernel();

    /** How often a busy file is asked, and how long is waited between. */
    int TRIES = 100;

    long PAUSE_NS = 5_000_000;

    /** Kernel access by this process itself or, if a helper started it, through the helper. */
    static Kernel ofProcess() {
        String socket = System.getenv(HelperKernel.VARIABLE);
        return socket == null || !socket.matches("\\d{1,6}") ? LOCAL : new HelperKernel(Integer.parseInt(socket));
    }

    /** The content, asked for in one large read: some of these files answer only the first one. */
    String read(Path path) throws IOException;

    /** Replaces the content in one write. The file has to be there. */
    void write(Path path, String value) throws IOException;

    /** Names in a directory, in no order. */
    List<String> list(Path directory) throws IOException;

    void makeDirectory(Path directory) throws IOException;

    void removeDirectory(Path directory) throws IOException;

    /** A descriptor on a trace ring, for reading without blocking. */
    int openRing(Path path) throws IOException;

    /** Takes an exclusive lock, creating the file and its directory; null if another process has it. */
    Closeable lock(Path path) throws IOException;

    /** Appends to a file of mode 0600, creating it. What was appended is with the kernel on return. */
    void append(Path path, String text) throws IOException;

    /** Removes a file if it is there. */
    void remove(Path path) throws IOException;

    /**
     * The content without blanks around it; empty only if it is not there or not for us to read. DAMON's files are refused
     * as busy while anybody else uses them: those are read again, for half a second at most.
     *
     * @throws IOException if it is there and could not be read, which says nothing about its content
     */
    default String value(Path path) throws IOException {
        for (int i = 1; ; i++) {
            try {
                return read(path).trim();
            } catch (KernelException e) {
                if (e.isAbsent() || e.isForbidden()) {
                    return "";
                }
                if (!e.isPassing() || i == TRIES) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
    }

    /** {@link #write}, again while the kernel says that it is busy, for half a second at most. */
    default void writePatiently(Path path, String value) throws IOException {
        for (int i = 1; ; i++) {
            try {
                write(path, value);
                return;
            } catch (KernelException e) {
                if (!e.isPassing() || i == TRIES) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
    }

    /** As {@link #value}, empty if it cannot be read: for values on which nothing depends. */
    default String text(Path path) {
        try {
            return value(path);
        } catch (IOException e) {
            return "";
        }
    }

    /** The number in it, signed or unsigned, or {@code otherwise}. */
    default long number(Path path, long otherwise) {
        String text = text(path);
        try {
            return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    /** Whether a file or directory is there and may be read. */
    default boolean has(Path path) {
        try {
            return list(path.getParent()).contains(path.getFileName().toString());
        } catch (IOException e) {
            return false;
        }
    }

    /** Entries of a directory whose names are numbers, in their order; none if it is not there or not for us to read. */
    default List<Path> numbered(Path directory) throws IOException {
        List<Path> found = new ArrayList<>();
        try {
            for (String name : list(directory)) {
                if (name.matches("\\d{1,9}")) {
                    found.add(directory.resolve(name));
                }
            }
        } catch (KernelException e) {
            if (!e.isAbsent() && !e.isForbidden()) {
                throw e;
            }
        }
        found.sort(Comparator.comparingInt(p -> Integer.parseInt(p.getFileName().toString())));
        return found;
    }
}
