package org.damson.engine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.render.whatif.TuneReports;
import org.damson.analyzer.tune.Objective;
import org.damson.analyzer.tune.Tune;
import org.damson.analyzer.tune.Variable;
import org.damson.api.Tuning;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeText;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** Search for parameters of schemes, with the defaults of {@code damson tune}. */
final class Tuned {
    private static final long SEED = 1;

    private Tuned() {}

    static Tuning tune(TraceSource trace, Tuning.Question question, List<TraceSource> judges) throws IOException {
        Tune.Options options = options(question);
        return Failures.telling(() -> {
            List<String> notes = new ArrayList<>();
            List<Tune.Subject> judging = new ArrayList<>();
            Tune.Subject subject = subject(trace, notes);
            for (TraceSource judge : judges) {
                judging.add(subject(judge, notes));
            }
            Tune.Result r = Tune.run(options, List.of(subject), judging);
            notes.addAll(TuneReports.notes(r));
            return new Tuning(
                    r.best() == null ? null : point(r.best()),
                    r.schemes().stream().map(SchemeText::shortForm).toList(),
                    points(r.all()),
                    points(r.pareto()),
                    r.exhaustive(),
                    r.best() == null
                            ? List.of()
                            : judges.stream()
                                    .map(judge -> point(r.tests().get(judge.name())))
                                    .toList(),
                    notes);
        });
    }

    /** The question, understood; what is wrong with it is the caller's fault. */
    private static Tune.Options options(Tuning.Question q) {
        List<Scheme> schemes = WhatIf.schemes(q.schemes());
        List<Variable> variables = q.variables().stream().map(Variable::of).toList();
        for (Variable v : variables) {
            if (v.scheme() >= schemes.size()) {
                throw new IllegalArgumentException("no such scheme: " + v.scheme() + " to vary " + v.parameter());
            }
        }
        Objective objective = Objective.of(q.objective(), q.areLimitsLikely());
        return new Tune.Options(schemes, variables, objective, q.evaluations(), SEED, OutcomeOptions.DEFAULTS);
    }

    private static Tune.Subject subject(TraceSource trace, List<String> notes) throws IOException {
        WhatIf.refuseActing(trace);
        List<String> own = new ArrayList<>();
        Tune.Subject subject = new Tune.Subject(trace, TraceQuery.ALL, WhatIf.options(trace.manifest(), own));
        own.forEach(note -> notes.add(trace.name() + ": " + note));
        return subject;
    }

    private static List<Tuning.Point> points(List<Tune.Point> all) {
        return all.stream().map(Tuned::point).toList();
    }

    private static Tuning.Point point(Tune.Point p) {
        return new Tuning.Point(p.values(), p.measured(), p.feasible(), p.score());
    }
}
