package org.damson.analyzer.advise;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.damson.analyzer.advise.Advice.Confidence;
import org.damson.analyzer.advise.Advice.Kind;
import org.damson.model.Units;

/**
 * What several recordings of one program say together. What gains enough in each of them is advised, with the gain of the
 * recording in which it is least, and how far they are apart; what does so in some only is told as uncertain.
 */
final class RepeatedRuns {
    /** Gains that are further apart than this are not to be relied on. */
    private static final double APART = 2;

    private final List<String> names;
    private final List<List<Finding>> open = new ArrayList<>();
    private final List<Advice> gains = new ArrayList<>();
    private final List<Advice> uncertain = new ArrayList<>();

    /**
     * @param names of the recordings
     * @param findings of each of them
     */
    RepeatedRuns(List<String> names, List<List<Finding>> findings) {
        this.names = names;
        findings.forEach(f -> open.add(new ArrayList<>(f)));
        for (int r = 0; r < open.size(); r++) {
            while (!open.get(r).isEmpty()) {
                join(r, open.get(r).get(0));
            }
        }
    }

    /** What gains in every recording. */
    List<Advice> gains() {
        return gains;
    }

    /** What does in some only. */
    List<Advice> uncertain() {
        return uncertain;
    }

    /** Takes what is like one recording's finding out of all recordings: the nearest in size where several are. */
    private void join(int from, Finding f) {
        Finding[] like = new Finding[open.size()];
        for (int r = from; r < open.size(); r++) {
            for (Finding g : open.get(r)) {
                if (g.isLike(f) && (like[r] == null || distance(g, f) < distance(like[r], f))) {
                    like[r] = g;
                }
            }
            open.get(r).remove(like[r]);
        }
        List<String> with = new ArrayList<>();
        List<String> without = new ArrayList<>();
        for (int r = 0; r < like.length; r++) {
            (like[r] == null ? without : with).add(names.get(r));
        }
        if (without.isEmpty()) {
            gains.add(together(like));
        } else {
            uncertain.add(uncertain(f, with, without));
        }
    }

    private static long distance(Finding a, Finding b) {
        return a.place() == null ? 0 : Math.abs(a.place().bytes() - b.place().bytes());
    }

    private Advice uncertain(Finding f, List<String> with, List<String> without) {
        return new Advice(
                Kind.UNCERTAIN,
                String.format(
                        Locale.ROOT,
                        "Uncertain and not advised: %s gains enough in %d of %d recordings (%s), not in %s.",
                        f.what(),
                        with.size(),
                        names.size(),
                        String.join(", ", with),
                        String.join(", ", without)),
                Advisor.numbers(
                        "about",
                        f.advice().kind().name().toLowerCase(Locale.ROOT),
                        "gains_in",
                        with.size(),
                        "recordings",
                        names.size()),
                null);
    }

    private Advice together(Finding[] runs) {
        Finding least = runs[0];
        double most = 0;
        int leastAt = 0;
        Confidence confidence = Confidence.HIGH;
        List<Advice.InRun> all = new ArrayList<>();
        for (int r = 0; r < runs.length; r++) {
            Advice.Gain g = runs[r].advice().gain();
            all.add(new Advice.InRun(names.get(r), g.done(), g.nothing()));
            if (runs[r].gained() < least.gained()) {
                least = runs[r];
                leastAt = r;
            }
            most = Math.max(most, runs[r].gained());
            confidence = g.confidence().compareTo(confidence) < 0 ? g.confidence() : confidence;
        }
        Advice.Gain g = least.advice().gain();
        boolean isApart = most > APART * least.gained();
        String why = g.why().equals(Advice.Gain.ONE_RUN) ? "" : g.why() + "; ";
        String spread = String.format(
                Locale.ROOT,
                "the gain of %d recordings is %s to %s%s",
                names.size(),
                amount(g.metric(), least.gained()),
                amount(g.metric(), most),
                isApart ? ", which is far apart" : "");
        Advice.Gain gain = new Advice.Gain(
                g.metric(), g.done(), g.nothing(), g.cost(), isApart ? Confidence.LOW : confidence, why + spread, all);
        Map<String, Object> numbers = Advisor.numbers("recording", names.get(leastAt));
        numbers.putAll(least.advice().numbers());
        String where = least.place() == null ? "" : " (addresses of " + names.get(leastAt) + ")";
        return new Advice(least.advice().kind(), least.advice().text() + where, numbers, gain);
    }

    private static String amount(String metric, double v) {
        return metric.contains("bytes")
                ? Units.bytes(Math.round(v))
                : String.format(Locale.ROOT, "%.1f percentage points", v * 100);
    }
}
