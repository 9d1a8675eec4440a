package org.damson.recorder.stacks;

import org.damson.exchange.build.StackUnwinder;
import org.damson.model.InvalidInputException;

/**
 * Which call stacks are recorded.
 *
 * @param hz samples a second of CPU time of each thread
 * @param isSystemWide whether those of all processes
 * @param followChildren whether those of processes that the recorded ones start
 * @param maxCpuShare upper bound on the CPU time of sampling, share of one CPU
 * @param unwinder of copies of user stacks, which are taken as long as they give more callers than frame pointers; null: no
 *     copies are taken. The caller closes it
 * @param kept holds files whose functions are to be named when recording is over; null: none are. The caller closes it
 * @param isByCycles whether samples are those of the processor's cycles, where it counts them, instead of a clock's
 */
public record StackRequest(
        int hz,
        boolean isSystemWide,
        boolean followChildren,
        double maxCpuShare,
        StackUnwinder unwinder,
        KeptFiles kept,
        boolean isByCycles) {
    /** Not 100, so that samples do not coincide with work that is done 100 times a second. */
    public static final int DEFAULT_HZ = 99;

    /** Maximum: at 10,000 a second, half of a CPU's time would go into samples. */
    public static final int MAX_HZ = 10_000;

    /** By frame pointers alone. */
    public StackRequest(int hz, boolean isSystemWide, boolean followChildren, double maxCpuShare) {
        this(hz, isSystemWide, followChildren, maxCpuShare, null, null, false);
    }

    /** @throws InvalidInputException if {@code hz} is out of range */
    public StackRequest {
        if (hz < 1 || hz > MAX_HZ) {
            throw new InvalidInputException("samples a second: 1 to " + MAX_HZ);
        }
    }
}
