package org.damson.api;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The best values of schemes' parameters for an objective, found by simulation over recordings.
 *
 * <pre>{@code
 * Tuning.Question question = Tuning.Question.of("pageout access=0..0", "min_age=1s..5s/1s").objective("saved where slowdown<=5");
 * try (Trace trace = Trace.open(recording)) {
 *     Tuning tuning = trace.tune(question);
 *     System.out.println(tuning.best() == null ? "no value keeps the limit" : String.join(" + ", tuning.schemes()));
 * }
 * }</pre>
 *
 * @param best the best point within all limits; null if none is
 * @param schemes the schemes with its values, in short form; empty if there is none
 * @param points every point simulated, in the order of their values
 * @param pareto those of them that no other beats in every metric of the objective, within limits or not
 * @param isExhaustive whether every combination of values was simulated
 * @param judged the best point over each recording that it was judged by, in their order; empty if there is none
 * @param notes what the recordings leave open about the figures, one line each, with the recording's name in front
 */
public record Tuning(
        Point best,
        List<String> schemes,
        List<Point> points,
        List<Point> pareto,
        boolean isExhaustive,
        List<Point> judged,
        List<String> notes) {
    /**
     * The parameters that vary, and the objective. Immutable; start from {@link #of}.
     *
     * @param schemes one or more, each as {@code damson tune --scheme} takes it
     * @param variables parameters and their values, each as {@code --vary} takes it: {@code min_age=1s..60s/1s}, {@code
     *     min_size=4K,1M}, {@code 1:min_age=5s,10s} of the second scheme
     * @param objective what to maximise, and limits, as {@code --objective} takes them
     * @param areLimitsLikely whether limits are judged by likely values instead of upper bounds
     * @param evaluations most points to simulate, 1 to 1,000,000
     */
    public record Question(
            List<String> schemes, List<String> variables, String objective, boolean areLimitsLikely, int evaluations) {
        /**
         * Checks what can be checked without a recording.
         *
         * @throws IllegalArgumentException if there is no scheme or no variable, or evaluations are out of range
         */
        public Question {
            schemes = List.copyOf(schemes);
            variables = List.copyOf(variables);
            Objects.requireNonNull(objective, "objective");
            if (schemes.isEmpty() || variables.isEmpty()) {
                throw new IllegalArgumentException("at least one scheme and one variable are needed");
            }
            if (evaluations < 1 || evaluations > 1_000_000) {
                throw new IllegalArgumentException("evaluations are 1 to 1000000, not " + evaluations);
            }
        }

        /** One scheme whose parameters vary, for Google's far memory: the most saved where promotion is at most 0.2 % a minute. */
        public static Question of(String scheme, String... variables) {
            return new Question(List.of(scheme), List.of(variables), "far_memory", false, 1000);
        }

        /** The same for another objective: {@code saved where slowdown<=5 and refaults<=1M/s}. */
        public Question objective(String words) {
            return new Question(schemes, variables, words, areLimitsLikely, evaluations);
        }

        /** The same with limits judged by estimates, or by upper bounds. */
        public Question limitsLikely(boolean areLikely) {
            return new Question(schemes, variables, objective, areLikely, evaluations);
        }

        /** The same with an upper bound on the number of simulated points. */
        public Question evaluations(int most) {
            return new Question(schemes, variables, objective, areLimitsLikely, most);
        }
    }

    /**
     * One combination of values.
     *
     * @param values of each variable: microseconds, milliseconds for {@code quota_ms}, bytes or samples
     * @param metrics what was simulated, by the names of {@code --objective}; {@code _max} behind a name is an upper bound. Empty if
     *     the values contradict one another
     * @param isAllowed whether it keeps every limit
     * @param score what is to be maximised
     */
    public record Point(List<Long> values, Map<String, Double> metrics, boolean isAllowed, double score) {
        /** Keeps copies. */
        public Point {
            values = List.copyOf(values);
            metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
        }
    }

    /** Keeps copies of the lists. */
    public Tuning {
        schemes = List.copyOf(schemes);
        points = List.copyOf(points);
        pareto = List.copyOf(pareto);
        judged = List.copyOf(judged);
        notes = List.copyOf(notes);
    }
}
