package org.damson.recorder;

import java.util.Arrays;
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
            }
        }

        void begin(int i, int lastHits) {
            hits[i] = 0;
            seen[i] = 0;
            min[i] = Long.MAX_VALUE;
            sum[i] = 0;
            max[i] = 0;
            this.lastHits[i] = lastHits;
        }
    }

    final long pid;
    private int samples;
    private Areas areas = new Areas();
    private Areas spare = new Areas();

    ReferencedTarget(long pid) {
        this.pid = pid;
    }

    /** Samples of this aggregation that found the process alive. */
    int samples() {
        return samples;
    }

    void beginAggregation() {
        samples = 0;
        for (int i = 0; i < areas.count; i++) {
            areas.begin(i, areas.lastHits[i]);
        }
    }

    /**
     * Adds a sample; mappings that grew or shrank at one end stay the same region.
     *
     * @param samplesBefore samples of this aggregation before this one
     */
    void merge(Smaps smaps, int samplesBefore) {
        int before = Math.max(1, samplesBefore);
        Areas old = areas;
        Areas now = spare;
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
                now.hits[i] = old.hits[o];
                now.seen[i] = old.seen[o];
                now.age[i] = old.age[o];
                now.lastHits[i] = old.lastHits[o];
                now.min[i] = Math.min(old.min[o], to - from);
                now.sum[i] = old.sum[o];
                now.max[i] = Math.min(old.max[o], to - from);
                if (now.sum[i] / before > to - from) {
                    now.sum[i] = (to - from) * before;
                }
            } else {
                now.begin(i, -1);
                now.age[i] = 0;
            }
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
}
