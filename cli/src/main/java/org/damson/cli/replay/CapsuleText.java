package org.damson.cli.replay;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.compare.AccessHistograms;
import org.damson.analyzer.compare.Behaviour;
import org.damson.analyzer.compare.CompareOptions;
import org.damson.analyzer.compare.Fidelity;
import org.damson.analyzer.compare.Grid;
import org.damson.analyzer.compare.NoiseFloor;
import org.damson.model.InvalidInputException;

/**
 * The statistics of a capsule as text: a line for each, its name and its values, which come back as the same numbers. What follows
 * a # at the begin of a line is comment.
 */
final class CapsuleText {
    static final String HEAD = "damson-capsule 1";

    private static final int MAX_PROCESSES = 64;
    private static final int MAX_LINES = 100_000;
    private static final int MAX_NAME = 40;
    private static final long MAX_INTERVAL_US = 86_400_000_000L;
    private static final double MAX_SUM = 1e30;
    private static final double MAX_CELL = 1e6;
    private static final int MAX_RECORDINGS = 1_000;
    private static final long MAX_ADDRESS = 1L << 56;
    private static final long PAGE = 4096;
    private static final String UNKNOWN = "-";
    private static final int COLS = CompareOptions.DEFAULTS.slices();
    private static final int ROWS = CompareOptions.DEFAULTS.cells();

    private CapsuleText() {}

    // Writing

    static String of(Capsule c) {
        StringBuilder b = new StringBuilder(1 << 18).append(HEAD).append('\n');
        b.append(
                "# What a replay of the plan beside this is to reach; damson replay CAPSULE --check plays and judges it.\n");
        RecordedAs r = c.recorded();
        line(b, "recorded", r.isDamon() ? "damon" : "referenced");
        line(b, "sample_us", r.sampleUs());
        line(b, "aggr_us", r.aggrUs());
        line(b, "update_us", r.updateUs());
        line(b, "regions", r.minRegions(), r.maxRegions());
        line(b, "max_cpu_share", number(r.maxCpuShare()));
        line(b, "max_slowdown", number(r.maxSlowdown()));
        line(b, "duration_ns", c.durationNs());
        line(b, "filled_bytes", c.filledBytes());
        b.append("# process, address, size in bytes: the memory that heat and cover are of, in this order\n");
        for (ReplayPlace p : c.places()) {
            line(b, "place", p.process(), "0x" + Long.toHexString(p.start()), p.end() - p.start());
        }
        behaviour(b, c.behaviour());
        if (c.noise() != null) {
            b.append("# the greatest distances of so many recordings of the original from one another\n");
            line(b, "recordings", c.noise().recordings());
            c.noise().distances().forEach((name, value) -> line(b, "noise", number(value), name));
        }
        return b.toString();
    }

    private static void behaviour(StringBuilder b, Behaviour a) {
        line(b, "snapshots", a.snapshots());
        b.append("# bytes: mean, then percentiles ").append(Behaviour.PERCENTS).append('\n');
        line(b, "working_set", a.sizes());
        b.append("# mean bytes in each of ").append(COLS).append(" slices of the time\n");
        line(b, "working_sets", a.workingSets());
        line(b, "mean_hot_bytes", number(a.meanHotBytes()));
        line(b, "mapped_heat", number(a.mappedHeat()));
        line(b, "resident_bytes", number(a.residentBytes()));
        b.append(
                "# bytes x seconds by nr_accesses, in twentieths of the samples; by age 0, 1, 2 to 3, 4 to 7 ... aggregations\n");
        line(b, "nr_accesses", a.accesses().ratios());
        if (a.accesses().ages() != null) {
            line(b, "ages", a.accesses().ages());
        }
        b.append("# when phases change, as shares of the time: follows from heat and cover\n");
        line(b, "transitions", a.transitions());
        b.append("# of each ")
                .append(ROWS)
                .append("th of the places: slice by slice, the share of samples that found an access\n");
        rows(b, "heat", a.grid().heat());
        b.append("# and how much of it was monitored\n");
        rows(b, "cover", a.grid().cover());
    }

    private static void rows(StringBuilder b, String name, double[] cells) {
        for (int row = 0; row < ROWS; row++) {
            line(b, name, Arrays.copyOfRange(cells, row * COLS, (row + 1) * COLS));
        }
    }

    private static void line(StringBuilder b, String name, double[] values) {
        b.append(name);
        for (double v : values) {
            b.append(' ').append(number(v));
        }
        b.append('\n');
    }

    private static void line(StringBuilder b, String name, Object... values) {
        b.append(name);
        for (Object v : values) {
            b.append(' ').append(v);
        }
        b.append('\n');
    }

    private static String number(double v) {
        return Double.isNaN(v) ? UNKNOWN : v == (long) v ? Long.toString((long) v) : Double.toString(v);
    }

    // Reading

    /**
     * Reads what {@link #of} wrote.
     *
     * @throws InvalidInputException with line and rule
     */
    static Capsule parse(String text) {
        return new Reader(text).capsule();
    }

    /** A line, its number, its name and what follows that. */
    private record Line(int number, String name, String rest) {
        InvalidInputException bad(String rule) {
            return new InvalidInputException("line " + number + ": " + name + ": " + rule);
        }

        /** Its values, exactly so many; the last may have blanks in it. */
        String[] values(int n) {
            String[] words = rest.isEmpty() ? new String[] {""} : rest.split(" ", n + 1);
            if (words.length != n + 1 || !words[0].isEmpty()) {
                throw bad("fewer than " + n + " values");
            }
            return Arrays.copyOfRange(words, 1, n + 1);
        }

        long whole(String word, long least, long most) {
            if (word.matches("\\d{1,18}")) {
                long v = Long.parseLong(word);
                if (least <= v && v <= most) {
                    return v;
                }
            }
            throw bad("a whole number from " + least + " to " + most + ", not '" + quoted(word) + "'");
        }

        double number(String word, double most) {
            // Not what Java takes for a number besides: hexadecimal, NaN, a suffix.
            if (word.matches("\\d{1,40}(\\.\\d{1,40})?(E-?\\d{1,3})?")) {
                double v = Double.parseDouble(word);
                if (v <= most) {
                    return v;
                }
            }
            throw bad("a number from 0 to " + most + ", not '" + quoted(word) + "'");
        }

        double[] numbers(int n, double most) {
            return Arrays.stream(values(n)).mapToDouble(w -> number(w, most)).toArray();
        }

        /** NaN where nobody knows. */
        double[] numbersOrUnknown(int n, double most) {
            return Arrays.stream(values(n))
                    .mapToDouble(w -> w.equals(UNKNOWN) ? Double.NaN : number(w, most))
                    .toArray();
        }

        private static String quoted(String word) {
            return word.length() > 40 ? word.substring(0, 40) + "..." : word;
        }
    }

    private static final class Reader {
        private final Map<String, List<Line>> byName = new LinkedHashMap<>();

        /** Of a text that may be anything; lines are taken apart when they are asked for, into as many words as they may have. */
        Reader(String text) {
            if (!text.startsWith(HEAD + "\n")) {
                throw new InvalidInputException(
                        "line 1: the statistics of a capsule begin with the line '" + HEAD + "'");
            }
            int number = 2;
            for (int from = HEAD.length() + 1, to; from < text.length(); from = to + 1, number++) {
                to = text.indexOf('\n', from);
                to = to < 0 ? text.length() : to;
                if (to > from && text.charAt(from) != '#') {
                    if (number > MAX_LINES) {
                        throw new InvalidInputException("more than " + MAX_LINES + " lines");
                    }
                    int blank = text.indexOf(' ', from);
                    String name = text.substring(from, Math.min(blank < 0 ? to : Math.min(blank, to), from + MAX_NAME));
                    byName.computeIfAbsent(name, n -> new ArrayList<>())
                            .add(new Line(number, name, text.substring(Math.min(to, from + name.length()), to)));
                }
            }
        }

        Capsule capsule() {
            RecordedAs recorded = recorded();
            long durationNs = whole("duration_ns", 1, Long.MAX_VALUE / 4);
            long filledBytes = whole("filled_bytes", 0, MAX_ADDRESS);
            List<ReplayPlace> places = places();
            Behaviour behaviour = behaviour(!recorded.isDamon());
            NoiseFloor noise = byName.containsKey("recordings") || byName.containsKey("noise") ? noise() : null;
            for (List<Line> unknown : byName.values()) {
                // What a newer version adds might change what the rest means.
                throw unknown.get(0).bad("is unknown to this version");
            }
            return new Capsule(recorded, durationNs, filledBytes, places, behaviour, noise);
        }

        private RecordedAs recorded() {
            Line recorded = one("recorded");
            String by = recorded.values(1)[0];
            if (!by.equals("damon") && !by.equals("referenced")) {
                throw recorded.bad("referenced or damon, not '" + Line.quoted(by) + "'");
            }
            long sampleUs = whole("sample_us", 1, MAX_INTERVAL_US);
            long aggrUs = whole("aggr_us", sampleUs, MAX_INTERVAL_US);
            long updateUs = whole("update_us", 0, MAX_INTERVAL_US);
            double[] regions = one("regions").numbers(2, Integer.MAX_VALUE);
            return new RecordedAs(
                    by.equals("damon"),
                    sampleUs,
                    aggrUs,
                    updateUs,
                    (long) regions[0],
                    (long) regions[1],
                    one("max_cpu_share").numbers(1, 1)[0],
                    one("max_slowdown").numbers(1, 1)[0]);
        }

        private List<ReplayPlace> places() {
            List<ReplayPlace> places = new ArrayList<>();
            for (Line line : all("place")) {
                String[] words = line.values(3);
                int process = (int) line.whole(words[0], 0, MAX_PROCESSES - 1);
                if (!words[1].matches("0x[0-9a-f]{1,14}")) {
                    throw line.bad("an address must be hexadecimal with 0x");
                }
                long start = Long.parseLong(words[1].substring(2), 16);
                long size = line.whole(words[2], 1, MAX_ADDRESS);
                if (start % PAGE != 0 || size % PAGE != 0 || size > MAX_ADDRESS - start) {
                    throw line.bad("a place must be whole pages of 4096 bytes below 2^56");
                }
                places.add(new ReplayPlace(process, start, start + size));
            }
            return places;
        }

        private Behaviour behaviour(boolean areMappings) {
            double[] ages = byName.containsKey("ages") ? one("ages").numbers(AccessHistograms.AGES, MAX_SUM) : null;
            double[] heat = rows("heat");
            double[] cover = rows("cover");
            Behaviour behaviour = new Behaviour(
                    whole("snapshots", 1, Long.MAX_VALUE / 4),
                    one("working_set").numbers(Behaviour.PERCENTS.size() + 1, MAX_SUM),
                    one("working_sets").numbersOrUnknown(COLS, MAX_SUM),
                    new Grid(COLS, ROWS, heat, cover),
                    one("mapped_heat").numbers(1, 1)[0],
                    one("mean_hot_bytes").numbers(1, MAX_SUM)[0],
                    new AccessHistograms(one("nr_accesses").numbers(AccessHistograms.RATIOS, MAX_SUM), ages),
                    one("resident_bytes").numbersOrUnknown(1, MAX_SUM)[0],
                    areMappings);
            Line told = one("transitions");
            double[] transitions = behaviour.transitions();
            double[] wanted = told.rest().isEmpty()
                    ? new double[0]
                    : told.numbers(told.rest().split(" ", COLS + 1).length - 1, 1);
            if (wanted.length != transitions.length || !isNear(wanted, transitions)) {
                throw told.bad("phases change at other times by heat and cover");
            }
            return behaviour;
        }

        private static boolean isNear(double[] a, double[] b) {
            for (int i = 0; i < a.length; i++) {
                if (Math.abs(a[i] - b[i]) > 1e-9) {
                    return false;
                }
            }
            return true;
        }

        private NoiseFloor noise() {
            int recordings = (int) whole("recordings", 2, MAX_RECORDINGS);
            Map<String, Double> distances = new LinkedHashMap<>();
            for (Line line : all("noise")) {
                String[] words = line.values(2);
                if (!Fidelity.DISTANCES.contains(words[1])) {
                    throw line.bad("there is no distance '" + Line.quoted(words[1]) + "'");
                }
                // Rounding may have made a little more than 1 of a distance.
                if (distances.put(words[1], Math.min(1, line.number(words[0], 1.001))) != null) {
                    throw line.bad("'" + words[1] + "' is there twice");
                }
            }
            for (String name : Fidelity.DISTANCES) {
                if (!distances.containsKey(name) && !Fidelity.MAY_BE_UNKNOWN.contains(name)) {
                    throw new InvalidInputException("noise: nothing of '" + name + "'");
                }
            }
            return new NoiseFloor(recordings, distances);
        }

        private double[] rows(String name) {
            List<Line> rows = all(name);
            if (rows.size() != ROWS) {
                throw new InvalidInputException(name + ": " + rows.size() + " lines instead of " + ROWS);
            }
            double[] cells = new double[ROWS * COLS];
            for (int row = 0; row < ROWS; row++) {
                System.arraycopy(rows.get(row).numbers(COLS, MAX_CELL), 0, cells, row * COLS, COLS);
            }
            return cells;
        }

        /** Takes the lines of a name; there is one at least. */
        private List<Line> all(String name) {
            List<Line> found = byName.remove(name);
            if (found == null) {
                throw new InvalidInputException("no line '" + name + "'");
            }
            return found;
        }

        private Line one(String name) {
            List<Line> found = all(name);
            if (found.size() > 1) {
                throw found.get(1).bad("is there twice");
            }
            return found.get(0);
        }

        private long whole(String name, long least, long most) {
            Line line = one(name);
            return line.whole(line.values(1)[0], least, most);
        }
    }
}
