package org.damson.analyzer.whatif;

import java.util.List;

/** Kernels whose DAMOS differs in what the simulation can see. */
public enum KernelVersion {
    /** Filters only reject; there is no interval tuning. */
    V6_12("6.12"),
    /** Filters allow or reject; what a split cuts off waits for the next turn. */
    V6_18("6.18"),
    /** What a split cuts off is visited in the same turn; {@code max_nr_snapshots} exists. */
    V7_1("7.1");

    private final String text;

    KernelVersion(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }

    /** @throws UnknownWordException if there is none of this name */
    public static KernelVersion of(String text) {
        for (KernelVersion v : values()) {
            if (v.text.equals(text) || text.startsWith(v.text + ".")) {
                return v;
            }
        }
        throw new UnknownWordException("kernel version", text, List.of("6.12", "6.18", "7.1"));
    }
}
