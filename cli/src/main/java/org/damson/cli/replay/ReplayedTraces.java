package org.damson.cli.replay;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.model.InvalidInputException;
import org.damson.model.ManifestKey;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.text.NativeText;
import org.damson.replayer.Colocation;
import org.damson.replayer.ReplayOptions;
import org.damson.replayer.ReplayPlan;
import org.damson.replayer.ReplayPlanner;

/** The traces that are replayed, together where they are several. */
final class ReplayedTraces implements AutoCloseable {
    static final Option SHIFT = Shared.repeatable(Shared.value(
            null, "shift", "NAME=TIME", "with several traces: start this one, given by name or number, TIME later"));

    private final List<Colocation.Member> members = new ArrayList<>();

    private ReplayedTraces() {}

    static ReplayedTraces open(CommandLine line, ReplayOptions options, Console console) throws IOException {
        List<String> names = line.getArgList();
        long[] shifts = shifts(line, names);
        ReplayedTraces traces = new ReplayedTraces();
        try {
            for (int i = 0; i < names.size(); i++) {
                if (names.size() > 1 && PlanFile.is(NativeText.path(names.get(i)))) {
                    throw new UsageException(NativeText.readable(names.get(i)) + " is a plan: it is played alone");
                }
                TraceSource trace = Inputs.open(NativeText.path(names.get(i)), console);
                traces.members.add(new Colocation.Member(trace, options.shifted(shifts[i])));
            }
            for (int i = 0; i < names.size(); i++) {
                Colocation.Member m = traces.members.get(i);
                if ("paddr".equals(ManifestKey.OPS.get(m.trace().manifest()))) {
                    console.note(
                            "note: " + m.trace().name()
                                    + " is of physical memory: accesses of all processes and of the kernel are replayed as those of one process");
                }
                traces.members.set(
                        i, new Colocation.Member(m.trace(), PlanOptions.seen(line, m.trace(), m.options(), console)));
            }
            return traces;
        } catch (IOException | RuntimeException e) {
            traces.close();
            throw e;
        }
    }

    private static long[] shifts(CommandLine line, List<String> names) {
        long[] shifts = new long[names.size()];
        String[] given = line.hasOption(SHIFT) ? line.getOptionValues(SHIFT) : new String[0];
        if (given.length > 0 && names.size() == 1) {
            throw new UsageException("--shift requires several traces");
        }
        Map<Integer, String> shifted = new HashMap<>();
        for (String shift : given) {
            int equals = shift.lastIndexOf('=');
            if (equals < 0) {
                throw new UsageException("--shift: NAME=TIME, as in b.damson=5s");
            }
            int at = indexOf(shift.substring(0, equals), names);
            if (shifted.put(at, shift) != null) {
                throw new UsageException("--shift: " + NativeText.readable(names.get(at)) + " is given twice");
            }
            try {
                shifts[at] = Units.parseDurationNs(shift.substring(equals + 1));
            } catch (InvalidInputException e) {
                throw new UsageException("--shift: " + e.getMessage());
            }
        }
        return shifts;
    }

    private static int indexOf(String name, List<String> names) {
        int i = names.indexOf(name);
        if (i >= 0 && i == names.lastIndexOf(name)) {
            return i;
        }
        if (i < 0
                && name.matches("\\d{1,2}")
                && Integer.parseInt(name) >= 1
                && Integer.parseInt(name) <= names.size()) {
            return Integer.parseInt(name) - 1;
        }
        throw new UsageException("--shift: " + NativeText.readable(name)
                + (i < 0
                        ? " is neither the name nor the number of one of the traces"
                        : " is given more than once: use its number"));
    }

    boolean isOne() {
        return members.size() == 1;
    }

    /** The first, whose intervals a recording of the replay has. */
    TraceSource first() {
        return members.get(0).trace();
    }

    /** From now on so much of the accesses of the trace, which is one, is taken to be seen. */
    void seen(double share, Console console) {
        Colocation.Member m = members.get(0);
        members.set(
                0,
                new Colocation.Member(
                        m.trace(),
                        PlanOptions.told(m.options(), share, ", as of what a first replay touched", console)));
    }

    /** Writes the plan, and says what of the traces is not in it. */
    ReplayPlan plan(Writer out, Console console) throws IOException {
        ReplayPlan plan = isOne()
                ? ReplayPlanner.plan(first(), TraceQuery.ALL, members.get(0).options(), out)
                : Colocation.plan(members, out);
        if (plan.leftOut() > 0) {
            console.note("note: " + Units.count(plan.leftOut(), "snapshot")
                    + " left out: with less than a nanosecond for each sample there is no time to touch in");
        }
        if (plan.vanished() > 0) {
            console.note("note: " + Units.count(plan.vanished(), "accessed range")
                    + " left out: of memory scaled by "
                    + members.get(0).options().memoryScale()
                    + " no page of 4 KiB of it is left");
        }
        return plan;
    }

    @Override
    public void close() throws IOException {
        IOException failed = null;
        for (Colocation.Member m : members) {
            try {
                m.trace().close();
            } catch (IOException e) {
                failed = e;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }
}
