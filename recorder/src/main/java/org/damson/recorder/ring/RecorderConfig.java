package org.damson.recorder.ring;

/**
 * How a {@link Recorder} works.
 *
 * @param slots snapshots the ring holds, a power of two
 * @param overflow what happens when the ring is full
 * @param flushNs at most this long after it was taken a row is handed to the operating system, nanoseconds
 * @param sideNs period of the side samplers, nanoseconds
 */
public record RecorderConfig(int slots, OverflowPolicy overflow, long flushNs, long sideNs) {
    /** 256 slots, block, flush and side samples once per second. */
    public static final RecorderConfig DEFAULTS =
            new RecorderConfig(256, OverflowPolicy.BLOCK, 1_000_000_000L, 1_000_000_000L);

    public RecorderConfig {
        if (Integer.bitCount(slots) != 1 || slots < 2) {
            throw new IllegalArgumentException("slots must be a power of two, at least 2, but is " + slots);
        }
        if (flushNs < 1_000_000 || sideNs < 1_000_000) {
            throw new IllegalArgumentException("flush and side intervals must be at least 1 ms");
        }
    }
}
