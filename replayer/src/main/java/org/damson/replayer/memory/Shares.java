package org.damson.replayer.memory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * How much of memory that was seen accessed as a whole is touched, at least. A region counts as accessed if one page of it was, so its
 * bytes are more than were resident where it has pages that were never there. Where the recording says how much was resident, only so
 * much is touched, in as many more of the slices: whoever looks at any of its pages meets as many touches on average. Nobody knows which
 * pages were there; of a file's code and data usually few are, so these are thinned out first, other memory only if that is not enough.
 *
 * @param ofFiles of mappings of files, 0..1
 * @param ofOthers of other memory, 0..1
 */
public record Shares(double ofFiles, double ofOthers) {
    public static final Shares ALL = new Shares(1, 1);

    private static final double PAGE = 4096;

    /** Shares are looked for in steps of this. */
    private static final int STEPS = 256;

    private static final int COARSE = 16;

    /** Other memory is thinned out if no more than this share of the difference is left then. */
    private static final double ENOUGH = 0.5;

    /** Memory in one mapping: between which readings it was there, and from which on it had been accessed. */
    private record Part(boolean isFile, double ratio, double bytes, int thereFrom, int accessedFrom, int to) {}

    /** Those with which what is resident is nearest to the readings: the sum of the differences is least. */
    public static Shares of(Footprint touched, MappingTimeline timeline, ResidentReadings readings) throws IOException {
        if (readings.isEmpty()) {
            return ALL;
        }
        List<Part> parts = parts(touched, timeline, readings);
        Shares ofFiles = new Shares(nearest(share -> difference(parts, new Shares(share, 1), readings)), 1);
        Shares ofAll = new Shares(0, nearest(share -> difference(parts, new Shares(0, share), readings)));
        return difference(parts, ofAll, readings) < ENOUGH * difference(parts, ofFiles, readings) - PAGE
                ? ofAll
                : ofFiles;
    }

    private static List<Part> parts(Footprint touched, MappingTimeline timeline, ResidentReadings readings)
            throws IOException {
        List<Part> parts = new ArrayList<>();
        timeline.forEach((m, fromNs, toNs) -> {
            MappingKind kind = MappingKind.of(m);
            int from = readings.indexOf(fromNs);
            int to = readings.indexOf(toNs);
            // What is of the pool does not count as resident.
            if (kind.isHuge() || from >= to) {
                return;
            }
            double[] never = {m.sizeBytes()};
            touched.whole(m.start(), m.end(), (start, end, ratio, sinceNs) -> {
                int accessed = Math.min(to, Math.max(from, readings.indexOf(sinceNs)));
                parts.add(new Part(kind.isFile(), ratio, end - start, from, accessed, to));
                never[0] -= end - start;
            });
            if (kind.isReachable()) {
                parts.add(new Part(kind.isFile(), 1, never[0], from, to, to));
            }
        });
        return parts;
    }

    /** Sum over the readings of how far they are from what is resident: what had been accessed, or more if more was resident. */
    private static double difference(List<Part> parts, Shares shares, ResidentReadings readings) {
        double[] accessed = new double[readings.size() + 1];
        double[] there = new double[readings.size() + 1];
        for (Part p : parts) {
            double bytes = p.bytes * Math.max(p.ratio, p.isFile ? shares.ofFiles : shares.ofOthers);
            accessed[p.accessedFrom] += bytes;
            accessed[p.to] -= bytes;
            there[p.thereFrom] += bytes;
            there[p.to] -= bytes;
        }
        double sum = 0;
        double must = 0;
        double may = 0;
        for (int i = 0; i < readings.size(); i++) {
            must += accessed[i];
            may += there[i];
            double wanted = readings.bytes(i);
            sum += Math.abs(Math.max(must, Math.min(wanted, may)) - wanted);
        }
        return sum;
    }

    /** The greatest share with the least difference: in coarse steps, then in fine ones around the best. */
    private static double nearest(DoubleUnaryOperator difference) {
        int best = nearest(difference, STEPS, 0, COARSE, STEPS);
        return (double) nearest(difference, Math.min(STEPS, best + COARSE), Math.max(0, best - COARSE), 1, best)
                / STEPS;
    }

    private static int nearest(DoubleUnaryOperator difference, int from, int to, int step, int first) {
        int best = first;
        double least = difference.applyAsDouble((double) first / STEPS);
        for (int i = from; i >= to; i -= step) {
            double d = difference.applyAsDouble((double) i / STEPS);
            if (d < least - PAGE || d <= least && i > best) {
                best = i;
                least = d;
            }
        }
        return best;
    }

    public double of(MappingKind kind) {
        return kind.isFile() ? ofFiles : ofOthers;
    }
}
