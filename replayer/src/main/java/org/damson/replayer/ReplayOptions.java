package org.damson.replayer;

import org.damson.model.InvalidInputException;

/**
 * How to replay.
 *
 * @param speed 2 plays twice as fast
 * @param maxBytes address space that the replay may touch, bytes
 */
public record ReplayOptions(double speed, long maxBytes) {
    public ReplayOptions {
        if (!(speed > 0) || speed > 1000 || maxBytes <= 0) {
            throw new InvalidInputException(
                    "speed must be in (0, 1000] and the limit positive: speed=" + speed + ", maxBytes=" + maxBytes);
        }
    }
}
