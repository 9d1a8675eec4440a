package org.damson.analyzer.whatif;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.MemoryReadings;
import org.damson.analyzer.whatif.Advice.Kind;
import org.damson.analyzer.whatif.HeatMapOfCells.Group;
import org.damson.analyzer.whatif.HeatMapOfCells.Use;
import org.damson.model.Mapping;
import org.damson.model.Printable;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/** Says what a recording's owner could gain, and how; every sentence with the number it stands on. */
public final class Advisor {
    /** Less than this share of the touched memory is not worth a scheme. */
    private static final double WORTH = 0.1;

    private static final double PROMOTION_LIMIT = CurvesReports.PROMOTION_LIMIT;
    private static final long SHORT_NS = 60_000_000_000L;
    private static final long HUGE = 2L << 20;
    /** A group of cells has to be this large before it is named. */
    private static final long NAMED = 2 * HUGE;

    private static final int MOST_RANGES = 4;

    private final TraceSource trace;
    private final TraceQuery query;
    private final OpenLoopOptions options;
    private final OutcomeOptions outcome;
    private final List<Advice> advice = new ArrayList<>();
    private final TreeMap<Long, String> names = new TreeMap<>(Long::compareUnsigned);
    private final TreeMap<Long, Long> nameEnds = new TreeMap<>(Long::compareUnsigned);

    private Advisor(TraceSource trace, TraceQuery query, OpenLoopOptions options, OutcomeOptions outcome) {
        this.trace = trace;
        this.query = query;
        this.options = options;
        this.outcome = outcome;
    }

    /**
     * Advises.
     *
     * @throws IllegalArgumentException if the trace has no ages, intervals or regions
     */
    public static List<Advice> advise(
            TraceSource trace, TraceQuery query, OpenLoopOptions options, OutcomeOptions outcome) throws IOException {
        Advisor a = new Advisor(trace, query, options, outcome);
        a.run();
        return List.copyOf(a.advice);
    }

    private void say(Kind kind, Map<String, Object> numbers, String format, Object... args) {
        advice.add(new Advice(kind, String.format(Locale.ROOT, format, args), numbers));
    }

    private static Map<String, Object> numbers(Object... pairs) {
        Map<String, Object> m = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            m.put((String) pairs[i], pairs[i + 1]);
        }
        return m;
    }

    private static String size(double bytes) {
        return Units.bytes((long) bytes);
    }

    private void run() throws IOException {
        List<Curves> slices = Curves.of(trace, query, 0);
        if (slices.isEmpty() || slices.get(0).regions() == 0) {
            throw new IllegalArgumentException(trace.name() + ": no regions in the part of the trace that was chosen");
        }
        Curves curves = slices.get(0);
        HeatMapOfCells cells = HeatMapOfCells.of(trace, query);
        readNames();
        double seconds = cells.durationNs() / 1e9;
        long doneNs = Math.max(5_000_000_000L, (long) (cells.durationNs() * 0.3));
        List<Group> groups = cells.groups(doneNs);
        Curves.Point all = curves.at(0);
        double touched = all.cold().likely() + all.resident();
        double hot = bytes(groups, Use.HOT);
        double done = bytes(groups, Use.DONE);
        double warm = bytes(groups, Use.WARM);

        say(
                Kind.TRACE,
                numbers("seconds", seconds, "regions", curves.regions(), "access_share", cells.eventShare()),
                "The recording covers %.1f s in %,d regions; %.2f %% of all possible accesses were seen.",
                seconds,
                curves.regions(),
                cells.eventShare() * 100);
        Tune.Point best = reclaim(curves, seconds, touched);
        double saved = best == null ? 0 : best.measured().get("out");
        boolean reclaims = touched > 0 && saved >= WORTH * touched;
        double fast = curves.dramByHeat(0.95);
        boolean tiers = touched > 0 && fast <= 0.5 * touched && warm + done >= WORTH * touched && !reclaims;
        boolean huge = groups.stream().anyMatch(g -> g.use() == Use.HOT && g.bytes() >= NAMED);
        verdict(touched, hot, saved, fast, reclaims, tiers, huge);
        say(
                Kind.DRAM,
                numbers("touched_bytes", (long) touched, "p95_bytes", (long) fast, "p99_bytes", (long)
                        curves.dramByHeat(0.99)),
                "Of %s touched in the mean, %s serve 95 %% of the accesses and %s serve 99 %%, if the hottest memory"
                        + " of each moment is in them.",
                size(touched),
                size(fast),
                size(curves.dramByHeat(0.99)));
        if (reclaims) {
            say(
                    Kind.RECLAIM,
                    numbers(
                            "min_age_us",
                            best.values().get(0),
                            "out_bytes",
                            (long) saved,
                            "refaulted_bytes_per_s",
                            best.measured().get("refaults"),
                            "refaulted_bytes_per_s_max",
                            best.measured().get("refaults_max"),
                            "promotion_percent_per_minute",
                            best.measured().get("promotion"),
                            "damo",
                            "damo start "
                                    + SchemeText.damo(
                                            List.of(pageout(best.values().get(0))))),
                    "Paging out what is idle for %s keeps %s out in the mean (%.0f %% of what is touched); %s/s come"
                            + " back, at most %s/s, that is %.3f %% of the working set a minute (limit %.1f): damo"
                            + " start %s",
                    Units.duration(best.values().get(0) * 1000),
                    size(saved),
                    saved / touched * 100,
                    size(best.measured().get("refaults")),
                    size(best.measured().get("refaults_max")),
                    best.measured().get("promotion"),
                    PROMOTION_LIMIT,
                    SchemeText.damo(List.of(pageout(best.values().get(0)))));
        }
        if (tiers) {
            tier(curves, fast, touched);
        }
        ranges(groups, reclaims, hot, touched);
        counters();
        next(curves, cells, seconds, best);
    }

    private static Scheme pageout(long ageUs) {
        return SchemeParser.parse("pageout access=0..0")
                .get(0)
                .withAge(new Range(ageUs, Range.MAX, Range.Unit.MICROSECONDS));
    }

    private void verdict(
            double touched, double hot, double saved, double fast, boolean reclaims, boolean tiers, boolean huge) {
        if (reclaims) {
            say(
                    Kind.WORTH,
                    numbers("out_share", saved / touched),
                    "It is worth it: %.0f %% of the touched memory can be out without breaking the limit of %.1f %%"
                            + " coming back a minute.",
                    saved / touched * 100,
                    PROMOTION_LIMIT);
        } else if (tiers) {
            say(
                    Kind.WORTH,
                    numbers("fast_share", fast / touched),
                    "Tiers are worth it: everything is touched too often to be paged out, but %.0f %% of the touched"
                            + " memory serve 95 %% of the accesses.",
                    fast / touched * 100);
        } else if (huge) {
            say(
                    Kind.WORTH,
                    numbers("hot_bytes", (long) hot, "out_share", touched > 0 ? saved / touched : 0.0),
                    "No memory is worth paging out (%.0f %% of what is touched), but %s are hot all the time.",
                    touched > 0 ? saved / touched * 100 : 0,
                    size(hot));
        } else {
            say(
                    Kind.NOTHING,
                    numbers("out_share", touched > 0 ? saved / touched : 0.0, "touched_bytes", (long) touched),
                    "There is nothing to gain: %.0f %% of the %s touched could be out, and 95 %% of the accesses need"
                            + " %s of it.",
                    touched > 0 ? saved / touched * 100 : 0,
                    size(touched),
                    size(fast));
        }
    }

    private static double bytes(List<Group> groups, Use use) {
        return groups.stream()
                .filter(g -> g.use() == use)
                .mapToDouble(Group::bytes)
                .sum();
    }

    /** The best age measured under the promotion limit, or null. Ages are those the curves have something at. */
    private Tune.Point reclaim(Curves curves, double seconds, double touched) throws IOException {
        if (touched <= 0) {
            return null;
        }
        List<Long> ages = new ArrayList<>();
        for (Curves.Point p : curves.points(40)) {
            if (p.ageUs() >= 100_000 && p.ageUs() <= seconds * 1e6 / 2) {
                ages.add(p.ageUs());
            }
        }
        if (ages.isEmpty()) {
            return null;
        }
        Tune.Options o = new Tune.Options(
                SchemeParser.parse("pageout access=0..0"),
                List.of(new Variable(0, "min_age", ages)),
                Objective.of("out where promotion<=" + PROMOTION_LIMIT, true),
                ages.size(),
                1,
                outcome);
        return Tune.run(o, List.of(new Tune.Subject(trace, query, options)), List.of())
                .best();
    }

    private void tier(Curves curves, double fast, double touched) throws IOException {
        String hot = "migrate_hot access=25%..max target_nid=0";
        String cold = "migrate_cold access=0..5% age=1s..max target_nid=1";
        List<Scheme> schemes = new ArrayList<>(SchemeParser.parse(cold));
        schemes.addAll(SchemeParser.parse(hot));
        Outcome o = OpenLoop.runAll(
                        trace,
                        query,
                        List.of(schemes),
                        options,
                        new OutcomeOptions(outcome.cost(), 0, Math.max(4096, (long) fast)))
                .get(0)
                .outcome();
        say(
                Kind.TIER,
                numbers(
                        "fast_tier_bytes",
                        (long) fast,
                        "fast_hit_share",
                        o.fastHitShare(),
                        "fast_hit_share_without",
                        o.fastHitShareWithout(),
                        "migrated_bytes",
                        (long) (o.promoted() + o.demoted())),
                "A fast tier of %s (%.0f %% of what is touched) with '%s; %s' finds %.1f %% of the accesses, %.1f %%"
                        + " without migration, and moves %s.",
                size(fast),
                fast / touched * 100,
                cold,
                hot,
                o.fastHitShare() * 100,
                o.fastHitShareWithout() * 100,
                size(o.promoted() + o.demoted()));
    }

    private void ranges(List<Group> groups, boolean reclaims, double hot, double touched) throws IOException {
        name(groups, Use.HOT, NAMED, Kind.HUGEPAGE, "MADV_HUGEPAGE", "touched in %.0f %% of all samples");
        if (reclaims && hot > 0 && hot <= 0.25 * touched) {
            name(
                    groups,
                    Use.HOT,
                    HUGE,
                    Kind.MLOCK,
                    "mlock",
                    "touched in %.0f %% of all samples while the rest may go out");
        }
        name(groups, Use.DONE, NAMED, Kind.PAGEOUT, "MADV_PAGEOUT", "touched in %.1f %% of all samples");
        if (reclaims) {
            name(groups, Use.WARM, NAMED, Kind.COLD, "MADV_COLD", "touched in only %.1f %% of all samples");
        }
    }

    private void name(List<Group> groups, Use use, long least, Kind kind, String call, String why) throws IOException {
        List<Group> some = groups.stream()
                .filter(g -> g.use() == use && g.bytes() >= least)
                .filter(g -> kind != Kind.COLD || g.rate() < 0.1)
                .sorted(Comparator.comparingLong(Group::bytes).reversed())
                .limit(MOST_RANGES)
                .toList();
        List<CodePlaces.Code> places = some.isEmpty() ? List.of() : CodePlaces.of(trace, query, some);
        for (int i = 0; i < some.size(); i++) {
            Group g = some.get(i);
            CodePlaces.Code code = places.get(i);
            String name = nameOf(g);
            String idle =
                    use == Use.DONE ? String.format(Locale.ROOT, ", idle for the last %.1f s", g.idleNs() / 1e9) : "";
            Map<String, Object> numbers = numbers(
                    "target",
                    g.target(),
                    "start",
                    Units.address(g.start()),
                    "end",
                    Units.address(g.end()),
                    "bytes",
                    g.bytes(),
                    "rate",
                    g.rate(),
                    "seen",
                    g.seen(),
                    "idle_ns",
                    g.idleNs(),
                    "mapping",
                    name);
            if (code != null) {
                numbers.putAll(numbers(
                        "samples",
                        code.samples(),
                        "first_place",
                        code.first(),
                        "most_place",
                        code.most(),
                        "most_place_samples",
                        code.mostSamples()));
            }
            say(
                    kind,
                    numbers,
                    "%s for %s at %s..%s%s: " + why + "%s.%s",
                    call,
                    size(g.bytes()),
                    Units.address(g.start()),
                    Units.address(g.end()),
                    name.isEmpty() ? "" : " (" + name + ")",
                    g.rate() * 100,
                    idle,
                    code == null
                            ? ""
                            : String.format(
                                    Locale.ROOT,
                                    " Of %,d samples there the first is at %s, and %,d are at %s.",
                                    code.samples(),
                                    code.first(),
                                    code.mostSamples(),
                                    code.most()));
        }
    }

    private void readNames() throws IOException {
        trace.forEachRow(Table.MAPPINGS, (b, i) -> {
            Mapping m = Mapping.of(b, i);
            if (!Mapping.isGone(b, i) && names.size() < 1 << 16) {
                names.put(m.start(), m.name());
                nameEnds.put(m.start(), m.end());
            }
        });
    }

    /** The mapping that most of a group lies in, by name. */
    private String nameOf(Group g) {
        String best = "";
        long most = 0;
        Long from = names.floorKey(g.start());
        for (Map.Entry<Long, String> e :
                names.tailMap(from == null ? g.start() : from, true).entrySet()) {
            if (Long.compareUnsigned(e.getKey(), g.end()) >= 0) {
                break;
            }
            long overlap = Arithmetic.minUnsigned(nameEnds.get(e.getKey()), g.end())
                    - Arithmetic.maxUnsigned(e.getKey(), g.start());
            if (overlap > most) {
                most = overlap;
                best = e.getValue().isEmpty() ? "anonymous" : e.getValue();
            }
        }
        return Printable.line(best);
    }

    /** Hardware and swap counters, where they were recorded. */
    private void counters() throws IOException {
        Map<String, long[]> ends = new LinkedHashMap<>();
        MemoryReadings.forEach(trace, (timeNs, pid, counter, value) -> {
            if (ends.size() < 256 || ends.containsKey(counter)) {
                ends.computeIfAbsent(counter, k -> new long[] {value, value})[1] = value;
            }
        });
        long instructions = grown(ends, "instructions");
        long cycles = grown(ends, "cycles");
        if (instructions > 0 && cycles > 0) {
            double ipc = instructions / (double) cycles;
            say(
                    Kind.COUNTERS,
                    numbers("instructions_per_cycle", ipc),
                    "%.2f instructions per cycle: %s.",
                    ipc,
                    ipc < 1
                            ? "the program waits for memory, so placing it well pays"
                            : "memory is not what it waits for");
        }
        long in = grown(ends, "pswpin");
        long faults = grown(ends, "pgmajfault");
        if (in > 0 || faults > 0) {
            say(
                    Kind.COUNTERS,
                    numbers("pages_swapped_in", in, "major_faults", faults),
                    "%,d pages were swapped in and %,d major faults taken while recording: memory was short already.",
                    in,
                    faults);
        }
    }

    private static long grown(Map<String, long[]> ends, String name) {
        long[] e = ends.get(name);
        return e == null ? 0 : e[1] - e[0];
    }

    private void next(Curves curves, HeatMapOfCells cells, double seconds, Tune.Point best) {
        if (cells.durationNs() < SHORT_NS) {
            say(
                    Kind.RECORD,
                    numbers("seconds", seconds),
                    "Record for longer: %.1f s cannot show memory that comes back after more than %.1f s; ten minutes"
                            + " or a whole cycle of the program would.",
                    seconds,
                    seconds / 2);
        } else if (best != null && best.values().get(0) / 1e6 > seconds / 4) {
            say(
                    Kind.RECORD,
                    numbers("seconds", seconds, "min_age_us", best.values().get(0)),
                    "Record for longer than %.0f s: the threshold of %s was met only once or twice in it.",
                    seconds,
                    Units.duration(best.values().get(0) * 1000));
        }
        double share = cells.eventShare();
        long aggrUs = Math.max(1, curves.aggrUs());
        if (share > 0 && share < 0.004) {
            double factor = Math.min(100, 0.04 / share);
            say(
                    Kind.RECORD,
                    numbers("access_share", share, "aggr_us", aggrUs),
                    "Record with longer intervals: only %.3f %% of all possible accesses were seen where 4 %% tell"
                            + " regions apart well; aggregate every %s instead of %s, or let DAMON tune its intervals.",
                    share * 100,
                    Units.duration((long) (aggrUs * factor) * 1000),
                    Units.duration(aggrUs * 1000));
        } else if (cells.saturatedShare() > 0.9 && share > 0.2) {
            say(
                    Kind.RECORD,
                    numbers("saturated_share", cells.saturatedShare(), "access_share", share),
                    "Record with shorter intervals: %.0f %% of the accesses seen are in regions that every sample"
                            + " found accessed, so hot and very hot look the same.",
                    cells.saturatedShare() * 100);
        }
        if (curves.isMixed()) {
            say(
                    Kind.RECORD,
                    numbers("aggr_us", aggrUs),
                    "The intervals changed while recording; ages here are counted in the first, %s: fixed intervals"
                            + " would make them exact.",
                    Units.duration(aggrUs * 1000));
        }
    }
}
