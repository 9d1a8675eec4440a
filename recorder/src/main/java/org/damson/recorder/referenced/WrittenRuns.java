package org.damson.recorder.referenced;

import java.util.Arrays;

/**
 * Neighbouring ranges of pages, each with the number of samples in which its pages were written: first as they are, then
 * joined until there are few enough. What is joined is always the pair of neighbours whose pages differ least, so that
 * bounds that matter are kept to the page as long as there is room.
 */
final class WrittenRuns {
    private int count;
    private long[] start = new long[64];
    private long[] end = new long[64];
    /** Sum of the pages' counts. */
    private long[] sum = new long[64];
    /** Pages with a count of their own. */
    private long[] pages = new long[64];

    private int[] most = new int[64];
    /** Begins a mapping: not to be joined with what is before it. */
    private boolean[] first = new boolean[64];

    private boolean atFirst;

    void clear() {
        count = 0;
    }

    int count() {
        return count;
    }

    long start(int i) {
        return start[i];
    }

    long end(int i) {
        return end[i];
    }

    /** Most samples in which one page of the range was written. */
    int most(int i) {
        return most[i];
    }

    /** Bytes written in all samples together: of a page, once for each sample. */
    long writtenBytes(int i) {
        return sum[i] * PageMap.UNIT_BYTES;
    }

    /** Bytes of the pages that were written at all. */
    long anyBytes(int i) {
        return pages[i] * PageMap.UNIT_BYTES;
    }

    /** The next range belongs to another mapping. */
    void beginMapping() {
        atFirst = true;
    }

    /** Appends a range of pages that were each written in {@code writes} samples. */
    void add(long from, long to, int writes) {
        if (count == start.length) {
            int n = count * 2;
            start = Arrays.copyOf(start, n);
            end = Arrays.copyOf(end, n);
            sum = Arrays.copyOf(sum, n);
            pages = Arrays.copyOf(pages, n);
            most = Arrays.copyOf(most, n);
            first = Arrays.copyOf(first, n);
        }
        long n = (to - from) / PageMap.UNIT_BYTES;
        start[count] = from;
        end[count] = to;
        sum[count] = n * writes;
        pages[count] = writes > 0 ? n : 0;
        most[count] = writes;
        first[count] = atFirst;
        atFirst = false;
        count++;
    }

    /** Joins neighbours of the same mapping until there are no more than {@code limit}, or one for each mapping. */
    void joinTo(int limit) {
        while (count > limit) {
            double[] costs = new double[count];
            int pairs = 0;
            for (int i = 1; i < count; i++) {
                if (!first[i]) {
                    costs[pairs++] = cost(i - 1, i);
                }
            }
            if (pairs == 0) {
                return;
            }
            Arrays.sort(costs, 0, pairs);
            joinUpTo(costs[Math.min(pairs, count - limit) - 1], limit);
        }
    }

    /** One pass from the left: joins neighbours whose pages differ by no more than {@code cost}. */
    private void joinUpTo(double cost, int limit) {
        int excess = count - limit;
        int to = 0;
        for (int i = 1; i < count; i++) {
            if (excess > 0 && !first[i] && cost(to, i) <= cost) {
                end[to] = end[i];
                sum[to] += sum[i];
                pages[to] += pages[i];
                most[to] = Math.max(most[to], most[i]);
                excess--;
            } else {
                to++;
                move(i, to);
            }
        }
        count = to + 1;
    }

    private void move(int from, int to) {
        start[to] = start[from];
        end[to] = end[from];
        sum[to] = sum[from];
        pages[to] = pages[from];
        most[to] = most[from];
        first[to] = first[from];
    }

    /** What joining adds to the squared differences between pages and the mean of their range. */
    private double cost(int a, int b) {
        double n = (double) (end[a] - start[a]);
        double m = (double) (end[b] - start[b]);
        double difference = sum[a] / n - sum[b] / m;
        return n * m / (n + m) * difference * difference;
    }
}
