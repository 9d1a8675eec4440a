package org.damson.exchange.build;

import java.io.IOException;
import java.util.Arrays;
import org.damson.damon.EventColumns;
import org.damson.model.Units;

/**
 * Puts events of several buffers, each in order of time, into one order. It holds a bounded number of events; one that
 * arrives later than that is emitted late. Events of one time come in the order of their buffers, and of one buffer in that
 * in which they came.
 */
public final class EventQueue {
    private static final int MAX_EVENTS = 1 << 18;

    private final EventImport events;
    private final EventColumns slots = new EventColumns();
    private final EventColumns one = new EventColumns();
    /** A heap of slots: none is later than those at twice its place and one more. */
    private int[] heap = new int[64];

    private long[] order = new long[64];
    private int[] free = new int[64];
    private int waiting;
    private int freed;
    private long added;
    private long malformed;
    private String cutOff;
    private String firstMalformed = "";

    public EventQueue(EventImport events) {
        this.events = events;
    }

    /** Adds all rows, and empties them. */
    public void add(EventColumns rows) throws IOException {
        add(rows, 0);
    }

    /**
     * Adds all rows, and empties them.
     *
     * @param buffer number of their buffer, less than 2^15: of events of one time those of the first come first
     */
    public void add(EventColumns rows, int buffer) throws IOException {
        for (; !rows.isEmpty(); rows.from++) {
            add(rows, rows.from, (long) buffer << 48 | added++);
        }
        rows.clear();
    }

    private void add(EventColumns rows, int row, long place) throws IOException {
        if (waiting == MAX_EVENTS) {
            emit();
        }
        int slot = freed > 0 ? free[--freed] : slots.add();
        if (slot >= order.length) {
            order = Arrays.copyOf(order, order.length * 2);
            heap = Arrays.copyOf(heap, order.length);
            free = Arrays.copyOf(free, order.length);
        }
        slots.copy(slot, rows, row);
        order[slot] = place;
        int at = waiting++;
        while (at > 0 && isEarlier(slot, heap[(at - 1) / 2])) {
            heap[at] = heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        heap[at] = slot;
    }

    private boolean isEarlier(int a, int b) {
        long aNs = slots.timeNs[a];
        long bNs = slots.timeNs[b];
        return aNs < bNs || aNs == bNs && order[a] < order[b];
    }

    /** Emits all events of this time and before. */
    public void flushBefore(long timeNs) throws IOException {
        while (waiting > 0 && slots.timeNs[heap[0]] <= timeNs) {
            emit();
        }
    }

    private void emit() throws IOException {
        int slot = heap[0];
        int last = heap[--waiting];
        int at = 0;
        for (int child = 1; child < waiting; child = 2 * at + 1) {
            child += child + 1 < waiting && isEarlier(heap[child + 1], heap[child]) ? 1 : 0;
            if (!isEarlier(heap[child], last)) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = last;
        one.clear();
        one.copy(one.add(), slots, slot);
        free[freed++] = slot;
        String wrong = events.take(one);
        if (wrong != null) {
            malformed(wrong);
        }
    }

    /** Counts an event that cannot be an event of DAMON. */
    public void malformed(String what) {
        malformed++;
        if (firstMalformed.isEmpty()) {
            firstMalformed = what;
        }
    }

    /** Notes the total number of events that the tracer lost; see {@link EventImport#lostInAll}. */
    public void lostInAll(long count) {
        events.lostInAll(count);
    }

    /** Notes that the recording is truncated. */
    public void cutOff(String why) {
        if (cutOff == null) {
            cutOff = why;
        }
    }

    public boolean isCutOff() {
        return cutOff != null;
    }

    /** Emits the rest and ends the trace. */
    public ImportReport finish(TraceBuilder trace, String format) throws IOException {
        flushBefore(Long.MAX_VALUE);
        cutOff = cutOff == null ? trace.cutOff() : cutOff;
        if (trace.isEmpty()) {
            throw trace.bad(
                    "",
                    "no whole DAMON event in it" + (malformed > 0 ? "; " + firstMalformed : "")
                            + (cutOff == null ? "" : "; it is cut off: " + cutOff));
        }
        if (cutOff != null) {
            events.cutOff(cutOff);
        }
        if (malformed > 0) {
            trace.note(Units.count(malformed, "event") + " could not be read, the first: " + firstMalformed);
        }
        return events.finish(format, malformed);
    }
}
