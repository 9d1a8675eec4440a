package org.damson.analyzer.memory;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.scan.Arithmetic;
import org.damson.model.Batch;
import org.damson.model.Mapping;
import org.damson.model.Table;
import org.damson.model.TraceSource;

/**
 * Which addresses were mapped, and how much was resident, as time goes on in a recording. Reads both tables along;
 * memory is that of the areas of one moment, at most {@link #MAX_AREAS}.
 */
public final class MappedMemory implements Closeable {
    /** Beyond so many areas mappings are taken as unknown. */
    private static final int MAX_AREAS = 1 << 20;

    /** Receives the mapped parts of a range, each with its mapping; null where none is known. */
    interface Part {
        void at(long start, long end, Mapping mapping);
    }

    private static final class Rows implements Closeable {
        final TraceSource.BatchCursor cursor;
        final int timeColumn;
        Batch batch;
        int row;

        Rows(TraceSource trace, Table table) throws IOException {
            cursor = trace.rows(table);
            timeColumn = table.indexOf("time_ns");
            batch = cursor.next();
        }

        boolean isBefore(long timeNs) {
            return batch != null && batch.get(timeColumn, row) <= timeNs;
        }

        void next() throws IOException {
            if (++row >= batch.rows()) {
                batch = cursor.next();
                row = 0;
            }
        }

        @Override
        public void close() throws IOException {
            cursor.close();
        }
    }

    private final Rows mappings;
    private final Rows memory;
    private final boolean physical;
    private final TreeMap<Long, Mapping> areas = new TreeMap<>(Long::compareUnsigned);
    private final Map<Integer, Long> rss = new HashMap<>();
    private boolean known;
    private long mappedBytes;

    /** Mappings that vanished until the time of the last step. */
    private final List<Mapping> vanished = new ArrayList<>();

    private long lastNs = Long.MIN_VALUE;

    /** Nothing is recorded. */
    public static final MappedMemory UNKNOWN = new MappedMemory();

    private MappedMemory() {
        mappings = null;
        memory = null;
        physical = false;
    }

    public MappedMemory(TraceSource trace, boolean physical) throws IOException {
        this.physical = physical;
        known = trace.rowCount(Table.MAPPINGS) > 0 && onePid(trace);
        mappings = known ? new Rows(trace, Table.MAPPINGS) : null;
        memory = trace.rowCount(Table.MEMORY) > 0 ? new Rows(trace, Table.MEMORY) : null;
    }

    /** Areas of several processes overlap: which target is whose is not known to every recording. */
    private static boolean onePid(TraceSource trace) throws IOException {
        int cPid = Table.MAPPINGS.indexOf("pid");
        long pid = -1;
        try (TraceSource.BatchCursor rows = trace.rows(Table.MAPPINGS)) {
            for (Batch b; (b = rows.next()) != null; ) {
                for (int i = 0; i < b.rows(); i++) {
                    if (pid >= 0 && b.get(cPid, i) != pid) {
                        return false;
                    }
                    pid = b.get(cPid, i);
                }
            }
        }
        return true;
    }

    /** Goes on to a time of the trace's clock. */
    void advance(long timeNs) throws IOException {
        if (timeNs != lastNs) {
            vanished.clear();
            lastNs = timeNs;
        }
        while (mappings != null && mappings.isBefore(timeNs)) {
            Mapping m = Mapping.of(mappings.batch, mappings.row);
            Mapping now = areas.get(m.start());
            if (Mapping.isGone(mappings.batch, mappings.row)) {
                if (areas.remove(m.start(), m)) {
                    mappedBytes -= pagesOf(m);
                    vanished.add(m);
                }
            } else if (now != null || areas.size() < MAX_AREAS) {
                areas.put(m.start(), m);
                mappedBytes += pagesOf(m) - (now == null ? 0 : pagesOf(now));
            } else {
                known = false;
            }
            mappings.next();
        }
        while (memory != null && memory.isBefore(timeNs)) {
            Batch b = memory.batch;
            int i = memory.row;
            if (b.text(Table.MEMORY.indexOf("counter"), i).equals("rss")) {
                rss.put((int) b.get(Table.MEMORY.indexOf("pid"), i), b.get(Table.MEMORY.indexOf("value"), i));
            }
            memory.next();
        }
    }

    /** A guard area without permissions is mapped, and madvise passes over it, but it holds no pages. */
    private static boolean isGuard(Mapping m) {
        return m.permissions().startsWith("---");
    }

    private static long pagesOf(Mapping m) {
        return isGuard(m) ? 0 : m.sizeBytes();
    }

    /** Bytes mapped with any permission. */
    long mappedBytes() {
        return mappedBytes;
    }

    /** Whether mappings are known. */
    boolean isKnown() {
        return known && !areas.isEmpty();
    }

    /** Resident bytes of all processes as recorded, or -1. */
    long residentBytes() {
        if (rss.isEmpty() || physical) {
            return -1;
        }
        long sum = 0;
        for (long v : rss.values()) {
            sum += v;
        }
        return sum;
    }

    /** Hands on what was unmapped in the last step and nothing is mapped at since. */
    void unmapped(Part part) {
        for (Mapping m : isKnown() ? vanished : List.<Mapping>of()) {
            long at = m.start();
            Map.Entry<Long, Mapping> e = areas.floorEntry(at);
            e = e == null ? areas.ceilingEntry(at) : e;
            for (; e != null && Long.compareUnsigned(e.getKey(), m.end()) < 0; e = areas.higherEntry(e.getKey())) {
                if (Long.compareUnsigned(at, e.getKey()) < 0) {
                    part.at(at, e.getKey(), m);
                }
                at = Arithmetic.maxUnsigned(at, e.getValue().end());
            }
            if (Long.compareUnsigned(at, m.end()) < 0) {
                part.at(at, m.end(), m);
            }
        }
    }

    /** Hands on the mapped parts of {@code [start, end)}; the whole where nothing is known. Returns whether all is mapped. */
    boolean parts(long start, long end, Part part) {
        if (!isKnown()) {
            part.at(start, end, null);
            return true;
        }
        boolean whole = true;
        Map.Entry<Long, Mapping> e = areas.floorEntry(start);
        if (e == null) {
            e = areas.ceilingEntry(start);
        }
        long at = start;
        while (e != null && Long.compareUnsigned(e.getKey(), end) < 0) {
            Mapping mapping = e.getValue();
            long from = Arithmetic.maxUnsigned(e.getKey(), at);
            long to = Arithmetic.minUnsigned(mapping.end(), end);
            if (Long.compareUnsigned(from, to) < 0) {
                whole &= from == at;
                if (!isGuard(mapping)) {
                    part.at(from, to, mapping);
                }
                at = to;
            }
            e = areas.higherEntry(e.getKey());
        }
        return whole && at == end;
    }

    @Override
    public void close() throws IOException {
        if (mappings != null) {
            mappings.close();
        }
        if (memory != null) {
            memory.close();
        }
    }
}
