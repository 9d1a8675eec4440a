package org.damson.replayer;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.damson.model.InvalidInputException;
import org.damson.model.Units;
import org.damson.model.range.AddressSet;
import org.damson.replayer.MappedPieces.Mark;
import org.damson.replayer.MappedPieces.Piece;
import org.damson.replayer.memory.AddressMap;
import org.damson.replayer.memory.Filling;
import org.damson.replayer.memory.Footprint;
import org.damson.replayer.memory.MappingKind;
import org.damson.replayer.memory.MappingKinds;
import org.damson.replayer.memory.Share;
import org.damson.replayer.memory.Shares;
import org.damson.replayer.memory.WrittenMemory;

/**
 * Writes the lines of a plan ({@code accessgen.h} has the format) for one process after another, and of mappings only what changes.
 * Addresses are those of the recording until they are written.
 */
final class PlanWriter {
    private static final long PAGE = 4096;

    /** Pages in a huge page. */
    private static final long HUGE_PAGES = 512;

    /** Tolerance before a number of slices is rounded up, as shares are no more exact. */
    private static final double ROUNDING = 0.05;

    /** Limit on characters: a line of a plan has at most 510 bytes, a character up to 3. */
    private static final int MAX_COMMENT = 160;

    private final BufferedWriter out;
    private double readShare;
    private AddressMap addresses;
    private final MappedPieces live = new MappedPieces();
    private final WrittenMemory written = new WrittenMemory();
    private final Filling filling = new Filling();
    private Shares shares = Shares.ALL;
    private ReplayOptions.Hugetlb hugetlb = ReplayOptions.Hugetlb.POOL;

    /** The first line of the current snapshot. */
    private String snapshot;

    private long snapshotNs;
    private int slices;
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

    /** Sets the share of touched pages that are only read, 0..1, where the recording does not say what was written. */
    void reads(double share) {
        readShare = share;
    }

    /** Writes a comment; of a long one, the last {@link #MAX_COMMENT} characters. */
    void comment(String text) throws IOException {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        out.write("# " + (line.length() > MAX_COMMENT ? "..." + line.substring(line.length() - MAX_COMMENT) : line)
                + "\n");
    }

    /**
     * What follows is of this process.
     *
     * @param of how much of what was accessed as a whole is touched
     * @param huge what stands for huge pages of the pool
     */
    void process(String name, AddressMap map, Shares of, ReplayOptions.Hugetlb huge) throws IOException {
        addresses = map;
        hugetlb = huge;
        shares = of;
        live.clear();
        written.clear();
        filling.clear();
        out.write("process " + name + "\n");
    }

    /** Begins a snapshot; touches belong to it until it is ended. */
    void beginSnapshot(long timeNs, long durationNs, int ofSlices) {
        snapshotNs = timeNs;
        slices = ofSlices;
        snapshot = "snapshot " + time(timeNs) + " " + time(durationNs) + " " + ofSlices + "\n";
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
        live.within(start, end, (first, last, kind) -> {
            long from = first - start;
            long to = last - start;
            long some = upTo(to, end - start, pages) - upTo(from, end - start, pages);
            long most = upTo(to, end - start, writes) - upTo(from, end - start, writes);
            long all = (to - from) / PAGE;
            boolean isAll = some == all;
            int in = order == Order.EVENLY && isAll ? slicesOfShare(samples, kind) : samples;
            some = in == samples ? some : Math.max(1, (some * samples + in - 1) / in);
            some = isAll && all > 0 ? shares.of(kind).of(all, some) : some;
            touch(first, last, in + order.text, some, writes(kind, some, writes < 0 ? writes : most), kind);
        });
    }

    /** Slices for memory of which only a share is touched: more of them, to make the same number of touches. */
    private int slicesOfShare(int samples, MappingKind kind) {
        return (int) Math.max(
                samples, Math.min(slices, Math.ceil(samples / shares.of(kind).least() - ROUNDING)));
    }

    /** The pages before an offset in a range of which {@code pages} are spread evenly. */
    static long upTo(long offset, long range, long pages) {
        return offset == range ? pages : (long) ((double) pages * offset / range);
    }

    /** The number of touched pages that are written. */
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
        touches.add("touch " + range + " " + slices + counts(start, end, pages, writes, kind) + "\n");
    }

    /**
     * Maps what is new and unmaps what is not there any more.
     *
     * @param wanted mappings; those that touch are not to become one
     * @param footprint what of them will be touched at some time
     * @param kinds what they are made of
     * @param isWhole whether a mapping of which anything is touched can be touched as a whole; else only that part
     * @param hasMore whether more may have been resident than what is touched at some time
     */
    void mappings(
            long timeNs, AddressSet wanted, Footprint footprint, MappingKinds kinds, boolean isWhole, boolean hasMore)
            throws IOException {
        AddressSet touched = footprint.ranges();
        for (Map.Entry<Long, Piece> p : live.all()) {
            for (long[] r : wanted.without(p.getKey(), p.getValue().end())) {
                unmap(timeNs, r[0], r[1]);
            }
        }
        for (long[] mapping : wanted.ranges()) {
            MappingKind kind = kinds.of(mapping[0], mapping[1]);
            Share share = shares.of(kind);
            boolean hasCold = hasMore && kind.isReachable() && !kind.isHuge();
            AddressSet small = new AddressSet();
            if (!kind.isFile() && !kind.isHuge()) {
                footprint.smallPages(mapping[0], mapping[1], share).forEach(r -> small.add(r[0], r[1], true));
            }
            for (long[] r : live.missing(mapping[0], mapping[1])) {
                Mark mark = live.mark(mapping, r[0], r[1], kind);
                if (isWhole && (hasCold || touched.overlaps(mapping[0], mapping[1]))) {
                    mapTouchable(timeNs, r, small, mark, kind);
                } else if (isWhole) {
                    map(timeNs, r[0], new Piece(r[1], mark, false, false, kind));
                } else {
                    for (long[] cold : touched.without(r[0], r[1])) {
                        map(timeNs, cold[0], new Piece(cold[1], mark, false, false, kind));
                    }
                    for (long[] hot : touched.within(r[0], r[1])) {
                        mapTouchable(timeNs, hot, small, mark, kind);
                    }
                }
                footprint.within(r[0], r[1], share, (start, end, pages, writes, sinceNs) -> {
                    long written = writes(kind, pages, writes);
                    if (kind.isHuge()) { // which does not count as resident
                        fill(timeNs, start, end, pages, written, kind);
                    } else {
                        filling.add(new Filling.Piece(start, end, pages, written, kind, sinceNs));
                    }
                });
                for (long[] cold : hasCold ? touched.without(r[0], r[1]) : List.<long[]>of()) {
                    long pages = (cold[1] - cold[0]) / PAGE;
                    filling.add(
                            new Filling.Piece(cold[0], cold[1], pages, kind.isFile() ? 0 : pages, kind, Filling.NEVER));
                }
                if (!hasMore) {
                    fill(timeNs, Long.MAX_VALUE, Long.MAX_VALUE);
                }
            }
        }
    }

    private void mapTouchable(long timeNs, long[] range, AddressSet small, Mark mark, MappingKind kind)
            throws IOException {
        NavigableMap<Long, Piece> pieces = new TreeMap<>(Long::compareUnsigned);
        small.within(range[0], range[1]).forEach(r -> pieces.put(r[0], new Piece(r[1], mark, true, true, kind)));
        small.without(range[0], range[1]).forEach(r -> pieces.put(r[0], new Piece(r[1], mark, true, false, kind)));
        for (Map.Entry<Long, Piece> p : pieces.entrySet()) {
            map(timeNs, p.getKey(), p.getValue());
        }
    }

    /**
     * Fills what is accessed before a time of the recording, and as much of the rest as was resident then, so that no slice pays for
     * page faults.
     */
    void fill(long timeNs, long untilNs, long residentBytes) throws IOException {
        filling.fill(untilNs, residentBytes, p -> fill(timeNs, p.start(), p.end(), p.pages(), p.written(), p.kind()));
    }

    /** Writes a line that fills memory; anonymous memory is filled by writing. */
    private void fill(long timeNs, long start, long end, long pages, long writes, MappingKind kind) throws IOException {
        String range = range(start, end);
        if (range == null || pages == 0) {
            return;
        }
        if (!kind.isFile()) {
            written.add(start, end, pages);
        }
        out.write("fill " + time(timeNs) + " " + range + counts(start, end, pages, kind.isFile() ? writes : pages, kind)
                + "\n");
    }

    /** The words for the touched and the written pages of a range, where these are not all; scaled with the range. */
    private String counts(long start, long end, long pages, long writes, MappingKind kind) {
        long[] at = addresses.range(start, end);
        long all = (at[1] - at[0]) / PAGE;
        if (kind.isHuge() && hugetlb != ReplayOptions.Hugetlb.SMALL) {
            // One touch is enough for a huge page, and the first that are chosen of a range are those at which huge
            // pages begin.
            return counts(all, Math.max(1, scaled(pages, all, (end - start) / PAGE) / HUGE_PAGES), writes == 0);
        }
        long some = at[1] - at[0] == end - start ? pages : scaled(pages, all, (end - start) / PAGE);
        long most = writes == pages ? some : Math.min(some, scaled(writes, all, (end - start) / PAGE));
        return (some < all ? " pages " + some : "") + (most < some ? " written " + most : "");
    }

    private static String counts(long all, long pages, boolean isRead) {
        return (pages < all ? " pages " + pages : "") + (isRead ? " written 0" : "");
    }

    private static long scaled(long pages, long all, long recorded) {
        return Math.min(all, (long) Math.ceil((double) pages * all / recorded));
    }

    void flush() throws IOException {
        out.flush();
    }

    private void map(long timeNs, long start, Piece piece) throws IOException {
        long end = piece.end();
        live.add(start, piece);
        requireWholeHugePages(start, end, piece);
        String range = range(start, end);
        if (range != null) {
            out.write("map " + time(timeNs) + " " + range
                    + (piece.isTouchable() ? piece.kind().words(hugetlb.word) : " none")
                    + (piece.isSmall() ? " small" : "")
                    + piece.mark().word + "\n");
        }
    }

    private void requireWholeHugePages(long start, long end, Piece piece) {
        long[] at = addresses.range(start, end);
        if (piece.isTouchable()
                && piece.kind().isHuge()
                && hugetlb == ReplayOptions.Hugetlb.POOL
                && (at[0] | at[1]) % (HUGE_PAGES * PAGE) != 0) {
            throw new InvalidInputException("a mapping of huge pages of " + Units.bytes(end - start) + " would be at 0x"
                    + Long.toHexString(at[0]) + " with " + Units.bytes(at[1] - at[0])
                    + ", which are not whole huge pages of 2 MiB: choose --hugetlb thp or small");
        }
    }

    private void unmap(long timeNs, long start, long end) throws IOException {
        live.remove(start, end);
        written.remove(start, end);
        filling.remove(start, end);
        String range = range(start, end);
        if (range != null) {
            out.write("unmap " + time(timeNs) + " " + range + "\n");
        }
    }

    /** Address and size in the plan's form; null if scaling leaves nothing of the range. */
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
