package org.damson.analyzer.advise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.damson.analyzer.advise.Advice.Kind;
import org.damson.analyzer.advise.HeatMapOfCells.Group;
import org.damson.analyzer.advise.HeatMapOfCells.Use;
import org.damson.analyzer.memory.CostModel;
import org.damson.analyzer.memory.Outcome;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.tune.Tune;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;

/** Advice on a fast tier of memory: one size for all recordings, judged in each. */
final class TierAdvice {
    /** So much greater a share of the accesses has to find the fast tier than without migration. */
    private static final double GAIN = 0.05;

    /** And at least so great a share has to find it. */
    private static final double HITS = 0.5;

    private static final String HOT = "migrate_hot access=25%..max target_nid=0";
    private static final String COLD = "migrate_cold access=0..5% age=1s..max target_nid=1";

    private TierAdvice() {}

    /** What a fast tier of so many bytes gains in one recording; null if too little. */
    static Finding of(AdvisedRun run, double fast, CostModel cost) throws IOException {
        double rest = bytes(run.groups, Use.WARM) + bytes(run.groups, Use.DONE);
        double touched = run.touched;
        if (run.curves.isPartial() || touched <= 0 || fast > 0.5 * touched || rest < Advisor.WORTH * touched) {
            return null;
        }
        List<Scheme> schemes = new ArrayList<>(SchemeParser.parse(COLD));
        schemes.addAll(SchemeParser.parse(HOT));
        Tune.Subject s = run.subject;
        Outcome o = OpenLoop.run(
                        s.trace(),
                        s.query(),
                        schemes,
                        s.options(),
                        new OutcomeOptions(cost, 0, Math.max(4096, Math.round(fast))),
                        null)
                .outcome();
        if (o.tiers().fastHitShare() < HITS
                || o.tiers().fastHitShare() - o.tiers().fastHitShareWithoutSchemes() < GAIN) {
            return null;
        }
        double moved = o.tiers().promotedBytes() + o.tiers().demotedBytes();
        Advice advice = new Advice(
                Kind.TIER,
                String.format(
                        Locale.ROOT,
                        "A fast tier of %s (%.0f %% of what is touched) with '%s; %s' finds %.1f %% of the accesses, %.1f %%"
                                + " without migration, and moves %s.",
                        Advisor.size(fast),
                        fast / touched * 100,
                        COLD,
                        HOT,
                        o.tiers().fastHitShare() * 100,
                        o.tiers().fastHitShareWithoutSchemes() * 100,
                        Advisor.size(moved)),
                Advisor.numbers(
                        "fast_tier_bytes",
                        Math.round(fast),
                        "fast_hit_share",
                        o.tiers().fastHitShare(),
                        "fast_hit_share_without",
                        o.tiers().fastHitShareWithoutSchemes(),
                        "migrated_bytes",
                        Math.round(moved)),
                run.evidence.gain(
                        "fast_hit_share",
                        o.tiers().fastHitShare(),
                        o.tiers().fastHitShareWithoutSchemes(),
                        o.tiers().fastHitShare(),
                        1,
                        Advisor.size(moved / Math.max(1e-9, o.seconds())) + "/s are moved between the tiers"));
        return new Finding("a fast tier of " + Advisor.size(fast), null, advice);
    }

    private static double bytes(List<Group> groups, Use use) {
        return groups.stream()
                .filter(g -> g.use() == use)
                .mapToDouble(Group::bytes)
                .sum();
    }
}
