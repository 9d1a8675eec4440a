package org.damson.recorder.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Attributes of a perf event ({@code struct perf_event_attr}): samples with call stacks by
 * frame pointers, times of CLOCK_MONOTONIC, and of each record its thread, processor and event. The setters remove what this
 * kernel or user does not allow.
 */
public final class PerfAttr {
    private static final int BYTES = 112;

    private static final int HARDWARE = 0;
    private static final int SOFTWARE = 1;
    private static final int CACHE = 3;
    private static final int CPU_CYCLES = 0;
    private static final int INSTRUCTIONS = 1;
    private static final int CACHE_REFERENCES = 2;
    private static final int CACHE_MISSES = 3;

    // Of caches: which, reads, those that miss.
    private static final int DATA_TLB_READ_MISSES = 3 | 1 << 16;
    private static final int CODE_TLB_READ_MISSES = 4 | 1 << 16;

    private static final int CPU_CLOCK = 0;
    private static final int PAGE_FAULTS = 2;
    private static final int PAGE_FAULTS_MINOR = 5;
    private static final int DUMMY = 9;
    private static final int CLOCK_MONOTONIC = 1;

    /** Beside a counter's value for how long the event was wanted, and for how long it was counted (PERF_FORMAT_*). */
    private static final int BOTH_TIMES = 3;

    // What a sample holds (PERF_SAMPLE_*).
    private static final long PERIOD = 1 << 8;
    private static final long PLACE_AND_TIME = 1 | 1 << 1 | 1 << 2 | 1 << 7 | PERIOD | 1 << 16;
    private static final long ADDRESS = 1 << 3;
    private static final long CALL_CHAIN = 1 << 5;
    private static final long USER_REGISTERS = 1 << 12;
    private static final long USER_STACK = 1 << 13;

    /** Those of 64-bit x86 but for flags and segments (enum perf_event_x86_regs). */
    private static final long X86_REGISTERS = 0xff_01ff;

    // Bit fields.
    private static final int INHERIT = 1;
    private static final int EXCLUDE_KERNEL = 5;
    private static final int EXCLUDE_HYPERVISOR = 6;
    private static final int MMAP = 8;
    private static final int COMM = 9;
    private static final int FREQUENCY = 10;
    private static final int TASK = 13;
    private static final int WATERMARK = 14;
    private static final int MMAP_DATA = 17;
    private static final int SAMPLE_ID_ALL = 18;
    private static final int MMAP2 = 23;
    private static final int COMM_EXEC = 24;
    private static final int USE_CLOCKID = 25;
    private static final int BUILD_ID = 34;
    private static final int INHERIT_THREAD = 35;

    private final String name;
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());

    private PerfAttr(String name, int type, int event) {
        this.name = name;
        bytes.putInt(0, type).putInt(4, BYTES).putLong(8, event);
        set(EXCLUDE_HYPERVISOR, true);
    }

    private PerfAttr(String name, int type, int event, boolean isFrequency, int periodOrHz) {
        this(name, type, event);
        bytes.putLong(16, periodOrHz).putLong(24, PLACE_AND_TIME | CALL_CHAIN).putInt(92, CLOCK_MONOTONIC);
        set(FREQUENCY, isFrequency);
        set(SAMPLE_ID_ALL, true);
        set(USE_CLOCKID, true);
    }

    private static PerfAttr counter(String name, int type, int event) {
        PerfAttr attr = new PerfAttr(name, type, event);
        attr.bytes.putLong(32, BOTH_TIMES);
        return attr;
    }

    /** Hardware counters of memory use. Each is opened separately, since processors differ in which they have. */
    public static List<PerfAttr> hardwareCounters() {
        return List.of(
                counter("cycles", HARDWARE, CPU_CYCLES),
                counter("instructions", HARDWARE, INSTRUCTIONS),
                counter("cache-references", HARDWARE, CACHE_REFERENCES),
                counter("cache-misses", HARDWARE, CACHE_MISSES),
                counter("dTLB-load-misses", CACHE, DATA_TLB_READ_MISSES),
                counter("iTLB-load-misses", CACHE, CODE_TLB_READ_MISSES));
    }

    /** Page faults, counted and not sampled. */
    static PerfAttr pageFaultCounter() {
        return counter("page-faults", SOFTWARE, PAGE_FAULTS);
    }

    /** CPU samples, {@code hz} per second of CPU time; its records also report processes and their mappings. */
    public static PerfAttr clock(int hz) {
        return new PerfAttr("cpu-clock", SOFTWARE, CPU_CLOCK, true, hz).withProcesses();
    }

    /** The same by the processor's own cycles, of which a sample's weight is a number. */
    public static PerfAttr cycles(int hz) {
        return new PerfAttr("cycles", HARDWARE, CPU_CYCLES, true, hz).withProcesses();
    }

    /** Page faults with their addresses; every one, as long as there are no more than {@code hz} a second. */
    public static PerfAttr pageFaults(int hz) {
        PerfAttr attr = new PerfAttr("page-faults", SOFTWARE, PAGE_FAULTS, true, hz);
        attr.bytes.putLong(24, PLACE_AND_TIME | CALL_CHAIN | ADDRESS);
        return attr;
    }

    /**
     * Each {@code period}-th page fault of a thread on a processor that needed no I/O, with its address. It is an event of its own
     * kind, beside {@link #pageFaults}: where one fault is a sample of two events of the same kind, the kernel gives the second the
     * first one's number, and with that its layout. The number of faults that a sample stands for is unknown; asked for it, the
     * kernel would sample every fault.
     */
    public static PerfAttr eachPageFault(int period) {
        PerfAttr attr = new PerfAttr("page-faults", SOFTWARE, PAGE_FAULTS_MINOR, false, period);
        attr.bytes.putLong(24, PLACE_AND_TIME & ~PERIOD | CALL_CHAIN | ADDRESS);
        return attr;
    }

    /**
     * Nothing: an event whose ring others write to.
     *
     * @param watermarkBytes how full the ring is when its reader is woken
     */
    static PerfAttr ringOnly(int watermarkBytes) {
        PerfAttr attr = new PerfAttr("dummy", SOFTWARE, DUMMY, false, 0);
        attr.set(WATERMARK, true);
        attr.set(EXCLUDE_KERNEL, true);
        attr.bytes.putLong(24, PLACE_AND_TIME).putInt(48, watermarkBytes);
        return attr;
    }

    private PerfAttr withProcesses() {
        for (int field : new int[] {MMAP, MMAP2, MMAP_DATA, COMM, COMM_EXEC, TASK, BUILD_ID}) {
            set(field, true);
        }
        return this;
    }

    private void set(int field, boolean on) {
        // A word of bit fields begins at its low end here: Linux on big-endian machines is not what this is for.
        long bit = 1L << field;
        long flags = bytes.getLong(40);
        bytes.putLong(40, on ? flags | bit : flags & ~bit);
    }

    private boolean has(int field) {
        return (bytes.getLong(40) >>> field & 1) != 0;
    }

    public String name() {
        return name;
    }

    /** The structure as the kernel expects it. */
    public ByteBuffer bytes() {
        return bytes;
    }

    /** Whether copies of user stacks can be unwound: on 64-bit x86 only. */
    public static boolean canCopyStacks() {
        return System.getProperty("os.arch").equals("amd64");
    }

    /**
     * Samples have the program's registers and a copy of its stack too.
     *
     * @param stackBytes from the stack pointer up; a multiple of 8, less than 64 KiB
     */
    public void copyUserStack(int stackBytes) {
        bytes.putLong(24, bytes.getLong(24) | USER_REGISTERS | USER_STACK)
                .putLong(80, X86_REGISTERS)
                .putInt(88, stackBytes);
    }

    /** Whether threads that start later are sampled too, and whether those of new processes are. */
    public void setInherit(boolean threads, boolean processes) {
        set(INHERIT, threads);
        set(INHERIT_THREAD, threads && !processes);
    }

    /** Whether what runs in the kernel is sampled. */
    public boolean hasKernel() {
        return !has(EXCLUDE_KERNEL);
    }

    public void excludeKernel() {
        set(EXCLUDE_KERNEL, true);
    }

    /** Removes the newest feature that older kernels do not know; false if none is left. */
    public boolean dropNewest() {
        for (int field : new int[] {INHERIT_THREAD, BUILD_ID}) {
            if (has(field)) {
                set(field, false);
                return true;
            }
        }
        return false;
    }
}
