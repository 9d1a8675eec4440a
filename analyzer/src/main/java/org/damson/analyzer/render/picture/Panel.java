package org.damson.analyzer.render.picture;

/**
 * A rectangle of a picture with time to the right.
 *
 * @param fromNs time at the left edge
 * @param toNs time at the right edge
 */
record Panel(int left, int top, int width, int height, long fromNs, long toNs) {
    int right() {
        return left + width;
    }

    int bottom() {
        return top + height;
    }

    /** The time in the middle of a point, counted from the left edge. */
    double timeNs(int x) {
        return fromNs + (x + 0.5) / width * spanNs();
    }

    /** Where a time is, from the left edge of the picture, within the panel. */
    int xOf(double timeNs) {
        return left + (int) Math.round(Math.max(0, Math.min(1, (timeNs - fromNs) / spanNs())) * width);
    }

    private double spanNs() {
        return Math.max(1.0, (double) toNs - fromNs);
    }
}
