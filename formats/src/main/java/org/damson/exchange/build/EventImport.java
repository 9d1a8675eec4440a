package org.damson.exchange.build;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.damson.damon.Assembled;
import org.damson.damon.EventColumns;
import org.damson.damon.Kdamonds;
import org.damson.damon.Listening;
import org.damson.damon.SnapshotAssembler;
import org.damson.model.Batch;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.Units;

/**
 * Writes what is assembled from DAMON's events in a recording into a trace. Kdamonds are numbered in the order in which they
 * appear.
 */
public final class EventImport {
    private static final int ROWS = 1 << 12;

    /** Losses are put into the order in which they ended, up to so many. */
    private static final int LOSS_ROWS = 1 << 16;

    private final TraceBuilder trace;
    private final List<Integer> threads = new ArrayList<>();
    private final SnapshotAssembler assembler = new SnapshotAssembler(this::facts, Listening.UNKNOWN);
    private long lostInAll;
    private String cut;
    private long newestNs = EventColumns.NO_TIME;
    private long earlier;

    public EventImport(TraceBuilder trace) {
        this.trace = trace;
    }

    private Kdamonds.Facts facts(int thread) {
        MonitoringAttrs attrs = trace.attrs(thread);
        boolean assumed = attrs.origin() == MonitoringAttrs.IntervalsOrigin.ASSUMED;
        threads.add(thread);
        return new Kdamonds.Facts(threads.size() - 1, attrs.sampleUs(), attrs.aggrUs(), assumed, 1);
    }

    /**
     * Takes the first row of {@code events}.
     *
     * @return null, or why it cannot be an event of DAMON's
     */
    public String take(EventColumns events) throws IOException {
        byte kind = events.kind[events.from];
        long timeNs = events.timeNs[events.from];
        boolean timed = kind <= EventColumns.STATISTIC;
        earlier += timed && timeNs < newestNs ? 1 : 0;
        newestNs = timed ? Math.max(newestNs, timeNs) : newestNs;
        String wrong = assembler.take(events);
        if (wrong == null && (kind <= EventColumns.BEFORE_APPLY)) {
            trace.open();
        }
        for (Snapshot s = assembler.poll(); s != null; s = assembler.poll()) {
            trace.add(s);
        }
        drain(ROWS, LOSS_ROWS);
        return wrong;
    }

    private void drain(int atLeast, int lossesAtLeast) throws IOException {
        trace.drain(assembler.rows(Table.SCHEMES), atLeast);
        trace.drain(assembler.rows(Table.TUNING), atLeast);
        trace.drain(assembler.rows(Table.SCHEME_STATS), atLeast);
        Batch losses = assembler.rows(Table.LOSSES);
        if (losses.rows() >= lossesAtLeast) {
            trace.drain(inOrderOfEnds(losses), 1);
            losses.clear();
        }
    }

    private static Batch inOrderOfEnds(Batch rows) {
        int end = rows.table().indexOf("to_ns");
        Batch sorted = new Batch(rows.table());
        IntStream.range(0, rows.rows())
                .boxed()
                .sorted(Comparator.comparingLong(r -> rows.get(end, r)))
                .forEach(r -> sorted.addRow(rows, r));
        return sorted;
    }

    /** Notes the total number of events that the tracer lost, including those that rows report, at unknown places. */
    public void lostInAll(long count) {
        lostInAll += Math.max(0, Math.min(count, Long.MAX_VALUE - lostInAll));
    }

    /** Notes that the recording ends before its end. */
    void cutOff(String why) {
        cut = why;
    }

    /**
     * Ends the trace.
     *
     * @param malformed events that could not be read
     */
    public ImportReport finish(String format, long malformed) throws IOException {
        assembler.finish(lostInAll);
        Assembled counts = assembler.counts();
        long endNs = Math.max(0, Math.max(counts.lastNs(), trace.lastSampleNs()));
        cut = cut == null ? trace.cutOff() : cut;
        if (cut != null) {
            trace.note("the recording is cut off (" + cut + "); what is whole before that is kept");
            assembler.lose(endNs, endNs, "file", -1, "the recording is cut off");
        }
        if (malformed > 0) {
            assembler.lose(endNs, endNs, "events", malformed, "malformed events");
        }
        if (trace.leftOut() > 0) {
            assembler.lose(endNs, endNs, "stacks", trace.leftOut(), "samples with call stacks: no room for them");
        }
        if (earlier > 0) {
            trace.note(Units.count(earlier, "event", "is")
                    + " earlier than one before, so that lengths of snapshots are wrong there:"
                    + " the recording is not in order of time, or its times are differences");
        }
        if (counts.repeated() > 0) {
            trace.note("events that occur twice in the recording, and are taken once: " + counts.repeated());
        }
        for (Snapshot s = assembler.poll(); s != null; s = assembler.poll()) {
            trace.add(s);
        }
        trace.clamped(counts.clamped());
        damo();
        drain(1, 1);
        trace.writeSnapshots();
        return trace.seal(format, assembler.lost() + assembler.lostWithEvents());
    }

    /** What damo makes of such events: it knows targets by their number alone, and one snapshot at a time. */
    private void damo() {
        List<Assembled.Target> targets = new ArrayList<>();
        int reporting = 0;
        for (int thread : threads) {
            targets.addAll(assembler.targets(thread));
            reporting += assembler.targets(thread).isEmpty() ? 0 : 1;
        }
        if (reporting > 1) {
            trace.damo("does not tell kdamonds apart: it merges the snapshots of these, or fails");
            return;
        }
        if (targets.stream().anyMatch(Assembled.Target::isMarkedWithin)) {
            trace.damo(
                    "reads the marks by which it tells how long a snapshot took as snapshots, where others follow them");
        }
        for (Assembled.Target t : targets) {
            if (t.ends() < 2) {
                trace.damo("knows no start of target " + Long.toUnsignedString(t.number())
                        + ", which has one snapshot, nor of the targets after it, and fails");
                return;
            }
        }
    }
}
