package org.damson.analyzer.damos;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.damson.analyzer.scan.Arithmetic;

/** The steps of DAMON's core on regions, in the kernel's integer arithmetic. */
public final class DamonCore {
    private DamonCore() {}

    /** The pseudo moving sum after one more sample, times 10,000. */
    static int movingSum(int sum, int lastNrTimes10000, int samples, int added) {
        return sum - Integer.divideUnsigned(lastNrTimes10000, samples) + added;
    }

    /** One sample of a region. */
    public static void account(Regions r, int i, boolean accessed, int samples) {
        r.bp[i] = movingSum(r.bp[i], r.lastNr[i] * 10_000, samples, accessed ? 10_000 : 0);
        if (accessed) {
            r.nr[i]++;
        }
    }

    /** Ages all regions and merges neighbours whose access counts differ by no more than the threshold; one pass. */
    public static void merge(Regions r, int threshold, long sizeLimit) {
        merge(r, threshold, sizeLimit, true);
    }

    /** The same, with ages as they are if they are not to be counted. */
    public static void merge(Regions r, int threshold, long sizeLimit, boolean countAges) {
        int to = -1;
        for (int i = 0; i < r.n; i++) {
            if (!countAges) {
                // as it is
            } else if (Math.abs(r.nr[i] - r.lastNr[i]) > threshold) {
                r.age[i] = 0;
            } else if (r.nr[i] == 0 != (r.lastNr[i] == 0)) {
                r.age[i] = 0;
            } else {
                r.age[i]++;
            }
            long size = r.size(i);
            if (to >= 0
                    && r.end[to] == r.start[i]
                    && Math.abs(r.nr[to] - r.nr[i]) <= threshold
                    && Long.compareUnsigned(r.size(to) + size, sizeLimit) <= 0) {
                long left = r.size(to);
                r.nr[to] = (int) ((r.nr[to] * left + r.nr[i] * size) / (left + size));
                r.bp[to] = r.nr[to] * 10_000;
                r.age[to] = (int) Long.divideUnsigned(
                        (r.age[to] & 0xffff_ffffL) * left + (r.age[i] & 0xffff_ffffL) * size, left + size);
                r.end[to] = r.end[i];
            } else {
                r.copy(i, ++to);
            }
        }
        r.n = to + 1;
    }

    /** Cuts every region at random into up to {@code pieces}. */
    public static void split(Regions r, int pieces, long minSize, SplittableRandom random) {
        int n = r.n;
        for (int i = 0; i < n; i++) {
            int at = r.n - n + i;
            long size = r.size(at);
            for (int k = 0; k < pieces - 1 && size > 2 * minSize; k++) {
                long part = Arithmetic.alignDown(random.nextInt(1, 10) * size / 10, minSize);
                if (part == 0 || part >= size) {
                    continue;
                }
                r.split(at, part);
                size = part;
            }
        }
    }

    /** Cuts regions that are larger than a limit into pieces of the limit and the rest. */
    public static void limit(Regions r, long sizeLimit) {
        for (int i = 0; i < r.n; i++) {
            if (Long.compareUnsigned(r.size(i), sizeLimit) > 0) {
                r.split(i, sizeLimit);
            }
        }
    }

    /** Cuts every so many-th region at random in two, from an offset on. */
    public static void splitSome(Regions r, long step, long offset, long minSize, SplittableRandom random) {
        int n = r.n;
        for (int i = 0; i < n; i++) {
            int at = r.n - n + i;
            long size = r.size(at);
            if (i % step == offset && size >= 2 * minSize) {
                long part = Arithmetic.alignDown(random.nextInt(1, 10) * size / 10, minSize);
                if (part != 0 && part < size) {
                    r.split(at, part);
                }
            }
        }
    }

    /** Converts a region to new intervals. */
    public static void convert(Regions r, int i, long oldSampleUs, long oldAggrUs, long newSampleUs, long newAggrUs) {
        long oldMax = Math.max(1, oldAggrUs / Math.max(1, oldSampleUs));
        long newMax = Math.max(1, newAggrUs / Math.max(1, newSampleUs));
        r.nr[i] = (int) (r.nr[i] * 10_000L / oldMax * newMax / 10_000);
        r.bp[i] = r.nr[i] * 10_000;
        r.age[i] = (int) ((r.age[i] & 0xffff_ffffL) * oldAggrUs / newAggrUs);
    }

    /**
     * The three ranges between the two largest gaps of the mapped areas.
     *
     * @param areas ascending pairs of start and end
     * @return three pairs, or null if there are not two gaps
     */
    public static long[] threeRanges(long[] areas) {
        int first = -1;
        int second = -1;
        for (int i = 2; i < areas.length; i += 2) {
            long gap = areas[i] - areas[i - 1];
            if (gap <= 0) {
                continue;
            }
            if (first < 0 || gap > areas[first] - areas[first - 1]) {
                second = first;
                first = i;
            } else if (second < 0 || gap > areas[second] - areas[second - 1]) {
                second = i;
            }
        }
        if (second < 0) {
            return null;
        }
        int low = Math.min(first, second);
        int high = Math.max(first, second);
        return new long[] {areas[0], areas[low - 1], areas[low], areas[high - 1], areas[high], areas[areas.length - 1]};
    }

    /** Fits regions to ranges: drops what lies outside, clamps the ends, fills holes with new regions. */
    public static void setRegions(Regions r, long[] ranges, long minSize) {
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < r.n; i++) {
            for (int k = 0; k < ranges.length; k += 2) {
                if (intersects(r, i, ranges[k], ranges[k + 1])) {
                    kept.add(i);
                    break;
                }
            }
        }
        for (int i = 0; i < kept.size(); i++) {
            r.copy(kept.get(i), i);
        }
        r.n = kept.size();
        Regions to = new Regions();
        int i = 0;
        for (int k = 0; k < ranges.length; k += 2) {
            long from = Arithmetic.alignDown(ranges[k], minSize);
            long until = Arithmetic.alignDown(ranges[k + 1] + minSize - 1, minSize);
            long at = from;
            int first = to.n;
            while (i < r.n && Long.compareUnsigned(r.start[i], ranges[k + 1]) < 0) {
                if (to.n == first) {
                    r.start[i] = from;
                } else if (at != r.start[i]) {
                    to.add(at, r.start[i], 0, 0);
                }
                to.append(r, i);
                at = r.end[i++];
            }
            if (to.n == first) {
                to.add(from, until, 0, 0);
            } else {
                to.end[to.n - 1] = until;
            }
        }
        r.take(to);
    }

    private static boolean intersects(Regions r, int i, long from, long to) {
        return Long.compareUnsigned(r.end[i], from) > 0 && Long.compareUnsigned(to, r.start[i]) > 0;
    }

    /** The first regions: every range cut evenly into pieces of a {@code minRegions}-th of all. */
    public static Regions initial(long[] ranges, long minRegions, long minSize) {
        long all = 0;
        for (int k = 0; k < ranges.length; k += 2) {
            all += ranges[k + 1] - ranges[k];
        }
        long piece = Math.max(minSize, Arithmetic.alignDown(all / Math.max(1, minRegions), minSize));
        Regions r = new Regions();
        for (int k = 0; k < ranges.length; k += 2) {
            long size = ranges[k + 1] - ranges[k];
            long pieces = Math.max(1, size / piece);
            long each = Arithmetic.alignDown(size / pieces, minSize);
            long at = ranges[k];
            for (long p = 0; p < pieces; p++) {
                long end = p == pieces - 1 ? ranges[k + 1] : at + each;
                r.add(at, end, 0, 0);
                at = end;
            }
        }
        return r;
    }
}
