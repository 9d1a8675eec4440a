package org.damson.exchange.perf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Supplier;
import org.damson.damon.Kinds;
import org.damson.exchange.build.StackUnwinder.Copy;

/** Reads the copies of registers and user stack in samples ({@code perf record --call-graph dwarf}). */
final class StackCopies {
    private static final String MACHINE = "x86_64";

    /** Bits of PERF_SAMPLE_BRANCH_*: an index precedes the branches; a word of counters for each branch follows them. */
    private static final long BRANCH_INDEX = 1L << 17;

    private static final long BRANCH_COUNTERS = 1L << 19;
    private static final int BRANCH_BYTES = 24;

    // PERF_SAMPLE_REGS_ABI_*.
    private static final long NO_REGISTERS = 0;
    private static final long REGISTERS_64 = 2;

    private final Supplier<Object> machine;

    /** Copies that are not read, by reason. */
    final Kinds unread = new Kinds();

    /** @param machine architecture of the recorded machine as uname prints it; null while unknown */
    StackCopies(Supplier<Object> machine) {
        this.machine = machine;
    }

    /**
     * The copy of a sample.
     *
     * @param next where what comes behind the call chain begins
     * @param end of the sample
     * @return null if it has none, as of a thread of the kernel, or none that can be unwound, which is counted
     */
    Copy of(PerfEvents.Attr attr, ByteBuffer b, long next, int end) {
        if (!attr.has(PerfEvents.STACK_USER) || !attr.has(PerfEvents.REGS_USER)) {
            if (attr.has(PerfEvents.STACK_USER)) {
                unread.add("without registers");
            }
            return null;
        }
        try {
            return read(attr, b, behindBranches(attr, b, next, end), end);
        } catch (IndexOutOfBoundsException e) {
            unread.add("cut off");
            return null;
        }
    }

    private static long behindBranches(PerfEvents.Attr attr, ByteBuffer b, long from, int end) {
        long next = from;
        if (attr.has(PerfEvents.RAW)) {
            next += 4 + (b.getInt(within(next, 4, end)) & 0xffffffffL);
        }
        if (attr.has(PerfEvents.BRANCH_STACK)) {
            long n = b.getLong(within(next, 8, end));
            int each = BRANCH_BYTES + ((attr.branchType & BRANCH_COUNTERS) != 0 ? 8 : 0);
            next += 8 + ((attr.branchType & BRANCH_INDEX) != 0 ? 8 : 0);
            within(next, each * Math.min(n & Long.MAX_VALUE, PerfRecords.MAX_BYTES), end);
            next += each * n;
        }
        return next;
    }

    private Copy read(PerfEvents.Attr attr, ByteBuffer b, long from, int end) {
        long next = from;
        long kind = b.getLong(within(next, 8, end));
        next += 8;
        long[] registers = new long[kind == NO_REGISTERS ? 0 : Long.bitCount(attr.registers)];
        within(next, 8L * registers.length, end);
        for (int r = 0; r < registers.length; r++) {
            registers[r] = b.getLong((int) next);
            next += 8;
        }
        long room = b.getLong(within(next, 8, end));
        next += 8;
        if (room == 0 || kind == NO_REGISTERS) {
            return null;
        }
        int at = within(next, room, end);
        long used = b.getLong(within(next + room, 8, end));
        if (kind != REGISTERS_64 || b.order() != ByteOrder.LITTLE_ENDIAN || !isOfMachine()) {
            unread.add("of a program that is not of 64-bit x86");
            return null;
        }
        byte[] stack = new byte[(int) Math.max(0, Math.min(room, used))];
        b.get(at, stack);
        return new Copy(attr.registers, registers, stack);
    }

    private boolean isOfMachine() {
        Object recorded = machine.get();
        return recorded == null || recorded.equals(MACHINE);
    }

    /** Returns {@code at} if at least {@code bytes} bytes lie between it and {@code end}; else throws. */
    private static int within(long at, long bytes, int end) {
        if (at < 0 || bytes < 0 || at > end || bytes > end - at) {
            throw new IndexOutOfBoundsException();
        }
        return (int) at;
    }
}
