package org.damson.analyzer.whatif;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.damson.analyzer.whatif.Advice.Kind;
import org.damson.analyzer.whatif.HeatMapOfCells.Group;
import org.damson.analyzer.whatif.HeatMapOfCells.Use;
import org.damson.damon.scheme.Range;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;
import org.damson.damon.scheme.SchemeText;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/**
 * Says what a recording's owner could gain, and how; every sentence with the number it stands on. What is advised gains by
 * its own simulation over the recording, beside doing nothing; what gains too little is not advised, and whether there is
 * anything to gain is read off what is advised.
 */
public final class Advisor {
    /** Less than this share of the touched memory is not worth a scheme. */
    static final double WORTH = 0.1;

    /** So much greater a share of the accesses has to find the fast tier than without migration. */
    private static final double TIER_GAIN = 0.05;

    /** And at least so great a share has to find it. */
    private static final double TIER_HITS = 0.5;

    private static final double PROMOTION_LIMIT = CurvesReports.PROMOTION_LIMIT;
    private static final long SHORT_NS = 60_000_000_000L;

    private final TraceSource trace;
    private final TraceQuery query;
    private final OpenLoopOptions options;
    private final OutcomeOptions outcome;
    private final List<Advice> advice = new ArrayList<>();

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
        advice.add(new Advice(kind, String.format(Locale.ROOT, format, args), numbers, null));
    }

    static Map<String, Object> numbers(Object... pairs) {
        Map<String, Object> m = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            m.put((String) pairs[i], pairs[i + 1]);
        }
        return m;
    }

    static String size(double bytes) {
        return Units.bytes((long) bytes);
    }

    private void run() throws IOException {
        List<Curves> slices = Curves.of(trace, query, 0);
        if (slices.isEmpty() || slices.get(0).regions() == 0) {
            throw new IllegalArgumentException(trace.name() + ": no regions in the part of the trace that was chosen");
        }
        Curves curves = slices.get(0);
        HeatMapOfCells cells = HeatMapOfCells.of(trace, query);
        double seconds = cells.durationNs() / 1e9;
        Evidence evidence = Evidence.of(trace, query, seconds, curves.isPartial());
        long doneNs = Math.max(5_000_000_000L, (long) (cells.durationNs() * 0.3));
        List<Group> groups = cells.groups(doneNs);
        double touched = curves.touchedBytes();
        double fast = curves.dramByHeat(0.95);

        say(
                Kind.TRACE,
                numbers("seconds", seconds, "regions", curves.regions(), "access_share", cells.eventShare()),
                "The recording covers %.1f s in %,d regions; %.2f %% of all possible accesses were seen.",
                seconds,
                curves.regions(),
                cells.eventShare() * 100);
        if (curves.isPartial()) {
            say(
                    Kind.TRACE,
                    numbers("idle_unknown_bytes", (long) curves.undecidedBytes()),
                    "Its regions are mappings: how much of one was touched is known, which part is not. Of mappings in"
                            + " use, %s were seen touched once and may have been idle since; advice is given for mappings"
                            + " as a whole only, and none on tiers.",
                    size(curves.undecidedBytes()));
        }
        List<Advice> gains = new ArrayList<>();
        Tune.Point best = bestAge(curves, seconds, touched);
        double saved = reclaim(best, touched, evidence, gains);
        if (gains.isEmpty()) {
            tier(curves, groups, fast, touched, evidence, gains);
        }
        gains.addAll(RangeAdvice.of(trace, query, groups, touched, evidence));
        verdict(gains, touched, saved, fast);
        say(
                Kind.DRAM,
                numbers("touched_bytes", (long) touched, "p95_bytes", (long) fast, "p99_bytes", (long)
                        curves.dramByHeat(0.99)),
                "Of %s touched in the mean, %s serve 95 %% of the accesses and %s serve 99 %%, if the hottest memory"
                        + " of each moment is in them.",
                size(touched),
                size(fast),
                size(curves.dramByHeat(0.99)));
        advice.addAll(gains);
        advice.addAll(Pressure.of(trace, query, seconds));
        next(curves, cells, seconds, best);
    }

    private static Scheme pageout(long ageUs) {
        return SchemeParser.parse("pageout access=0..0")
                .get(0)
                .withAge(new Range(ageUs, Range.MAX, Range.Unit.MICROSECONDS));
    }

    /** Whether there is anything to gain: exactly if something is advised. */
    private void verdict(List<Advice> gains, double touched, double saved, double fast) {
        double share = touched > 0 ? saved / touched : 0;
        if (gains.isEmpty()) {
            say(
                    Kind.NOTHING,
                    numbers("out_share", share, "touched_bytes", (long) touched),
                    "There is nothing to gain: %.1f %% of the %s touched could be out within the limit of %.1f %% coming"
                            + " back a minute, and 95 %% of the accesses need %s of it.",
                    share * 100,
                    size(touched),
                    PROMOTION_LIMIT,
                    size(fast));
            return;
        }
        List<String> kinds = gains.stream()
                .map(a -> a.kind().name().toLowerCase(Locale.ROOT))
                .distinct()
                .toList();
        say(
                Kind.WORTH,
                numbers("out_share", share, "gains", kinds),
                "There is something to gain over doing nothing, by %s: %d %s below with what each gains.",
                String.join(", ", kinds),
                gains.size(),
                gains.size() == 1 ? "piece of advice" : "pieces of advice");
    }

    /** The best age measured under the promotion limit, or null. Ages are those the curves have something at. */
    private Tune.Point bestAge(Curves curves, double seconds, double touched) throws IOException {
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

    /** Advises paging out at the best age, if that gains enough; returns the bytes out in the mean. */
    private double reclaim(Tune.Point best, double touched, Evidence evidence, List<Advice> gains) throws IOException {
        if (best == null) {
            return 0;
        }
        long ageUs = best.values().get(0);
        List<Scheme> schemes = List.of(pageout(ageUs));
        Outcome o = OpenLoop.run(trace, query, schemes, options, outcome, null).outcome();
        // What was never seen touched may not be there.
        double saved = Math.min(o.saved().likely(), touched);
        if (saved < WORTH * touched) {
            return saved;
        }
        double perSecond = o.refaulted().likely() / Math.max(1e-9, o.seconds());
        double perSecondMost = o.refaulted().most() / Math.max(1e-9, o.seconds());
        String damo = "damo start " + SchemeText.damo(schemes);
        Advice.Gain gain = evidence.gain(
                "out_bytes_mean",
                (long) saved,
                0,
                o.saved().least(),
                ageUs / 1e6,
                String.format(
                        Locale.ROOT,
                        "%s/s come back, at most %s/s; the program waits %.4f %% of the time, at most %.4f %%; the kernel"
                                + " works %s",
                        size(perSecond),
                        size(perSecondMost),
                        o.slowdown().likely() * 100,
                        o.slowdown().most() * 100,
                        Units.duration((long) o.reclaimNs())));
        gains.add(new Advice(
                Kind.RECLAIM,
                String.format(
                        Locale.ROOT,
                        "Paging out what is idle for %s keeps %s out in the mean (%.0f %% of what is touched; %s to %s)"
                                + " and saves %s of DRAM; %.3f %% of the working set come back a minute (limit %.1f): %s.",
                        Units.duration(ageUs * 1000),
                        size(saved),
                        saved / touched * 100,
                        size(o.saved().least()),
                        size(o.saved().most()),
                        size(o.dramSaved().likely()),
                        o.promotionPercentPerMinute().likely(),
                        PROMOTION_LIMIT,
                        damo),
                numbers(
                        "min_age_us",
                        ageUs,
                        "out_bytes",
                        (long) saved,
                        "out_bytes_min",
                        (long) o.saved().least(),
                        "out_bytes_max",
                        (long) o.saved().most(),
                        "refaulted_bytes_per_s",
                        perSecond,
                        "refaulted_bytes_per_s_max",
                        perSecondMost,
                        "promotion_percent_per_minute",
                        o.promotionPercentPerMinute().likely(),
                        "damo",
                        damo),
                gain));
        return saved;
    }

    private void tier(
            Curves curves, List<Group> groups, double fast, double touched, Evidence evidence, List<Advice> gains)
            throws IOException {
        double rest = bytes(groups, Use.WARM) + bytes(groups, Use.DONE);
        if (curves.isPartial() || touched <= 0 || fast > 0.5 * touched || rest < WORTH * touched) {
            return;
        }
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
        if (o.fastHitShare() < TIER_HITS || o.fastHitShare() - o.fastHitShareWithout() < TIER_GAIN) {
            return;
        }
        double moved = o.promoted() + o.demoted();
        gains.add(new Advice(
                Kind.TIER,
                String.format(
                        Locale.ROOT,
                        "A fast tier of %s (%.0f %% of what is touched) with '%s; %s' finds %.1f %% of the accesses, %.1f %%"
                                + " without migration, and moves %s.",
                        size(fast),
                        fast / touched * 100,
                        cold,
                        hot,
                        o.fastHitShare() * 100,
                        o.fastHitShareWithout() * 100,
                        size(moved)),
                numbers(
                        "fast_tier_bytes",
                        (long) fast,
                        "fast_hit_share",
                        o.fastHitShare(),
                        "fast_hit_share_without",
                        o.fastHitShareWithout(),
                        "migrated_bytes",
                        (long) moved),
                evidence.gain(
                        "fast_hit_share",
                        o.fastHitShare(),
                        o.fastHitShareWithout(),
                        o.fastHitShare(),
                        1,
                        size(moved / Math.max(1e-9, o.seconds())) + "/s are moved between the tiers")));
    }

    private static double bytes(List<Group> groups, Use use) {
        return groups.stream()
                .filter(g -> g.use() == use)
                .mapToDouble(Group::bytes)
                .sum();
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
