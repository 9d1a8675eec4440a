package org.damson.analyzer.fleet.tune;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.memory.CostModel;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.tune.Objective;
import org.damson.analyzer.tune.Tune;
import org.damson.analyzer.tune.Variable;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;

/**
 * A question about schemes in the user's words, which can be sent to where the traces are read.
 *
 * @param schemes one text for each {@code --scheme}
 * @param vary as {@code min_age=0s..60s/1s}; none: the schemes as they are
 * @param objective as {@link Objective#of} reads it
 * @param likely whether limits are judged by estimates instead of upper bounds
 * @param marginPercent how far a point must stay from its limits
 * @param cost as {@link CostModel#of} reads it
 */
public record SchemeWords(
        ArrayList<String> schemes,
        ArrayList<String> vary,
        String objective,
        boolean likely,
        double marginPercent,
        String cost)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** What the words mean; the number of points and the seed are of no account here. */
    Tune.Options options() {
        List<Scheme> parsed = new ArrayList<>();
        schemes.forEach(text -> parsed.addAll(SchemeParser.parse(text)));
        return new Tune.Options(
                parsed,
                vary.stream().map(Variable::of).toList(),
                Objective.of(objective, likely).withMargin(marginPercent),
                1,
                1,
                new OutcomeOptions(CostModel.of(cost), 0, 0));
    }
}
