package org.damson.replayer;

import org.damson.model.InvalidInputException;

/**
 * How to replay.
 *
 * @param speed 2 plays twice as fast
 * @param maxBytes memory that the replay may touch, bytes
 * @param memoryScale 0.5 makes every mapping half as long
 * @param loops how often the recording is played
 */
public record ReplayOptions(double speed, long maxBytes, double memoryScale, int loops) {
    private static final double MAX_FACTOR = 1000;

    public ReplayOptions {
        if (!(speed > 0) || speed > MAX_FACTOR || maxBytes <= 0) {
            throw new InvalidInputException(
                    "speed must be in (0, 1000] and the limit positive: speed=" + speed + ", maxBytes=" + maxBytes);
        }
        if (!(memoryScale > 0) || memoryScale > MAX_FACTOR || loops < 1) {
            throw new InvalidInputException("the memory scale must be in (0, 1000] and loops at least 1: memoryScale="
                    + memoryScale + ", loops=" + loops);
        }
    }

    /** As recorded, once. */
    public ReplayOptions(double speed, long maxBytes) {
        this(speed, maxBytes, 1, 1);
    }
}
