package org.damson.analyzer.scan;

/** Memory that the system uses, at one moment: total less available, or less free where the kernel tells no available. */
public final class SystemMemory {
    private double total = Double.NaN;
    private double available = Double.NaN;
    private double free = Double.NaN;

    /** Takes a counter; others than the three it needs are nothing to it. */
    public void add(String counter, long bytes) {
        switch (counter) {
            case "mem_total" -> total = bytes;
            case "mem_available" -> available = bytes;
            case "mem_free" -> free = bytes;
            default -> {}
        }
    }

    /** Bytes; NaN where it is not known. */
    public double usedBytes() {
        return total - (Double.isNaN(available) ? free : available);
    }
}
