package org.damson.analyzer.certificate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

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
    private static final String PATTERNS = "accuracy_patterns";
    private static final String PASSED = "accuracy_patterns_passed";
    private static final String UNDECIDED = "accuracy_patterns_place_not_decided";
    private static final String WORKING_SET_ERROR = "accuracy_wss_error";
    private static final String F1 = "accuracy_f1";
    private static final String CORRELATION = "accuracy_correlation";
    private static final String DETECTION = "accuracy_detection";

    /** The keys of {@link #facts}; all values are numbers. */
    public static final Set<String> KEYS =
            Set.copyOf(List.of(PATTERNS, PASSED, UNDECIDED, WORKING_SET_ERROR, F1, CORRELATION, DETECTION));

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

    /** For a manifest. */
    public Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put(PATTERNS, (long) patterns);
        facts.put(PASSED, (long) passed);
        facts.put(UNDECIDED, (long) undecided);
        put(facts, WORKING_SET_ERROR, workingSetError);
        put(facts, F1, f1);
        put(facts, CORRELATION, correlation);
        put(facts, DETECTION, detection);
        return facts;
    }

    /** What {@link #facts} became; null where they are not there. */
    public static AccuracySummary from(Map<String, ?> facts) {
        if (!(facts.get(PATTERNS) instanceof Number patterns)) {
            return null;
        }
        return new AccuracySummary(
                patterns.intValue(),
                (int) number(facts, PASSED),
                (int) number(facts, UNDECIDED),
                number(facts, WORKING_SET_ERROR),
                number(facts, F1),
                number(facts, CORRELATION),
                number(facts, DETECTION));
    }

    private static double number(Map<String, ?> facts, String key) {
        return facts.get(key) instanceof Number n ? n.doubleValue() : Double.NaN;
    }

    private static void put(Map<String, Object> facts, String key, double value) {
        if (!Double.isNaN(value)) {
            facts.put(key, Math.round(value * 1e4) / 1e4);
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

    static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f %%", share * 100);
    }

    static String number(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.3f", value);
    }
}
