package org.damson.replayer.memory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.damson.model.Manifest;
import org.damson.model.Mapping;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSource;
import org.damson.model.range.AddressSet;

/**
 * What one process had mapped at which time. A recorder looks at mappings now and then; what changed between two looks changed when
 * accesses say so: a mapping came when it was first accessed, else with the look that found it, and went when it was last accessed,
 * else halfway to the look that missed it. DAMON itself looks for new mappings once an update interval only: one that it monitored
 * and found accessed at once came up to an interval before, and is there so early that no DAMON finds it late again. Where one went and another came in its place, as when
 * mappings grow, shrink or join, accesses to what both have tell nothing; what both have stays mapped in between.
 */
public final class MappingTimeline {
    private static final int TIME = Table.MAPPINGS.indexOf("time_ns");

    /** If fewer mappings than one in so many survived, the process executed another program. */
    private static final int OUTLIVED = 10;

    /** Limit on the rows held of one process. */
    private static final int MAX_ROWS = 1 << 20;

    private static final long NONE = Long.MIN_VALUE;

    /** The differences that one look found. */
    private static final class Look {
        final List<Mapping> come = new ArrayList<>();
        final List<Mapping> gone = new ArrayList<>();
    }

    /** A mapping with the time when it came and when it went. */
    private static final class Stay {
        final Mapping mapping;
        long fromNs;
        long toNs = Long.MAX_VALUE;

        Stay(Mapping mapping, long fromNs) {
            this.mapping = mapping;
            this.fromNs = fromNs;
        }
    }

    /** A mapping that came or went between two looks. */
    private static final class Change {
        final Stay stay;
        final boolean isCome;
        final long afterNs;
        final long untilNs;

        /** The parts of the mapping that no opposite change of the same look covers. */
        List<long[]> own;

        /** The opposite changes of the same look that overlap it. */
        final List<Change> others = new ArrayList<>();

        long accessNs = NONE;

        /** Whether a snapshot had regions in it. */
        private boolean isMonitored;

        Change(Stay stay, boolean isCome, long afterNs, long untilNs) {
            this.stay = stay;
            this.isCome = isCome;
            this.afterNs = afterNs;
            this.untilNs = untilNs;
            own = List.of(new long[] {stay.mapping.start(), stay.mapping.end()});
        }

        /** Finds the overlapping ones among the opposite changes of the same look, which are given by start. */
        void partFrom(NavigableMap<Long, Change> changed) {
            Mapping m = stay.mapping;
            AddressSet theirs = new AddressSet();
            Long before = changed.floorKey(m.start());
            changed.subMap(before == null ? m.start() : before, m.end())
                    .values()
                    .forEach(c -> {
                        if (c.stay.mapping.end() > m.start()) {
                            others.add(c);
                            theirs.add(c.stay.mapping.start(), c.stay.mapping.end(), true);
                        }
                    });
            own = others.isEmpty() ? own : theirs.without(m.start(), m.end());
        }

        /** Takes a snapshot; {@code begins} are the starts of the snapshots of the last update interval. */
        void see(Snapshot s, NavigableSet<Long> begins) {
            if (isCome && accessNs != NONE) {
                return;
            }
            boolean isFirst = !isMonitored && own.stream().anyMatch(part -> isIn(s, part));
            isMonitored |= isFirst;
            if (isAccessed(s)) {
                Long beganNs = isFirst ? begins.ceiling(afterNs) : begins.last();
                accessNs = isCome ? Math.max(beganNs == null ? afterNs : beganNs, afterNs) : Math.min(s.endNs, untilNs);
            }
        }

        private static boolean isIn(Snapshot s, long[] part) {
            int i = s.firstBeyond(part[0]);
            return i < s.regions && Long.compareUnsigned(s.start[i], part[1]) < 0;
        }

        /** Whether a region shows an access: it lies mostly in the mapping or covers most of it; for a part, only if certain. */
        boolean isAccessed(Snapshot s) {
            for (long[] part : own) {
                for (int i = s.firstBeyond(part[0]);
                        i < s.regions && Long.compareUnsigned(s.start[i], part[1]) < 0;
                        i++) {
                    long bytes = AddressSet.min(s.end[i], part[1]) - AddressSet.max(s.start[i], part[0]);
                    if (others.isEmpty()
                            ? s.isAccessed(i) && 2 * bytes >= Math.min(part[1] - part[0], s.end[i] - s.start[i])
                            : isAccessedFor(bytes, s, i)) {
                        return true;
                    }
                }
            }
            return false;
        }

        /** Whether a region was accessed more often than it could be with all but these bytes busy. */
        private static boolean isAccessedFor(long bytes, Snapshot s, int region) {
            double ofBytes = s.end[region] - s.start[region];
            return s.nrAccesses[region] * ofBytes > s.maxNrAccesses() * (ofBytes - bytes);
        }
    }

    /** Takes mappings with their times. */
    interface Taker {
        void take(Mapping mapping, long fromNs, long toNs) throws IOException;
    }

    /** Sorted by the time when they came. */
    private final List<Stay> stays = new ArrayList<>();

    /** Changes whose time accesses may tell, sorted by the look before them. */
    private final List<Change> changes = new ArrayList<>();

    private final List<Change> open = new ArrayList<>();

    /** Starts of the snapshots of the last update interval. */
    private final TreeSet<Long> begins = new TreeSet<>();

    private int nextChange;

    private final List<Stay> current = new ArrayList<>();
    private int next;
    private AddressSet seen;
    private MappingKinds kinds = new MappingKinds(new TreeMap<>());

    /** The times at which mappings come or go. */
    private final TreeSet<Long> times = new TreeSet<>();

    /** DAMON's update interval; 0 for a recorder that reads all mappings for every sample. */
    private final long updateNs;

    private MappingTimeline(long updateNs) {
        this.updateNs = updateNs;
    }

    /** The timeline of a process; empty if the trace has no mappings of it. */
    public static MappingTimeline read(TraceSource trace, Long pid, ResidentReadings readings) throws IOException {
        Manifest manifest = trace.manifest();
        MappingTimeline timeline =
                new MappingTimeline(Manifest.Source.REFERENCED.is(manifest) ? 0 : manifest.attrs.updateUs() * 1000);
        if (pid == null) {
            return timeline;
        }
        int[] rows = new int[1];
        TreeMap<Long, Look> looks = new TreeMap<>();
        trace.forEachRow(Table.MAPPINGS, (b, i) -> {
            Mapping m = Mapping.of(b, i);
            // What lies in the kernel's half (vsyscall) is not a mapping of the process.
            if (m.pid() != pid || m.start() < 0 || m.end() <= m.start()) {
                return;
            }
            if (++rows[0] > MAX_ROWS) {
                throw new TraceFormatException(
                        trace.name(), "mappings", "more than " + MAX_ROWS + " rows of one process: cannot be replayed");
            }
            Look look = looks.computeIfAbsent(b.get(TIME, i), t -> new Look());
            (Mapping.isGone(b, i) ? look.gone : look.come).add(m);
        });
        timeline.follow(looks, readings);
        return timeline;
    }

    /**
     * Where hardly any mapping outlived the time between two looks, the process executed another program. Both were never there at
     * once, and what they had lies apart: the new one counts as there since the look before, which found the old one about to go.
     */
    private void follow(TreeMap<Long, Look> looks, ResidentReadings readings) {
        Map<Mapping, Stay> there = new HashMap<>();
        long firstNs = NONE;
        for (Map.Entry<Long, Look> e : looks.entrySet()) {
            long timeNs = e.getKey();
            Look look = e.getValue();
            Long changed = looks.lowerKey(timeNs);
            long beforeNs = Math.max(changed == null ? NONE : changed, readings.lastBefore(timeNs));
            Set<Mapping> left = new HashSet<>(there.keySet());
            look.gone.forEach(left::remove);
            boolean isOther = !there.isEmpty() && !look.come.isEmpty() && left.size() * OUTLIVED < there.size();
            int before = changes.size();
            for (Mapping m : look.gone) {
                Stay stay = there.remove(m);
                if (stay == null) {
                    continue;
                }
                if (isOther && changed != null && changed == firstNs) {
                    stays.remove(stay); // what was seen once only began it: a shell, or whatever started the program
                } else if (isOther) {
                    stay.toNs = beforeNs;
                } else {
                    changes.add(new Change(stay, false, Math.max(beforeNs, stay.fromNs), timeNs));
                }
            }
            firstNs = firstNs == NONE || isOther && changed == firstNs ? timeNs : firstNs;
            for (Mapping m : look.come) {
                Stay stay = new Stay(m, isOther ? beforeNs : timeNs);
                there.put(m, stay);
                stays.add(stay);
                if (!isOther) {
                    changes.add(new Change(stay, true, beforeNs, timeNs));
                }
            }
            part(changes.subList(before, changes.size()));
        }
        changes.sort(Comparator.comparingLong(c -> c.afterNs));
        settle();
    }

    /** Relates what came and what went with one look. Mappings of one process do not overlap, so their starts order them. */
    private static void part(List<Change> atOnce) {
        NavigableMap<Long, Change> come = new TreeMap<>();
        NavigableMap<Long, Change> gone = new TreeMap<>();
        atOnce.forEach(c -> (c.isCome ? come : gone).put(c.stay.mapping.start(), c));
        atOnce.forEach(c -> c.partFrom(c.isCome ? gone : come));
    }

    /** Whether the times of all changes are known without looking at accesses. */
    public boolean isDecided() {
        return changes.stream().allMatch(c -> c.afterNs == NONE);
    }

    /** Takes a snapshot of the process, in order of time: memory accessed in it was mapped. */
    public void see(Snapshot s, long fromNs) {
        while (nextChange < changes.size() && changes.get(nextChange).afterNs < s.endNs) {
            open.add(changes.get(nextChange++));
        }
        open.removeIf(c -> c.untilNs <= fromNs);
        begins.add(fromNs);
        begins.headSet(fromNs - updateNs).clear();
        open.forEach(c -> c.see(s, begins));
    }

    /** Sets the times of changes between two looks by the snapshots taken. */
    public void settle() {
        for (Change c : changes) {
            long halfNs = c.afterNs + (c.untilNs - c.afterNs) / 2;
            if (c.isCome) {
                c.stay.fromNs = c.afterNs == NONE
                        ? NONE
                        : c.accessNs != NONE ? c.accessNs : c.own.isEmpty() ? halfNs : c.untilNs;
            } else {
                c.stay.toNs = c.accessNs != NONE ? c.accessNs : halfNs;
            }
        }
        changes.stream().filter(c -> !c.others.isEmpty()).forEach(MappingTimeline::join);
        stays.sort(Comparator.comparingLong(s -> s.fromNs));
        times.clear();
        stays.forEach(s -> times.addAll(List.of(s.fromNs, s.toNs)));
        nextChange = 0;
        open.clear();
        rewind();
    }

    /** Closes the gap between two overlapping mappings of which one replaced the other. */
    private static void join(Change c) {
        for (Change o : c.others) {
            Change came = c.isCome ? c : o;
            Change went = c.isCome ? o : c;
            if (went.stay.toNs >= came.stay.fromNs) {
                continue;
            }
            if (went.own.isEmpty()) {
                went.stay.toNs = came.stay.fromNs;
            } else {
                came.stay.fromNs = went.stay.toNs;
            }
        }
    }

    /** The kinds of the mappings that {@link #during} returned last. */
    public MappingKinds kinds() {
        return kinds;
    }

    /** The times in {@code (fromNs, toNs)} at which mappings come or go, ascending. */
    public Set<Long> changes(long fromNs, long toNs) {
        return fromNs < toNs ? times.subSet(fromNs, false, toNs, false) : Set.of();
    }

    public boolean isEmpty() {
        return stays.isEmpty();
    }

    /** Reports all mappings of the recording. */
    void forEach(Taker taker) throws IOException {
        for (Stay s : stays) {
            taker.take(s.mapping, s.fromNs, s.toNs);
        }
    }

    /** Restarts at the beginning. */
    public void rewind() {
        current.clear();
        next = 0;
        seen = null;
    }

    /**
     * What was mapped at some time of {@code [fromNs, toNs)}; mappings that touch stay apart. The same object as before where nothing
     * changed. Times ascend from call to call.
     */
    public AddressSet during(long fromNs, long toNs) {
        boolean changed = current.removeIf(s -> s.toNs <= fromNs);
        for (; next < stays.size() && stays.get(next).fromNs < toNs; next++) {
            if (stays.get(next).toNs > fromNs) {
                current.add(stays.get(next));
                changed = true;
            }
        }
        if (changed || seen == null) {
            seen = new AddressSet();
            TreeMap<Long, Mapping> byStart = new TreeMap<>();
            for (Stay s : current) {
                seen.add(s.mapping.start(), s.mapping.end(), false);
                byStart.put(s.mapping.start(), s.mapping);
            }
            kinds = new MappingKinds(byStart);
        }
        return seen;
    }
}
