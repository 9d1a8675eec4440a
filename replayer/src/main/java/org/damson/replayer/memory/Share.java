package org.damson.replayer.memory;

/**
 * How much of memory that was seen accessed as a whole is touched.
 *
 * @param least so much at least, 0..1
 * @param isMost no more either, even if it was accessed in more of the samples than that
 */
public record Share(double least, boolean isMost) {
    static final Share ALL = new Share(1, false);

    /** Of memory that was accessed in this share of the samples, 0..1. */
    double of(double ratio) {
        return isMost ? least : Math.max(ratio, least);
    }

    /** Of so many pages of memory, of which so many would be touched, those that are. */
    public long of(long all, long pages) {
        return isMost ? Math.min(pages, Math.max(1, (long) Math.ceil(all * least))) : pages;
    }
}
