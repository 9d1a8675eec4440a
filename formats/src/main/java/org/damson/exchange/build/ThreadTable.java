package org.damson.exchange.build;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.damson.model.Batch;
import org.damson.model.Table;

/**
 * Which threads there were and what they were called, by what a recording tells of them in order of time. Rows begin with the first
 * sample: of a recording without call stacks there are none. Memory is bounded.
 */
public final class ThreadTable {
    private static final int MAX_THREADS = 1 << 16;

    /** The kernel's names have 15 bytes. */
    private static final int MAX_NAME = 64;

    private static final int DRAIN_ROWS = 1 << 12;

    private record Known(int pid, String name) {}

    private final StackSink trace;
    private final Batch rows = new Batch(Table.THREADS);
    private final Map<Integer, Known> threads = new LinkedHashMap<>();
    private boolean isTold;
    private long beganNs;
    private long ignored;

    ThreadTable(StackSink trace) {
        this.trace = trace;
    }

    /** There are samples from now on. */
    void begin(long timeNs) throws IOException {
        if (!isTold) {
            isTold = true;
            beganNs = timeNs;
            for (Map.Entry<Integer, Known> e : threads.entrySet()) {
                row(timeNs, e.getKey(), e.getValue(), false);
            }
        }
    }

    /** A thread has, or gets, a name. */
    public void named(long timeNs, int pid, int tid, String name) throws IOException {
        Known now = new Known(pid, name.length() > MAX_NAME ? name.substring(0, MAX_NAME) : name);
        Known before = threads.get(tid);
        if (now.equals(before)) {
            return;
        }
        if (before == null && threads.size() == MAX_THREADS) {
            ignored++;
            return;
        }
        ended(timeNs, tid);
        threads.put(tid, now);
        row(timeNs, tid, now, false);
    }

    /** A thread begins, with the name of the one that starts it. */
    public void begun(long timeNs, int pid, int tid, int parent) throws IOException {
        Known by = threads.get(parent);
        named(timeNs, pid, tid, by == null ? "" : by.name);
    }

    public void ended(long timeNs, int tid) throws IOException {
        Known was = threads.remove(tid);
        if (was != null) {
            row(timeNs, tid, was, true);
        }
    }

    private void row(long timeNs, int tid, Known thread, boolean isGone) throws IOException {
        if (isTold) {
            rows.add(Math.max(timeNs, beganNs), thread.pid, tid, thread.name, isGone ? 1 : 0);
            trace.drain(rows, DRAIN_ROWS);
        }
    }

    /** Hands out what there is. */
    void flush() throws IOException {
        trace.drain(rows, 1);
    }

    /** Writes the rest. */
    public void finish() throws IOException {
        flush();
        if (ignored > 0) {
            trace.note(ignored + " threads have no name: more than " + MAX_THREADS + " at once");
        }
    }
}
