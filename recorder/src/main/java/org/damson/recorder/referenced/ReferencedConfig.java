package org.damson.recorder.referenced;

import java.util.List;

/**
 * What a {@link ReferencedSource} watches and how.
 *
 * @param pids processes to watch
 * @param sampleUs wanted sampling interval, microseconds
 * @param aggrUs aggregation interval, microseconds
 * @param maxCpuShare upper bound on the CPU time of sampling, share of one CPU, above 0 up to 1
 * @param followChildren whether children of the processes, present and future, are watched too
 * @param overhead what recording may cost the processes
 * @param written whether pages that were written are told from those that were read; the TLB must be flushed for it
 */
public record ReferencedConfig(
        List<Long> pids,
        long sampleUs,
        long aggrUs,
        double maxCpuShare,
        boolean followChildren,
        OverheadBudget overhead,
        boolean written) {
    public ReferencedConfig {
        pids = List.copyOf(pids);
        if (pids.isEmpty() || sampleUs < 1000 || aggrUs < sampleUs || !(maxCpuShare > 0 && maxCpuShare <= 1)) {
            throw new IllegalArgumentException(
                    "need a pid, 1 ms <= sample <= aggregation, and a CPU share above 0 up to 1");
        }
    }

    /** Without telling what was written. */
    public ReferencedConfig(
            List<Long> pids,
            long sampleUs,
            long aggrUs,
            double maxCpuShare,
            boolean followChildren,
            OverheadBudget overhead) {
        this(pids, sampleUs, aggrUs, maxCpuShare, followChildren, overhead, false);
    }

    /** Without a bound on what it costs the processes. */
    public ReferencedConfig(List<Long> pids, long sampleUs, long aggrUs, double maxCpuShare, boolean followChildren) {
        this(pids, sampleUs, aggrUs, maxCpuShare, followChildren, OverheadBudget.UNBOUNDED);
    }

    /** 100 ms, 1 s, 5 % of one CPU, children followed. */
    public static ReferencedConfig of(List<Long> pids) {
        return new ReferencedConfig(pids, 100_000, 1_000_000, 0.05, true);
    }
}
