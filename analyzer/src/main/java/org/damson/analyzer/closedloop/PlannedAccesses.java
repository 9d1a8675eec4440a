package org.damson.analyzer.closedloop;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.damson.model.InvalidInputException;
import org.damson.model.Units;

/**
 * Ground truth from a plan: ranges that are touched at a rate for a while. A rate is one touch of each page per period:
 * in turn, or at random.
 */
public final class PlannedAccesses implements GroundTruth {
    private static final long PAGE = 4096;
    private static final int MAX_LINES = 1 << 20;
    private static final long STACK = 0x7ff8_0000_0000L;
    /** Between the regions and the stack, larger than any other gap but the one above the heap. */
    private static final long GAP = 4L << 30;

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
        if (!(accessesPerSecond > 0) || repeat < 1 || repeat > 100_000) {
            throw new InvalidInputException("accesses per second must be above 0, repeats 1 to 100000");
        }
        String[] lines = config.split("\\R", -1);
        if (lines.length > MAX_LINES) {
            throw new InvalidInputException("more than " + MAX_LINES + " lines");
        }
        Map<String, long[]> regions = new LinkedHashMap<>();
        List<Load> loads = new ArrayList<>();
        List<long[]> areas = new ArrayList<>();
        // A small heap below, the regions in the middle, a stack above: the three areas DAMON looks for.
        areas.add(new long[] {0x5555_5555_0000L, 0x5555_5555_0000L + 33 * PAGE});
        long at = 0x7f00_0000_0000L;
        long timeNs = 0;
        int i = 0;
        boolean inRegions = true;
        List<Runnable> phases = new ArrayList<>();
        long[] clock = {0};
        while (i < lines.length) {
            String line = strip(lines[i]);
            if (line.isEmpty()) {
                inRegions &= regions.isEmpty();
                i++;
                continue;
            }
            if (inRegions) {
                String[] f = line.split("\\s*,\\s*");
                if (f.length < 2) {
                    throw bad(i, "a region is 'name, size'");
                }
                long size = size(f[1], i);
                size = (size + PAGE - 1) / PAGE * PAGE;
                if (size <= 0 || size > STACK - at || regions.size() >= 10_000) {
                    throw bad(i, "regions of 1 byte or more, 1 TiB in all, at most 10000 of them");
                }
                long[] range = {at, at + size};
                if (regions.put(f[0], range) != null) {
                    throw bad(i, "region '" + f[0] + "' is there twice");
                }
                areas.add(range);
                at += size;
                i++;
                continue;
            }
            i = phase(lines, i, regions, accessesPerSecond, loads, clock, phases);
        }
        if (regions.isEmpty() || phases.isEmpty()) {
            throw new InvalidInputException("no regions, or no phases");
        }
        for (int r = 0; r < repeat; r++) {
            phases.forEach(Runnable::run);
            if (loads.size() > MAX_LINES) {
                throw new InvalidInputException("more than " + MAX_LINES + " phases and patterns");
            }
        }
        timeNs = clock[0];
        areas.add(new long[] {STACK + GAP, STACK + GAP + 33 * PAGE});
        long[] flat = new long[areas.size() * 2];
        for (int k = 0; k < areas.size(); k++) {
            flat[2 * k] = areas.get(k)[0];
            flat[2 * k + 1] = areas.get(k)[1];
        }
        if (timeNs <= 0) {
            throw new InvalidInputException("the phases take no time");
        }
        return new PlannedAccesses(loads, flat);
    }

    private record Pattern(long[] range, boolean random, long stride, double weight) {}

    /** Reads one phase; returns the line after it. */
    private static int phase(
            String[] lines,
            int first,
            Map<String, long[]> regions,
            double speed,
            List<Load> loads,
            long[] clock,
            List<Runnable> phases) {
        int i = first + 1;
        if (i >= lines.length || !strip(lines[i]).matches("\\d{1,9}")) {
            throw bad(Math.min(i, lines.length - 1), "a phase's second line is its time in milliseconds");
        }
        long ns = Long.parseLong(strip(lines[i])) * 1_000_000;
        List<Pattern> patterns = new ArrayList<>();
        double[] weights = {0};
        for (i++; i < lines.length && !strip(lines[i]).isEmpty(); i++) {
            String[] f = strip(lines[i]).split("\\s*,\\s*");
            if (f.length < 4 || !f[1].matches("\\d{1,9}") || !f[2].matches("\\d{1,12}") || !f[3].matches("\\d{1,9}")) {
                throw bad(i, "a pattern is 'region, random 0 or 1, stride in bytes, weight[, mode[, from..to]]'");
            }
            long[] range = regions.get(f[0]);
            if (range == null) {
                throw bad(i, "no such region: '" + f[0] + "'");
            }
            range = f.length > 5 ? part(range, f[5], i) : range;
            Pattern p =
                    new Pattern(range, !f[1].equals("0"), Math.max(1, Long.parseLong(f[2])), Double.parseDouble(f[3]));
            weights[0] += p.weight();
            patterns.add(p);
        }
        phases.add(() -> {
            for (Pattern p : patterns) {
                if (p.weight() > 0) {
                    double rate = speed * p.weight() / weights[0];
                    double pages = (p.range()[1] - p.range()[0]) / (double) PAGE;
                    // In turn with a small stride a page is touched many times in a row: that is one touch to DAMON.
                    double perPage = p.random() ? 1 : Math.max(1, PAGE / (double) p.stride());
                    double skipped = p.random() ? 1 : Math.max(1, p.stride() / (double) PAGE);
                    loads.add(new Load(
                            clock[0],
                            clock[0] + ns,
                            p.range()[0],
                            p.range()[1],
                            pages * perPage * skipped / rate * 1e9,
                            p.random()));
                }
            }
            clock[0] += ns;
        });
        return i;
    }

    /** The part {@code from..to} of a region. */
    private static long[] part(long[] range, String text, int line) {
        String[] bounds = text.split("\\.\\.", -1);
        if (bounds.length == 2) {
            long from = size(bounds[0], line);
            long to = size(bounds[1], line);
            if (0 <= from && from < to && to <= range[1] - range[0]) {
                return new long[] {range[0] + from, range[0] + to};
            }
        }
        throw bad(line, "a part of a region is from..to within it, but is '" + text + "'");
    }

    private static String strip(String line) {
        return line.startsWith("#") ? "" : line.strip();
    }

    private static long size(String text, int line) {
        try {
            return Units.parseBytes(text);
        } catch (InvalidInputException e) {
            throw bad(line, e.getMessage());
        }
    }

    private static InvalidInputException bad(int line, String rule) {
        return new InvalidInputException("line " + (line + 1) + ": " + rule);
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
