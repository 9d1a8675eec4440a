package org.damson.replayer.memory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.DoubleUnaryOperator;

/**
 * How much of memory that was seen accessed as a whole is touched, at least. A region counts as accessed if one page of it was, so its
 * bytes are more than were resident where it has pages that were never there. Where the recording says how much was resident, only so
 * much is touched, in as many more of the slices: whoever looks at any of its pages meets as many touches on average. Nobody knows which
 * pages were there; of a file's code and data usually few are, so these are thinned out first: as far as more slices make up for it, and
 * if that is not enough further, since DAMON's regions hold them beside memory that is in use all the time. Other memory is thinned out
 * only if that is not enough either.
 *
 * @param ofFiles of mappings of files
 * @param ofOthers of other memory
 */
public record Shares(Share ofFiles, Share ofOthers) {
    public static final Shares ALL = new Shares(Share.ALL, Share.ALL);

    private static final double PAGE = 4096;

    /** Resolution of the search. */
    private static final int STEPS = 256;

    private static final int COARSE = 16;

    /** A thinner share is taken only if it leaves no more than this part of the difference. */
    private static final double ENOUGH = 0.5;

    /** Memory of one mapping, with the indexes of the readings between which it was mapped and from which it had been accessed. */
    private record Part(boolean isFile, double ratio, double bytes, int thereFrom, int accessedFrom, int to) {}

    /** The shares that bring the resident size nearest to the readings, by the sum of the differences. */
    public static Shares of(Footprint touched, MappingTimeline timeline, ResidentReadings readings) throws IOException {
        if (readings.isEmpty()) {
            return ALL;
        }
        List<Part> parts = parts(touched, timeline, readings);
        DoubleFunction<Shares> files = share -> new Shares(new Share(share, false), Share.ALL);
        DoubleFunction<Shares> onlyFiles = share -> new Shares(new Share(share, true), Share.ALL);
        DoubleFunction<Shares> all = share -> new Shares(new Share(0, false), new Share(share, false));
        // The first reading may come while a program maps and fills its memory: before the plan maps it, or after it
        // fills it.
        double lacking = sum(parts, ALL, readings, (must, may, wanted) -> Math.max(0, wanted - may));
        double early = sum(parts, onlyFiles.apply(0), readings, (must, may, wanted) -> Math.max(0, must - wanted));
        Shares best = thinner(
                nearest(files, parts, readings), nearest(onlyFiles, parts, readings), lacking + early, parts, readings);
        return thinner(best, nearest(all, parts, readings), lacking, parts, readings);
    }

    /** The second, thinner one if it lowers the difference enough; {@code sure} of it remains in any case. */
    private static Shares thinner(Shares one, Shares other, double sure, List<Part> parts, ResidentReadings readings) {
        double left = difference(parts, other, readings) - sure;
        return left < ENOUGH * (difference(parts, one, readings) - sure) - PAGE ? other : one;
    }

    private static Shares nearest(DoubleFunction<Shares> shares, List<Part> parts, ResidentReadings readings) {
        return shares.apply(nearest(share -> difference(parts, shares.apply(share), readings)));
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

    /** Sum of the differences to the readings, between what had been accessed and what was mapped at that time. */
    private static double difference(List<Part> parts, Shares shares, ResidentReadings readings) {
        return sum(
                parts,
                shares,
                readings,
                (must, may, wanted) -> Math.abs(Math.max(must, Math.min(wanted, may)) - wanted));
    }

    /** The term of one reading: bytes accessed so far, bytes that may be resident, bytes read. */
    private interface Reading {
        double of(double must, double may, double wanted);
    }

    private static double sum(List<Part> parts, Shares shares, ResidentReadings readings, Reading reading) {
        double[] accessed = new double[readings.size() + 1];
        double[] there = new double[readings.size() + 1];
        for (Part p : parts) {
            double bytes = p.bytes * (p.isFile ? shares.ofFiles : shares.ofOthers).of(p.ratio);
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
            sum += reading.of(must, may, readings.bytes(i));
        }
        return sum;
    }

    /** The largest share with the least difference: searched in coarse steps, then in fine ones around the best. */
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

    public Share of(MappingKind kind) {
        return kind.isFile() ? ofFiles : ofOthers;
    }
}
