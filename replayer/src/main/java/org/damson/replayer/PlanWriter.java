package org.damson.replayer;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the lines of a plan ({@code accessgen.h} has the format) for one process after another, and of mappings only what changes.
 * Addresses are those of the recording until they are written.
 */
final class PlanWriter {
    private static final long PAGE = 4096;

    /** A line of a plan has at most 510 bytes, a character up to 3. */
    private static final int MAX_COMMENT = 160;

    /** A mapping, or a part of one, that the plan has at the moment. */
    private record Piece(long end, boolean isApart, boolean isTouchable, MappingKind kind) {}

    /** What mappings are made of. */
    interface Kinds {
        MappingKind of(long start, long end);
    }

    private final BufferedWriter out;
    private double readShare;
    private AddressMap addresses;
    private final TreeMap<Long, Piece> live = new TreeMap<>(Long::compareUnsigned);
    private final WrittenMemory written = new WrittenMemory();

    /** The snapshot that is being written. */
    private String snapshot;

    private long snapshotNs;
    private final List<String> touches = new ArrayList<>();

    private PlanWriter(BufferedWriter out) {
        this.out = out;
    }

    /** Begins a plan. */
    static PlanWriter begin(Writer out) throws IOException {
        BufferedWriter buffered = new BufferedWriter(out, 1 << 16);
        buffered.write("damson-plan 1\n");
        return new PlanWriter(buffered);
    }

    /** Of the pages that are touched from now on, where nothing says what was written, this share is read, 0..1. */
    void reads(double share) {
        readShare = share;
    }

    /** A line of up to so many characters that says nothing to the generator, whatever stands in it. */
    void comment(String text) throws IOException {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        out.write("# " + (line.length() > MAX_COMMENT ? "..." + line.substring(line.length() - MAX_COMMENT) : line)
                + "\n");
    }

    /** What follows is of this process. */
    void process(String name, AddressMap map) throws IOException {
        addresses = map;
        live.clear();
        written.clear();
        out.write("process " + name + "\n");
    }

    /** Begins a snapshot, to which all touches belong until it is ended. */
    void beginSnapshot(long timeNs, long durationNs, int slices) {
        snapshotNs = timeNs;
        snapshot = "snapshot " + time(timeNs) + " " + time(durationNs) + " " + slices + "\n";
    }

    void endSnapshot() throws IOException {
        out.write(snapshot);
        for (String touch : touches) {
            out.write(touch);
        }
        touches.clear();
    }

    /**
     * Touches the parts of the range that are mapped for it.
     *
     * @param samples slices in which it is touched
     * @param order which these are
     * @param pages how many of its pages are touched; each part has its share
     * @param writes how many of these are written, or {@link Footprint#NOT_KNOWN}
     */
    void touch(long start, long end, int samples, Order order, long pages, long writes) throws IOException {
        Map.Entry<Long, Piece> p = live.floorEntry(start);
        if (p == null || Long.compareUnsigned(p.getValue().end, start) <= 0) {
            p = live.higherEntry(start);
        }
        for (; p != null && Long.compareUnsigned(p.getKey(), end) < 0; p = live.higherEntry(p.getKey())) {
            Piece piece = p.getValue();
            if (piece.isTouchable) {
                long from = AddressSet.max(start, p.getKey()) - start;
                long to = AddressSet.min(end, piece.end) - start;
                long some = upTo(to, end - start, pages) - upTo(from, end - start, pages);
                long most = upTo(to, end - start, writes) - upTo(from, end - start, writes);
                touch(
                        start + from,
                        start + to,
                        samples + order.text,
                        some,
                        writes(piece.kind, some, writes < 0 ? writes : most),
                        piece.kind);
            }
        }
    }

    /** Of so many pages of a range those before an offset in it. */
    private static long upTo(long offset, long range, long pages) {
        return offset == range ? pages : (long) ((double) pages * offset / range);
    }

    /** Of pages that are touched those that are written. */
    private long writes(MappingKind kind, long pages, long recorded) {
        if (!kind.isWritable()) {
            return 0;
        }
        return recorded < 0 ? pages - Math.round(pages * readShare) : Math.min(pages, recorded);
    }

    private void touch(long start, long end, String slices, long pages, long writes, MappingKind kind)
            throws IOException {
        String range = range(start, end);
        if (range == null || pages == 0) {
            return;
        }
        if (writes < pages && !kind.isFile() && !written.has(start, end, pages)) {
            fill(snapshotNs, start, end, pages, pages, kind);
        }
        touches.add("touch " + range + " " + slices + counts(start, end, pages, writes) + "\n");
    }

    /**
     * Maps what is new and unmaps what is not there any more.
     *
     * @param wanted mappings; those that touch are not to become one
     * @param footprint what of them will be touched at some time, which is done at once so that no slice pays for page faults
     * @param kinds what they are made of
     * @param isWhole whether a mapping of which anything is touched can be touched as a whole; else only that part
     */
    void mappings(long timeNs, AddressSet wanted, Footprint footprint, Kinds kinds, boolean isWhole)
            throws IOException {
        AddressSet touched = footprint.ranges();
        for (Map.Entry<Long, Piece> p : List.copyOf(live.entrySet())) {
            for (long[] r : wanted.without(p.getKey(), p.getValue().end)) {
                unmap(timeNs, r[0], r[1]);
            }
        }
        for (long[] mapping : wanted.ranges()) {
            MappingKind kind = kinds.of(mapping[0], mapping[1]);
            for (long[] r : missing(mapping[0], mapping[1])) {
                boolean isApart = isApart(mapping, r[0]);
                if (isWhole) {
                    map(timeNs, r[0], r[1], new Piece(r[1], isApart, touched.overlaps(mapping[0], mapping[1]), kind));
                } else {
                    for (long[] cold : touched.without(r[0], r[1])) {
                        map(timeNs, cold[0], cold[1], new Piece(cold[1], isApart, false, kind));
                    }
                    for (long[] hot : touched.within(r[0], r[1])) {
                        map(timeNs, hot[0], hot[1], new Piece(hot[1], isApart, true, kind));
                    }
                }
                footprint.within(
                        r[0],
                        r[1],
                        (start, end, pages, writes) ->
                                fill(timeNs, start, end, pages, writes(kind, pages, writes), kind));
            }
        }
    }

    /** Memory without a file can only be filled by writing. */
    private void fill(long timeNs, long start, long end, long pages, long writes, MappingKind kind) throws IOException {
        String range = range(start, end);
        if (range == null || pages == 0) {
            return;
        }
        if (!kind.isFile()) {
            written.add(start, end, pages);
        }
        out.write("fill " + time(timeNs) + " " + range + counts(start, end, pages, kind.isFile() ? writes : pages)
                + "\n");
    }

    /** How many pages of a range are touched, and of these written, where it is not all; a range that is scaled has its share. */
    private String counts(long start, long end, long pages, long writes) {
        long[] at = addresses.range(start, end);
        long all = (at[1] - at[0]) / PAGE;
        long some = at[1] - at[0] == end - start ? pages : scaled(pages, all, (end - start) / PAGE);
        long most = writes == pages ? some : Math.min(some, scaled(writes, all, (end - start) / PAGE));
        return (some < all ? " pages " + some : "") + (most < some ? " written " + most : "");
    }

    private static long scaled(long pages, long all, long recorded) {
        return Math.min(all, (long) Math.ceil((double) pages * all / recorded));
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

    private void map(long timeNs, long start, long end, Piece piece) throws IOException {
        live.put(start, piece);
        String range = range(start, end);
        if (range != null) {
            out.write("map " + time(timeNs) + " " + range + (piece.isTouchable ? piece.kind.words() : " none")
                    + (piece.isApart ? " apart" : "") + "\n");
        }
    }

    private void unmap(long timeNs, long start, long end) throws IOException {
        Map.Entry<Long, Piece> p = live.floorEntry(start);
        Piece piece = p.getValue();
        live.remove(p.getKey());
        if (p.getKey() != start) {
            live.put(p.getKey(), new Piece(start, piece.isApart, piece.isTouchable, piece.kind));
        }
        if (piece.end != end) {
            live.put(end, new Piece(piece.end, piece.isApart, piece.isTouchable, piece.kind));
        }
        written.remove(start, end);
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
