package org.damson.analyzer.advise;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.analyzer.tune.Tune;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;
import org.damson.model.InvalidInputException;

/** One recording of a program, and what advice on it rests on. */
final class AdvisedRun {
    private static final long MIN_DONE_NS = 5_000_000_000L;

    /** Idle for this share of the recording at its end is taken as not used any more. */
    private static final double DONE = 0.3;

    final Tune.Subject subject;
    final Curves curves;
    final HeatMapOfCells cells;
    final Evidence evidence;
    final List<HeatMapOfCells.Group> groups;
    /** Mean bytes touched. */
    final double touched;
    /** Bytes that serve 95 % of the accesses, the hottest first. */
    final double fast;

    final double seconds;
    /** For how long memory is idle at the end that is not used any more. */
    final long doneNs;

    private AdvisedRun(Tune.Subject subject, Curves curves) throws IOException {
        this.subject = subject;
        this.curves = curves;
        cells = HeatMapOfCells.of(subject.trace(), subject.query());
        seconds = cells.durationNs() / 1e9;
        evidence = Evidence.of(subject.trace(), subject.query(), seconds, curves.isPartial());
        doneNs = Math.max(MIN_DONE_NS, (long) (cells.durationNs() * DONE));
        groups = cells.groups(doneNs);
        touched = curves.touchedBytes();
        fast = curves.dramByHeat(0.95);
    }

    /**
     * Looks at a recording.
     *
     * @throws InvalidInputException if it has no ages, intervals or regions
     */
    static AdvisedRun of(Tune.Subject s) throws IOException {
        List<Curves> slices = Curves.of(s.trace(), s.query(), 0);
        if (slices.isEmpty() || slices.get(0).regions() == 0) {
            throw new InvalidInputException(s.trace().name() + ": no regions, or none in the part that was chosen");
        }
        return new AdvisedRun(s, slices.get(0));
    }

    /**
     * What it leaves open about a scheme that pages idle memory out; that regions are mappings is said otherwise.
     *
     * @param told what simulations of such schemes told; null: there were none
     */
    List<String> leftOpen(Collection<String> told) throws IOException {
        Collection<String> notes = told;
        if (notes == null) {
            List<Scheme> schemes = SchemeParser.parse("pageout access=0..0");
            notes = OpenLoop.run(subject.trace(), subject.query(), schemes, subject.options())
                    .notes();
        }
        return notes.stream()
                .filter(note -> !note.equals(OpenLoopResult.MAPPINGS))
                .toList();
    }

    String name() {
        return subject.trace().name();
    }
}
