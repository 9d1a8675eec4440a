package org.damson.analyzer.closedloop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.damson.model.InvalidInputException;
import org.damson.model.range.AddressSet;

/**
 * Ground truth from a replay plan of one process: its touches, made by a generator that is never late. What is touched in one slice
 * and in the next is touched in between as well, as the generator does where there is time. {@code accessgen.h} has the format; what
 * it says of how memory is mapped, filled and touched (huge pages, files, reads) is not in the truth.
 */
public final class PlayedPlan implements GroundTruth {
    private static final String HEAD = "damson-plan 1";
    private static final long PAGE = 4096;

    /** A line of a plan is at least 20 bytes of memory. */
    private static final int MAX_LINES = 1 << 22;

    /** What is mapped from a time on, or not any more. */
    private record Change(long timeNs, long start, long end, boolean isMapped) {}

    /** In which slices of a snapshot something is touched. */
    private enum Order {
        EVENLY,
        FIRST,
        LAST
    }

    /** In so many slices so many of the range's pages are touched, evenly spread over it. */
    private record Touch(long start, long end, int samples, Order order, long pages) {
        /** In how many of the first slices of a snapshot it is touched. */
        long until(long slice, int slices) {
            return switch (order) {
                case EVENLY -> slice * samples / slices;
                case FIRST -> Math.min(slice, samples);
                case LAST -> Math.max(0, slice - (slices - samples));
            };
        }

        double share() {
            return Math.min(1, pages * (double) PAGE / (end - start));
        }
    }

    /** A snapshot and what is touched in it. */
    private record Slices(long timeNs, long durationNs, int slices, List<Touch> touches) {
        long endNs() {
            return timeNs + durationNs;
        }

        /** When a slice begins, or the last ends. */
        long beginNs(long slice) {
            return timeNs + durationNs / slices * slice + durationNs % slices * slice / slices;
        }

        /** The first slice that begins at a time or later, at most the number of slices. */
        long firstFrom(long ns) {
            long within = Math.max(0, Math.min(durationNs, ns - timeNs));
            long i = Math.max(0, within * slices / durationNs - 1);
            while (i < slices && beginNs(i) < ns) {
                i++;
            }
            return i;
        }

        /** Whether something of this snapshot is touched in {@code [fromNs, toNs)}. */
        boolean touches(Touch touch, long fromNs, long toNs) {
            long first = firstFrom(fromNs);
            if (touch.until(firstFrom(toNs), slices) > touch.until(first, slices)) {
                return true;
            }
            // The window begins within a slice that is touched as the next is: that goes on.
            return first > 0
                    && fromNs < endNs()
                    && isTouched(touch, first - 1)
                    && (first < slices
                            ? isTouched(touch, first)
                            : touch.order == Order.LAST || touch.samples == slices);
        }

        private boolean isTouched(Touch touch, long slice) {
            return touch.until(slice + 1, slices) > touch.until(slice, slices);
        }
    }

    private final List<Change> changes = new ArrayList<>();
    private final List<Slices> snapshots = new ArrayList<>();
    private final AddressSet mapped = new AddressSet();

    /** What is mapped, and the part of it that may be touched, as of the line that was read last. */
    private final AddressSet there = new AddressSet();

    private final AddressSet touchable = new AddressSet();
    private long readNs;
    private boolean isSnapshot;
    private int nextChange;
    private int firstSnapshot;
    private long[] areas = new long[0];
    private long[] bounds = new long[0];
    private double[] shares = new double[0];

    private PlayedPlan() {}

    /** Whether a text begins as a plan does. */
    public static boolean is(String text) {
        return text.startsWith("damson-plan ");
    }

    /**
     * Reads a plan.
     *
     * @throws InvalidInputException naming the line that cannot be read; also if it has not one process
     */
    public static PlayedPlan of(String text) {
        PlayedPlan plan = new PlayedPlan();
        String[] lines = text.split("\\R", MAX_LINES + 1);
        if (lines.length > MAX_LINES) {
            throw new InvalidInputException("more than " + MAX_LINES + " lines");
        }
        if (!lines[0].replaceFirst("#.*", "").strip().equals(HEAD)) {
            throw new InvalidInputException("line 1: a plan begins with the line '" + HEAD + "'");
        }
        int processes = 0;
        for (int i = 1; i < lines.length; i++) {
            String line = lines[i].replaceFirst("#.*", "").strip();
            if (!line.isEmpty()) {
                String[] words = line.split("\\s+");
                processes += words[0].equals("process") ? 1 : 0;
                plan.add(words, i + 1);
            }
        }
        if (processes != 1 || plan.snapshots.isEmpty()) {
            throw new InvalidInputException("expected a plan of one process with snapshots, not of " + processes
                    + " with " + plan.snapshots.size());
        }
        return plan;
    }

    private void add(String[] words, int number) {
        try {
            switch (words[0]) {
                case "process" -> {
                    // says nothing of what is touched when
                }
                case "fill" -> {
                    readUntil(timeNs(words[1]), 0);
                    require(touchable, address(words[2]), bytes(words[3]), "fills what is not mapped");
                }
                case "map", "unmap" -> change(words);
                case "snapshot" -> {
                    int slices = Integer.parseInt(words[3]);
                    Slices s = new Slices(timeNs(words[1]), timeNs(words[2]), slices, new ArrayList<>());
                    if (slices < 1 || slices > 100_000 || s.durationNs < 1 || s.durationNs > 1L << 46) {
                        throw new InvalidInputException("a snapshot of no duration or of no slices");
                    }
                    readUntil(s.timeNs, s.durationNs);
                    snapshots.add(s);
                    isSnapshot = true;
                }
                case "touch" -> {
                    Slices s = snapshots.get(snapshots.size() - 1);
                    long start = address(words[1]);
                    long bytes = bytes(words[2]);
                    int samples = Integer.parseInt(words[3]);
                    if (!isSnapshot) {
                        throw new InvalidInputException("touch without a snapshot");
                    }
                    if (samples < 0 || samples > s.slices) {
                        throw new InvalidInputException("touched in more slices than there are");
                    }
                    require(touchable, start, bytes, "touches what is not mapped");
                    List<String> more = List.of(words).subList(4, words.length);
                    int pages = more.indexOf("pages");
                    s.touches.add(new Touch(
                            start,
                            start + bytes,
                            samples,
                            more.contains("first") ? Order.FIRST : more.contains("last") ? Order.LAST : Order.EVENLY,
                            pages < 0 ? bytes / PAGE : Long.parseLong(more.get(pages + 1))));
                }
                default -> throw new InvalidInputException("'" + words[0] + "' is not in the model");
            }
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new InvalidInputException("line " + number + ": not a line of a plan", e);
        } catch (InvalidInputException e) {
            throw new InvalidInputException("line " + number + ": " + e.getMessage(), e);
        }
    }

    /** A plan's times do not run backwards: nothing begins before what stands before it is over. */
    private void readUntil(long timeNs, long durationNs) {
        if (timeNs < readNs) {
            throw new InvalidInputException("is earlier than what stands before it");
        }
        readNs = timeNs + durationNs;
        isSnapshot = false;
    }

    private void change(String[] words) {
        long start = address(words[2]);
        Change c = new Change(timeNs(words[1]), start, start + bytes(words[3]), words[0].equals("map"));
        readUntil(c.timeNs, 0);
        if (!c.isMapped) {
            require(there, c.start, c.end - c.start, "unmaps what is not mapped");
        } else if (there.overlaps(c.start, c.end)) {
            throw new InvalidInputException("there is a mapping already");
        }
        apply(c, there);
        if (!c.isMapped || !List.of(words).subList(4, words.length).contains("none")) {
            apply(c, touchable);
        }
        changes.add(c);
    }

    /** Adjacent mappings count as one. */
    private static void require(AddressSet ranges, long start, long bytes, String rule) {
        if (!ranges.without(start, start + bytes).isEmpty()) {
            throw new InvalidInputException(rule);
        }
    }

    private static long address(String text) {
        long address = text.matches("0x[0-9a-fA-F]{1,14}") ? Long.parseLong(text.substring(2), 16) : -1;
        if (address < 0 || address % PAGE != 0) {
            throw new InvalidInputException("an address is a multiple of 4096 below 2^56, hexadecimal with 0x");
        }
        return address;
    }

    private static long bytes(String text) {
        long bytes =
                scaled(text, List.of("", "K", "M", "G", "T"), new long[] {1, 1L << 10, 1L << 20, 1L << 30, 1L << 40});
        if (bytes == 0 || bytes % PAGE != 0) {
            throw new InvalidInputException("a size is a whole number of pages of 4096 bytes, with K, M, G or T");
        }
        return bytes;
    }

    private static long timeNs(String text) {
        return scaled(text, List.of("ns", "us", "ms", "s"), new long[] {1, 1_000, 1_000_000, 1_000_000_000});
    }

    private static long scaled(String text, List<String> units, long[] factors) {
        int digits = 0;
        while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
            digits++;
        }
        int unit = units.indexOf(text.substring(digits));
        long value = Long.parseLong(text.substring(0, digits));
        if (unit < 0 || value > (1L << 60) / factors[unit]) {
            throw new InvalidInputException("a whole number with one of the units " + units);
        }
        return value * factors[unit];
    }

    @Override
    public void window(long fromNs, long toNs) {
        boolean isChanged = false;
        for (; nextChange < changes.size() && changes.get(nextChange).timeNs < toNs; nextChange++) {
            apply(changes.get(nextChange), mapped);
            isChanged = true;
        }
        if (isChanged) {
            areas = mapped.ranges().stream().flatMapToLong(Arrays::stream).toArray();
        }
        while (firstSnapshot < snapshots.size() - 1
                && snapshots.get(firstSnapshot).endNs() <= fromNs) {
            firstSnapshot++;
        }
        List<Touch> touched = new ArrayList<>();
        for (int i = firstSnapshot; i < snapshots.size() && snapshots.get(i).timeNs < toNs; i++) {
            Slices s = snapshots.get(i);
            for (Touch touch : s.touches) {
                if (touch.samples > 0 && s.touches(touch, fromNs, toNs)) {
                    touched.add(touch);
                }
            }
        }
        cut(touched);
    }

    /** Cuts what is touched where ranges begin and end: of two touches in one place the pages of the greater have those of the other. */
    private void cut(List<Touch> touched) {
        touched.sort((a, b) -> Long.compare(a.start, b.start));
        bounds = touched.stream()
                .flatMapToLong(t -> LongStream.of(t.start, t.end))
                .sorted()
                .distinct()
                .toArray();
        shares = new double[bounds.length];
        for (Touch t : touched) {
            for (int i = Arrays.binarySearch(bounds, t.start); bounds[i] < t.end; i++) {
                shares[i] = Math.max(shares[i], t.share());
            }
        }
    }

    private static void apply(Change c, AddressSet mapped) {
        if (c.isMapped) {
            mapped.add(c.start, c.end, false);
        } else {
            mapped.remove(c.start, c.end);
        }
    }

    @Override
    public double touched(long address) {
        int i = Arrays.binarySearch(bounds, address);
        i = i < 0 ? -i - 2 : i;
        return i < 0 ? 0 : shares[i];
    }

    @Override
    public long[] areas() {
        return areas;
    }

    @Override
    public void each(Visitor visitor) {
        for (int i = 0; i + 1 < bounds.length; i++) {
            if (shares[i] > 0) {
                visitor.range(bounds[i], bounds[i + 1], shares[i]);
            }
        }
    }

    @Override
    public long endNs() {
        return snapshots.stream().mapToLong(Slices::endNs).max().orElse(0);
    }
}
