package org.damson.exchange.perf;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import org.damson.damon.Kinds;
import org.damson.exchange.build.CallStacks;
import org.damson.exchange.build.StackSink;
import org.damson.exchange.build.StackUnwinder;
import org.damson.exchange.perf.AddressSpaces.Mapping;
import org.damson.model.Units;

/**
 * The call stacks of {@code perf.data}. Its addresses are distinguished by the mappings that the kernel recorded beside them, in
 * order of time: a frame is a file and the offset in it, since perf.data has no names of functions.
 */
final class PerfStacks {
    private static final int IN_KERNEL = StackSample.IN_KERNEL;
    private static final int IN_USER = StackSample.IN_USER;
    private static final int MAX_BUILD_IDS = 1 << 16;
    private static final int MAX_BUILD_ID_TEXT = 1 << 22;
    private static final long MAX_WAITING_BYTES = 64L << 20;
    private static final int BYTES_EACH = 128;

    /** Names of mappings without a file: addresses in them have no file offset. */
    private static final String[] NO_FILE = {
        "//anon", "[anon", "/dev/zero", "/anon_hugepage", "[stack", "[heap]", "/SYSV"
    };

    /** Those of them that may hold generated code (JIT), which perf names by the program's {@code /tmp/perf-PID.map}. */
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
    /** Maximum number of page faults that one sample stood for. */
    long mostFaultPeriod;

    private final AddressSpaces spaces = new AddressSpaces();
    final UserStacks users;
    private final Map<String, String> buildIds = new HashMap<>();
    private final PriorityQueue<Waiting> waiting = new PriorityQueue<>();
    private int buildIdText;
    private long waitingBytes;
    private final Kinds skipped = new Kinds();
    private long added;

    /** For an import. */
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

    /** The process executes another program. */
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
            users.expect(pid, code.file(), code.buildId());
            trace.mapped(pid, start, start + bytes, code.file(), code.buildId());
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

    /** Notes the build id of a file, for mappings without one. */
    void buildId(String file, String buildId) {
        if (buildIds.size() < MAX_BUILD_IDS && buildIdText + file.length() <= MAX_BUILD_ID_TEXT) {
            buildIdText += file.length();
            buildIds.put(file, buildId);
        }
    }

    /** Adds a named symbol range of the kernel. */
    void kernelSymbol(long start, long bytes, String name, long timeNs) throws IOException {
        AddressSpaces.Code code = new AddressSpaces.Code(name, name, "");
        add(
                timeNs,
                BYTES_EACH + name.length(),
                () -> spaces.map(AddressSpaces.KERNEL, start, last(start, bytes), start, code));
    }

    /** A thread gets a name, or executes another program of that name. */
    void named(int pid, int tid, String name, boolean isExec, long timeNs) throws IOException {
        add(timeNs, BYTES_EACH + name.length(), () -> {
            if (isExec) {
                forget(pid);
            }
            stacks.threads().named(timeNs, pid, tid, name);
        });
    }

    /**
     * A thread begins.
     *
     * @param by the thread that starts it, and its process
     * @param isCopy whether it is a process of its own that begins with the mappings of the other
     */
    void begun(int pid, int tid, int parent, int by, boolean isCopy, long timeNs) throws IOException {
        add(timeNs, BYTES_EACH, () -> {
            if (isCopy) {
                spaces.fork(parent, pid);
            }
            stacks.threads().begun(timeNs, pid, tid, by);
        });
    }

    /** A thread ends. */
    void ended(int pid, int tid, long timeNs) throws IOException {
        add(timeNs, BYTES_EACH, () -> {
            if (pid == tid) {
                exit(pid);
            }
            stacks.threads().ended(timeNs, tid);
        });
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
        long[] listed = s.userFrames();
        // What a copy tells takes the place of less.
        long[] unwound = s.copy() == null ? new long[0] : users.of(s.pid(), s.copy(), listed);
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
        if (stacks.isEmpty() && s.ip() != null && !(isUnwound && listed.length > 0)) {
            frame(s.place(), s.pid(), s.ip());
        }
        for (long next : unwound) {
            frame(IN_USER, s.pid(), next);
        }
    }

    /** Counts an event with neither a call stack nor an address of code. */
    void without(String event) {
        stacks.without(event);
    }

    /** Events with neither a call stack nor an address of code, by name. */
    Kinds without() {
        return stacks.without();
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
            emit();
        }
    }

    /** Emits everything up to this time; nothing earlier may be added afterwards. */
    void flushBefore(long timeNs) throws IOException {
        while (!waiting.isEmpty() && waiting.peek().timeNs <= timeNs) {
            emit();
        }
    }

    private void emit() throws IOException {
        Waiting next = waiting.poll();
        waitingBytes -= next.bytes;
        next.step.take();
    }

    /** Writes the rest and adds the notes. */
    void finish() throws IOException {
        flushBefore(Long.MAX_VALUE);
        stacks.finish();
        users.finish(trace);
        if (!skipped.isEmpty()) {
            trace.note(
                    Units.count(skipped.total(), "frame") + " of guests or of unknown contexts left out: " + skipped);
        }
        if (spaces.ignored() > 0) {
            trace.note(spaces.ignored() + " mappings or new processes are ignored: more than memory is set aside for;"
                    + " frames in them are addresses without a file");
        }
    }
}
