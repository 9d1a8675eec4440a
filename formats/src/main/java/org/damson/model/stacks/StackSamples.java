package org.damson.model.stacks;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Samples with call stacks in order of time, as columns. Immutable; the arrays are not to be changed.
 *
 * @param timesNs ascending, of the trace's clock
 * @param threads of each sample, an index into {@code threadTable}
 * @param cpus of each sample; -1 if not known
 * @param weights of each sample, 0 or more, in the unit of its event: what is beyond 2^63 - 1 is that
 * @param stacks of each sample, an index into {@code stackTable}
 * @param addresses of each sample, of the data that it is about; 0 if there is none
 * @param threadTable in order of process, thread and event
 * @param stackTable frames of each stack, leaf first, as indices into {@code frameTable}; none is empty
 * @param frameTable each distinct frame once
 */
public record StackSamples(
        long[] timesNs,
        int[] threads,
        int[] cpus,
        long[] weights,
        int[] stacks,
        long[] addresses,
        List<SampledThread> threadTable,
        int[][] stackTable,
        List<Frame> frameTable) {

    public int count() {
        return timesNs.length;
    }

    /** The samples of each thread of the table, in order of time, as indices. */
    public int[][] byThread() {
        int[] counts = new int[threadTable.size()];
        for (int t : threads) {
            counts[t]++;
        }
        int[][] samples = new int[counts.length][];
        for (int t = 0; t < counts.length; t++) {
            samples[t] = new int[counts[t]];
            counts[t] = 0;
        }
        for (int i = 0; i < threads.length; i++) {
            samples[threads[i]][counts[threads[i]]++] = i;
        }
        return samples;
    }

    /** The event whose samples tell what ran, by {@link SampledThread#countedEvent}; there must be a sample. */
    public String countedEvent() {
        Map<String, Long> counts = new HashMap<>();
        for (int t : threads) {
            counts.merge(threadTable.get(t).event(), 1L, Long::sum);
        }
        return SampledThread.countedEvent(counts);
    }

    /** The thread with the most samples of that event, by its place in the table: what a viewer shows first. There must be a sample. */
    public int busiestThread() {
        String event = countedEvent();
        int[] counts = new int[threadTable.size()];
        for (int t : threads) {
            counts[t] += threadTable.get(t).event().equals(event) ? 1 : 0;
        }
        int busiest = 0;
        for (int t = 1; t < counts.length; t++) {
            busiest = counts[t] > counts[busiest] ? t : busiest;
        }
        return busiest;
    }

    /** The sum of two weights; 2^63 - 1 if it is greater. */
    public static long sum(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
}
