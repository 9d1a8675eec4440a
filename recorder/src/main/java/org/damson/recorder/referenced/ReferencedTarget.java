package org.damson.recorder.referenced;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.damson.model.Batch;
import org.damson.model.Snapshot;

/** One process of a {@link ReferencedSource}: its mappings with what the samples of this aggregation found. */
final class ReferencedTarget {
    /** Mappings, by address. */
    private static final class Areas {
        int count;
        long[] start = new long[64];
        long[] end = new long[64];
        int[] hits = new int[64];
        int[] seen = new int[64];
        int[] age = new int[64];
        /** Accesses in the previous aggregation, -1 for a mapping that was not there. */
        int[] lastHits = new int[64];

        long[] min = new long[64];
        long[] sum = new long[64];
        long[] max = new long[64];
        boolean[] writable = new boolean[64];
        /** Samples of which it is known what was written. */
        int[] known = new int[64];
        /** Bytes that are still mapped in the sample that is being added, whatever maps them. */
        long[] kept = new long[64];

        void reserve(int n) {
            if (n > start.length) {
                int to = Math.max(n, start.length * 2);
                start = Arrays.copyOf(start, to);
                end = Arrays.copyOf(end, to);
                hits = Arrays.copyOf(hits, to);
                seen = Arrays.copyOf(seen, to);
                age = Arrays.copyOf(age, to);
                lastHits = Arrays.copyOf(lastHits, to);
                min = Arrays.copyOf(min, to);
                sum = Arrays.copyOf(sum, to);
                max = Arrays.copyOf(max, to);
                writable = Arrays.copyOf(writable, to);
                known = Arrays.copyOf(known, to);
                kept = Arrays.copyOf(kept, to);
            }
        }

        void begin(int i, int lastHits) {
            hits[i] = 0;
            seen[i] = 0;
            min[i] = Long.MAX_VALUE;
            sum[i] = 0;
            max[i] = 0;
            known[i] = 0;
            this.lastHits[i] = lastHits;
        }

        /** Bytes that one of these has in common with {@code [from, to)}. */
        long common(int i, long from, long to) {
            return Math.min(end[i], to) - Math.max(start[i], from);
        }

        void countKept(Smaps smaps) {
            Arrays.fill(kept, 0, count, 0);
            int o = 0;
            for (int i = 0; i < smaps.count; i++) {
                while (o < count && end[o] <= smaps.start[i]) {
                    o++;
                }
                for (int x = o; x < count && start[x] < smaps.end[i]; x++) {
                    kept[x] += common(x, smaps.start[i], smaps.end[i]);
                }
            }
        }

        /**
         * Takes over what earlier samples found: of a mapping that was cut, by the bytes that it has of it, so that no byte is
         * counted twice; of mappings that were joined, of all.
         *
         * @param first of those before, at or behind which the mapping lies
         * @param samplesBefore more than 0
         */
        void takeOver(int i, Areas before, int first, int samplesBefore) {
            min[i] = 0;
            for (int x = first; x < before.count && before.start[x] < end[i]; x++) {
                double share = (double) before.common(x, start[i], end[i]) / before.kept[x];
                hits[i] = Math.max(hits[i], before.hits[x]);
                seen[i] = Math.max(seen[i], before.seen[x]);
                min[i] += before.seen[x] < samplesBefore ? 0 : (long) (before.min[x] * share);
                sum[i] += (long) (before.sum[x] * share);
                max[i] += (long) (before.max[x] * share);
            }
            long size = end[i] - start[i];
            min[i] = Math.min(min[i], size);
            max[i] = Math.min(max[i], size);
            sum[i] = sum[i] / samplesBefore > size ? size * samplesBefore : sum[i];
        }
    }

    final long pid;
    private int samples;
    private Areas areas = new Areas();
    private Areas spare = new Areas();
    private final WrittenPages written = new WrittenPages();

    ReferencedTarget(long pid) {
        this.pid = pid;
    }

    /** Samples of this aggregation that found the process alive. */
    int samples() {
        return samples;
    }

    void beginAggregation() {
        samples = 0;
        written.clear();
        for (int i = 0; i < areas.count; i++) {
            areas.begin(i, areas.lastHits[i]);
        }
    }

    /**
     * Adds a sample; mappings that grew or shrank at one end stay the same region, and what was found of one that was cut is
     * shared out among its parts.
     *
     * @param samplesBefore samples of this aggregation before this one
     */
    void merge(Smaps smaps, int samplesBefore) {
        Areas old = areas;
        Areas now = spare;
        old.countKept(smaps);
        now.count = smaps.count;
        now.reserve(smaps.count);
        int o = 0;
        for (int i = 0; i < smaps.count; i++) {
            long from = smaps.start[i];
            long to = smaps.end[i];
            while (o < old.count && old.end[o] <= from) {
                o++;
            }
            now.start[i] = from;
            now.end[i] = to;
            if (o < old.count && (old.start[o] == from || old.end[o] == to)) {
                now.begin(i, old.lastHits[o]);
                now.age[i] = old.age[o];
                now.known[i] = old.known[o];
                written.forget(from, Math.min(to, old.start[o]));
                written.forget(Math.max(from, old.end[o]), to);
            } else {
                now.begin(i, -1);
                now.age[i] = 0;
                written.forget(from, to);
            }
            if (samplesBefore > 0) {
                now.takeOver(i, old, o, samplesBefore);
            }
            now.writable[i] = smaps.writable[i];
            long referenced = smaps.referenced[i];
            now.seen[i]++;
            now.hits[i] += referenced > 0 ? 1 : 0;
            now.min[i] = Math.min(now.min[i], referenced);
            now.sum[i] += referenced;
            now.max[i] = Math.max(now.max[i], referenced);
        }
        spare = old;
        areas = now;
        samples++;
    }

    /**
     * Adds which pages were written in the sample that {@link #merge} has just added. What was not referenced was not written
     * either, so it is not looked at. Not known are mappings that came or grew in the sample, and those for which the budget
     * of pages has no room.
     *
     * @param smaps as given to {@code merge}
     * @param proc where processes are
     * @param tally takes what was told and what could not be
     * @throws IOException one line, if the process may not be looked at
     */
    void addWritten(Smaps smaps, Path proc, PageMap pages, WrittenTally tally) throws IOException {
        try (FileChannel map = PageMap.open(proc, pid)) {
            for (int i = 0; i < smaps.count; i++) {
                long size = smaps.end[i] - smaps.start[i];
                if (!smaps.writable[i] || smaps.referenced[i] == 0) {
                    areas.known[i]++;
                } else if (smaps.isNew[i] || !pages.take(size)) {
                    tally.notKnown++;
                } else if (pages.read(map, smaps.start[i], smaps.end[i], written::add)) {
                    areas.known[i]++;
                    tally.told++;
                } else {
                    areas.known[i] = Integer.MIN_VALUE; // a part was counted: of this aggregation nothing is known
                    tally.notKnown++;
                }
            }
        } catch (NoSuchFileException gone) {
            tally.notKnown++;
        } catch (AccessDeniedException e) {
            throw new IOException(
                    "process " + pid + ": not permitted to read its page map (same user or root needed)", e);
        }
    }

    /**
     * Fills in the regions of the aggregation that is over.
     *
     * @param ofSamples samples that the aggregation had
     */
    void emit(int ofSamples, Snapshot into) {
        into.columns = Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED;
        Areas a = areas;
        into.reserve(a.count);
        int threshold = ofSamples / 10;
        for (int i = 0; i < a.count; i++) {
            int last = a.lastHits[i];
            boolean same = last >= 0 && Math.abs(a.hits[i] - last) <= threshold && (a.hits[i] == 0) == (last == 0);
            a.age[i] = same ? a.age[i] + 1 : 0;
            a.lastHits[i] = a.hits[i];
            int r = into.add(a.start[i], a.end[i], a.hits[i], a.age[i]);
            into.referencedMin[r] = a.seen[i] < ofSamples ? 0 : a.min[i];
            into.referencedMean[r] = a.sum[i] / ofSamples;
            into.referencedMax[r] = a.max[i];
        }
    }

    /**
     * Adds what was written to the regions of {@link #emit}, and where.
     *
     * @param ranges most ranges of pages that are distinguished, but one for each mapping
     * @param rows of the table of writes
     */
    void emitWritten(Snapshot into, int ranges, WrittenRuns runs, Batch rows) {
        into.columns |= Snapshot.HAS_WRITTEN;
        runs.clear();
        for (int i = 0; i < areas.count; i++) {
            if (areas.known[i] <= 0) {
                into.writtenMean[i] = Snapshot.NOT_KNOWN;
                continue;
            }
            into.writtenMean[i] = 0;
            if (areas.writable[i]) {
                int before = runs.count();
                runs.beginMapping();
                written.runs(areas.start[i], areas.end[i], runs);
                long bytes = 0;
                for (int r = before; r < runs.count(); r++) {
                    bytes += runs.writtenBytes(r);
                }
                into.writtenMean[i] = bytes / areas.known[i];
            }
        }
        runs.joinTo(ranges);
        int area = 0;
        for (int r = 0; r < runs.count(); r++) {
            while (areas.end[area] <= runs.start(r)) {
                area++;
            }
            int known = areas.known[area];
            rows.add(
                    into.startNs,
                    into.endNs,
                    into.target,
                    runs.start(r),
                    runs.end(r),
                    known,
                    runs.most(r),
                    runs.writtenBytes(r) / known,
                    runs.anyBytes(r));
        }
    }
}
