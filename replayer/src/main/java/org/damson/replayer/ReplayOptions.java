package org.damson.replayer;

/**
 * How to replay.
 *
 * @param speed 2 plays twice as fast
 * @param maxBytes address space that the replay may touch, bytes
 */
public record ReplayOptions(double speed, long maxBytes) {
    public ReplayOptions {
        if (!(speed > 0) || speed > 1000 || maxBytes <= 0) {
            throw new IllegalArgumentException(
                    "speed must be in (0, 1000] and the limit positive: speed=" + speed + ", maxBytes=" + maxBytes);
        }
    }
}
