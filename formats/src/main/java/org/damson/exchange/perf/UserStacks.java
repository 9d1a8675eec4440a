package org.damson.exchange.perf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.damon.Kinds;
import org.damson.exchange.build.StackSink;
import org.damson.exchange.build.StackUnwinder;
import org.damson.exchange.build.StackUnwinder.Copy;
import org.damson.exchange.build.StackUnwinder.Module;
import org.damson.exchange.build.StackUnwinder.Walk;

/** Unwinds the copies of user stacks in samples, with the code that the process had mapped at the time of the sample. */
final class UserStacks {
    /** Limit on the files with code of one process; code of further files counts as unknown. */
    private static final int MAX_MODULES = 1024;

    private static final int MAX_PROCESSES = 256;
    private static final int MAX_EXPECTED = 1 << 16;
    private static final long[] NOTHING = {};

    /** Frames below {@code main}, of the C library and {@code _start}, in which every stack ends. */
    private static final int BELOW_MAIN = 3;

    private record Code(String file, String buildId) {}

    private record Known(long version, List<Module> modules) {}

    private final StackUnwinder unwinder;
    private final AddressSpaces spaces;
    private final Set<Code> codes = new HashSet<>();
    private final Map<Integer, Known> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Known> eldest) {
            return size() > MAX_PROCESSES;
        }
    };
    private final Kinds ends = new Kinds();
    private long whole;
    private long improved;

    /** Whether copies are skipped because they come faster than they can be unwound. */
    boolean isBehind;

    private long passedOver;

    /** @param unwinder null: copies are not unwound */
    UserStacks(StackUnwinder unwinder, AddressSpaces spaces) {
        this.unwinder = unwinder;
        this.spaces = spaces;
    }

    /** Announces a file that some process has mapped as code. */
    void expect(int pid, String file, String buildId) {
        if (unwinder != null && codes.size() < MAX_EXPECTED && codes.add(new Code(file, buildId))) {
            unwinder.expect(pid, file, buildId);
        }
    }

    /**
     * The frames of a copy, innermost first: where the program was, then where calls return to.
     *
     * @param listed the frames that are known without it
     * @return empty if these are not fewer, unless the walk has come to the thread's begin
     */
    long[] of(int pid, Copy copy, long[] listed) throws IOException {
        if (isBehind) {
            passedOver++;
            return NOTHING;
        }
        Walk walk = unwinder.unwind(modules(pid), copy);
        long[] addresses = walk.addresses();
        int n = 0;
        while (n < addresses.length && spaces.find(pid, addresses[n]) != null) {
            n++;
        }
        boolean isWhole = n == addresses.length && walk.end().isEmpty();
        if (n < addresses.length) {
            ends.add("it leads to where nothing is mapped");
        } else if (!isWhole) {
            ends.add(walk.end());
        }
        whole += isWhole ? 1 : 0;
        if (n <= listed.length && !(isWhole && n > 0)) {
            return NOTHING;
        }
        int differs = Arrays.mismatch(listed, 0, listed.length, addresses, 0, n);
        improved += differs >= 0 && (differs < listed.length || n > listed.length + BELOW_MAIN) ? 1 : 0;
        return Arrays.copyOf(addresses, n);
    }

    /** Copies that were unwound, wholly or in part. */
    long walked() {
        return whole + ends.total();
    }

    /** Those unwound to the beginning of the thread. */
    long whole() {
        return whole;
    }

    /** Those that gave more or other frames than were known without them, not counting frames below {@code main}. */
    long improved() {
        return improved;
    }

    /** Copies that were skipped. */
    long passedOver() {
        return passedOver;
    }

    private List<Module> modules(int pid) {
        long version = spaces.version(pid);
        Known before = known.get(pid);
        if (before != null && before.version == version) {
            return before.modules;
        }
        List<Module> modules = new ArrayList<>();
        Set<Module> seen = new HashSet<>();
        for (AddressSpaces.Mapping m : spaces.of(pid)) {
            Code code = new Code(m.code().file(), m.code().buildId());
            // Parts of what was mapped at once are one.
            if (modules.size() < MAX_MODULES
                    && m.code().isRun()
                    && seen.add(new Module(code.file, code.buildId, m.base(), 0))) {
                modules.add(new Module(code.file, code.buildId, m.start(), m.start() - m.base()));
            }
        }
        List<Module> now = before != null && before.modules.equals(modules) ? before.modules : List.copyOf(modules);
        known.put(pid, new Known(version, now));
        return now;
    }

    /** Notes how many copies were unwound, and where the others end. */
    void finish(StackSink trace) {
        if (whole + ends.total() == 0) {
            return;
        }
        trace.note(whole + " of " + (whole + ends.total())
                + " copies of user stacks are unwound to the thread's begin"
                + (ends.isEmpty() ? "" : "; where the others end: " + ends));
        unwinder.notes().forEach(trace::note);
    }
}
