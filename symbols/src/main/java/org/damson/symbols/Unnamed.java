package org.damson.symbols;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.model.InvalidInputException;
import org.damson.model.Manifest;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.stacks.Frame;

/** The places in the stacks of a trace that have no name, by the code that they are in. */
final class Unnamed {
    private static final int PID = Table.SAMPLES.indexOf("pid");
    private static final int STACK = Table.SAMPLES.indexOf("stack_id");

    /** Stands for the module of addresses where nothing is known to be mapped. */
    static final String NOWHERE = "[nowhere]";

    /** Stacks with code that programs made, of each process. */
    private static final int MAX_VARIANTS = 1 << 20;

    /**
     * Code that is looked up together.
     *
     * @param pid of a process whose memory it is, else 0
     */
    record Group(Code code, String module, String buildId, int pid) {}

    /** A stack as a process has it: an address in its memory means nothing in another's. */
    record Variant(int stack, int pid) {}

    private final StackTable table;
    private final Code[] codes;
    final Map<Group, Set<Place>> groups = new LinkedHashMap<>();

    /** Processes of each stack that has code made by a program; none for other stacks. */
    final Map<Integer, List<Integer>> pidsOf = new LinkedHashMap<>();

    /** @param hasOffsets false: what stands for an offset in a file is an address, as in text that perf printed */
    private Unnamed(StackTable table, boolean hasOffsets) {
        this.table = table;
        codes = table.frames.stream()
                .map(f -> f.hasFunction() ? null : Code.of(f))
                .map(c -> !hasOffsets && c != Code.MADE && c != null ? Code.UNKNOWN : c)
                .toArray(Code[]::new);
    }

    static Unnamed of(StackTable table, TraceSource trace) throws IOException {
        Unnamed unnamed = new Unnamed(table, !Manifest.Source.TEXT.is(trace.manifest()));
        Map<Long, Integer> made = new LinkedHashMap<>();
        for (int s = 0; s < table.stacks.size(); s++) {
            if (unnamed.addFiles(table.stacks.get(s))) {
                made.put(table.ids.get(s), s);
            }
        }
        if (!made.isEmpty()) {
            unnamed.addMade(made, trace);
        }
        return unnamed;
    }

    /** Adds what is in files and in the kernel; whether there is other code. */
    private boolean addFiles(int[] stack) {
        boolean isMade = false;
        for (int d = 0; d < stack.length; d++) {
            Code code = stack[d] < 0 ? null : codes[stack[d]];
            if (code == Code.MADE && isOfSampled(stack[d])) {
                isMade = true;
            } else if (code != null) {
                add(code, stack, d, Code.pidOf(table.frames.get(stack[d])));
            }
        }
        return isMade;
    }

    private void add(Code code, int[] stack, int depth, int pid) {
        Frame f = table.frames.get(stack[depth]);
        // Of memory that a program filled, one process is one group, whatever the memory is called.
        Group group = code == Code.MADE
                ? new Group(code, f.module().isEmpty() ? NOWHERE : "", "", pid)
                : new Group(code, f.module(), f.buildId(), 0);
        groups.computeIfAbsent(group, g -> new LinkedHashSet<>())
                .add(new Place(stack[depth], table.isCall(stack, depth), pid));
    }

    private void addMade(Map<Long, Integer> made, TraceSource trace) throws IOException {
        Set<Variant> seen = new LinkedHashSet<>();
        trace.forEachRow(Table.SAMPLES, (b, row) -> {
            Integer stack = made.get(b.get(STACK, row));
            if (stack == null) {
                return;
            }
            Variant variant = new Variant(stack, (int) b.get(PID, row));
            if (seen.add(variant)) {
                if (seen.size() > MAX_VARIANTS) {
                    throw new InvalidInputException(
                            "more than " + MAX_VARIANTS + " call stacks of different processes");
                }
                pidsOf.computeIfAbsent(stack, s -> new ArrayList<>()).add(variant.pid);
            }
        });
        for (Variant v : seen) {
            int[] stack = table.stacks.get(v.stack);
            for (int d = 0; d < stack.length; d++) {
                if (stack[d] >= 0 && isOfSampled(stack[d])) {
                    add(Code.MADE, stack, d, v.pid);
                }
            }
        }
    }

    /** Whose memory a frame without a name is in, of a stack of a process; 0: nobody's. */
    int pidOf(int frame, int sampled) {
        return codes[frame] != Code.MADE ? 0 : isOfSampled(frame) ? sampled : Code.pidOf(table.frames.get(frame));
    }

    private boolean isOfSampled(int frame) {
        return codes[frame] == Code.MADE && Code.pidOf(table.frames.get(frame)) == 0;
    }
}
