package org.damson.recorder.stacks;

/**
 * Whether copies of user stacks are worth what they cost: whether walks of them tell more than the frame pointers, which the kernel
 * follows anyway. Where they do not, none are taken for a while.
 */
final class CopyWorth {
    /** Walks after which it is judged. */
    private static final int LOOK = 500;

    /** Share of the walks that has to tell more. */
    private static final double MIN_SHARE = 0.02;

    /** A program may come to other code. */
    private static final long PAUSE_NS = 600_000_000_000L;

    private boolean isWorth = true;
    private long walked;
    private long told;
    private long againNs;

    /** Whether copies are to be taken. */
    boolean isWorth() {
        return isWorth;
    }

    /**
     * Judges.
     *
     * @param nowWalked walks so far
     * @param nowTold of these, how many told more
     * @return whether it has changed
     */
    boolean adapt(long nowWalked, long nowTold, long nowNs) {
        if (!isWorth) {
            isWorth = nowNs >= againNs;
            walked = nowWalked;
            told = nowTold;
            return isWorth;
        }
        if (nowWalked - walked < LOOK) {
            return false;
        }
        isWorth = nowTold - told >= MIN_SHARE * (nowWalked - walked);
        walked = nowWalked;
        told = nowTold;
        againNs = nowNs + PAUSE_NS;
        return !isWorth;
    }
}
