package org.damson.analyzer.curves;

/** What {@link Curves} count; sums are in the unit that each says. */
enum Histogram {
    /** By age: memory without accesses. Byte nanoseconds. */
    COLD(AgeBins.COUNT),
    /** The same, of what had been seen touched. */
    COLD_TOUCHED(AgeBins.COUNT),
    /** By the age that it had: memory touched again. Bytes, the least that may be, the likely, and the most. */
    BACK_MIN(AgeBins.COUNT),
    BACK_LIKELY(AgeBins.COUNT),
    BACK_MAX(AgeBins.COUNT),
    /** By percent of samples: accesses. Bytes times samples. */
    HEAT(Histogram.ACCESS_CLASSES),
    /** By percent of samples: memory with accesses. Byte nanoseconds. */
    WARM(Histogram.ACCESS_CLASSES),
    /** Likely touched, bytes. */
    TOUCHED(1),
    /** Seen touched once, in mappings touched in part since: for how long it has been idle is not known. Byte nanoseconds. */
    UNDECIDED(1),
    /** Time in which there was a snapshot of any target, nanoseconds: targets are there at one time, and their sizes add up. */
    COVERED(1),
    /** Regions counted. */
    REGIONS(1),
    /** Snapshots whose regions are mappings touched in part. */
    PARTIAL(1),
    /** Snapshots whose ages count in another interval than the first one's. */
    OTHER_INTERVALS(1),
    /** Rows gone through, those of schemes' own snapshots too; last, so that rows cut short lack it. */
    SNAPSHOT_ROWS(1),
    REGION_ROWS(1);

    /** Access classes: percent of samples, 0..100. */
    static final int ACCESS_CLASSES = 101;

    final int bins;

    Histogram(int bins) {
        this.bins = bins;
    }

    boolean isByAge() {
        return bins == AgeBins.COUNT;
    }
}
