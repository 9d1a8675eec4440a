package org.damson.replayer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Mapping;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSource;

/**
 * What one process had mapped at which time. A recorder looks at mappings now and then: one may have come any time since the look
 * before, or gone any time since the last at which it was there, and counts as there all that time.
 */
final class MappingTimeline {
    private static final int TIME = Table.MAPPINGS.indexOf("time_ns");

    /** One mapping in so many is less than outlives anything but another program. */
    private static final int OUTLIVED = 10;

    /** Rows of one process that are held. */
    private static final int MAX_ROWS = 1 << 20;

    /** What one look found different. */
    private static final class Look {
        long timeNs;
        final List<Mapping> come = new ArrayList<>();
        final List<Mapping> gone = new ArrayList<>();

        Look(long timeNs) {
            this.timeNs = timeNs;
        }
    }

    private final List<Look> looks = new ArrayList<>();
    private final Set<Mapping> current = new HashSet<>();
    private int next;
    private int seenUntil = -1;
    private AddressSet seen;
    private final TreeMap<Long, Mapping> kinds = new TreeMap<>();

    private MappingTimeline() {}

    /** That of a process; empty if the trace has no mappings of it. */
    static MappingTimeline read(TraceSource trace, Long pid) throws IOException {
        MappingTimeline timeline = new MappingTimeline();
        if (pid == null) {
            return timeline;
        }
        int[] rows = new int[1];
        Map<Long, Look> byTime = new TreeMap<>();
        trace.forEachRow(Table.MAPPINGS, (b, i) -> {
            Mapping m = Mapping.of(b, i);
            // What lies in the kernel's half (vsyscall) is no mapping of the process.
            if (m.pid() != pid || m.start() < 0 || m.end() <= m.start()) {
                return;
            }
            if (++rows[0] > MAX_ROWS) {
                throw new TraceFormatException(
                        trace.name(), "mappings", "more than " + MAX_ROWS + " rows of one process: cannot be replayed");
            }
            timeline.add(byTime, b.get(TIME, i), m, Mapping.isGone(b, i));
        });
        timeline.looks.addAll(byTime.values());
        timeline.tellProgramsApart();
        return timeline;
    }

    /**
     * Where hardly any mapping outlived the time between two looks, the process executed another program. Both were never there at
     * once, and what they had lies apart: the new one counts as there since the look before, which found the old one about to go.
     */
    private void tellProgramsApart() {
        Set<Mapping> there = new HashSet<>();
        int first = 0;
        for (int i = 0; i < looks.size(); i++) {
            Look look = looks.get(i);
            int before = there.size();
            there.removeAll(new HashSet<>(look.gone));
            if (before > 0 && !look.come.isEmpty() && there.size() * OUTLIVED < before) {
                look.timeNs = looks.get(i - 1).timeNs;
                if (i == first + 1) {
                    first = i; // what was seen once only began it: a shell, or whatever started the program
                }
            }
            there.addAll(look.come);
        }
        looks.subList(0, first).clear();
    }

    private void add(Map<Long, Look> byTime, long timeNs, Mapping m, boolean isGone) {
        Look look = byTime.computeIfAbsent(timeNs, Look::new);
        (isGone ? look.gone : look.come).add(m);
    }

    /** What the mapping was made of that had the range in the time asked for last; of two at one place the one that came later. */
    MappingKind kind(long start, long end) {
        Map.Entry<Long, Mapping> last = kinds.lowerEntry(end);
        return last == null || last.getValue().end() <= start ? MappingKind.UNKNOWN : MappingKind.of(last.getValue());
    }

    /** The process that a target is, null if nothing tells: the target itself, a fact of the recording, or the only one. */
    static Long pidOf(TraceSource trace, long target, Set<Long> mapped) {
        Manifest m = trace.manifest();
        if (Manifest.Source.REFERENCED.is(m) && mapped.contains(target)) {
            return target;
        }
        for (Object o : ManifestKey.PROCESSES.list(m)) {
            if (o instanceof Map<?, ?> p
                    && p.get("target") instanceof Number t
                    && t.longValue() == target
                    && p.get("pid") instanceof Number pid) {
                return mapped.contains(pid.longValue()) ? pid.longValue() : null;
            }
        }
        List<?> pids = ManifestKey.PIDS_RECORDED.list(m);
        if (target >= 0 && target < pids.size() && pids.get((int) target) instanceof Number pid) {
            return mapped.contains(pid.longValue()) ? pid.longValue() : null;
        }
        return mapped.contains(target)
                ? Long.valueOf(target)
                : mapped.size() == 1 ? mapped.iterator().next() : null;
    }

    /** Processes of which the trace has mappings. */
    static Set<Long> pids(TraceSource trace) throws IOException {
        Set<Long> pids = new HashSet<>();
        trace.forEachRow(Table.MAPPINGS, (b, i) -> pids.add(Mapping.of(b, i).pid()));
        return pids;
    }

    boolean isEmpty() {
        return looks.isEmpty();
    }

    /** Back to the begin. */
    void rewind() {
        current.clear();
        next = 0;
        seenUntil = -1;
        seen = null;
    }

    /**
     * What may have been mapped at some time of {@code [fromNs, toNs)}; mappings that touch stay apart. The same object as
     * before where nothing changed. Times ascend from call to call.
     */
    AddressSet during(long fromNs, long toNs) {
        boolean changed = seen == null;
        for (; next < looks.size() && looks.get(next).timeNs <= fromNs; next++) {
            current.removeAll(new HashSet<>(looks.get(next).gone));
            current.addAll(looks.get(next).come);
            changed = true;
        }
        int until = next;
        while (until < looks.size() && looks.get(until).timeNs < toNs) {
            until++;
        }
        if (changed || until != seenUntil) {
            seenUntil = until;
            seen = new AddressSet();
            kinds.clear();
            current.forEach(this::see);
            for (int i = next; i <= until && i < looks.size(); i++) {
                looks.get(i).come.forEach(this::see);
            }
        }
        return seen;
    }

    private void see(Mapping m) {
        seen.add(m.start(), m.end(), false);
        kinds.put(m.start(), m);
    }
}
