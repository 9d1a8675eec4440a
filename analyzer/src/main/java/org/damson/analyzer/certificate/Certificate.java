package org.damson.analyzer.certificate;

import java.util.List;

/**
 * How accurate a source is.
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

    /** Its summary in a few numbers. */
    public AccuracySummary summary() {
        return AccuracySummary.of(scores, overall);
    }
}
