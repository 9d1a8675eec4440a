package org.damson.recorder.stacks;

/**
 * How many samples a second are taken, so that what they cost stays within its share. Counted are the CPU time of the reading
 * thread, as a share of one CPU, and what interrupts take from the sampled threads, as a share of their CPU time.
 */
final class StackPace {
    /** Estimated kernel time for one sample: a timer interrupt and the stack walk, in a virtual machine. */
    static final long KERNEL_NS = 20_000;

    /** A look takes so long that one burst does not change the rate. */
    private static final long LOOK_NS = 2_000_000_000L;

    /** The rate rises again when this many looks in a row found half the share or less: starting up costs more than going on. */
    private static final int LOOKS_TO_RISE = 5;

    private final double maxShare;
    private final int wantedHz;
    private int hz;
    private int cheapLooks;
    private int leastHz;
    private long lookNs;
    private long lookCpuNs;
    private long lookSamples;
    private long beganCpuNs;
    private long cpuNs;

    StackPace(int hz, double maxShare) {
        this.hz = hz;
        wantedHz = hz;
        this.maxShare = maxShare;
        leastHz = hz;
    }

    void begin(long nowNs, long threadCpuNs) {
        lookNs = nowNs;
        lookCpuNs = threadCpuNs;
        beganCpuNs = threadCpuNs;
    }

    /** Whether it is time to look at the cost again. */
    boolean isDue(long nowNs) {
        return nowNs - lookNs >= LOOK_NS;
    }

    /**
     * Looks at the cost, if it is time to.
     *
     * @param threadCpuNs CPU time of the reading thread so far
     * @param samples samples so far
     * @return whether more or fewer are to be taken from now on
     */
    boolean adapt(long nowNs, long threadCpuNs, long samples) {
        cpuNs = threadCpuNs - beganCpuNs;
        if (!isDue(nowNs)) {
            return false;
        }
        long tookNs = nowNs - lookNs;
        double share =
                (double) (threadCpuNs - lookCpuNs) / tookNs + (samples > lookSamples ? hz * KERNEL_NS * 1e-9 : 0);
        lookNs = nowNs;
        lookCpuNs = threadCpuNs;
        lookSamples = samples;
        cheapLooks = 2 * share <= maxShare ? cheapLooks + 1 : 0;
        int before = hz;
        if (share > maxShare) {
            hz = Math.max(1, Math.min(hz - 1, (int) (hz * maxShare / share)));
            leastHz = Math.min(leastHz, hz);
        } else if (cheapLooks >= LOOKS_TO_RISE) {
            hz = Math.min(wantedHz, 2 * hz);
            cheapLooks = 0;
        }
        return hz != before;
    }

    /** Begins the look anew: what has been spent since it began is not spent again and again. */
    void passOver(long nowNs, long threadCpuNs, long samples) {
        cpuNs = threadCpuNs - beganCpuNs;
        lookNs = nowNs;
        lookCpuNs = threadCpuNs;
        lookSamples = samples;
    }

    void end(long threadCpuNs) {
        cpuNs = threadCpuNs - beganCpuNs;
    }

    int hz() {
        return hz;
    }

    int leastHz() {
        return leastHz;
    }

    /** CPU time of the reading thread. */
    long cpuNs() {
        return cpuNs;
    }
}
