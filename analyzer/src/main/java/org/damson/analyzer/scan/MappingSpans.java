package org.damson.analyzer.scan;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.model.Mapping;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSource;

/** The mappings of a trace, each with the time in which it was there. */
public final class MappingSpans {
    private static final int TIME = Table.MAPPINGS.indexOf("time_ns");

    /** Mappings, also those long gone, that are kept. */
    private static final int MAX_MAPPINGS = 1 << 20;

    /**
     * A mapping while it was there. {@code last} is inclusive.
     *
     * @param name {@code (anonymous)} for memory without a name
     * @param fromNs when what was there before had gone; {@link Long#MIN_VALUE} if nothing was
     * @param toNs exclusive; {@link Long#MAX_VALUE} if it stayed
     */
    public record Span(long start, long last, String permissions, String name, long fromNs, long toNs) {
        private static Span of(Mapping m, long fromNs, long toNs) {
            return new Span(
                    m.start(),
                    m.end() - 1,
                    m.permissions(),
                    m.name().isEmpty() ? "(anonymous)" : m.name(),
                    fromNs,
                    toNs);
        }
    }

    /** A mapping, when it was first and no longer seen. */
    private record Seen(Mapping mapping, long openedNs, long goneNs) {}

    private final Map<Integer, List<Span>> byPid;
    private final TargetPids pids;

    private MappingSpans(Map<Integer, List<Span>> byPid, TargetPids pids) {
        this.byPid = byPid;
        this.pids = pids;
    }

    public static MappingSpans of(TraceSource source) throws IOException {
        Map<Long, List<Seen>> all = new HashMap<>();
        Map<Long, Map<Long, Seen>> open = new HashMap<>();
        int[] count = new int[1];
        source.forEachRow(Table.MAPPINGS, (b, i) -> {
            long timeNs = b.get(TIME, i);
            Mapping m = Mapping.of(b, i);
            boolean isGone = Mapping.isGone(b, i);
            Map<Long, Seen> ofPid = open.computeIfAbsent(m.pid(), p -> new HashMap<>());
            Seen before = ofPid.get(m.start());
            if (before != null && (!isGone || m.equals(before.mapping))) {
                ofPid.remove(m.start());
                all.computeIfAbsent(m.pid(), p -> new ArrayList<>())
                        .add(new Seen(before.mapping, before.openedNs, timeNs));
            }
            if (!isGone && m.sizeBytes() != 0) {
                ofPid.put(m.start(), new Seen(m, timeNs, Long.MAX_VALUE));
                if (++count[0] > MAX_MAPPINGS) {
                    throw new TraceFormatException(source.name(), "mappings", "more than " + MAX_MAPPINGS);
                }
            }
        });
        open.forEach(
                (pid, left) -> all.computeIfAbsent(pid, p -> new ArrayList<>()).addAll(left.values()));
        Map<Integer, List<Span>> spans = new HashMap<>();
        all.forEach((pid, seen) -> spans.put(pid.intValue(), spans(seen)));
        return new MappingSpans(spans, TargetPids.of(source.manifest()));
    }

    /**
     * Mappings are looked at now and then: what is first seen somewhere was there a while before, but not before what was
     * there had gone.
     */
    private static List<Span> spans(List<Seen> seen) {
        List<Seen> going = new ArrayList<>(seen);
        going.sort(Comparator.comparingLong(Seen::goneNs));
        seen.sort(Comparator.comparingLong(Seen::openedNs));
        LastGone gone = new LastGone();
        List<Span> spans = new ArrayList<>();
        int next = 0;
        for (Seen s : seen) {
            for (; next < going.size() && going.get(next).goneNs <= s.openedNs; next++) {
                gone.put(going.get(next).mapping, going.get(next).goneNs);
            }
            spans.add(Span.of(s.mapping, gone.until(s.mapping), s.goneNs));
        }
        spans.sort(
                Comparator.comparingLong((Span m) -> m.start ^ Long.MIN_VALUE).thenComparingLong(Span::fromNs));
        return spans;
    }

    /** When the last of the mappings that had been at an address went. */
    private static final class LastGone {
        /** Ranges that do not overlap, by their first address. */
        private final TreeMap<Long, Range> ranges = new TreeMap<>(Long::compareUnsigned);

        private record Range(long start, long last, long ns) {}

        /** Takes a mapping that went no earlier than those before. */
        void put(Mapping m, long ns) {
            long last = m.end() - 1;
            for (Range r = at(m.start(), last); r != null; r = at(m.start(), last)) {
                ranges.remove(r.start);
                if (Long.compareUnsigned(r.start, m.start()) < 0) {
                    ranges.put(r.start, new Range(r.start, m.start() - 1, r.ns));
                }
                if (Long.compareUnsigned(r.last, last) > 0) {
                    ranges.put(m.end(), new Range(m.end(), r.last, r.ns));
                }
            }
            ranges.put(m.start(), new Range(m.start(), last, ns));
        }

        /** Until when something else was anywhere in it; {@link Long#MIN_VALUE} if nothing was. */
        long until(Mapping m) {
            long ns = Long.MIN_VALUE;
            Map.Entry<Long, Range> before = ranges.floorEntry(m.start());
            if (before != null && Long.compareUnsigned(before.getValue().last, m.start()) >= 0) {
                ns = before.getValue().ns;
            }
            for (Range r : ranges.subMap(m.start(), true, m.end() - 1, true).values()) {
                ns = Math.max(ns, r.ns);
            }
            return ns;
        }

        /** A range that overlaps, null if there is none. */
        private Range at(long start, long last) {
            Map.Entry<Long, Range> lowest = ranges.floorEntry(last);
            return lowest != null && Long.compareUnsigned(lowest.getValue().last, start) >= 0
                    ? lowest.getValue()
                    : null;
        }
    }

    public boolean isEmpty() {
        return byPid.isEmpty();
    }

    /**
     * Those of a target, ascending by address, then time: of the process that it is ({@link TargetPids}), and where there is one process,
     * of that one. SQL's view {@code targets} says the same.
     */
    public List<Span> ofTarget(long target) {
        return byPid.getOrDefault(pids.orLone(target, byPid.keySet()), List.of());
    }
}
