package org.damson.engine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.advise.Advisor;
import org.damson.analyzer.damos.KernelVersion;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.analyzer.openloop.RecordedSchemes;
import org.damson.analyzer.scan.Bounded;
import org.damson.api.Advice;
import org.damson.api.Bounds;
import org.damson.api.Simulation;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;
import org.damson.damon.scheme.SchemeText;
import org.damson.model.InvalidInputException;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** Simulation of schemes over a trace, with the defaults of {@code damson simulate}. */
final class WhatIf {
    private WhatIf() {}

    static Simulation simulate(TraceSource trace, TraceQuery query, List<String> texts) throws IOException {
        List<Scheme> schemes = schemes(texts);
        List<String> notes = new ArrayList<>();
        return Failures.telling(() -> {
            refuseActing(trace);
            OpenLoopOptions options = options(trace.manifest(), notes);
            OpenLoopResult r = OpenLoop.run(trace, query, schemes, options, OutcomeOptions.DEFAULTS, null);
            notes.addAll(r.notes());
            return new Simulation(
                    r.version().toString(),
                    r.fromNs(),
                    r.toNs(),
                    r.turns(),
                    r.schemes().stream().map(s -> scheme(r, s)).toList(),
                    new Simulation.Memory(
                            bounds(r.outcome().savedBytes()),
                            bounds(r.outcome().refaultedBytes()),
                            bounds(r.outcome().stallNs()),
                            bounds(r.outcome().slowdownShare())),
                    notes);
        });
    }

    /** @throws InvalidInputException if one is not understood */
    static List<Scheme> schemes(List<String> texts) {
        if (texts.isEmpty()) {
            throw new IllegalArgumentException("at least one scheme is needed");
        }
        List<Scheme> schemes = new ArrayList<>();
        for (String text : texts) {
            schemes.addAll(SchemeParser.parse(text));
        }
        return schemes;
    }

    static List<Advice> advise(TraceSource trace) throws IOException {
        return Failures.telling(() -> {
            refuseActing(trace);
            List<String> notes = new ArrayList<>();
            OpenLoopOptions options = options(trace.manifest(), notes);
            List<Advice> all = new ArrayList<>();
            notes.forEach(note -> all.add(new Advice(Advice.Kind.TRACE, note, Map.of("note", note), null)));
            Advisor.advise(trace, TraceQuery.ALL, options, OutcomeOptions.DEFAULTS)
                    .forEach(a -> all.add(advice(a)));
            return all;
        });
    }

    private static Advice advice(org.damson.analyzer.advise.Advice a) {
        org.damson.analyzer.advise.Advice.Gain g = a.gain();
        return new Advice(
                Advice.Kind.valueOf(a.kind().name()),
                a.text(),
                a.numbers(),
                g == null
                        ? null
                        : new Advice.Gain(
                                g.metric(),
                                g.done(),
                                g.nothing(),
                                g.cost(),
                                Advice.Confidence.valueOf(g.confidence().name()),
                                g.why()));
    }

    /** Refuses a trace that nothing can be asked about other schemes. */
    static void refuseActing(TraceSource trace) throws IOException {
        try {
            RecordedSchemes.requireUndisturbed(trace);
        } catch (InvalidInputException e) {
            throw new InvalidInputException(trace.name() + ": " + e.getMessage());
        }
    }

    /** The kernel that recorded, as far as it is known. */
    static OpenLoopOptions options(Manifest m, List<String> notes) {
        KernelVersion.Choice recordedBy = OpenLoopOptions.recordedBy(m);
        if (recordedBy != null && recordedBy.note() != null) {
            notes.add(recordedBy.note());
        }
        Object ops = ManifestKey.OPS.get(m);
        if (ops == null && !Manifest.Source.REFERENCED.is(m)) {
            notes.add("the trace does not say whether its addresses are virtual; treated as virtual");
        }
        return OpenLoopOptions.of(m);
    }

    private static Simulation.Scheme scheme(OpenLoopResult r, OpenLoopResult.PerScheme s) {
        return new Simulation.Scheme(
                SchemeText.shortForm(s.scheme()),
                r.isExact(s),
                new Bounds(s.szTriedMin(), s.stats().szTried, s.szTriedMax()),
                new Bounds(s.nrTriedMin(), s.stats().nrTried, s.nrTriedMax()),
                new Bounds(s.szAppliedMin(), s.stats().szApplied, s.szAppliedMax()));
    }

    private static Bounds bounds(Bounded b) {
        return new Bounds(b.least(), b.likely(), b.most());
    }
}
