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

/**
 * What one process had mapped at which time. A recorder looks at mappings now and then; what changed between two looks changed when
 * accesses say so: a mapping came when it was first accessed, else with the look that found it, and went when it was last accessed,
 * else halfway to the look that missed it. DAMON itself looks for new mappings once an update interval only: one that it monitored
 * and found accessed at once came up to an interval before, and is there so early that no DAMON finds it late again. Where one went and another came in its place, as when
 * mappings grow, shrink or join, accesses to what both have tell nothing; what both have stays mapped in between.
 */
public final class MappingTimeline {
    private static final int TIME = Table.MAPPINGS.indexOf("time_ns");

    /** One mapping in so many is less than outlives anything but another program. */
    private static final int OUTLIVED = 10;

    /** Rows of one process that are held. */
    private static final int MAX_ROWS = 1 << 20;

    private static final long NONE = Long.MIN_VALUE;

    /** What one look found different. */
    private static final class Look {
        final List<Mapping> come = new ArrayList<>();
        final List<Mapping> gone = new ArrayList<>();
    }

    /** A mapping from when it came to when it went. */
    private static final class Stay {
        final Mapping mapping;
        long fromNs;
        long toNs = Long.MAX_VALUE;

        Stay(Mapping mapping, long fromNs) {
            this.mapping = mapping;
            this.fromNs = fromNs;
        }
    }

    /** A change that one look did not find and the next did. */
    private static final class Change {
        final Stay stay;
        final boolean isCome;
        final long afterNs;
        final long untilNs;

        /** What of the mapping no other that went or came with the same look had too. */
        List<long[]> own;

        /** Those others, which came if this one went and the other way round. */
        final List<Change> others = new ArrayList<>();

        long accessNs = NONE;

        /** Whether a snapshot had regions of it. */
        private boolean isMonitored;

        Change(Stay stay, boolean isCome, long afterNs, long untilNs) {
            this.stay = stay;
            this.isCome = isCome;
            this.afterNs = afterNs;
            this.untilNs = untilNs;
            own = List.of(new long[] {stay.mapping.start(), stay.mapping.end()});
        }

        /** Finds its part among what changed the other way with the same look, ordered by their starts. */
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

        /** Takes a snapshot; {@code begins} are the starts of this one and of those of an update interval before. */
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

        /** Whether a region tells of an access: one that is mostly in the mapping, or has most of it; in a part, one that is certain. */
        boolean isAccessed(Snapshot s) {
            for (long[] part : own) {
                for (int i = s.firstBeyond(part[0]);
                        i < s.regions && Long.compareUnsigned(s.start[i], part[1]) < 0;
                        i++) {
                    long bytes = AddressSet.min(s.end[i], part[1]) - AddressSet.max(s.start[i], part[0]);
                    if (others.isEmpty()
                            ? s.nrAccesses[i] > 0 && 2 * bytes >= Math.min(part[1] - part[0], s.end[i] - s.start[i])
                            : isAccessedFor(bytes, s, i)) {
                        return true;
                    }
                }
            }
            return false;
        }

        /** Whether a region was accessed more often than it would be if all of it but so many bytes were busy. */
        private static boolean isAccessedFor(long bytes, Snapshot s, int region) {
            double ofBytes = s.end[region] - s.start[region];
            return s.nrAccesses[region] * ofBytes > s.maxNrAccesses() * (ofBytes - bytes);
        }
    }

    /** Takes a mapping and when it was there. */
    interface Taker {
        void take(Mapping mapping, long fromNs, long toNs) throws IOException;
    }

    /** By when they came. */
    private final List<Stay> stays = new ArrayList<>();

    /** What accesses are still to be asked about, by the look before. */
    private final List<Change> changes = new ArrayList<>();

    private final List<Change> open = new ArrayList<>();

    /** When the last snapshots began that were seen: those of an update interval. */
    private final TreeSet<Long> begins = new TreeSet<>();

    private int nextChange;

    private final List<Stay> current = new ArrayList<>();
    private int next;
    private AddressSet seen;
    private MappingKinds kinds = new MappingKinds(new TreeMap<>());

    /** When mappings come or go. */
    private final TreeSet<Long> times = new TreeSet<>();

    /** How often DAMON looked for new mappings; 0 where something else recorded, which looks at all of them every time. */
    private final long updateNs;

    private MappingTimeline(long updateNs) {
        this.updateNs = updateNs;
    }

    /** That of a process; empty if the trace has no mappings of it. */
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

    /** Tells apart what came and went with one look. Mappings of a process lie apart, so that where they begin orders them. */
    private static void part(List<Change> atOnce) {
        NavigableMap<Long, Change> come = new TreeMap<>();
        NavigableMap<Long, Change> gone = new TreeMap<>();
        atOnce.forEach(c -> (c.isCome ? come : gone).put(c.stay.mapping.start(), c));
        atOnce.forEach(c -> c.partFrom(c.isCome ? gone : come));
    }

    /** Whether no change is left to be decided by accesses. */
    public boolean isDecided() {
        return changes.stream().allMatch(c -> c.afterNs == NONE);
    }

    /** Takes a snapshot of the process, in the order of time: what it accessed was there. */
    public void see(Snapshot s, long fromNs) {
        while (nextChange < changes.size() && changes.get(nextChange).afterNs < s.endNs) {
            open.add(changes.get(nextChange++));
        }
        open.removeIf(c -> c.untilNs <= fromNs);
        begins.add(fromNs);
        begins.headSet(fromNs - updateNs).clear();
        open.forEach(c -> c.see(s, begins));
    }

    /** Decides when what changed between two looks did, by the snapshots that were seen. */
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

    /** Leaves no time in which nothing has what a mapping shares with those that came or went with it. */
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

    /** What the mappings are made of in the time that {@link #during} was asked for last. */
    public MappingKinds kinds() {
        return kinds;
    }

    /** When in {@code (fromNs, toNs)} mappings come or go, ascending. */
    public Set<Long> changes(long fromNs, long toNs) {
        return fromNs < toNs ? times.subSet(fromNs, false, toNs, false) : Set.of();
    }

    public boolean isEmpty() {
        return stays.isEmpty();
    }

    /** All mappings that there ever were. */
    void forEach(Taker taker) throws IOException {
        for (Stay s : stays) {
            taker.take(s.mapping, s.fromNs, s.toNs);
        }
    }

    /** Starts again at the beginning. */
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
