package org.damson.damon;

import java.util.function.LongSupplier;

/**
 * What a reader of events knows of how they were recorded: all that may differ between a recorder and a reader of files.
 *
 * <ul>
 *   <li>A recorder knows when it began to listen: the part of a burst that was under way then, or when it stopped, is no
 *       loss and is left out. Of a file nobody knows why it begins or ends in the middle of a burst: what is there is kept, what
 *       is missing is counted.
 *   <li>A recorder gives a snapshot out when it is whole. The first of a target, which has none before it, begins one
 *       aggregation interval before its end, not before listening began. In a file it takes its length from the second one.
 *   <li>A recorder can ask the kernel whether more events are missing than it has been told of yet. A file tells at its end.
 * </ul>
 *
 * @param sinceNs when listening began, {@link EventColumns#NO_TIME} if it is not known
 * @param mayReportHits whether regions may be reported a second time, with the hits of probes
 * @param overwritten events that are missing until now, also those that nothing has told of yet
 */
public record Listening(long sinceNs, boolean mayReportHits, LongSupplier overwritten) {
    /** Nothing is known: a file. */
    public static final Listening UNKNOWN = new Listening(EventColumns.NO_TIME, true, () -> Long.MAX_VALUE);

    /** Whether it is known when listening began. */
    boolean isKnown() {
        return sinceNs != EventColumns.NO_TIME;
    }
}
