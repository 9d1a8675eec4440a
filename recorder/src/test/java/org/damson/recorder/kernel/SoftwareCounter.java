package org.damson.recorder.kernel;

/** A counter that every machine has. */
public final class SoftwareCounter {
    private SoftwareCounter() {}

    /** Page faults. */
    public static PerfAttr pageFaults() {
        return PerfAttr.pageFaultCounter();
    }
}
