package org.damson.analyzer.advise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.damson.analyzer.advise.Advice.Kind;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.render.whatif.CurvesReports;
import org.damson.analyzer.tune.Tune;
import org.damson.model.InvalidInputException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/**
 * Advice on what could be gained for a recorded program, and how; every sentence has the number it rests on. What is
 * advised gains by its own simulation over each recording, beside doing nothing; what gains too little in one of them is not
 * advised, and whether there is anything to gain is read off what is advised.
 */
public final class Advisor {
    /** Less than this share of the touched memory, or of page visits, is not worth doing anything. */
    static final double WORTH = 0.1;

    private final List<AdvisedRun> runs = new ArrayList<>();
    private final OutcomeOptions outcome;
    private final ReclaimAdvice reclaim;
    private final List<Advice> advice = new ArrayList<>();

    private Advisor(OutcomeOptions outcome) {
        this.outcome = outcome;
        reclaim = new ReclaimAdvice(outcome);
    }

    /**
     * Advises on one recording.
     *
     * @throws InvalidInputException if the trace has no ages, intervals or regions
     */
    public static List<Advice> advise(
            TraceSource trace, TraceQuery query, OpenLoopOptions options, OutcomeOptions outcome) throws IOException {
        return advise(List.of(new Tune.Subject(trace, query, options)), outcome);
    }

    /**
     * Advises on recordings of one program.
     *
     * @throws InvalidInputException if one of them has no ages, intervals or regions
     */
    public static List<Advice> advise(List<Tune.Subject> recordings, OutcomeOptions outcome) throws IOException {
        Advisor a = new Advisor(outcome);
        for (Tune.Subject s : recordings) {
            a.runs.add(AdvisedRun.of(s));
        }
        a.run();
        return List.copyOf(a.advice);
    }

    static Map<String, Object> numbers(Object... pairs) {
        Map<String, Object> m = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            m.put((String) pairs[i], pairs[i + 1]);
        }
        return m;
    }

    static String size(double bytes) {
        return Units.bytes(Math.round(bytes));
    }

    private void run() throws IOException {
        ReclaimAdvice.Ages ages = reclaim.bestAge(runs);
        Tune.Point best = ages.best();
        for (AdvisedRun r : runs) {
            facts(r);
            for (String note : r.leftOpen(ages.notes().get(r.name()))) {
                say(
                        r,
                        Kind.TRACE,
                        numbers("note", note),
                        "What simulations over its %.1f s leave open: %s.",
                        r.seconds,
                        note);
            }
        }
        List<ReclaimAdvice.Judged> judged = new ArrayList<>();
        for (AdvisedRun r : runs) {
            judged.add(reclaim.judge(r, best));
        }
        boolean noAge = best == null && runs.size() > 1;
        List<List<Finding>> findings = findings(judged);
        List<Advice> gains;
        List<Advice> uncertain = new ArrayList<>();
        if (runs.size() == 1) {
            gains = findings.get(0).stream().map(Finding::advice).toList();
        } else {
            RepeatedRuns repeated =
                    new RepeatedRuns(runs.stream().map(AdvisedRun::name).toList(), findings);
            gains = repeated.gains();
            uncertain.addAll(repeated.uncertain());
        }
        if (noAge) {
            noCommonAge(uncertain);
        }
        verdict(gains, judged);
        runs.forEach(this::dram);
        advice.addAll(gains);
        advice.addAll(uncertain);
        for (AdvisedRun r : runs) {
            Pressure.of(r.subject.trace(), r.subject.query(), r.seconds).forEach(a -> say(r, a));
            NextRecording.of(r, best).forEach(a -> say(r, a));
        }
    }

    /** What each recording says gains enough. */
    private List<List<Finding>> findings(List<ReclaimAdvice.Judged> judged) throws IOException {
        double fast = runs.stream().mapToDouble(r -> r.fast).max().orElse(0);
        boolean isReclaimed = judged.stream().anyMatch(j -> j.finding() != null);
        List<List<Finding>> all = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            AdvisedRun r = runs.get(i);
            List<Finding> of = new ArrayList<>();
            Finding one = isReclaimed ? judged.get(i).finding() : TierAdvice.of(r, fast, outcome.cost());
            if (one != null) {
                of.add(one);
            }
            of.addAll(RangeAdvice.of(r, outcome));
            all.add(of);
        }
        return all;
    }

    /** Each recording may have an age of its own that none of the others bears. */
    private void noCommonAge(List<Advice> uncertain) throws IOException {
        List<String> with = new ArrayList<>();
        List<ReclaimAdvice.Judged> each = reclaim.each(runs);
        for (int i = 0; i < each.size(); i++) {
            if (each.get(i).finding() != null) {
                with.add(runs.get(i).name());
            }
        }
        if (!with.isEmpty()) {
            uncertain.add(new Advice(
                    Kind.UNCERTAIN,
                    String.format(
                            Locale.ROOT,
                            "Uncertain, not advised: paging out idle memory gains enough in %d of %d recordings (%s), but no age "
                                    + "keeps the promotion rate of all of them within %.1f %% per minute.",
                            with.size(),
                            runs.size(),
                            String.join(", ", with),
                            CurvesReports.PROMOTION_LIMIT),
                    numbers("about", "reclaim", "gains_in", with.size(), "recordings", runs.size()),
                    null));
        }
    }

    /** A fact about one recording; of several it says which. */
    private void say(AdvisedRun r, Advice a) {
        if (runs.size() == 1) {
            advice.add(a);
            return;
        }
        Map<String, Object> numbers = numbers("recording", r.name());
        numbers.putAll(a.numbers());
        advice.add(new Advice(a.kind(), r.name() + ": " + a.text(), numbers, a.gain()));
    }

    private void say(AdvisedRun r, Kind kind, Map<String, Object> numbers, String format, Object... args) {
        say(r, new Advice(kind, String.format(Locale.ROOT, format, args), numbers, null));
    }

    private void facts(AdvisedRun r) {
        say(
                r,
                Kind.TRACE,
                numbers("seconds", r.seconds, "regions", r.curves.regions(), "access_share", r.cells.eventShare()),
                "The recording covers %.1f s in %,d regions; %.2f %% of all possible accesses were seen.",
                r.seconds,
                r.curves.regions(),
                r.cells.eventShare() * 100);
        if (r.curves.isPartial()) {
            say(
                    r,
                    Kind.TRACE,
                    numbers("idle_unknown_bytes", Math.round(r.curves.undecidedBytes())),
                    "Its regions are mappings: how much of one was touched is known, which part is not. Of mappings in"
                            + " use, %s were seen touched once and may have been idle since; advice is given for mappings"
                            + " as a whole only, and none on tiers.",
                    size(r.curves.undecidedBytes()));
        }
    }

    private void dram(AdvisedRun r) {
        double most = r.curves.dramByHeat(0.99);
        say(
                r,
                Kind.DRAM,
                numbers(
                        "touched_bytes",
                        Math.round(r.touched),
                        "p95_bytes",
                        Math.round(r.fast),
                        "p99_bytes",
                        Math.round(most)),
                "Of %s touched on average, %s serve 95 %% of the accesses and %s serve 99 %%, if they hold the hottest memory at each moment.",
                size(r.touched),
                size(r.fast),
                size(most));
    }

    /** Whether there is anything to gain: exactly if something is advised. Of several recordings the one with the least out. */
    private void verdict(List<Advice> gains, List<ReclaimAdvice.Judged> judged) {
        AdvisedRun least = runs.get(0);
        double share = Double.POSITIVE_INFINITY;
        for (int i = 0; i < runs.size(); i++) {
            AdvisedRun r = runs.get(i);
            double of = r.touched > 0 ? judged.get(i).savedBytes() / r.touched : 0;
            if (of < share) {
                share = of;
                least = r;
            }
        }
        if (gains.isEmpty()) {
            advice.add(new Advice(
                    Kind.NOTHING,
                    String.format(
                            Locale.ROOT,
                            "There is nothing to gain%s: %.1f %% of the %s touched could be paged out within a promotion rate of %.1f %% per minute, and 95 %% of the accesses need %s of it.",
                            runs.size() > 1 ? " in every recording" : "",
                            share * 100,
                            size(least.touched),
                            CurvesReports.PROMOTION_LIMIT,
                            size(least.fast)),
                    numbers("out_share", share, "touched_bytes", Math.round(least.touched)),
                    null));
            return;
        }
        List<String> kinds = gains.stream()
                .map(a -> a.kind().name().toLowerCase(Locale.ROOT))
                .distinct()
                .toList();
        advice.add(new Advice(
                Kind.WORTH,
                String.format(
                        Locale.ROOT,
                        "Something can be gained over doing nothing (%s): %d %s below, each with its gain.",
                        String.join(", ", kinds),
                        gains.size(),
                        gains.size() == 1 ? "piece of advice" : "pieces of advice"),
                numbers("out_share", share, "gains", kinds),
                null));
    }
}
