package org.damson.replayer;

import java.util.List;

/**
 * What a written plan covers.
 *
 * @param places contiguous areas of the original, in the order of the plan's regions
 * @param sizeBytes address space that the replay touches, bytes
 * @param startNs trace time that is time 0 of the replay
 * @param endNs trace time at which the last snapshot ends
 * @param sampleUs sampling interval that was in force, mean over the snapshots, microseconds
 * @param speed how much faster than recorded it plays
 */
public record ReplayPlan(List<Place> places, long sizeBytes, long startNs, long endNs, long sampleUs, double speed) {
    /**
     * An area of one target's address space that was accessed at some time.
     *
     * @param start first address, unsigned
     * @param end one past the last address
     */
    public record Place(int kdamond, int context, int scheme, long target, long start, long end) {
        public long sizeBytes() {
            return end - start;
        }
    }

    public ReplayPlan {
        places = List.copyOf(places);
    }

    /** How long the replay takes. */
    public long durationNs() {
        return (long) ((endNs - startNs) / speed);
    }

    /** Address spaces the areas come from. */
    public long targets() {
        return places.stream()
                .map(p -> List.of(p.kdamond, p.context, p.scheme, p.target))
                .distinct()
                .count();
    }
}
