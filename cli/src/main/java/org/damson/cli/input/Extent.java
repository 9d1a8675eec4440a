package org.damson.cli.input;

import org.damson.model.Units;

/** Least and greatest of some microseconds. */
public final class Extent {
    private long leastUs = Long.MAX_VALUE;
    private long greatestUs = Long.MIN_VALUE;

    public void add(long us) {
        leastUs = Math.min(leastUs, us);
        greatestUs = Math.max(greatestUs, us);
    }

    public long leastUs() {
        return leastUs;
    }

    public long greatestUs() {
        return greatestUs;
    }

    /** Whether more than one value was added. */
    public boolean varies() {
        return leastUs < greatestUs;
    }

    /** As {@code 5 ms}, or {@code 5 ms to 20 ms}. */
    @Override
    public String toString() {
        String least = Units.duration(leastUs * 1000);
        return varies() ? least + " to " + Units.duration(greatestUs * 1000) : least;
    }
}
