package org.damson.analyzer.scan;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.Mapping;
import org.damson.model.Table;
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
     * @param fromNs {@link Long#MIN_VALUE} if it was there when first looked at
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

    /** A mapping that is there, from when on. */
    private record Open(Mapping mapping, long fromNs) {}

    private final Map<Long, List<Span>> byPid;

    private MappingSpans(Map<Long, List<Span>> byPid) {
        this.byPid = byPid;
    }

    public static MappingSpans of(TraceSource source) throws IOException {
        Map<Long, List<Span>> all = new HashMap<>();
        Map<Long, Map<Long, Open>> open = new HashMap<>();
        int[] count = new int[1];
        source.forEachRow(Table.MAPPINGS, (b, i) -> {
            long timeNs = b.get(TIME, i);
            Mapping m = Mapping.of(b, i);
            boolean isGone = Mapping.isGone(b, i);
            Map<Long, Open> ofPid = open.computeIfAbsent(m.pid(), p -> new HashMap<>());
            Open before = ofPid.get(m.start());
            if (before != null && (!isGone || m.equals(before.mapping))) {
                ofPid.remove(m.start());
                all.computeIfAbsent(m.pid(), p -> new ArrayList<>())
                        .add(Span.of(before.mapping, before.fromNs, timeNs));
            }
            if (!isGone && m.sizeBytes() != 0) {
                // Mappings are looked at now and then: what is first seen somewhere was there a while before.
                ofPid.put(m.start(), new Open(m, before != null ? timeNs : Long.MIN_VALUE));
                if (++count[0] > MAX_MAPPINGS) {
                    throw new IOException("more than " + MAX_MAPPINGS + " mappings");
                }
            }
        });
        open.forEach((pid, left) -> left.values().forEach(o -> all.computeIfAbsent(pid, p -> new ArrayList<>())
                .add(Span.of(o.mapping, o.fromNs, Long.MAX_VALUE))));
        all.values()
                .forEach(list -> list.sort(Comparator.comparingLong((Span m) -> m.start ^ Long.MIN_VALUE)
                        .thenComparingLong(Span::fromNs)));
        return new MappingSpans(all);
    }

    public boolean isEmpty() {
        return byPid.isEmpty();
    }

    /**
     * Those of a target, ascending by address, then time. DAMON numbers its targets; where there is one process, it is that
     * one's memory.
     */
    public List<Span> ofTarget(long target) {
        return byPid.containsKey(target) || byPid.size() != 1
                ? byPid.getOrDefault(target, List.of())
                : byPid.values().iterator().next();
    }
}
