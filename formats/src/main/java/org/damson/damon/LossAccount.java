package org.damson.damon;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.damson.model.Batch;
import org.damson.model.Table;

/**
 * What is missing, once: events that the tracer says it lost, and regions that are missing from snapshots as far as these
 * events do not explain them.
 *
 * <p>A processor's ring says only with its next page what is missing before it, and some tools only in the end. Missing regions
 * therefore wait while more may be reported.
 */
final class LossAccount {
    static final String TRACER = "tracer";
    static final String SNAPSHOT = "damon_aggregated";
    static final String OVERWRITTEN = "events overwritten in the trace buffer";
    private static final String MISSING_REGIONS = "regions missing from a snapshot";

    /** So many wait; of more the oldest is taken for a loss of its own. */
    private static final int MAX_WAITING = 1 << 12;

    /** What a tracer can have lost at a time; a sum of such does not overflow. */
    private static final long MAX_LOSS = 1L << 40;

    /** Regions that are missing from a snapshot between two times. */
    private record Missing(long fromNs, long toNs, long closedNs, long count) {}

    private final LongSupplier overwritten;
    private final Batch rows = new Batch(Table.LOSSES);
    private final List<Missing> waiting = new ArrayList<>();
    private long lost;
    private long reported;
    private boolean toldUnknown;
    private long unexplaining;
    private long explained;
    private boolean isNoted;
    private long notedFromNs;
    private long notedNs;
    private long noted;

    LossAccount(LongSupplier overwritten) {
        this.overwritten = overwritten;
    }

    Batch rows() {
        return rows;
    }

    /** Events and regions known to be missing; an unknown number counts as one. */
    long lost() {
        return lost;
    }

    /** Regions missing from snapshots that are among the reported events, and therefore in no row of their own. */
    long explained() {
        return explained;
    }

    void add(long fromNs, long toNs, String source, long count, String cause) {
        lost += Math.max(1, count);
        rows.add(fromNs, Math.max(fromNs, toNs), source, count, cause);
    }

    /** The tracer says that {@code count} events are missing, -1 if it does not say how many. */
    void report(long fromNs, long toNs, long count, String cause) {
        long bounded = Math.max(-1, Math.min(count, MAX_LOSS));
        add(fromNs, toNs, TRACER, bounded, cause);
        reported += Math.max(0, bounded);
        toldUnknown |= bounded < 0;
        unexplaining += Math.max(0, bounded);
        for (int i = 0; i < waiting.size(); i++) {
            Missing m = waiting.get(i);
            if (fromNs < m.closedNs && toNs > m.fromNs) {
                waiting.set(i, new Missing(m.fromNs, m.toNs, m.closedNs, m.count - explain(m.count)));
            }
        }
        settle();
    }

    /**
     * The tracer says that events are missing before the next one.
     *
     * @param fromNs the last event before them, {@link EventColumns#NO_TIME} if none is known
     * @param timeNs when it says so, {@link EventColumns#NO_TIME} if that is not known
     * @param count how many, -1 if it does not say
     */
    void note(long fromNs, long timeNs, long count) {
        if (!isNoted) {
            isNoted = true;
            noted = 0;
            notedFromNs = fromNs == EventColumns.NO_TIME ? timeNs : fromNs;
            notedNs = timeNs;
        }
        notedFromNs = fromNs == EventColumns.NO_TIME ? notedFromNs : Math.min(notedFromNs, fromNs);
        notedNs = Math.max(notedNs, timeNs);
        noted = count < 0 || noted < 0 ? -1 : Math.min(MAX_LOSS, noted + Math.min(count, MAX_LOSS));
    }

    /** Whether something noted is not reported yet. */
    boolean isNoted() {
        return isNoted;
    }

    /** The next event is there, or, at {@link EventColumns#NO_TIME}, none is to come. */
    void tellNoted(long nextNs) {
        isNoted = false;
        long toNs = Math.max(0, nextNs == EventColumns.NO_TIME ? Math.max(notedFromNs, notedNs) : nextNs);
        report(notedFromNs == EventColumns.NO_TIME ? toNs : notedFromNs, toNs, noted, OVERWRITTEN);
    }

    /** How many of {@code count} missing regions are among the reported events; they explain no others then. */
    long explain(long count) {
        long among = toldUnknown ? count : Math.min(count, unexplaining);
        unexplaining = Math.max(0, unexplaining - among);
        explained += among;
        return among;
    }

    /**
     * Regions are missing that nothing reported so far explains.
     *
     * @param closedNs when it was clear that they do not come
     */
    void missing(long fromNs, long toNs, long closedNs, long count) {
        if (count > 0) {
            waiting.add(new Missing(fromNs, toNs, closedNs, count));
            settle();
        }
    }

    private void settle() {
        waiting.removeIf(m -> m.count == 0);
        boolean allIsTold = !waiting.isEmpty() && !toldUnknown && overwritten.getAsLong() <= reported;
        while (!waiting.isEmpty() && (allIsTold || waiting.size() > MAX_WAITING)) {
            write(waiting.remove(0));
        }
    }

    private void write(Missing m) {
        add(m.fromNs, m.toNs, SNAPSHOT, m.count, MISSING_REGIONS);
    }

    /**
     * Nothing more will be reported.
     *
     * @param inAll how many the tracer counts as lost in all, including those that it has reported
     */
    void finish(long fromNs, long toNs, long inAll) {
        long bounded = Math.min(inAll, MAX_LOSS);
        if (bounded > reported) {
            long before = reported;
            add(fromNs, toNs, TRACER, bounded - before, OVERWRITTEN + ", where is not told");
            unexplaining += bounded - before;
            for (int i = 0; i < waiting.size(); i++) {
                Missing m = waiting.get(i);
                waiting.set(i, new Missing(m.fromNs, m.toNs, m.closedNs, m.count - explain(m.count)));
            }
        }
        waiting.forEach(m -> {
            if (m.count > 0) {
                write(m);
            }
        });
        waiting.clear();
    }
}
