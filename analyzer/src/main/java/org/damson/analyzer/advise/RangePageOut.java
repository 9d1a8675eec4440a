package org.damson.analyzer.advise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.memory.MappedMemory;
import org.damson.analyzer.memory.MemoryModel;
import org.damson.analyzer.memory.Outcome;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.scan.Bounded;
import org.damson.analyzer.tune.Tune;
import org.damson.damon.scheme.Action;
import org.damson.damon.scheme.Scheme;
import org.damson.model.Snapshot;
import org.damson.model.TraceSource;

/** {@code MADV_PAGEOUT} of one range whenever it has been idle for some time, simulated over a recording. */
final class RangePageOut {
    private static final Scheme PAGEOUT = Scheme.of(Action.PAGEOUT);

    /**
     * A range to page out.
     *
     * @param idleNs for how long it has to be idle before
     */
    record Ask(long target, long start, long end, long idleNs) {}

    /**
     * What became of it.
     *
     * @param atEnd bytes out when the recording ends
     */
    record Result(Outcome outcome, Bounded atEnd) {}

    private final Ask ask;
    private final MemoryModel model;
    private int kdamond = -1;
    private int context;
    private long lastAccessNs = Long.MIN_VALUE;
    private boolean isOut;

    private RangePageOut(Ask ask, MemoryModel model) {
        this.ask = ask;
        this.model = model;
    }

    /** Each range as if it alone were paged out. */
    static List<Result> of(Tune.Subject subject, OutcomeOptions outcome, List<Ask> asks) throws IOException {
        List<RangePageOut> all = new ArrayList<>();
        TraceSource trace = subject.trace();
        Snapshot s = new Snapshot();
        try (MappedMemory mapped = new MappedMemory(trace, subject.options().physical());
                TraceSource.SnapshotCursor cursor = trace.snapshots(
                        subject.query().columns(Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED | Snapshot.HAS_WRITTEN))) {
            for (Ask a : asks) {
                all.add(new RangePageOut(a, new MemoryModel(mapped, subject.options(), outcome, 1, null)));
            }
            while (cursor.next(s)) {
                for (RangePageOut p : all) {
                    if (s.scheme == Snapshot.NO_SCHEME && s.target == p.ask.target()) {
                        p.add(s);
                    }
                }
            }
        }
        return all.stream().map(RangePageOut::result).toList();
    }

    private void add(Snapshot s) throws IOException {
        if (kdamond < 0) {
            kdamond = s.kdamond;
            context = s.context;
        } else if (s.kdamond != kdamond || s.context != context) {
            return; // the same memory, seen by another kdamond
        }
        if (lastAccessNs == Long.MIN_VALUE) {
            lastAccessNs = s.fromNs();
        }
        for (int i = 0; i < s.regions; i++) {
            if (s.isAccessed(i)
                    && Long.compareUnsigned(s.start[i], ask.end()) < 0
                    && Long.compareUnsigned(ask.start(), s.end[i]) < 0) {
                lastAccessNs = s.endNs;
                isOut = false;
            }
        }
        model.turnBegins(kdamond, context, s.fromNs(), s.endNs);
        model.accesses(s);
        if (!isOut && s.endNs - lastAccessNs >= ask.idleNs()) {
            isOut = true;
            model.possible(PAGEOUT, 0, ask.target(), ask.start(), ask.end(), true);
            model.apply(PAGEOUT, 0, ask.target(), ask.start(), ask.end(), 0, 0);
        }
        model.turnEnds();
    }

    private Result result() {
        Outcome o = model.outcome();
        Bounded atEnd = Bounded.ZERO;
        boolean isResidentKnown = o.residentMeanBytes() >= 0;
        for (Outcome.Point p : o.points()) {
            // A process that has ended leaves nothing to read but 0.
            atEnd = p.residentBytes() > 0 || !isResidentKnown ? p.outBytes() : atEnd;
        }
        return new Result(o, atEnd);
    }
}
