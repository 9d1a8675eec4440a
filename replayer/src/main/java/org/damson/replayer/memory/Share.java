package org.damson.replayer.memory;

/**
 * How much of memory that was seen accessed as a whole is touched.
 *
 * @param least so much at least, 0..1
 * @param isMost no more either, even if it was accessed in more of the samples than that
 */
public record Share(double least, boolean isMost) {
    static final Share ALL = new Share(1, false);

    /** The share of memory that was accessed in this share of the samples, 0..1. */
    double of(double ratio) {
        return isMost ? least : Math.max(ratio, least);
    }

    /** The pages to touch where {@code pages} of {@code all} would be touched without a limit. */
    public long of(long all, long pages) {
        return isMost ? Math.min(pages, Math.max(1, (long) Math.ceil(all * least))) : pages;
    }
}
