package org.damson.exchange.perf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.damson.model.InvalidInputException;
import org.damson.model.text.NativeText;

/** Reads the records of threads and mappings. */
final class TaskRecords {
    // Records, by enum perf_event_type.
    private static final int MMAP = 1;
    private static final int COMM = 3;
    private static final int EXIT = 4;
    private static final int FORK = 7;
    private static final int MMAP2 = 10;
    private static final int KSYMBOL = 17;

    // PERF_RECORD_MISC_*.
    private static final int CPUMODE = StackSample.CPUMODE;
    private static final int IN_KERNEL = StackSample.IN_KERNEL;
    private static final int IN_USER = StackSample.IN_USER;
    private static final int EXEC = 1 << 13;
    private static final int IS_DATA = 1 << 13;
    private static final int HAS_BUILD_ID = 1 << 14;
    private static final int HAS_BUILD_ID_LENGTH = 1 << 15;

    private static final int BUILD_ID_BYTES = 20;

    private final PerfStacks stacks;

    TaskRecords(PerfStacks stacks) {
        this.stacks = stacks;
    }

    /** Whether records of this type are read here. */
    static boolean isOne(int type) {
        return type == MMAP || type == MMAP2 || type == KSYMBOL || type == COMM || type == FORK || type == EXIT;
    }

    /**
     * Takes a record.
     *
     * @param end where its own content ends at most
     * @param timeNs 0 for what was there before the recording began
     * @throws InvalidInputException if it is cut off
     */
    void take(int type, ByteBuffer b, int at, int end, long timeNs) throws IOException {
        int misc = b.getShort(at + 4);
        boolean kernel = (misc & CPUMODE) == IN_KERNEL;
        switch (type) {
            case MMAP, MMAP2 -> {
                int nameAt = at + (type == MMAP ? 40 : 72);
                need(nameAt, end, "a mapping");
                if (!kernel && (misc & CPUMODE) != IN_USER) {
                    return;
                }
                int pid = kernel ? AddressSpaces.KERNEL : b.getInt(at + 8);
                String buildId = "";
                if (type == MMAP2 && (misc & HAS_BUILD_ID) != 0) {
                    buildId = hex(b, at + 44, Math.min(b.get(at + 40) & 0xff, BUILD_ID_BYTES));
                }
                stacks.map(
                        pid,
                        b.getLong(at + 16),
                        b.getLong(at + 24),
                        b.getLong(at + 32),
                        text(b, nameAt, end),
                        buildId,
                        (misc & IS_DATA) == 0,
                        timeNs);
            }
            case KSYMBOL -> kernelSymbol(b, at, end, timeNs);
            case COMM -> {
                need(at + 16, end, "a process's name");
                stacks.named(b.getInt(at + 8), b.getInt(at + 12), text(b, at + 16, end), (misc & EXEC) != 0, timeNs);
            }
            case FORK, EXIT -> {
                need(at + 24, end, "a process's begin or end");
                int pid = b.getInt(at + 8);
                int parent = b.getInt(at + 12);
                int tid = b.getInt(at + 16);
                if (type == EXIT) {
                    stacks.ended(pid, tid, timeNs);
                } else {
                    // Of processes that were there before the recording began, all mappings follow.
                    stacks.begun(pid, tid, parent, b.getInt(at + 20), pid != parent && (misc & EXEC) == 0, timeNs);
                }
            }
            default -> {}
        }
    }

    private void kernelSymbol(ByteBuffer b, int at, int end, long timeNs) throws IOException {
        need(at + 24, end, "a kernel symbol");
        long start = b.getLong(at + 8);
        long bytes = b.getInt(at + 16) & 0xffffffffL;
        String name = text(b, at + 24, end);
        boolean gone = (b.getShort(at + 22) & 1) != 0;
        if (!gone && bytes > 0) {
            stacks.kernelSymbol(start, bytes, name, timeNs);
        }
    }

    private static void need(int at, int end, String what) {
        if (at > end) {
            throw new InvalidInputException(what + " that is cut off");
        }
    }

    private static String text(ByteBuffer b, int at, int end) {
        int n = at;
        while (n < end && b.get(n) != 0) {
            n++;
        }
        byte[] bytes = new byte[n - at];
        b.get(at, bytes);
        return NativeText.readable(NativeText.decode(bytes));
    }

    private static String hex(ByteBuffer b, int at, int length) {
        byte[] bytes = new byte[length];
        b.get(at, bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /**
     * Takes one entry of the list of build ids.
     *
     * @throws InvalidInputException if it is cut off
     */
    void buildId(ByteBuffer b, int at, int end) {
        need(at + 36, end, "a build id");
        boolean told = (b.getShort(at + 4) & HAS_BUILD_ID_LENGTH) != 0;
        int length = told ? Math.min(b.get(at + 12 + BUILD_ID_BYTES) & 0xff, BUILD_ID_BYTES) : BUILD_ID_BYTES;
        stacks.buildId(text(b, at + 36, end), hex(b, at + 12, length));
    }
}
