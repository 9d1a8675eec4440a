package org.damson.analyzer.openloop;

import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.model.InvalidInputException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * The thresholds of a {@link Sweep} as people name them; each trace counts ages in aggregation intervals of its own.
 *
 * @param minAgesUs least ages, microseconds, ascending; rounded down to aggregation intervals
 * @param maxAccesses greatest access counts, samples, ascending
 * @param minSizes least sizes, bytes, ascending
 */
public record SweepGrid(long[] minAgesUs, int[] maxAccesses, long[] minSizes) implements Serializable {
    private static final long serialVersionUID = 1L;

    /** How many combinations there are, at most. */
    public long points() {
        return (long) minAgesUs.length * maxAccesses.length * minSizes.length;
    }

    /**
     * What every combination would have tried over a trace.
     *
     * @throws InvalidInputException as {@link Sweep#bounded} does
     */
    public Sweep.Answer over(TraceSource trace, TraceQuery query, OpenLoopOptions options) throws IOException {
        long aggrUs = Math.max(1, trace.manifest().attrs.aggrUs());
        long[] ages = new long[minAgesUs.length];
        int n = 0;
        for (long us : minAgesUs) {
            long age = us / aggrUs;
            if (n == 0 || age != ages[n - 1]) {
                ages[n++] = age;
            }
        }
        return Sweep.bounded(trace, query, options, Arrays.copyOf(ages, n), maxAccesses, minSizes);
    }
}
