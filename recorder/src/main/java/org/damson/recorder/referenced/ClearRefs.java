package org.damson.recorder.referenced;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import org.damson.model.MissingCapabilityException;

/**
 * Clears referenced bits of processes through {@code /proc/PID/clear_refs} and, if wanted, has the kernel flush their TLB
 * entries. "1" clears the bits and flushes nothing; "4" (soft-dirty bits) ends in a flush of the whole address space,
 * whether or not the kernel keeps soft-dirty bits.
 */
final class ClearRefs {
    /** Writes one command into a file of {@code /proc}. */
    interface Writer {
        void write(String file, char command) throws IOException;
    }

    private final Writer writer;
    private final String proc;
    private final TlbFlush policy;
    private final Consumer<String> notices;
    private boolean flushing;
    private long flushes;
    private long failedFlushes;

    /**
     * @param flushing whether to flush, as policy and self-test have it
     * @param notices takes one line when flushing turns out not to work
     */
    ClearRefs(TlbFlush policy, boolean flushing, Consumer<String> notices, Writer writer) {
        this(policy, flushing, notices, writer, "/proc");
    }

    /** @param proc where processes are */
    ClearRefs(TlbFlush policy, boolean flushing, Consumer<String> notices, Writer writer, String proc) {
        this.writer = writer;
        this.proc = proc;
        this.policy = policy;
        this.flushing = flushing;
        this.notices = notices;
    }

    /** Whether bits that are cleared from now on are flushed too. */
    boolean isFlushing() {
        return flushing;
    }

    long flushes() {
        return flushes;
    }

    /** Flushes that the kernel refused; those of targets that had ended are none. */
    long failedFlushes() {
        return failedFlushes;
    }

    /**
     * Clears the bits of one process; without effect on one that has ended.
     *
     * @throws IOException one line, if it is not permitted, or if it must be flushed and cannot be
     */
    void clear(long pid) throws IOException {
        try {
            writer.write(file(pid), '1');
        } catch (IOException e) {
            refuse(proc, pid, e);
            return;
        }
        if (flushing) {
            flush(pid);
        }
    }

    private void flush(long pid) throws IOException {
        try {
            writer.write(file(pid), '4');
            flushes++;
        } catch (IOException e) {
            if (isGone(proc, pid, e)) {
                return;
            }
            failedFlushes++;
            String what = "process " + pid + ": the kernel does not flush the TLB through clear_refs (" + e.getMessage()
                    + ")";
            if (policy == TlbFlush.ALWAYS) {
                throw new IOException(what + "; --tlb-flush never records without", e);
            }
            if (isUnknown(e)) {
                flushing = false; // it will not learn it
                notices.accept(what + "; recording continues without, and memory in steady use may read low");
            } else if (failedFlushes == 1) {
                notices.accept(what + "; recording continues, such flushes are counted");
            }
        }
    }

    private String file(long pid) {
        return proc + "/" + pid + "/clear_refs";
    }

    static void write(String file, char command) throws IOException {
        try (OutputStream out = Files.newOutputStream(Path.of(file), StandardOpenOption.WRITE)) {
            out.write(command);
        }
    }

    private static boolean isUnknown(IOException e) {
        return String.valueOf(e.getMessage()).contains("Invalid argument");
    }

    /**
     * Whether a file of {@code /proc/PID} failed because the process has ended. The system's words for it are in its user's language:
     * where they are not understood, it has ended if it is not there.
     */
    private static boolean isGone(String proc, long pid, IOException e) {
        String message = String.valueOf(e.getMessage());
        if (isForbidden(e) || isUnknown(e)) {
            return false;
        }
        boolean isNoFile = e instanceof FileNotFoundException || e instanceof NoSuchFileException;
        return isNoFile || message.contains("No such process") || !Files.exists(Path.of(proc, String.valueOf(pid)));
    }

    private static boolean isForbidden(IOException e) {
        String message = String.valueOf(e.getMessage());
        return e instanceof AccessDeniedException
                || message.contains("ermission denied")
                || message.contains("not permitted");
    }

    /**
     * Tells a process that has ended, which is not an error, from one that may not be watched, and from a kernel that does not have the file.
     *
     * @param proc where processes are
     */
    static void refuse(String proc, long pid, IOException e) throws IOException {
        if (isForbidden(e)) {
            throw new MissingCapabilityException(
                    "process " + pid + ": not permitted to read its memory map (same user or root needed)", e);
        }
        boolean isNoFile = e instanceof FileNotFoundException || e instanceof NoSuchFileException;
        if (isNoFile && Files.isDirectory(Path.of(proc, String.valueOf(pid)))) {
            throw new MissingCapabilityException(
                    "process " + pid + ": this kernel does not tell what memory is referenced: there is no " + proc
                            + "/PID/clear_refs or smaps",
                    e);
        }
        if (!isGone(proc, pid, e)) {
            throw e;
        }
    }
}
