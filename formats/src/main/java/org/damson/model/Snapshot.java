package org.damson.model;

import java.util.Arrays;

/**
 * The regions of one target at the end of one aggregation interval, as columns.
 *
 * <p>Mutable and reused: arrays grow to the largest snapshot seen. Only cells {@code [0, regions)} are valid. Regions
 * are in ascending unsigned order of {@code start} and do not overlap.
 */
public final class Snapshot {
    /** Optional region columns, as bits of {@link #columns}. */
    public static final int HAS_AGE = 1;

    /** {@code referencedMin/Mean/Max} are filled: bytes found referenced in the least, mean and greatest sample. */
    public static final int HAS_REFERENCED = 2;

    /** {@code filterPassed} is filled: bytes that passed the scheme's page-level filters. */
    public static final int HAS_FILTER_PASSED = 4;

    /** {@code probeHits} is filled: how often each data attribute probe found what it looks for. */
    public static final int HAS_PROBE_HITS = 8;

    /** {@code writtenMean} is filled: bytes found written in an average sample. */
    public static final int HAS_WRITTEN = 16;

    /** {@code writtenMean} of a region of which no sample could tell what was written. */
    public static final long NOT_KNOWN = -1;

    /** {@code probeHits} of a region of which they are not known. */
    public static final long NO_HITS = -1;

    /** {@code scheme} of a snapshot that is not of one scheme's tried regions. */
    public static final int NO_SCHEME = -1;

    /** More regions than any DAMON is set to. Those of one snapshot are in memory at once; of what claims more none are read. */
    public static final int MAX_REGIONS = 1 << 20;

    /** Position in the trace, from 0; the sink assigns it. */
    public long id;

    public int kdamond;
    public int context;
    public int scheme = NO_SCHEME;

    /** Target id, unsigned 64-bit: an index in today's kernels, a kernel address in old ones. */
    public long target;

    public long startNs;
    public long endNs;

    /** Sampling interval in force, microseconds. */
    public long sampleUs;

    /** Aggregation interval in force, microseconds; {@code aggrUs / sampleUs} is the greatest possible nr_accesses. */
    public long aggrUs;

    /** Regions known to be missing from this snapshot. */
    public long lost;

    /** Which optional columns are filled: {@code HAS_*}. */
    public int columns;

    public int regions;
    public long[] start = new long[0];
    public long[] end = new long[0];
    public int[] nrAccesses = new int[0];

    /** Aggregation intervals for which the region has been about as hot as now. */
    public int[] age = new int[0];

    public long[] referencedMin = new long[0];
    public long[] referencedMean = new long[0];
    public long[] referencedMax = new long[0];
    public long[] filterPassed = new long[0];

    /** 16 bits for each probe, the first lowest; {@link #NO_HITS} where they are not known. */
    public long[] probeHits = new long[0];

    /** Mean of the samples of which it is known, {@link #NOT_KNOWN} if there is none. */
    public long[] writtenMean = new long[0];

    public boolean has(int column) {
        return (columns & column) != 0;
    }

    /** Empties the snapshot; arrays stay. */
    public void clear() {
        id = 0;
        kdamond = 0;
        context = 0;
        scheme = NO_SCHEME;
        target = 0;
        startNs = 0;
        endNs = 0;
        sampleUs = 0;
        aggrUs = 0;
        lost = 0;
        columns = 0;
        regions = 0;
    }

    /** Appends a region without optional columns other than age (-1 = no age) and returns its index. */
    public int add(long startAddr, long endAddr, int accesses, int ageAggrs) {
        int i = regions;
        reserve(i + 1);
        start[i] = startAddr;
        end[i] = endAddr;
        nrAccesses[i] = accesses;
        age[i] = ageAggrs;
        regions = i + 1;
        return i;
    }

    /** Makes room for {@code n} regions in all, optional columns included; keeps the content. */
    public void reserve(int n) {
        reserveRegions(n);
        if (n > filterPassed.length) {
            referencedMin = Arrays.copyOf(referencedMin, start.length);
            referencedMean = Arrays.copyOf(referencedMean, start.length);
            referencedMax = Arrays.copyOf(referencedMax, start.length);
            filterPassed = Arrays.copyOf(filterPassed, start.length);
            probeHits = Arrays.copyOf(probeHits, start.length);
            writtenMean = Arrays.copyOf(writtenMean, start.length);
        }
    }

    /**
     * Makes room for {@code n} regions in all with these columns; keeps the content.
     *
     * @param columns of {@link #columns}
     */
    public void reserve(int n, int columns) {
        if ((columns & ~HAS_AGE) != 0) {
            reserve(n);
        } else {
            reserveRegions(n);
        }
    }

    /** The same without the columns that are filled in few recordings and would take most of the room. */
    private void reserveRegions(int n) {
        if (n <= start.length) {
            return;
        }
        int wanted = Math.max(Math.max(16, n), start.length * 2);
        start = Arrays.copyOf(start, wanted);
        end = Arrays.copyOf(end, wanted);
        nrAccesses = Arrays.copyOf(nrAccesses, wanted);
        age = Arrays.copyOf(age, wanted);
    }

    /** Index of the first region with an address of at least {@code address}, unsigned; {@link #regions} if there is none. */
    public int firstBeyond(long address) {
        return firstBeyond(end, regions, address);
    }

    /** The same of {@code count} ranges in order, of which only the ends are given. */
    public static int firstBeyond(long[] end, int count, long address) {
        int low = 0;
        int high = count;
        while (low < high) {
            int mid = (low + high) >>> 1;
            if (Long.compareUnsigned(end[mid] - 1, address) < 0) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        return low;
    }

    /**
     * Start of the time that this snapshot covers, up to {@link #endNs}, even where a query takes only a part of it: what it found
     * was there at some time within all of it.
     */
    public long fromNs() {
        return fromNs(startNs, endNs, aggrUs);
    }

    /** Start of the time that a snapshot covers: one without a duration covers one aggregation interval. */
    public static long fromNs(long startNs, long endNs, long aggrUs) {
        return startNs < endNs ? startNs : endNs - Math.max(1, aggrUs * 1000);
    }

    /** Sum of the region sizes in bytes. */
    public long bytes() {
        long sum = 0;
        for (int i = 0; i < regions; i++) {
            sum += end[i] - start[i];
        }
        return sum;
    }

    /** Whether a sample found region {@code i} accessed. A count below zero, which only an odd file has, is none. */
    public boolean isAccessed(int i) {
        return nrAccesses[i] > 0;
    }

    /** Size of region {@code i} in bytes, at most 2^63 - 1, if it was accessed; else 0. */
    public long accessedBytes(int i) {
        long size = end[i] - start[i];
        return !isAccessed(i) ? 0 : size < 0 ? Long.MAX_VALUE : size;
    }

    /**
     * Bytes of region {@code i} touched within one sampling interval: its {@link #accessedBytes} or, where that is recorded, as many
     * of them as were referenced in an average sample.
     */
    public long touchedBytes(int i) {
        return has(HAS_REFERENCED) ? within(i, referencedMean[i]) : accessedBytes(i);
    }

    /** As many of region {@code i}'s {@link #accessedBytes}, none if {@code bytes} is negative. */
    public long within(int i, long bytes) {
        return Math.min(Math.max(0, bytes), accessedBytes(i));
    }

    /** Bytes of region {@code i} written within one sampling interval, no more than were touched; {@link #NOT_KNOWN} if nothing says. */
    public long writtenBytes(int i) {
        return !has(HAS_WRITTEN) || writtenMean[i] < 0 ? NOT_KNOWN : Math.min(writtenMean[i], touchedBytes(i));
    }

    /** Greatest possible nr_accesses, at least 1. */
    public int maxNrAccesses() {
        return sampleUs <= 0 ? 1 : (int) Math.max(1, Math.min(Integer.MAX_VALUE, aggrUs / sampleUs));
    }

    /** Exchanges all with another: no region is copied. */
    public void exchange(Snapshot other) {
        Snapshot mine = new Snapshot();
        mine.take(this);
        take(other);
        other.take(mine);
    }

    /** Has the arrays of another, too. */
    private void take(Snapshot other) {
        takeHead(other);
        start = other.start;
        end = other.end;
        nrAccesses = other.nrAccesses;
        age = other.age;
        referencedMin = other.referencedMin;
        referencedMean = other.referencedMean;
        referencedMax = other.referencedMax;
        filterPassed = other.filterPassed;
        probeHits = other.probeHits;
        writtenMean = other.writtenMean;
    }

    private void takeHead(Snapshot other) {
        id = other.id;
        kdamond = other.kdamond;
        context = other.context;
        scheme = other.scheme;
        target = other.target;
        startNs = other.startNs;
        endNs = other.endNs;
        sampleUs = other.sampleUs;
        aggrUs = other.aggrUs;
        lost = other.lost;
        columns = other.columns;
        regions = other.regions;
    }

    /** Copies all of {@code other} into this snapshot. */
    public void copyFrom(Snapshot other) {
        reserve(other.regions, other.columns);
        takeHead(other);
        System.arraycopy(other.start, 0, start, 0, regions);
        System.arraycopy(other.end, 0, end, 0, regions);
        System.arraycopy(other.nrAccesses, 0, nrAccesses, 0, regions);
        System.arraycopy(other.age, 0, age, 0, regions);
        if (has(HAS_REFERENCED)) {
            System.arraycopy(other.referencedMin, 0, referencedMin, 0, regions);
            System.arraycopy(other.referencedMean, 0, referencedMean, 0, regions);
            System.arraycopy(other.referencedMax, 0, referencedMax, 0, regions);
        }
        if (has(HAS_FILTER_PASSED)) {
            System.arraycopy(other.filterPassed, 0, filterPassed, 0, regions);
        }
        if (has(HAS_PROBE_HITS)) {
            System.arraycopy(other.probeHits, 0, probeHits, 0, regions);
        }
        if (has(HAS_WRITTEN)) {
            System.arraycopy(other.writtenMean, 0, writtenMean, 0, regions);
        }
    }
}
