package org.damson.analyzer.advise;

/**
 * What one recording says gains enough.
 *
 * @param what it is about, as in "paging out what is idle for 5 s"
 * @param place of it; null: the whole program
 * @param advice on it, with its gain in that recording
 */
record Finding(String what, Place place, Advice advice) {
    /**
     * Where in a program, so far as it is the same in another run of it: addresses are not.
     *
     * @param target the number of the target, in order of their ids
     * @param mapping its name
     * @param bytes of the range
     */
    record Place(int target, String mapping, long bytes) {
        /** Whether another recording means the same: a range of the same mapping, of half to twice the size. */
        boolean isLike(Place p) {
            return target == p.target && mapping.equals(p.mapping) && bytes <= 2 * p.bytes && p.bytes <= 2 * bytes;
        }
    }

    /** Whether another recording says the same. */
    boolean isLike(Finding f) {
        return advice.kind() == f.advice.kind() && (place == null ? f.place == null : place.isLike(f.place));
    }

    /** What is gained, by doing nothing's measure. */
    double gained() {
        return advice.gain().done() - advice.gain().nothing();
    }
}
