package org.damson.recorder.referenced;

import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
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
            refuse(pid, e);
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
            if (isGone(e)) {
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
                notices.accept(what + "; recording goes on without, and memory in steady use may read low");
            } else if (failedFlushes == 1) {
                notices.accept(what + "; recording goes on, such flushes are counted");
            }
        }
    }

    private String file(long pid) {
        return proc + "/" + pid + "/clear_refs";
    }

    static void write(String file, char command) throws IOException {
        try (OutputStream out = new FileOutputStream(file)) {
            out.write(command);
        }
    }

    private static boolean isUnknown(IOException e) {
        return String.valueOf(e.getMessage()).contains("Invalid argument");
    }

    /** Whether a file of {@code /proc/PID} failed because the process has ended. */
    private static boolean isGone(IOException e) {
        String message = String.valueOf(e.getMessage());
        return (e instanceof FileNotFoundException && !isForbidden(message)) || message.contains("No such process");
    }

    private static boolean isForbidden(String message) {
        return message.contains("ermission denied") || message.contains("not permitted");
    }

    /** Tells a process that has ended, which is no error, from one that may not be watched. */
    static void refuse(long pid, IOException e) throws IOException {
        if (isForbidden(String.valueOf(e.getMessage()))) {
            throw new MissingCapabilityException(
                    "process " + pid + ": not permitted to read its memory map (same user or root needed)", e);
        }
        if (!isGone(e)) {
            throw e;
        }
    }
}
