package org.damson.analyzer.advise;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.damson.analyzer.advise.Advice.Kind;
import org.damson.analyzer.tune.Tune;
import org.damson.model.Units;

/** What to record next, where a recording leaves questions open. */
final class NextRecording {
    private static final long SHORT_NS = 60_000_000_000L;

    private final List<Advice> advice = new ArrayList<>();

    private NextRecording() {}

    private void say(Map<String, Object> numbers, String format, Object... args) {
        advice.add(new Advice(Kind.RECORD, String.format(Locale.ROOT, format, args), numbers, null));
    }

    /**
     * What one recording asks for.
     *
     * @param best the age advised, or null
     */
    static List<Advice> of(AdvisedRun run, Tune.Point best) {
        NextRecording n = new NextRecording();
        n.length(run, best);
        n.intervals(run);
        return n.advice;
    }

    private void length(AdvisedRun run, Tune.Point best) {
        double seconds = run.seconds;
        if (run.cells.durationNs() < SHORT_NS) {
            say(
                    Advisor.numbers("seconds", seconds),
                    "Record for longer: %.1f s cannot show memory that comes back after more than %.1f s; ten minutes"
                            + " or a whole cycle of the program would.",
                    seconds,
                    seconds / 2);
        } else if (best != null && best.values().get(0) / 1e6 > seconds / 4) {
            say(
                    Advisor.numbers(
                            "seconds", seconds, "min_age_us", best.values().get(0)),
                    "Record for longer than %.0f s: the threshold of %s was reached only once or twice in it.",
                    seconds,
                    Units.duration(best.values().get(0) * 1000));
        }
    }

    private void intervals(AdvisedRun run) {
        double share = run.cells.eventShare();
        long aggrUs = Math.max(1, run.curves.aggrUs());
        if (share > 0 && share < 0.004) {
            double factor = Math.min(100, 0.04 / share);
            say(
                    Advisor.numbers("access_share", share, "aggr_us", aggrUs),
                    "Record with longer intervals: only %.3f %% of all possible accesses were seen, and 4 %% distinguish regions well; aggregate every %s instead of %s, or let DAMON tune its intervals.",
                    share * 100,
                    Units.duration((long) (aggrUs * factor) * 1000),
                    Units.duration(aggrUs * 1000));
        } else if (run.cells.saturatedShare() > 0.9 && share > 0.2) {
            say(
                    Advisor.numbers("saturated_share", run.cells.saturatedShare(), "access_share", share),
                    "Record with shorter intervals: %.0f %% of the accesses seen are in regions that every sample"
                            + " found accessed, so hot and very hot look the same.",
                    run.cells.saturatedShare() * 100);
        }
        if (run.curves.isMixed()) {
            say(
                    Advisor.numbers("aggr_us", aggrUs),
                    "The intervals changed while recording; ages here are counted in the first, %s: fixed intervals"
                            + " would make them exact.",
                    Units.duration(aggrUs * 1000));
        }
    }
}
