package org.damson.analyzer.certificate;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.damson.model.ManifestKey;

/**
 * A certificate in a few numbers, as traces carry them. Figures that do not exist are NaN.
 *
 * @param patterns patterns that were judged
 * @param passed those of them that pass
 * @param undecided those in which the place of hot memory is not decided
 * @param workingSetError over all patterns, as the other figures
 */
public record AccuracySummary(
        int patterns,
        int passed,
        int undecided,
        double workingSetError,
        double f1,
        double correlation,
        double detection) {
    /** The keys that a manifest holds it under. */
    public static final Set<ManifestKey> KEYS =
            EnumSet.range(ManifestKey.ACCURACY_PATTERNS, ManifestKey.ACCURACY_DETECTION);

    /** Figures over all patterns are there only if all could be judged: of a part they would say nothing about the rest. */
    static AccuracySummary of(List<Score> scores, Score all) {
        boolean areJudged = scores.stream().allMatch(s -> s.snapshots() >= Score.MIN_SNAPSHOTS);
        Score overall = areJudged ? all : Score.unjudged(all.pattern());
        return new AccuracySummary(
                scores.size(),
                (int) scores.stream().filter(Score::passes).count(),
                (int) scores.stream().filter(s -> !s.isPlaceDecided()).count(),
                overall.workingSetError(),
                overall.f1(),
                overall.correlation(),
                overall.detection());
    }

    /** For {@link org.damson.model.Manifest#recording}. */
    public Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        ManifestKey.ACCURACY_PATTERNS.put(facts, (long) patterns);
        ManifestKey.ACCURACY_PASSED.put(facts, (long) passed);
        ManifestKey.ACCURACY_UNDECIDED.put(facts, (long) undecided);
        put(facts, ManifestKey.ACCURACY_WSS_ERROR, workingSetError);
        put(facts, ManifestKey.ACCURACY_F1, f1);
        put(facts, ManifestKey.ACCURACY_CORRELATION, correlation);
        put(facts, ManifestKey.ACCURACY_DETECTION, detection);
        return facts;
    }

    /** What {@link #facts} became; null where they are not there. */
    public static AccuracySummary from(Map<String, ?> facts) {
        if (!(ManifestKey.ACCURACY_PATTERNS.get(facts) instanceof Number patterns)) {
            return null;
        }
        return new AccuracySummary(
                patterns.intValue(),
                (int) number(facts, ManifestKey.ACCURACY_PASSED),
                (int) number(facts, ManifestKey.ACCURACY_UNDECIDED),
                number(facts, ManifestKey.ACCURACY_WSS_ERROR),
                number(facts, ManifestKey.ACCURACY_F1),
                number(facts, ManifestKey.ACCURACY_CORRELATION),
                number(facts, ManifestKey.ACCURACY_DETECTION));
    }

    private static double number(Map<String, ?> facts, ManifestKey key) {
        return key.get(facts) instanceof Number n ? n.doubleValue() : Double.NaN;
    }

    private static void put(Map<String, Object> facts, ManifestKey key, double value) {
        if (!Double.isNaN(value)) {
            key.put(facts, Math.round(value * 1e4) / 1e4);
        }
    }

    /** All of it in one line. */
    public String line() {
        return String.format(
                        Locale.ROOT,
                        "%d of %d patterns pass; WSS error %s, F1 %s, correlation %s, detection %s",
                        passed,
                        patterns,
                        percent(workingSetError),
                        number(f1),
                        number(correlation),
                        percent(detection))
                + (undecided == 0 ? "" : "; place not decided in " + undecided);
    }

    public static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f %%", share * 100);
    }

    public static String number(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.3f", value);
    }
}
