package org.damson.replayer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.damson.model.Snapshot;
import org.damson.model.range.AddressSet;
import org.damson.replayer.memory.Footprint;
import org.damson.replayer.memory.MappingKinds;
import org.damson.replayer.memory.MappingTimeline;

/**
 * What a process had mapped during a snapshot, in parts of its slices: a slice in which something comes or goes is one of its own, in
 * which both is there. What was seen accessed in k samples was so while it was mapped.
 */
final class MappedParts {
    private static final long NEAR = 1L << 30;

    /** Limit on the parts of a snapshot; with more, everything counts as mapped throughout, and touches repeat in each part. */
    private static final int MAX_PARTS = 64;

    /** What is mapped in the slices {@code [from, to)}. */
    record Part(int from, int to, AddressSet mapped, MappingKinds kinds) {
        int slices() {
            return to - from;
        }
    }

    private final List<Part> parts;

    private MappedParts(List<Part> parts) {
        this.parts = parts;
    }

    /**
     * The parts of a snapshot.
     *
     * @param slices in which it is played
     * @param before what was mapped last, null at first: the same object where that has not changed
     */
    static MappedParts of(MappingTimeline timeline, Snapshot s, int slices, AddressSet before) {
        long fromNs = s.fromNs();
        long ns = s.endNs - fromNs;
        List<Integer> cuts = List.copyOf(cuts(timeline, fromNs, ns, slices));
        List<Part> parts = new ArrayList<>();
        if (timeline.isEmpty()) {
            parts.add(new Part(0, slices, monitored(s, before), timeline.kinds()));
        } else {
            for (int i = 1; i < cuts.size(); i++) {
                int from = cuts.get(i - 1);
                int to = cuts.get(i);
                AddressSet then = timeline.during(fromNs + beginNs(ns, from, slices), fromNs + beginNs(ns, to, slices));
                parts.add(new Part(from, to, then, timeline.kinds()));
            }
            addUnseen(parts, s);
            if (isContradicted(parts, s, slices)) {
                parts = List.of(together(parts));
            }
        }
        List<Part> told = new ArrayList<>();
        AddressSet last = before;
        for (Part p : parts) {
            last = p.mapped.equals(last) ? last : p.mapped;
            told.add(new Part(p.from, p.to, last, p.kinds));
        }
        return new MappedParts(told);
    }

    /** Whether a region was seen in more samples than its mapping could have been there for: then it was there longer. */
    private static boolean isContradicted(List<Part> parts, Snapshot s, int slices) {
        for (int i = 0; i < s.regions && parts.size() > 1; i++) {
            long start = s.start[i];
            long end = s.end[i];
            double there = parts.stream()
                    .filter(p -> p.mapped.overlaps(start, end))
                    .mapToInt(Part::slices)
                    .sum();
            if (there > 0 && s.nrAccesses[i] > Math.ceil(there * s.maxNrAccesses() / slices)) {
                return true;
            }
        }
        return false;
    }

    private static Part together(List<Part> parts) {
        Part all = parts.get(0);
        for (Part p : parts) {
            AddressSet both = all.mapped.copy();
            p.mapped.ranges().forEach(r -> both.add(r[0], r[1], false));
            all = new Part(all.from, p.to, both, all.kinds.and(p.kinds));
        }
        return all;
    }

    /** The slices at which parts begin, followed by the end of the last. */
    private static TreeSet<Integer> cuts(MappingTimeline timeline, long fromNs, long ns, int slices) {
        TreeSet<Integer> cuts = new TreeSet<>(List.of(0, slices));
        for (long timeNs : timeline.changes(fromNs, fromNs + ns)) {
            int slice = (int) Math.min(slices - 1, (timeNs - fromNs) * (double) slices / ns);
            slice -= beginNs(ns, slice, slices) > timeNs - fromNs ? 1 : 0;
            slice += beginNs(ns, slice + 1, slices) <= timeNs - fromNs ? 1 : 0;
            cuts.add(slice);
            cuts.add(beginNs(ns, slice, slices) == timeNs - fromNs ? slice : slice + 1);
        }
        return cuts.size() - 1 <= MAX_PARTS ? cuts : new TreeSet<>(List.of(0, slices));
    }

    /** Offset in nanoseconds at which a slice begins, or at which the last ends. */
    static long beginNs(long ns, int slice, int slices) {
        return ns / slices * slice + ns % slices * slice / slices;
    }

    /** All regions, including those of lost snapshots. */
    private static AddressSet monitored(Snapshot s, AddressSet before) {
        AddressSet all = s.lost > 0 && before != null ? before.copy() : new AddressSet();
        for (int i = 0; i < s.regions; i++) {
            all.add(RegionPages.down(s.start[i]), RegionPages.up(s.end[i]), !s.has(Snapshot.HAS_REFERENCED));
        }
        return all;
    }

    /**
     * Adds what was accessed of mappings that came and went between two looks: regions in no mapping, but near some. Further away
     * lies only what the process had before it executed its program, of which DAMON tells for a while.
     */
    private static void addUnseen(List<Part> parts, Snapshot s) {
        for (int i = 0; i < s.regions; i++) {
            long start = RegionPages.down(s.start[i]);
            long end = RegionPages.up(s.end[i]);
            long near = Long.compareUnsigned(start, NEAR) > 0 ? start - NEAR : 0;
            if (s.isAccessed(i)
                    && parts.stream().noneMatch(p -> p.mapped.overlaps(start, end))
                    && parts.stream().anyMatch(p -> p.mapped.overlaps(near, end + NEAR))) {
                parts.replaceAll(p -> {
                    AddressSet more = p.mapped.copy();
                    more.add(start, end, false);
                    return new Part(p.from, p.to, more, p.kinds);
                });
            }
        }
    }

    List<Part> all() {
        return parts;
    }

    /** What is mapped at the end. */
    AddressSet last() {
        return parts.get(parts.size() - 1).mapped;
    }

    /**
     * Writes what of a region is touched in one of the parts.
     *
     * @param in slices of the snapshot in which it is touched
     * @param order which these are
     */
    void touch(PlanWriter out, Part part, WrittenPlaces.Part region, int in, Order order) throws IOException {
        if (parts.size() == 1) {
            out.touch(region.start(), region.end(), in, order, region.pages(), region.written());
            return;
        }
        for (long[] r : part.mapped.within(region.start(), region.end())) {
            TreeSet<Long> bounds = new TreeSet<>(Long::compareUnsigned);
            bounds.addAll(List.of(r[0], r[1]));
            parts.forEach(p -> p.mapped.within(r[0], r[1]).forEach(m -> bounds.addAll(List.of(m[0], m[1]))));
            Long from = bounds.pollFirst();
            for (long to : bounds) {
                touch(out, part, region, from, to, in, order);
                from = to;
            }
        }
    }

    /** For each part, whether a range that is mapped wholly or not at all is there. */
    private void touch(PlanWriter out, Part part, WrittenPlaces.Part region, long from, long to, int in, Order order)
            throws IOException {
        int there = 0;
        int before = 0;
        for (Part p : parts) {
            if (p.mapped.overlaps(from, to)) {
                before += p.from < part.from ? p.slices() : 0;
                there += p.slices();
            }
        }
        int samples = Math.min(in, there);
        int some = order.until(before + part.slices(), samples, there) - order.until(before, samples, there);
        if (some > 0) {
            out.touch(
                    from,
                    to,
                    some,
                    some == part.slices() ? Order.EVENLY : order,
                    share(region, from, to, region.pages()),
                    region.written() < 0 ? Footprint.NOT_KNOWN : share(region, from, to, region.written()));
        }
    }

    private static long share(WrittenPlaces.Part region, long from, long to, long pages) {
        long bytes = region.end() - region.start();
        return PlanWriter.upTo(to - region.start(), bytes, pages)
                - PlanWriter.upTo(from - region.start(), bytes, pages);
    }
}
