package org.damson.analyzer.certificate;

import java.util.ArrayList;
import java.util.List;

/**
 * One sample: what was touched in it, and what may have been, as bits are cleared and read while the program runs. Nanoseconds.
 *
 * @param leastFromNs bits are cleared
 * @param leastToNs reading begins
 * @param mostFromNs clearing begins, not after {@code leastFromNs}
 * @param mostToNs all is read, not before {@code leastToNs}
 */
record Window(double leastFromNs, double leastToNs, double mostFromNs, double mostToNs) {
    /** Windows of one length that begin evenly spread over a time, the first with it: what is known where no times were recorded. */
    static List<Window> spread(long fromNs, long toNs, long windowNs, int windows) {
        List<Window> all = new ArrayList<>();
        for (int i = 0; i < windows; i++) {
            double at = fromNs + (double) (toNs - fromNs) * i / windows;
            all.add(new Window(at, at + windowNs, at, at + windowNs));
        }
        return all;
    }
}
