package org.damson.analyzer.advise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.damson.analyzer.advise.Advice.Kind;
import org.damson.analyzer.memory.Outcome;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.render.whatif.CurvesReports;
import org.damson.analyzer.tune.Objective;
import org.damson.analyzer.tune.Tune;
import org.damson.analyzer.tune.Variable;
import org.damson.damon.scheme.Range;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;
import org.damson.damon.scheme.SchemeText;
import org.damson.model.Units;

/** Advice on paging out what is idle for some time: one age for all recordings, judged in each. */
final class ReclaimAdvice {
    private static final double PROMOTION_LIMIT = CurvesReports.PROMOTION_LIMIT;

    private final OutcomeOptions outcome;

    ReclaimAdvice(OutcomeOptions outcome) {
        this.outcome = outcome;
    }

    /**
     * What was found of all ages.
     *
     * @param best null if none keeps the limit
     * @param notes what each recording leaves open about them, by its name; empty if none was simulated
     */
    record Ages(Tune.Point best, Map<String, Set<String>> notes) {
        static final Ages NONE = new Ages(null, Map.of());
    }

    /** What simulating an age over one recording says; the finding is null if too little goes out. */
    record Judged(double savedBytes, Finding finding) {
        static final Judged NOTHING = new Judged(0, null);
    }

    /**
     * The age that keeps most out in the mean of the recordings, of those under the promotion limit in every one of them.
     * Ages are those that the curves have something at.
     */
    Ages bestAge(List<AdvisedRun> runs) throws IOException {
        TreeSet<Long> ages = new TreeSet<>();
        double shortest = Double.POSITIVE_INFINITY;
        for (AdvisedRun r : runs) {
            if (r.touched <= 0) {
                return Ages.NONE;
            }
            shortest = Math.min(shortest, r.seconds);
            r.curves.points(40).forEach(p -> ages.add(p.ageUs()));
        }
        double mostUs = shortest * 1e6 / 2;
        List<Long> tried =
                ages.stream().filter(us -> us >= 100_000 && us <= mostUs).toList();
        if (tried.isEmpty()) {
            return Ages.NONE;
        }
        Tune.Options o = new Tune.Options(
                SchemeParser.parse("pageout access=0..0"),
                List.of(new Variable(0, "min_age", tried)),
                Objective.of("out where promotion<=" + PROMOTION_LIMIT, true),
                tried.size(),
                1,
                outcome);
        Tune.Result r = Tune.run(o, runs.stream().map(run -> run.subject).toList(), List.of());
        return new Ages(r.best(), r.notes());
    }

    /** What paging out at that age gains in one recording. */
    Judged judge(AdvisedRun run, Tune.Point best) throws IOException {
        if (best == null) {
            return Judged.NOTHING;
        }
        long ageUs = best.values().get(0);
        List<Scheme> schemes = List.of(SchemeParser.parse("pageout access=0..0")
                .get(0)
                .withAge(new Range(ageUs, Range.MAX, Range.Unit.MICROSECONDS)));
        Tune.Subject s = run.subject;
        Outcome o = OpenLoop.run(s.trace(), s.query(), schemes, s.options(), outcome, null)
                .outcome();
        // What was never seen touched may not be there.
        double saved = run.evidence.mayGoOut(Math.min(o.savedBytes().likely(), run.touched));
        if (saved < Advisor.WORTH * run.touched) {
            return new Judged(saved, null);
        }
        return new Judged(
                saved,
                new Finding(
                        "paging out what is idle for " + Units.duration(ageUs * 1000),
                        null,
                        advice(run, schemes, ageUs, saved, o)));
    }

    private static Advice advice(AdvisedRun run, List<Scheme> schemes, long ageUs, double saved, Outcome o) {
        double perSecond = o.refaultedBytes().likely() / Math.max(1e-9, o.seconds());
        double perSecondMost = o.refaultedBytes().most() / Math.max(1e-9, o.seconds());
        String damo = "damo start " + SchemeText.damo(schemes);
        Advice.Gain gain = run.evidence.gain(
                "out_bytes_mean",
                Math.round(saved),
                0,
                o.savedBytes().least(),
                ageUs / 1e6,
                String.format(
                        Locale.ROOT,
                        "%s/s are refaulted, at most %s/s; the program waits %.4f %% of the time, at most %.4f %%; %s have to be"
                                + " written; the kernel works %s",
                        Advisor.size(perSecond),
                        Advisor.size(perSecondMost),
                        o.slowdownShare().likely() * 100,
                        o.slowdownShare().most() * 100,
                        Units.bytes(Math.round(o.writtenBackBytes().likely())),
                        Units.duration(Math.round(o.reclaimNs()))),
                run.evidence.lackingSwap(Math.min(saved, o.writtenBackBytes().likely())));
        return new Advice(
                Kind.RECLAIM,
                String.format(
                        Locale.ROOT,
                        "Paging out what is idle for %s keeps %s paged out on average (%.0f %% of what is touched; %s to %s)"
                                + " and saves %s of DRAM; %.3f %% of the working set is promoted per minute (limit %.1f): %s.",
                        Units.duration(ageUs * 1000),
                        Advisor.size(saved),
                        saved / run.touched * 100,
                        Advisor.size(o.savedBytes().least()),
                        Advisor.size(o.savedBytes().most()),
                        Advisor.size(o.dramSavedBytes().likely()),
                        o.promotionPercentPerMinute().likely(),
                        PROMOTION_LIMIT,
                        damo),
                Advisor.numbers(
                        "min_age_us",
                        ageUs,
                        "out_bytes",
                        Math.round(saved),
                        "out_bytes_min",
                        Math.round(o.savedBytes().least()),
                        "out_bytes_max",
                        Math.round(o.savedBytes().most()),
                        "refaulted_bytes_per_s",
                        Math.round(perSecond),
                        "refaulted_bytes_per_s_max",
                        Math.round(perSecondMost),
                        "promotion_percent_per_minute",
                        o.promotionPercentPerMinute().likely(),
                        "damo",
                        damo),
                gain);
    }

    /** Of each recording by itself: where no age serves all, which ones would gain. */
    List<Judged> each(List<AdvisedRun> runs) throws IOException {
        List<Judged> all = new ArrayList<>();
        for (AdvisedRun r : runs) {
            all.add(judge(r, bestAge(List.of(r)).best()));
        }
        return all;
    }
}
