package org.damson.analyzer.advise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.scan.Arithmetic;
import org.damson.analyzer.scan.TargetPids;
import org.damson.model.Mapping;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.text.Printable;

/** Which mapping backs a range when the part of a recording that is looked at ends. */
final class Backing {
    private static final int MAX_AREAS = 1 << 16;

    /**
     * A part of a range.
     *
     * @param name of its mapping, "anonymous" for one without; empty: mappings are not known
     */
    record Part(long start, long end, String name) {
        long bytes() {
            return end - start;
        }

        boolean isAnonymous() {
            return name.equals("anonymous") || name.equals("[heap]") || name.startsWith("[anon:");
        }
    }

    /** What a process removed at one time. All of it at once is a process that ended: what stood before counts. */
    private static final class Removed {
        final List<Mapping> mappings = new ArrayList<>();
        long timeNs = Long.MIN_VALUE;

        void add(Mapping m, long atNs) {
            if (timeNs != atNs) {
                mappings.clear();
                timeNs = atNs;
            }
            mappings.add(m);
        }
    }

    private final Map<Integer, TreeMap<Long, Mapping>> areas = new HashMap<>();
    private final TargetPids pids;
    /** Whether one target has all the memory there is. */
    private final boolean isOneTarget;

    private Backing(TargetPids pids, boolean isOneTarget) {
        this.pids = pids;
        this.isOneTarget = isOneTarget;
    }

    /** @param targets how many there are */
    static Backing of(TraceSource trace, TraceQuery query, int targets) throws IOException {
        Backing b = new Backing(TargetPids.of(trace.manifest()), targets == 1);
        int cTime = Table.MAPPINGS.indexOf("time_ns");
        int cPid = Table.MAPPINGS.indexOf("pid");
        Map<Integer, Removed> removed = new HashMap<>();
        trace.forEachRow(Table.MAPPINGS, (rows, i) -> {
            long timeNs = rows.get(cTime, i);
            if (timeNs >= query.toNs()) {
                return;
            }
            int pid = (int) rows.get(cPid, i);
            TreeMap<Long, Mapping> of = b.areas.computeIfAbsent(pid, p -> new TreeMap<>(Long::compareUnsigned));
            Mapping m = Mapping.of(rows, i);
            if (!Mapping.isGone(rows, i)) {
                if (of.size() < MAX_AREAS) {
                    of.put(m.start(), m);
                }
            } else if (of.remove(m.start(), m)) {
                Removed r = removed.computeIfAbsent(pid, p -> new Removed());
                r.add(m, timeNs);
                if (of.isEmpty()) {
                    r.mappings.forEach(was -> of.put(was.start(), was));
                    r.mappings.clear();
                }
            }
        });
        return b;
    }

    private TreeMap<Long, Mapping> of(long target) {
        int pid = pids.of(target, areas.keySet());
        return pid < 0 && isOneTarget && areas.size() == 1
                ? areas.values().iterator().next()
                : areas.get(pid);
    }

    /** The parts of a range that a mapping backs, neighbours of one name joined; the whole where mappings are not known. */
    List<Part> parts(long target, long start, long end) {
        TreeMap<Long, Mapping> of = of(target);
        if (of == null) {
            return List.of(new Part(start, end, ""));
        }
        List<Part> parts = new ArrayList<>();
        Long first = of.floorKey(start);
        for (Mapping m : of.tailMap(first == null ? start : first, true).values()) {
            if (Long.compareUnsigned(m.start(), end) >= 0) {
                break;
            }
            long from = Arithmetic.maxUnsigned(m.start(), start);
            long to = Arithmetic.minUnsigned(m.end(), end);
            if (Long.compareUnsigned(from, to) >= 0 || m.permissions().startsWith("---")) {
                continue;
            }
            String name = m.name().isEmpty() ? "anonymous" : Printable.line(m.name());
            Part last = parts.isEmpty() ? null : parts.get(parts.size() - 1);
            if (last != null && last.end() == from && last.name().equals(name)) {
                parts.set(parts.size() - 1, new Part(last.start(), to, name));
            } else {
                parts.add(new Part(from, to, name));
            }
        }
        return parts;
    }
}
