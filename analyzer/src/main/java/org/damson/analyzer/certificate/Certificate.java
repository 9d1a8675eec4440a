package org.damson.analyzer.certificate;

import java.util.List;

/**
 * How near a source comes to the truth.
 *
 * @param scores one per pattern
 * @param overall over all of them
 */
public record Certificate(List<Score> scores, Score overall) {
    static final String OVERALL = "overall";

    public Certificate {
        scores = List.copyOf(scores);
    }

    /** Whether every pattern passes. */
    public boolean passes() {
        return scores.stream().allMatch(Score::passes);
    }

    /** It in a few numbers, and in one line. */
    public AccuracySummary summary() {
        return AccuracySummary.of(scores, overall);
    }
}
