package org.damson.analyzer.damos;

/**
 * How far a window of a quota may be from what the trace's clock says. The kernel counts ticks, which pass every 10 ms at
 * most, and a snapshot's time is that of the end of a turn, the window's of its beginning: a turn's work is taken to be
 * done within a sampling interval.
 */
final class QuotaClock {
    private static final long TICK_MS = 10;

    private QuotaClock() {}

    /** By how much less than a reset interval may be between the turns in which two windows begin, milliseconds. */
    static long earlyMs(long sampleUs) {
        return TICK_MS + (sampleUs + 999) / 1000;
    }

    /** By how much more than a reset interval may have passed without a new window: its length is rounded up to ticks. */
    static long lateMs(long sampleUs) {
        return TICK_MS + earlyMs(sampleUs);
    }
}
