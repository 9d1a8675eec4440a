package org.damson.exchange;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.PriorityQueue;

/**
 * Puts events of several buffers, each in order of time, into one order. It holds so many at most; what is later than that
 * is given out late.
 */
final class EventQueue {
    private static final int MAX_EVENTS = 1 << 18;

    private final EventAssembler events;
    private final PriorityQueue<DamonEvent> waiting = new PriorityQueue<>(DamonEvent.IN_TIME);
    private final ArrayDeque<DamonEvent> spare = new ArrayDeque<>();
    private long added;
    private long malformed;
    private String cutOff;
    private String firstMalformed = "";

    EventQueue(EventAssembler events) {
        this.events = events;
    }

    /** Adds a copy of an event. */
    void add(DamonEvent e) throws IOException {
        if (waiting.size() == MAX_EVENTS) {
            giveOut();
        }
        DamonEvent copy = spare.isEmpty() ? new DamonEvent() : spare.poll();
        copy.copyFrom(e);
        copy.sequence = added++;
        waiting.add(copy);
    }

    /** Gives out all events of this time and before. */
    void giveOutUntil(long timeNs) throws IOException {
        while (!waiting.isEmpty() && waiting.peek().timeNs <= timeNs) {
            giveOut();
        }
    }

    private void giveOut() throws IOException {
        DamonEvent e = waiting.poll();
        try {
            events.add(e);
        } catch (IllegalArgumentException | ArithmeticException x) {
            malformed(x.getMessage());
        }
        spare.add(e);
    }

    /** Counts an event that cannot be one of DAMON's. */
    void malformed(String what) {
        malformed++;
        if (firstMalformed.isEmpty()) {
            firstMalformed = what;
        }
    }

    /** Notes that the tracer lost so many in all; see {@link EventAssembler#lostInAll}. */
    void lostInAll(long count) {
        events.lostInAll(count);
    }

    /** Notes that the recording does not go on to its end. */
    void cutOff(String why) {
        if (cutOff == null) {
            cutOff = why;
        }
    }

    boolean isCutOff() {
        return cutOff != null;
    }

    /** Gives out the rest and ends the trace. */
    ImportReport finish(TraceBuilder trace, String format) throws IOException {
        giveOutUntil(Long.MAX_VALUE);
        if (trace.isEmpty()) {
            throw trace.bad(
                    "",
                    "no whole DAMON event in it" + (malformed > 0 ? "; " + firstMalformed : "")
                            + (cutOff == null ? "" : "; it is cut off: " + cutOff));
        }
        if (cutOff != null) {
            trace.note("the recording is cut off (" + cutOff + "); what is whole before that is kept");
            events.cutOff();
        }
        if (malformed > 0) {
            trace.note(malformed + " events could not be read, the first: " + firstMalformed);
        }
        return events.finish(format, malformed);
    }
}
