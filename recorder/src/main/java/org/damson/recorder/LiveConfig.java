package org.damson.recorder;

import java.nio.file.Path;
import java.util.List;
import org.damson.recorder.referenced.OverheadBudget;
import org.damson.recorder.ring.RecorderConfig;
import org.damson.recorder.stacks.StackRequest;

/**
 * One live recording.
 *
 * @param output trace directory to create
 * @param command command to start and record, or empty
 * @param pids processes to attach to, or empty; both are empty if the source determines its targets itself
 * @param durationNs stop after this time, nanoseconds; 0 = when the targets end
 * @param sampleUs sampling interval, microseconds
 * @param aggrUs aggregation interval, microseconds
 * @param maxCpuShare upper bound on the CPU time of sampling, share of one CPU
 * @param followChildren whether children are recorded too
 * @param overhead limit on the slowdown of the targets by referenced bits
 * @param written whether recording through referenced bits also records writes
 * @param recorder ring, overflow, flush and side sampling
 * @param stacks which call stacks are recorded too, null = none
 * @param countsHardware whether hardware counters are recorded too, if available
 */
public record LiveConfig(
        Path output,
        List<String> command,
        List<Long> pids,
        long durationNs,
        long sampleUs,
        long aggrUs,
        double maxCpuShare,
        boolean followChildren,
        OverheadBudget overhead,
        boolean written,
        RecorderConfig recorder,
        StackRequest stacks,
        boolean countsHardware) {
    public LiveConfig {
        command = List.copyOf(command);
        pids = List.copyOf(pids);
        if (!command.isEmpty() && !pids.isEmpty()) {
            throw new IllegalArgumentException("give either a command or process ids to record, not both");
        }
    }

    /** The same recording with call stacks, or without if {@code request} is null. */
    public LiveConfig withStacks(StackRequest request) {
        return new LiveConfig(
                output,
                command,
                pids,
                durationNs,
                sampleUs,
                aggrUs,
                maxCpuShare,
                followChildren,
                overhead,
                written,
                recorder,
                request,
                countsHardware);
    }

    /** A recording without a bound on the slowdown of the targets, without writes and without call stacks. */
    public LiveConfig(
            Path output,
            List<String> command,
            List<Long> pids,
            long durationNs,
            long sampleUs,
            long aggrUs,
            double maxCpuShare,
            boolean followChildren,
            RecorderConfig recorder) {
        this(
                output,
                command,
                pids,
                durationNs,
                sampleUs,
                aggrUs,
                maxCpuShare,
                followChildren,
                OverheadBudget.UNBOUNDED,
                false,
                recorder,
                null,
                false);
    }

    /** 100 ms samples, 1 s aggregations, 5 % of a CPU, children followed. */
    public static LiveConfig of(Path output, List<String> command, List<Long> pids, long durationNs) {
        return new LiveConfig(
                output, command, pids, durationNs, 100_000, 1_000_000, 0.05, true, RecorderConfig.DEFAULTS);
    }
}
