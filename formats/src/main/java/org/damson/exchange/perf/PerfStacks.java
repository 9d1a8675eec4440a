package org.damson.exchange.perf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.PriorityQueue;
import org.damson.damon.Kinds;
import org.damson.exchange.build.CallStacks;
import org.damson.exchange.build.StackSink;
import org.damson.exchange.build.StackUnwinder;
import org.damson.exchange.perf.AddressSpaces.Mapping;
import org.damson.model.text.NativeText;

/**
 * The call stacks of {@code perf.data}. Its addresses are told apart by the mappings that the kernel recorded beside them, in
 * order of time: a frame is a file and the offset in it, since perf.data has no names of functions.
 */
final class PerfStacks {
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
    private static final int MAX_BUILD_IDS = 1 << 16;
    private static final int MAX_BUILD_ID_TEXT = 1 << 22;
    private static final long MAX_WAITING_BYTES = 64L << 20;
    private static final int BYTES_EACH = 128;

    /** Without a file: what is mapped there has no offset, only an address. */
    private static final String[] NO_FILE = {
        "//anon", "[anon", "/dev/zero", "/anon_hugepage", "[stack", "[heap]", "/SYSV"
    };

    /** Of these, where code is that a program generates; it names it in a file whose name is agreed, and perf calls it so. */
    private static final String[] GENERATED = {"//anon", "[anon", "/dev/zero", "/anon_hugepage"};

    private interface Step {
        void take() throws IOException;
    }

    private record Waiting(long timeNs, long sequence, int bytes, Step step) implements Comparable<Waiting> {
        @Override
        public int compareTo(Waiting o) {
            return timeNs != o.timeNs ? Long.compare(timeNs, o.timeNs) : Long.compare(sequence, o.sequence);
        }
    }

    private final StackSink trace;
    private final CallStacks stacks;
    private final FirstTouches touches;
    /** Most faults that a sample of one stood for. */
    long mostFaultPeriod;

    private final AddressSpaces spaces = new AddressSpaces();
    private final UserStacks users;
    private final Map<String, String> buildIds = new HashMap<>();
    private final PriorityQueue<Waiting> waiting = new PriorityQueue<>();
    private int buildIdText;
    private long waitingBytes;
    private final Kinds skipped = new Kinds();
    private long added;

    /** Of an import. */
    PerfStacks(StackSink trace, StackUnwinder unwinder) {
        this(trace, new CallStacks(trace), null, unwinder);
    }

    /**
     * Of any recording.
     *
     * @param touches which samples of {@link LiveStacks#PAGE_FAULTS} are kept; null: all
     * @param unwinder of copies of user stacks; null: there are none to be unwound
     */
    PerfStacks(StackSink trace, CallStacks stacks, FirstTouches touches, StackUnwinder unwinder) {
        this.trace = trace;
        this.stacks = stacks;
        this.touches = touches;
        users = new UserStacks(unwinder, spaces);
    }

    /** Whether a record says what is mapped where. */
    static boolean isMapping(int type) {
        return type == MMAP || type == MMAP2 || type == KSYMBOL || type == COMM || type == FORK || type == EXIT;
    }

    /**
     * Takes a record that says what is mapped where.
     *
     * @param end where its own content ends at most
     * @param timeNs 0 for what was there before the recording began
     * @throws IllegalArgumentException if it is cut off
     */
    void record(int type, ByteBuffer b, int at, int end, long timeNs) throws IOException {
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
                map(
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
                int pid = b.getInt(at + 8);
                if ((misc & EXEC) != 0) {
                    add(timeNs, BYTES_EACH, () -> forget(pid));
                }
            }
            case FORK, EXIT -> {
                need(at + 24, end, "a process's begin or end");
                int pid = b.getInt(at + 8);
                int parent = b.getInt(at + 12);
                int tid = b.getInt(at + 16);
                // Of processes that were there before the recording began, all mappings follow.
                if (type == FORK && pid != parent && (misc & EXEC) == 0) {
                    add(timeNs, BYTES_EACH, () -> spaces.fork(parent, pid));
                } else if (type == EXIT && pid == tid) {
                    add(timeNs, BYTES_EACH, () -> exit(pid));
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
            AddressSpaces.Code code = new AddressSpaces.Code(name, name, "");
            add(
                    timeNs,
                    BYTES_EACH + name.length(),
                    () -> spaces.map(AddressSpaces.KERNEL, start, last(start, bytes), start, code));
        }
    }

    /** The process runs another program. */
    private void forget(int pid) {
        spaces.forget(pid);
        if (touches != null) {
            touches.forget(pid);
        }
    }

    private void exit(int pid) {
        spaces.exit(pid);
        if (touches != null) {
            touches.forget(pid);
        }
    }

    private static void need(int at, int end, String what) {
        if (at > end) {
            throw new IllegalArgumentException(what + " that is cut off");
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

    private static long last(long start, long bytes) {
        long last = start + bytes - 1;
        return Long.compareUnsigned(last, start) < 0 ? -1 : last;
    }

    /**
     * Notes what is mapped where.
     *
     * @param name of a file, or what the kernel calls other memory
     * @param isCode whether it may be executed
     * @param timeNs 0 for what was there before the recording began
     */
    void map(int pid, long start, long bytes, long fileOffset, String name, String buildId, boolean isCode, long timeNs)
            throws IOException {
        if (bytes == 0) {
            return;
        }
        String file = name;
        long base = start - fileOffset;
        int named = name.indexOf(']');
        if (pid == AddressSpaces.KERNEL && name.startsWith("[kernel.") && named > 0) {
            // "[kernel.kallsyms]_text": the offset is where that symbol is; addresses are counted from there.
            file = name.substring(0, named + 1);
            base = fileOffset;
        }
        if (pid != AddressSpaces.KERNEL && startsWithOne(name, NO_FILE)) {
            base = 0;
        }
        if (pid != AddressSpaces.KERNEL && isCode && startsWithOne(name, GENERATED)) {
            file = "/tmp/perf-" + pid + ".map";
        }
        boolean isElf = name.startsWith("/") && !startsWithOne(name, NO_FILE) || name.equals("[vdso]");
        AddressSpaces.Code code = new AddressSpaces.Code(
                "",
                file,
                buildId.isEmpty() ? buildIds.getOrDefault(file, "") : buildId,
                pid != AddressSpaces.KERNEL && isCode && isElf);
        if (code.isRun()) {
            users.expect(code.file(), code.buildId());
        }
        long from = base;
        add(timeNs, BYTES_EACH + file.length(), () -> {
            spaces.map(pid, start, last(start, bytes), from, code);
            if (touches != null) {
                touches.mapped(pid, start, last(start, bytes));
            }
        });
    }

    private static boolean startsWithOne(String name, String[] prefixes) {
        for (String prefix : prefixes) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Takes one entry of the list of build ids.
     *
     * @throws IllegalArgumentException if it is cut off
     */
    void buildId(ByteBuffer b, int at, int end) {
        need(at + 36, end, "a build id");
        boolean told = (b.getShort(at + 4) & HAS_BUILD_ID_LENGTH) != 0;
        int length = told ? Math.min(b.get(at + 12 + BUILD_ID_BYTES) & 0xff, BUILD_ID_BYTES) : BUILD_ID_BYTES;
        String file = text(b, at + 36, end);
        if (buildIds.size() < MAX_BUILD_IDS && buildIdText + file.length() <= MAX_BUILD_ID_TEXT) {
            buildIdText += file.length();
            buildIds.put(file, hex(b, at + 12, length));
        }
    }

    /** Takes a sample. */
    void sample(StackSample s) throws IOException {
        boolean isFault = touches != null && s.event().equals(LiveStacks.PAGE_FAULTS);
        mostFaultPeriod = isFault ? Math.max(mostFaultPeriod, s.weight()) : mostFaultPeriod;
        int copied = s.copy() == null ? 0 : BYTES_EACH + s.copy().stack().length;
        add(s.timeNs(), BYTES_EACH + 8 * s.chain().length + copied, () -> {
            if (isFault && !touches.isFirst(s.pid(), s.address(), s.timeNs(), s.weight())) {
                return;
            }
            frames(s);
            if (stacks.isEmpty()) {
                stacks.without(s.event());
            } else {
                stacks.sample(s.timeNs(), s.pid(), s.tid(), s.cpu(), s.event(), s.address(), s.weight());
            }
        });
    }

    private void frames(StackSample s) throws IOException {
        int listed = s.userFrames();
        boolean isInUser = s.ip() != null && s.place() == IN_USER;
        // What a copy tells takes the place of less.
        long[] unwound =
                s.copy() == null ? new long[0] : users.of(s.pid(), s.copy(), listed == 0 && isInUser ? 1 : listed);
        boolean isUnwound = unwound.length > 0;
        int where = s.place();
        for (long next : s.chain()) {
            if (StackSample.isMark(next)) {
                where = StackSample.after(next);
            } else if (where == IN_KERNEL || where == IN_USER && !isUnwound) {
                frame(where, s.pid(), next);
            } else if (where != IN_USER) {
                skipped.add(where < 0 ? "context " + where : "mode " + where);
            }
        }
        if (stacks.isEmpty() && s.ip() != null && !(isUnwound && (isInUser || listed > 0))) {
            frame(s.place(), s.pid(), s.ip());
        }
        for (long next : unwound) {
            frame(IN_USER, s.pid(), next);
        }
    }

    /** Counts an event that has neither a call stack nor a place. */
    void without(String event) {
        stacks.without(event);
    }

    private void frame(int where, int pid, long ip) throws IOException {
        Mapping mapping =
                switch (where) {
                    case IN_KERNEL -> spaces.find(AddressSpaces.KERNEL, ip);
                    case IN_USER -> spaces.find(pid, ip);
                    default -> null; // in a guest, or a hypervisor
                };
        if (mapping == null) {
            stacks.frame("", "", "", ip);
        } else {
            AddressSpaces.Code code = mapping.code();
            stacks.frame(code.function(), code.file(), code.buildId(), ip - mapping.base());
        }
    }

    private void add(long timeNs, int bytes, Step step) throws IOException {
        if (timeNs == 0) {
            step.take();
            return;
        }
        waiting.add(new Waiting(timeNs, added++, bytes, step));
        waitingBytes += bytes;
        while (waitingBytes > MAX_WAITING_BYTES) {
            giveOut();
        }
    }

    /** Takes all of this time and before; nothing earlier will come. */
    void flushBefore(long timeNs) throws IOException {
        while (!waiting.isEmpty() && waiting.peek().timeNs <= timeNs) {
            giveOut();
        }
    }

    private void giveOut() throws IOException {
        Waiting next = waiting.poll();
        waitingBytes -= next.bytes;
        next.step.take();
    }

    /** Writes the rest, and notes what was found. */
    void finish() throws IOException {
        flushBefore(Long.MAX_VALUE);
        stacks.finish();
        users.finish(trace);
        if (!skipped.isEmpty()) {
            trace.note(
                    skipped.total() + " frames of guests or of contexts that are not known are left out: " + skipped);
        }
        if (spaces.ignored() > 0) {
            trace.note(spaces.ignored() + " mappings or new processes are ignored: more than memory is set aside for;"
                    + " frames in them are addresses without a file");
        }
    }
}
