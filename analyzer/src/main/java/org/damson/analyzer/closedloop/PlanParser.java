package org.damson.analyzer.closedloop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.InvalidInputException;
import org.damson.model.Units;

/** Reads a plan of accesses from a generator's configuration, masim's form: regions, then phases. */
final class PlanParser {
    private static final long PAGE = 4096;
    private static final int MAX_LINES = 1 << 20;
    private static final int MAX_REGIONS = 10_000;
    private static final int MAX_REPEAT = 100_000;
    private static final long HEAP = 0x5555_5555_0000L;
    private static final long FIRST_REGION = 0x7f00_0000_0000L;
    private static final long STACK = 0x7ff8_0000_0000L;
    /** Between the regions and the stack, larger than any other gap but the one above the heap. */
    private static final long GAP = 4L << 30;

    private static final long SMALL_AREA = 33 * PAGE;

    private record Pattern(long[] range, boolean random, long stride, double weight) {}

    private record Phase(long lengthNs, List<Pattern> patterns, double weights) {}

    private final String[] lines;
    private final double accessesPerSecond;
    private final Map<String, long[]> regions = new LinkedHashMap<>();
    private final List<Phase> phases = new ArrayList<>();
    private long nextRegion = FIRST_REGION;

    PlanParser(String config, double accessesPerSecond) {
        lines = config.split("\\R", -1);
        this.accessesPerSecond = accessesPerSecond;
    }

    /** The plan with its phases gone through so often. */
    PlannedAccesses parse(int repeat) {
        if (!(accessesPerSecond > 0) || repeat < 1 || repeat > MAX_REPEAT) {
            throw new InvalidInputException("accesses per second must be above 0, repeats 1 to " + MAX_REPEAT);
        }
        if (lines.length > MAX_LINES) {
            throw new InvalidInputException("more than " + MAX_LINES + " lines");
        }
        read();
        if (regions.isEmpty() || phases.isEmpty()) {
            throw new InvalidInputException("no regions, or no phases");
        }
        List<PlannedAccesses.Load> loads = new ArrayList<>();
        long timeNs = 0;
        for (int r = 0; r < repeat; r++) {
            for (Phase p : phases) {
                loads(p, timeNs, loads);
                timeNs += p.lengthNs();
            }
            if (loads.size() > MAX_LINES) {
                throw new InvalidInputException("more than " + MAX_LINES + " phases and patterns");
            }
        }
        if (timeNs <= 0) {
            throw new InvalidInputException("the phases take no time");
        }
        return new PlannedAccesses(loads, areas());
    }

    /** The first blank line after regions ends them; others end a phase. */
    private void read() {
        boolean inRegions = true;
        int i = 0;
        while (i < lines.length) {
            String line = strip(lines[i]);
            if (line.isEmpty()) {
                inRegions &= regions.isEmpty();
                i++;
            } else if (inRegions) {
                region(line, i++);
            } else {
                i = phase(i);
            }
        }
    }

    private void region(String line, int number) {
        String[] f = line.split("\\s*,\\s*");
        if (f.length < 2) {
            throw bad(number, "expected a region 'name, size'");
        }
        long size = size(f[1], number);
        size = (size + PAGE - 1) / PAGE * PAGE;
        if (size <= 0 || size > STACK - nextRegion || regions.size() >= MAX_REGIONS) {
            throw bad(
                    number,
                    "regions must have 1 byte or more and 1 TiB in total, and there may be at most " + MAX_REGIONS
                            + " of them");
        }
        if (regions.put(f[0], new long[] {nextRegion, nextRegion + size}) != null) {
            throw bad(number, "region '" + f[0] + "' is there twice");
        }
        nextRegion += size;
    }

    /** Reads one phase; returns the line after it. */
    private int phase(int first) {
        int i = first + 1;
        if (i >= lines.length || !strip(lines[i]).matches("\\d{1,9}")) {
            throw bad(Math.min(i, lines.length - 1), "a phase's second line is its time in milliseconds");
        }
        long ns = Long.parseLong(strip(lines[i])) * 1_000_000;
        List<Pattern> patterns = new ArrayList<>();
        double weights = 0;
        for (i++; i < lines.length && !strip(lines[i]).isEmpty(); i++) {
            Pattern p = pattern(strip(lines[i]), i);
            weights += p.weight();
            patterns.add(p);
        }
        phases.add(new Phase(ns, patterns, weights));
        return i;
    }

    private Pattern pattern(String line, int number) {
        String[] f = line.split("\\s*,\\s*");
        if (f.length > 1 && f[1].matches("(stride|random|chase|zipf:.*|window:.*)")) {
            throw bad(number, "patterns that load caches and memory (" + f[1] + ") are not simulated: give 0 or 1");
        }
        if (f.length < 4 || !f[1].matches("\\d{1,9}") || !f[2].matches("\\d{1,12}") || !f[3].matches("\\d{1,9}")) {
            throw bad(number, "a pattern is 'region, random 0 or 1, stride in bytes, weight[, mode[, from..to]]'");
        }
        long[] range = regions.get(f[0]);
        if (range == null) {
            throw bad(number, "no such region: '" + f[0] + "'");
        }
        return new Pattern(
                f.length > 5 ? part(range, f[5], number) : range,
                !f[1].equals("0"),
                Math.max(1, Long.parseLong(f[2])),
                Double.parseDouble(f[3]));
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

    /** A phase's patterns share the accesses by their weights. */
    private void loads(Phase phase, long fromNs, List<PlannedAccesses.Load> loads) {
        for (Pattern p : phase.patterns()) {
            if (p.weight() <= 0) {
                continue;
            }
            double rate = accessesPerSecond * p.weight() / phase.weights();
            double pages = (p.range()[1] - p.range()[0]) / (double) PAGE;
            // In turn with a small stride a page is touched many times in a row: that is one touch to DAMON.
            double perPage = p.random() ? 1 : Math.max(1, PAGE / (double) p.stride());
            double skipped = p.random() ? 1 : Math.max(1, p.stride() / (double) PAGE);
            loads.add(new PlannedAccesses.Load(
                    fromNs,
                    fromNs + phase.lengthNs(),
                    p.range()[0],
                    p.range()[1],
                    pages * perPage * skipped / rate * 1e9,
                    p.random()));
        }
    }

    /** A small heap below, the regions in the middle, a stack above: the three areas DAMON looks for. */
    private long[] areas() {
        List<long[]> areas = new ArrayList<>();
        areas.add(new long[] {HEAP, HEAP + SMALL_AREA});
        areas.addAll(regions.values());
        areas.add(new long[] {STACK + GAP, STACK + GAP + SMALL_AREA});
        return areas.stream().flatMapToLong(Arrays::stream).toArray();
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
}
