package org.damson.analyzer.closedloop;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.damson.model.InvalidInputException;

/**
 * Ground truth from a plan: ranges that are touched at a rate for a while. A rate is one touch of each page per period:
 * in turn, or at random.
 */
public final class PlannedAccesses implements GroundTruth {
    /**
     * Touches of a range.
     *
     * @param periodNs mean time between two touches of one page
     * @param random whether pages are touched in random order
     * @param bursts a program that is kept from running; null: it runs all the time
     */
    record Load(long fromNs, long toNs, long start, long end, double periodNs, boolean random, Bursts bursts) {
        Load(long fromNs, long toNs, long start, long end, double periodNs, boolean random) {
            this(fromNs, toNs, start, end, periodNs, random, null);
        }

        double share(long windowFrom, long windowTo) {
            double d = Math.min(toNs, windowTo) - Math.max(fromNs, windowFrom);
            if (d <= 0) {
                return 0;
            }
            double period = bursts == null ? periodNs : bursts.periodNs();
            return random ? 1 - Math.exp(-d / period) : Math.min(1, d / period);
        }

        /** Probability that the program runs at all in a window: a burst of fixed length in each cycle, anywhere in it. */
        double runs(long windowFrom, long windowTo) {
            if (bursts == null) {
                return 1;
            }
            double share = Math.min(1, bursts.periodNs() / periodNs);
            return Math.min(1, (windowTo - windowFrom + bursts.lengthNs()) / bursts.lengthNs() * share);
        }
    }

    /**
     * How a program runs that has to share its processor: fast, but only now and then.
     *
     * @param periodNs time between two touches of a page while it runs
     * @param lengthNs how long it runs at a time
     */
    record Bursts(double periodNs, double lengthNs) {}

    private final List<Load> loads;
    private final long[] areas;
    private final long endNs;
    private final SplittableRandom random;
    private int next;
    private List<Load> active = new ArrayList<>();
    private long[] starts = new long[0];
    private long[] ends = new long[0];
    private double[] shares = new double[0];
    private int n;

    PlannedAccesses(List<Load> loads, long[] areas) {
        this(loads, areas, 0);
    }

    /** @param seed decides when programs that run in bursts do */
    PlannedAccesses(List<Load> loads, long[] areas, long seed) {
        random = new SplittableRandom(seed);
        this.loads = new ArrayList<>(loads);
        this.loads.sort(Comparator.comparingLong(Load::fromNs));
        this.areas = areas.clone();
        endNs = loads.stream().mapToLong(Load::toNs).max().orElse(0);
    }

    /**
     * A plan from a generator's configuration, masim's form: regions {@code name, size}, then phases of a name, a time in
     * milliseconds and {@code name, random, stride, weight[, mode]} lines.
     *
     * @param accessesPerSecond how many accesses the generator makes; weights share them
     * @param repeat how often the phases are gone through
     * @throws InvalidInputException naming the line that cannot be read
     */
    public static PlannedAccesses of(String config, double accessesPerSecond, int repeat) {
        return new PlanParser(config, accessesPerSecond).parse(repeat);
    }

    @Override
    public void window(long fromNs, long toNs) {
        boolean changed = false;
        while (next < loads.size() && loads.get(next).fromNs() < toNs) {
            active.add(loads.get(next++));
            changed = true;
        }
        if (!active.isEmpty() && active.stream().anyMatch(l -> l.toNs() <= fromNs)) {
            active = new ArrayList<>(
                    active.stream().filter(l -> l.toNs() > fromNs).toList());
            changed = true;
        }
        if (changed) {
            active.sort((a, b) -> Long.compareUnsigned(a.start(), b.start()));
        }
        n = active.size();
        if (starts.length < n) {
            starts = new long[n * 2];
            ends = new long[n * 2];
            shares = new double[n * 2];
        }
        int to = 0;
        for (Load l : active) {
            double runs = l.runs(fromNs, toNs);
            double share = runs >= 1 || random.nextDouble() < runs ? l.share(fromNs, toNs) : 0;
            // Several loads of one range in a window: what one leaves, the other may touch.
            if (to > 0 && starts[to - 1] == l.start() && ends[to - 1] == l.end()) {
                shares[to - 1] = 1 - (1 - shares[to - 1]) * (1 - share);
                continue;
            }
            starts[to] = l.start();
            ends[to] = l.end();
            shares[to++] = share;
        }
        n = to;
    }

    @Override
    public double touched(long address) {
        int low = 0;
        int high = n - 1;
        while (low <= high) {
            int mid = (low + high) >>> 1;
            if (Long.compareUnsigned(ends[mid], address) <= 0) {
                low = mid + 1;
            } else if (Long.compareUnsigned(starts[mid], address) > 0) {
                high = mid - 1;
            } else {
                return shares[mid];
            }
        }
        return 0;
    }

    @Override
    public void each(Visitor visitor) {
        for (int i = 0; i < n; i++) {
            visitor.range(starts[i], ends[i], shares[i]);
        }
    }

    @Override
    public long[] areas() {
        return areas;
    }

    @Override
    public long endNs() {
        return endNs;
    }
}
