package org.damson.analyzer.damos;

/** A scheme's counters, by the kernel's names. Bytes where the name begins with sz. */
public final class SchemeStats {
    public long nrTried;
    public long szTried;
    public long nrApplied;
    public long szApplied;
    public long szOpsFilterPassed;
    public long qtExceeds;
    public long nrSnapshots;

    void tried(long sizeBytes, long appliedBytes) {
        nrTried++;
        szTried += sizeBytes;
        if (appliedBytes > 0) {
            nrApplied++;
            szApplied += appliedBytes;
        }
    }

    /** Adds another's counters. */
    public void add(SchemeStats o) {
        nrTried += o.nrTried;
        szTried += o.szTried;
        nrApplied += o.nrApplied;
        szApplied += o.szApplied;
        szOpsFilterPassed += o.szOpsFilterPassed;
        qtExceeds += o.qtExceeds;
        nrSnapshots += o.nrSnapshots;
    }
}
