package org.damson.analyzer.closedloop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.damson.model.InvalidInputException;
import org.damson.model.Units;

/** Reads a plan of accesses from a generator's configuration, masim's form: regions, then phases. */
final class PlanParser {
    private static final long PAGE = 4096;
    private static final int MAX_LINES = 1 << 20;
    private static final int MAX_REGIONS = 10_000;
    private static final long MAX_COUNT = (1L << 32) - 1;
    private static final int MAX_REPEAT = 100_000;
    private static final long HEAP = 0x5555_5555_0000L;
    private static final long FIRST_REGION = 0x7f00_0000_0000L;
    private static final long STACK = 0x7ff8_0000_0000L;
    /** Between the regions and the stack, larger than any other gap but the one above the heap. */
    private static final long GAP = 4L << 30;

    private static final Pattern COMMENT = Pattern.compile("(^|[ \\t])#.*");

    private static final Pattern SIZE = Pattern.compile("\\d{1,20} *([KMGTkmgt]i?)?[Bb]?");

    private static final long SMALL_AREA = 33 * PAGE;

    private record Visits(long[] range, boolean random, long stride, double weight) {}

    private record Phase(long lengthNs, List<Visits> patterns, double weights) {}

    /** Without comments; a line that is only a comment is none. */
    private final String[] lines;

    /** Where they stand. */
    private final int[] numbers;

    private final double accessesPerSecond;
    private final Map<String, long[]> regions = new LinkedHashMap<>();
    private final List<Phase> phases = new ArrayList<>();
    private long nextRegion = FIRST_REGION;

    PlanParser(String config, double accessesPerSecond) {
        String[] all = config.startsWith("\ufeff") ? config.substring(1).split("\\R", -1) : config.split("\\R", -1);
        int[] told =
                IntStream.range(0, all.length).filter(i -> !isComment(all[i])).toArray();
        lines = Arrays.stream(told).mapToObj(i -> strip(all[i])).toArray(String[]::new);
        numbers = told;
        this.accessesPerSecond = accessesPerSecond;
    }

    private static boolean isComment(String line) {
        return line.strip().startsWith("#");
    }

    /** As the generator reads it: a # that begins a line or follows a blank begins a comment. */
    private static String strip(String line) {
        return COMMENT.matcher(line).replaceFirst("").strip();
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
            String line = lines[i];
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
        if (f.length < 2 || f.length > 5 || f[0].isEmpty()) {
            throw bad(number, "expected a region 'name, size[, file][, at address][, huge or small]'");
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
        if (i >= lines.length || !isCount(lines[i])) {
            throw bad(
                    Math.min(i, lines.length - 1),
                    "a phase's second line is its time in milliseconds, at most " + MAX_COUNT);
        }
        long ns = Long.parseLong(lines[i]) * 1_000_000;
        List<Visits> patterns = new ArrayList<>();
        double weights = 0;
        for (i++; i < lines.length && !lines[i].isEmpty(); i++) {
            Visits p = pattern(lines[i], i);
            weights += p.weight();
            patterns.add(p);
        }
        phases.add(new Phase(ns, patterns, weights));
        return i;
    }

    private static boolean isCount(String text) {
        return text.matches("\\d{1,18}") && Long.parseLong(text) <= MAX_COUNT;
    }

    private Visits pattern(String line, int number) {
        String[] f = line.split("\\s*,\\s*");
        if (f.length > 1 && f[1].matches("(stride|random|chase|zipf:.*|window:.*)")) {
            throw bad(number, "patterns that load caches and memory (" + f[1] + ") are not simulated: give 0 or 1");
        }
        if (f.length < 4
                || f.length > 6
                || !isCount(f[1])
                || !isCount(f[3])
                || f.length > 4 && !f[4].matches("(ro|wo|rw).*")) {
            throw bad(
                    number,
                    "a pattern is 'region, random 0 or 1, stride in bytes, weight[, ro, wo or rw[, from..to]]', with numbers up to "
                            + MAX_COUNT);
        }
        long[] range = regions.get(f[0]);
        if (range == null) {
            throw bad(number, "no such region: '" + f[0] + "'");
        }
        boolean isRandom = Long.parseLong(f[1]) != 0;
        long stride = size(f[2], number);
        if (stride == 0 && !isRandom) {
            throw bad(number, "the stride of a sequential pattern must not be 0");
        }
        return new Visits(
                f.length > 5 ? part(range, f[5], number) : range,
                isRandom,
                Math.max(1, stride),
                Double.parseDouble(f[3]));
    }

    /** The part {@code from..to} of a region. */
    private long[] part(long[] range, String text, int line) {
        String[] bounds = text.split("\\.\\.", -1);
        if (bounds.length == 2) {
            long from = size(bounds[0], line);
            long to = size(bounds[1], line);
            if (from % PAGE == 0 && from < to && to <= range[1] - range[0]) {
                return new long[] {range[0] + from, range[0] + to};
            }
        }
        throw bad(line, "a part of a region is from..to within it, from a multiple of 4096 on, but is '" + text + "'");
    }

    /** A phase's patterns share the accesses by their weights. */
    private void loads(Phase phase, long fromNs, List<PlannedAccesses.Load> loads) {
        for (Visits p : phase.patterns()) {
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

    private long size(String text, int line) {
        if (!SIZE.matcher(text).matches()) {
            throw bad(line, "expected a whole number with K, M, G or T, but it is '" + text + "'");
        }
        try {
            return Units.parseBytes(text);
        } catch (InvalidInputException e) {
            throw bad(line, e.getMessage());
        }
    }

    /** @param line of those that are not only a comment */
    private InvalidInputException bad(int line, String rule) {
        return new InvalidInputException("line " + (numbers[line] + 1) + ": " + rule);
    }
}
