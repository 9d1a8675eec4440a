package org.damson.replayer;

import java.util.ArrayList;
import java.util.List;

/**
 * How the generator plays a plan; null values are defaults.
 *
 * @param flushTlb whether it flushes its TLB once a slice, so that what is touched again sets its accessed bit again
 * @param threads of each process, which share what is touched, 1 to {@value #MAX_THREADS}
 * @param jitterSeed seed that randomises which slices touch a region, and when within them, not how often
 * @param cpus processors that the processes may use, as in {@code 0-3,6}
 * @param numa NUMA memory policy, as in {@code bind:0-1}
 */
public record PlayOptions(boolean flushTlb, int threads, Long jitterSeed, String cpus, String numa) {
    /** Limit on threads in the generator. */
    public static final int MAX_THREADS = 64;

    /** One thread for each process, anywhere, at the times of the plan. */
    public static PlayOptions plain(boolean flushTlb) {
        return new PlayOptions(flushTlb, 1, null, null, null);
    }

    /** The same options, with or without flushes. */
    public PlayOptions flushing(boolean flushes) {
        return new PlayOptions(flushes, threads, jitterSeed, cpus, numa);
    }

    /** The generator's command-line arguments. */
    public List<String> arguments() {
        List<String> all = new ArrayList<>(measured());
        add(all, "--jitter", jitterSeed == null ? null : Long.toUnsignedString(jitterSeed));
        return all;
    }

    /** The arguments on the cost of a touch. */
    List<String> measured() {
        List<String> some = new ArrayList<>();
        if (flushTlb) {
            some.add("--flush-tlb");
        }
        add(some, "--threads", threads == 1 ? null : Integer.toString(threads));
        add(some, "--cpus", cpus);
        add(some, "--numa", numa);
        return some;
    }

    private static void add(List<String> all, String option, String value) {
        if (value != null) {
            all.addAll(List.of(option, value));
        }
    }
}
