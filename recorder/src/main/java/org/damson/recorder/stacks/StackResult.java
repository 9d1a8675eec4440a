package org.damson.recorder.stacks;

/**
 * Result of recording call stacks.
 *
 * @param samples samples recorded, first touches too
 * @param lost records that the kernel could not write
 * @param throttles how often the kernel throttled an event
 * @param threadsWithout threads that were there and are not sampled
 * @param copiesPassedOver copies of user stacks that there was no time to unwind
 * @param refusal why there are none, one line; empty if there may be some
 */
public record StackResult(
        long samples, long lost, long throttles, int threadsWithout, long copiesPassedOver, String refusal) {
    /** None at all. */
    public static StackResult refused(String why) {
        return new StackResult(0, 0, 0, 0, 0, why);
    }

    /** Whether all that was to be sampled is in the trace. */
    public boolean isWhole() {
        return refusal.isEmpty() && lost == 0 && throttles == 0 && threadsWithout == 0 && copiesPassedOver == 0;
    }
}
