package org.damson.symbols;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.stacks.Frame;
import org.damson.symbols.Unnamed.Variant;
import org.damson.symbols.elf.Wire.Named;

/** Stacks with the names that were found. An inlined function is a frame of its own, inside of what it is inlined in. */
final class NamedStacks {
    /** From then on only functions that are not inlined have a frame. */
    private static final int MAX_ROWS = 1 << 23;

    private static final int MISSING = -1;

    final List<Frame> frames = new ArrayList<>();
    final List<Long> ids = new ArrayList<>();
    /** Indices into {@link #frames}, leaf first; -1: the trace does not have it. */
    final List<int[]> stacks = new ArrayList<>();
    /** New ids of stacks that mean something else in this process than in the first one that has them. */
    final Map<Long, Map<Integer, Long>> moved = new HashMap<>();

    private final StackTable table;
    private final Unnamed unnamed;
    private final Map<Place, List<Named>> names;
    private final Map<Place, Long> starts;
    private final Map<Frame, Integer> places = new LinkedHashMap<>();
    private long rows;

    /** @param starts where the functions of places without a name begin in their files */
    NamedStacks(StackTable table, Unnamed unnamed, Map<Place, List<Named>> names, Map<Place, Long> starts) {
        this.table = table;
        this.unnamed = unnamed;
        this.names = names;
        this.starts = starts;
        long next = table.ids.stream().mapToLong(Long::longValue).max().orElse(0) + 1;
        for (int s = 0; s < table.stacks.size(); s++) {
            long id = table.ids.get(s);
            List<Integer> pids = unnamed.pidsOf.getOrDefault(s, List.of(0));
            add(id, new Variant(s, pids.get(0)));
            for (int pid : pids.subList(1, pids.size())) {
                moved.computeIfAbsent(id, i -> new HashMap<>()).put(pid, next);
                add(next++, new Variant(s, pid));
            }
        }
        frames.addAll(places.keySet());
    }

    private void add(long id, Variant v) {
        int[] old = table.stacks.get(v.stack());
        List<Integer> made = new ArrayList<>();
        for (int d = 0; d < old.length; d++) {
            if (old[d] == MISSING) {
                made.add(MISSING);
                continue;
            }
            Frame f = table.frames.get(old[d]);
            Place place = new Place(old[d], table.isCall(old, d), unnamed.pidOf(old[d], v.pid()));
            List<Named> found = names.get(place);
            if (found == null) {
                Long start = starts.get(place);
                made.add(place(start == null ? f : f.startingAt(start)));
                continue;
            }
            boolean all = rows < MAX_ROWS;
            for (Named n : all ? found : found.subList(found.size() - 1, found.size())) {
                made.add(place(new Frame(n.function(), f.module(), f.buildId(), n.offset(), n.source())));
            }
        }
        rows += made.size();
        ids.add(id);
        stacks.add(made.stream().mapToInt(Integer::intValue).toArray());
    }

    private int place(Frame f) {
        return places.computeIfAbsent(f, k -> places.size());
    }
}
