package org.damson.analyzer.scan;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.damson.model.Snapshot;
import org.damson.model.summary.WindowSums;

/**
 * The bytes touched at least once within windows of so many snapshots, at least and likely, of one target whose regions are
 * mappings: of each mapping the most that one snapshot of the window found, as the same pages are the rule. A mapping is
 * known by where it begins.
 *
 * <p>Of each mapping a stack of snapshots of descending size is kept. A snapshot leaves it when a larger one comes; then it
 * is known in how many windows of each length it was the largest.
 */
public final class MappingWindows {
    private static final class Mapping {
        int[] at = new int[4];
        double[] bytes = new double[4];
        int n;
        double most;
    }

    private final Map<Long, Mapping> mappings = new HashMap<>();
    /** By length: bytes times windows. */
    private final double[] sums = new double[WindowSums.LENGTHS];

    private int snapshots;

    public void add(Snapshot s) {
        for (int i = 0; i < s.regions; i++) {
            double bytes = TouchedBytes.least(s, i);
            if (bytes <= 0) {
                continue;
            }
            Mapping m = mappings.computeIfAbsent(s.start[i], k -> new Mapping());
            m.most = Math.max(m.most, bytes);
            while (m.n > 0 && m.bytes[m.n - 1] <= bytes) {
                pop(m, snapshots);
            }
            if (m.n == m.at.length) {
                m.at = Arrays.copyOf(m.at, m.n * 2);
                m.bytes = Arrays.copyOf(m.bytes, m.n * 2);
            }
            m.at[m.n] = snapshots;
            m.bytes[m.n++] = bytes;
        }
        snapshots++;
    }

    /** Takes a snapshot in which nothing was touched. */
    public void skip() {
        snapshots++;
    }

    /** Counts the windows in which the top of the stack is the largest; a larger one, or the end, comes at {@code end}. */
    private void pop(Mapping m, int end) {
        int i = m.at[--m.n];
        long from = m.n == 0 ? 0 : m.at[m.n - 1] + 1;
        for (int k = 0; k < WindowSums.LENGTHS; k++) {
            long length = WindowSums.length(k);
            long windows = Math.min(i, end - length) - Math.max(from, i - length + 1) + 1;
            if (windows <= 0 && length > end) {
                return;
            }
            sums[k] += Math.max(0, windows) * m.bytes[m.n];
        }
    }

    /** Counts what the end of the trace cuts off. */
    public void finish() {
        for (Mapping m : mappings.values()) {
            while (m.n > 0) {
                pop(m, snapshots);
            }
        }
    }

    /** Mean over the windows of the length with that index. */
    public double mean(int index) {
        return sums[index] / (snapshots - WindowSums.length(index) + 1);
    }

    /** Of the whole trace. */
    public double ever() {
        return mappings.values().stream().mapToDouble(m -> m.most).sum();
    }
}
