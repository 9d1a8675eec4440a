package org.damson.analyzer.memory;

import java.util.HashMap;
import java.util.Map;
import org.damson.analyzer.scan.Bounded;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.model.Mapping;
import org.damson.model.Snapshot;

/**
 * How much of what is paged out has to be written: to swap, where memory has no file or was written to, or to its file. Pages
 * of a file that nobody wrote to are dropped. Memory that comes back from swap gives up its copy there, as it does from zram
 * and zswap.
 *
 * <p>Likely: of a file's mapping that may not be written to, nothing; of one that may, the share of what was seen touched that
 * was seen written ({@code record --written}), all of it where that is not known; all of any other. At least: what is surely
 * paged out of memory without a file, less all that may have come back, as the next time it goes out a copy may still be
 * there. At most: all that is paged out, for pages may have been written before the recording or between its samples.
 */
final class WriteBack {
    /** Kernel time for a page that is dropped. */
    static final long DROPPED_NS = 1_000;

    private record Area(long target, long start) {}

    /** Maxima that one snapshot found touched and written in a mapping, in bytes. */
    private record Seen(long touched, long written) {}

    private final Map<Area, Seen> seen = new HashMap<>();
    private double likely;
    private double surelyOut;

    /** Takes what a snapshot, whose regions are mappings, says of writes. */
    void seen(Snapshot s) {
        if (!s.has(Snapshot.HAS_WRITTEN)) {
            return;
        }
        for (int i = 0; i < s.regions; i++) {
            long touched = TouchedBytes.perSample(s, i);
            long written = TouchedBytes.writtenPerSample(s, i);
            if (touched > 0 && written != Snapshot.NOT_KNOWN) {
                seen.merge(
                        new Area(s.target, s.start[i]),
                        new Seen(touched, written),
                        (a, b) -> new Seen(Math.max(a.touched, b.touched), Math.max(a.written, b.written)));
            }
        }
    }

    /**
     * Takes what is paged out of a mapping in the likely course.
     *
     * @param mapping null where none is known
     * @return bytes of it that are written
     */
    double out(long target, Mapping mapping, double bytes) {
        double written = bytes * writtenShare(target, mapping);
        likely += written;
        return written;
    }

    /** Takes what is surely paged out of a mapping. */
    void surelyOut(Mapping mapping, double bytes) {
        surelyOut += mapping == null || mapping.isOfFile() ? 0 : bytes;
    }

    private double writtenShare(long target, Mapping mapping) {
        if (mapping == null || !mapping.isOfFile()) {
            return 1;
        }
        if (!mapping.permissions().isEmpty() && mapping.permissions().indexOf('w') < 0) {
            return 0;
        }
        Seen s = seen.get(new Area(target, mapping.start()));
        return s == null ? 1 : Math.min(1, (double) s.written / s.touched);
    }

    /**
     * What was written back, bytes.
     *
     * @param refaultedMost what came back at most
     * @param pagedOutMost what went out at most
     */
    Bounded bytes(double refaultedMost, double pagedOutMost) {
        return Bounded.of(Math.max(0, surelyOut - refaultedMost), likely, pagedOutMost);
    }
}
