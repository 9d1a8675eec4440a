package org.damson.replayer;

import java.util.List;

/**
 * What a written plan covers. Times of several traces are counted from the start of the replay.
 *
 * @param processes one for each target
 * @param sizeBytes memory that the replay touches, bytes
 * @param startNs trace time that is time 0 of the replay
 * @param endNs trace time at which the last snapshot ends
 * @param sampleUs sampling interval that was in force, mean over the snapshots, microseconds
 * @param leftOut snapshots that are too short to be played: with less than a nanosecond for each sample
 * @param vanished accessed ranges of which no page is left when memory is scaled
 * @param options how it is played
 */
public record ReplayPlan(
        List<Target> processes,
        long sizeBytes,
        long startNs,
        long endNs,
        long sampleUs,
        long leftOut,
        long vanished,
        ReplayOptions options) {
    /**
     * One target, which is one process of the replay.
     *
     * @param pid the recorded process, null if the trace does not say
     * @param hasMappings whether its mappings were recorded; else they are those of the monitored regions
     * @param isInPlace whether its memory lies where it was
     * @param places its memory that was accessed at some time
     */
    public record Target(
            int kdamond,
            int context,
            int scheme,
            long target,
            Long pid,
            boolean hasMappings,
            boolean isInPlace,
            List<Place> places) {
        public Target {
            places = List.copyOf(places);
        }
    }

    /**
     * Contiguous memory that was accessed at some time.
     *
     * @param start first address in the recording, unsigned
     * @param end one past the last address
     * @param replayStart where it begins in the replay
     * @param replayEnd where it ends there
     */
    public record Place(long start, long end, long replayStart, long replayEnd) {}

    public ReplayPlan {
        processes = List.copyOf(processes);
    }

    /** Joins plans that are played together, each started as its options say; the intervals are those of the first. */
    static ReplayPlan together(List<ReplayPlan> plans) {
        ReplayOptions options = plans.get(0).options().once();
        long durationNs = plans.stream()
                .mapToLong(p -> p.options().shiftNs() + p.durationNs())
                .max()
                .orElseThrow();
        return new ReplayPlan(
                plans.stream().flatMap(p -> p.processes().stream()).toList(),
                plans.stream().mapToLong(ReplayPlan::sizeBytes).sum(),
                0,
                (long) (durationNs * options.speed()),
                plans.get(0).sampleUs(),
                plans.stream().mapToLong(ReplayPlan::leftOut).sum(),
                plans.stream().mapToLong(ReplayPlan::vanished).sum(),
                options);
    }

    /** Duration of the replay including all its loops. */
    public long durationNs() {
        return (long) ((endNs - startNs) / options.speed() * options.loops());
    }

    /** Speed relative to the recording. */
    public double speed() {
        return options.speed();
    }

    /** Memory areas of all processes. */
    public int areas() {
        return processes.stream().mapToInt(t -> t.places().size()).sum();
    }
}
