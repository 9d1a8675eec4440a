package org.damson.api;

/**
 * What monitoring found of one target in one aggregation interval: regions in ascending unsigned order of address, which do not
 * overlap. Snapshots from a {@link Trace} are immutable and may be kept; {@link #builder} makes new ones.
 */
public interface Snapshot {
    /** Value of an optional figure of a region that the trace does not have. */
    long NOT_KNOWN = -1;

    /** Target id, unsigned: an index in today's kernels, a process id in recordings of referenced bits. */
    long target();

    /** The kdamond that monitored, from 0; targets of different ones are different. */
    int kdamond();

    /** The context of the kdamond, from 0. */
    int context();

    /** The scheme whose tried regions these are; -1 for the snapshots of monitoring itself. */
    int scheme();

    /** Start of the interval, nanoseconds of the trace's clock. */
    long startNs();

    /** End of the interval, exclusive. */
    long endNs();

    /** Sampling interval in force, microseconds. */
    long sampleUs();

    /** Aggregation interval in force, microseconds. */
    long aggrUs();

    /** Regions known to be missing from this snapshot. */
    long lostRegions();

    /** Number of regions. */
    int regions();

    /** First address of region {@code i}, unsigned. */
    long start(int i);

    /** Address behind the last one of region {@code i}, unsigned. */
    long end(int i);

    /** Number of samples of the interval that found region {@code i} accessed: {@code nr_accesses}. */
    int accesses(int i);

    /** For how many aggregation intervals region {@code i} has been about as hot as now; {@link #NOT_KNOWN} if not recorded. */
    int age(int i);

    /** Bytes of region {@code i} found referenced in an average sample; {@link #NOT_KNOWN} where regions count as a whole. */
    long referencedBytes(int i);

    /** Size of region {@code i}, bytes. */
    default long sizeBytes(int i) {
        return end(i) - start(i);
    }

    /** The greatest possible {@link #accesses}, at least 1. */
    default int maxAccesses() {
        return sampleUs() <= 0 ? 1 : (int) Math.max(1, Math.min(Integer.MAX_VALUE, aggrUs() / sampleUs()));
    }

    /** Bytes of the regions that were found accessed, as a whole. */
    default long accessedBytes() {
        long sum = 0;
        for (int i = 0; i < regions(); i++) {
            sum += accesses(i) > 0 ? sizeBytes(i) : 0;
        }
        return sum;
    }

    /**
     * Starts a snapshot that the program fills itself.
     *
     * <pre>{@code
     * Snapshot snapshot = Snapshot.builder(1)
     *         .time(0, 100_000_000)
     *         .intervals(5_000, 100_000)
     *         .region(0x10000, 0x20000, 20, 3)
     *         .region(0x20000, 0x40000, 0, 7)
     *         .build();
     * System.out.println(snapshot.accessedBytes() + " bytes in use"); // 65536
     * }</pre>
     *
     * @param target id of the target
     */
    static Builder builder(long target) {
        return new GivenSnapshot.Making(target);
    }

    /** Builds a snapshot. Its rules are checked when it is written. */
    interface Builder {
        /** The interval that the snapshot covers, nanoseconds, {@code fromNs < toNs}. */
        Builder time(long fromNs, long toNs);

        /** Sampling and aggregation interval, microseconds; 5,000 and 100,000 by default. */
        Builder intervals(long sampleUs, long aggrUs);

        /**
         * Appends a region; its addresses are above those of the regions before it.
         *
         * @param start first address, unsigned
         * @param end address behind the last one
         * @param accesses samples in which it was found accessed
         * @param age in aggregation intervals
         */
        Builder region(long start, long end, int accesses, int age);

        /** The snapshot; the builder can be used further. */
        Snapshot build();
    }
}
