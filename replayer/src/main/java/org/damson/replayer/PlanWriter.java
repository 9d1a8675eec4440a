package org.damson.replayer;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the lines of a plan ({@code accessgen.h} has the format) for one process after another, and of mappings only what changes.
 * Addresses are those of the recording until they are written.
 */
final class PlanWriter {
    /** A mapping, or a part of one, that the plan has at the moment. */
    private record Piece(long end, boolean isApart, boolean isTouchable) {}

    private final BufferedWriter out;
    private AddressMap addresses;
    private AddressSet huge = new AddressSet();
    private final TreeMap<Long, Piece> live = new TreeMap<>(Long::compareUnsigned);

    PlanWriter(Writer out) throws IOException {
        this.out = new BufferedWriter(out, 1 << 16);
        this.out.write("damson-plan 1\n");
    }

    void comment(String text) throws IOException {
        out.write("# " + text + "\n");
    }

    /**
     * What follows is of this process.
     *
     * @param hugePages where huge pages are to be asked for
     */
    void process(String name, AddressMap map, AddressSet hugePages) throws IOException {
        addresses = map;
        huge = hugePages;
        live.clear();
        out.write("process " + name + "\n");
    }

    void snapshot(long timeNs, long durationNs, int slices) throws IOException {
        out.write("snapshot " + time(timeNs) + " " + time(durationNs) + " " + slices + "\n");
    }

    /** Touches the parts of the range that are mapped for it. */
    void touch(long start, long end, int samples, Order order) throws IOException {
        Map.Entry<Long, Piece> p = live.floorEntry(start);
        if (p == null || Long.compareUnsigned(p.getValue().end, start) <= 0) {
            p = live.higherEntry(start);
        }
        for (; p != null && Long.compareUnsigned(p.getKey(), end) < 0; p = live.higherEntry(p.getKey())) {
            if (p.getValue().isTouchable) {
                String range = range(AddressSet.max(start, p.getKey()), AddressSet.min(end, p.getValue().end));
                if (range != null) {
                    out.write("touch " + range + " " + samples + order.text + "\n");
                }
            }
        }
    }

    /**
     * Maps what is new and unmaps what is not there any more.
     *
     * @param wanted mappings; those that touch are not to become one
     * @param touched what of them will be touched at some time, and is written at once so that no slice pays for page faults
     * @param isWhole whether a mapping of which anything is touched can be touched as a whole; else only that part
     */
    void mappings(long timeNs, AddressSet wanted, AddressSet touched, boolean isWhole) throws IOException {
        for (Map.Entry<Long, Piece> p : List.copyOf(live.entrySet())) {
            for (long[] r : wanted.without(p.getKey(), p.getValue().end)) {
                unmap(timeNs, r[0], r[1]);
            }
        }
        for (long[] mapping : wanted.ranges()) {
            for (long[] r : missing(mapping[0], mapping[1])) {
                boolean isApart = isApart(mapping, r[0]);
                if (isWhole) {
                    map(timeNs, r[0], r[1], isApart, touched.overlaps(mapping[0], mapping[1]));
                } else {
                    for (long[] cold : touched.without(r[0], r[1])) {
                        map(timeNs, cold[0], cold[1], isApart, false);
                    }
                    for (long[] hot : touched.within(r[0], r[1])) {
                        map(timeNs, hot[0], hot[1], isApart, true);
                    }
                }
                for (long[] hot : touched.within(r[0], r[1])) {
                    String range = range(hot[0], hot[1]);
                    if (range != null) {
                        out.write("fill " + time(timeNs) + " " + range + "\n");
                    }
                }
            }
        }
    }

    void flush() throws IOException {
        out.flush();
    }

    private List<long[]> missing(long start, long end) {
        AddressSet there = new AddressSet();
        Map.Entry<Long, Piece> p = live.floorEntry(start);
        if (p == null) {
            p = live.ceilingEntry(start);
        }
        for (; p != null && Long.compareUnsigned(p.getKey(), end) < 0; p = live.higherEntry(p.getKey())) {
            there.add(p.getKey(), p.getValue().end, true);
        }
        return there.without(start, end);
    }

    /** A part of a mapping goes with its other parts; another mapping is told apart from the one that ends where it begins. */
    private boolean isApart(long[] mapping, long start) {
        Map.Entry<Long, Piece> before = live.lowerEntry(start);
        if (before == null || before.getValue().end != start) {
            return false;
        }
        return (start == mapping[0]) != before.getValue().isApart;
    }

    private void map(long timeNs, long start, long end, boolean isApart, boolean isTouchable) throws IOException {
        live.put(start, new Piece(end, isApart, isTouchable));
        String range = range(start, end);
        if (range != null) {
            out.write("map " + time(timeNs) + " " + range + (isTouchable ? "" : " none")
                    + (isTouchable && huge.overlaps(start, end) ? " huge" : "") + (isApart ? " apart" : "") + "\n");
        }
    }

    private void unmap(long timeNs, long start, long end) throws IOException {
        Map.Entry<Long, Piece> p = live.floorEntry(start);
        Piece piece = p.getValue();
        live.remove(p.getKey());
        if (p.getKey() != start) {
            live.put(p.getKey(), new Piece(start, piece.isApart, piece.isTouchable));
        }
        if (piece.end != end) {
            live.put(end, new Piece(piece.end, piece.isApart, piece.isTouchable));
        }
        String range = range(start, end);
        if (range != null) {
            out.write("unmap " + time(timeNs) + " " + range + "\n");
        }
    }

    /** Address and size as a plan has them; null if nothing is left of the range when it is scaled. */
    private String range(long start, long end) {
        long[] r = addresses.range(start, end);
        return r[1] == r[0] ? null : "0x" + Long.toHexString(r[0]) + " " + size(r[1] - r[0]);
    }

    private static String size(long bytes) {
        String[] units = {"", "K", "M", "G", "T"};
        long v = bytes;
        int u = 0;
        while (u < units.length - 1 && v % 1024 == 0) {
            v /= 1024;
            u++;
        }
        return v + units[u];
    }

    private static String time(long ns) {
        if (ns == 0) {
            return "0ns";
        }
        return ns % 1_000_000_000 == 0
                ? ns / 1_000_000_000 + "s"
                : ns % 1_000_000 == 0 ? ns / 1_000_000 + "ms" : ns % 1000 == 0 ? ns / 1000 + "us" : ns + "ns";
    }
}
