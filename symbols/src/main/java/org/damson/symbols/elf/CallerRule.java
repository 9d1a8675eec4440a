package org.damson.symbols.elf;

/**
 * How to get from a frame to its caller by a copy of the stack alone: what unwind information says in nearly all code that compilers
 * make. Offsets are from the canonical frame address, which is the stack pointer's value before the call.
 *
 * @param end why a walk ends here; null unless it does
 * @param isSimple whether the rest says it all; if not, and if no walk ends here, only libdw can go on
 * @param isByFramePointer whether the canonical frame address is found from rbp, else from rsp
 * @param frameOffset the canonical frame address less that register
 * @param returnOffset where the return address is
 * @param savedOffset where the caller's rbp is, {@link #KEPT} or {@link #LOST}
 */
public record CallerRule(
        UnwindWire.End end,
        boolean isSimple,
        boolean isByFramePointer,
        long frameOffset,
        long returnOffset,
        long savedOffset) {
    /** In place of an offset: the register still has the caller's value. */
    public static final long KEPT = Long.MAX_VALUE;

    /** In place of an offset: the caller's value is not known. */
    public static final long LOST = Long.MIN_VALUE;

    static final CallerRule OTHER = new CallerRule(null, false, false, 0, 0, LOST);

    static CallerRule end(UnwindWire.End end) {
        return new CallerRule(end, false, false, 0, 0, LOST);
    }

    static CallerRule simple(boolean isByFramePointer, long frameOffset, long returnOffset, long savedOffset) {
        return new CallerRule(null, true, isByFramePointer, frameOffset, returnOffset, savedOffset);
    }
}
