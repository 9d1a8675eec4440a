package org.damson.trace.redact;

/**
 * Sizes rounded up to three significant binary digits, so to at most five quarters, and the addresses of an area whose parts
 * have grown to such sizes: in their order, each at its offset in a page, none nearer to another than before.
 */
public final class CoarseSizes {
    private static final int PAGE_BITS = 12;
    private static final long IN_PAGE = (1L << PAGE_BITS) - 1;

    /** Bits of a size that stay. */
    private static final int DIGITS = 3;

    private final long inFirstPage;
    private final long[] from;
    private final long[] to;

    /**
     * @param first address of the area
     * @param sizeBytes of the area
     * @param cuts addresses in the area, ascending unsigned, at which a mapping begins or ends
     */
    public CoarseSizes(long first, long sizeBytes, long[] cuts) {
        inFirstPage = first & IN_PAGE;
        long pages = (inFirstPage + sizeBytes + IN_PAGE) >>> PAGE_BITS;
        from = new long[cuts.length + 2];
        to = new long[cuts.length + 2];
        for (int i = 0; i <= cuts.length; i++) {
            from[i + 1] = i < cuts.length ? (inFirstPage + cuts[i] - first) >>> PAGE_BITS : pages;
            to[i + 1] = to[i] + up(from[i + 1] - from[i]);
        }
    }

    /** The least number with three significant binary digits that is no less. */
    public static long up(long size) {
        if (size < 1 << DIGITS) {
            return size;
        }
        long unit = 1L << (Long.SIZE - Long.numberOfLeadingZeros(size) - DIGITS);
        return (size + unit - 1) & -unit;
    }

    /** Bytes in whole pages, rounded up. */
    static long upBytes(long bytes) {
        return bytes <= 0 ? bytes : up((bytes + IN_PAGE) >>> PAGE_BITS) << PAGE_BITS;
    }

    /** Maps an offset from the area's old first address to the offset from its new one, both in bytes. */
    public long offset(long offset) {
        long at = inFirstPage + offset;
        return (page(at >>> PAGE_BITS) << PAGE_BITS) + (at & IN_PAGE) - inFirstPage;
    }

    private long page(long page) {
        int low = 0;
        for (int high = from.length - 1; high - low > 1; ) {
            int middle = (low + high) >>> 1;
            if (from[middle] <= page) {
                low = middle;
            } else {
                high = middle;
            }
        }
        // Never past the end of the part, whatever the product is rounded to.
        long pages = Math.max(1, from[low + 1] - from[low]);
        long more = to[low + 1] - to[low] - pages;
        return to[low] + page - from[low] + Math.min(more, (long) ((page - from[low]) * ((double) more / pages)));
    }
}
