package org.damson.exchange.build;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.damson.damon.Kinds;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.Units;

/**
 * Samples with call stacks, each distinct frame and stack once. Memory is bounded: of an import what is beyond is counted; a
 * recording that goes on forgets what it knew and begins anew, so that a frame or stack may then be there twice.
 */
public final class CallStacks {
    /** Deeper stacks lose their outermost frames. */
    private static final int MAX_DEPTH = 1024;

    /** So many frames the kernel, and {@code perf script}, give at most by default ({@code perf_event_max_stack}). */
    private static final int USUAL_DEPTH = 127;

    private static final int MAX_FRAMES = 1 << 17;
    private static final int MAX_FRAME_TEXT = 1 << 24;
    private static final int MAX_STACK_FRAMES = 1 << 22;
    private static final int DRAIN_ROWS = 1 << 12;

    private record Frame(String function, String module, String buildId, long offset) {}

    /** A stack by its frames, leaf first. */
    private record Stack(int[] frames) {
        @Override
        public boolean equals(Object o) {
            return o instanceof Stack s && Arrays.equals(frames, s.frames);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(frames);
        }
    }

    /** What a recorder sets aside: a quarter of what an import does, some 20 MiB at most. */
    private static final int LIVE_SHARE = 4;

    private final StackSink trace;
    private final boolean renews;
    private final int share;
    private final ThreadTable threads;
    private final Batch samples = new Batch(Table.SAMPLES);
    private final Batch stackRows = new Batch(Table.STACKS);
    private final Batch frameRows = new Batch(Table.FRAMES);
    private final Map<Frame, Integer> frames = new HashMap<>();
    private final Map<Stack, Integer> stacks = new HashMap<>();
    private final int[] current = new int[MAX_DEPTH];
    private int depth;
    /** Frames beyond the greatest depth. */
    private int beyond;

    private long cutHere;
    private long mayBeCut;
    private int nextFrame;
    private int nextStack;
    private int frameText;
    private int stackFrames;
    private final Kinds without = new Kinds();
    private long count;
    private long dropped;

    /** Of an import. */
    public CallStacks(StackSink trace) {
        this(trace, false);
    }

    /**
     * Where {@code renews} says so of a recording without an end: what was written is forgotten when memory is full, and
     * written again when it comes again.
     */
    public CallStacks(StackSink trace, boolean renews) {
        this.trace = trace;
        this.renews = renews;
        share = renews ? LIVE_SHARE : 1;
        threads = new ThreadTable(trace);
    }

    /** The threads that have them. */
    public ThreadTable threads() {
        return threads;
    }

    /**
     * Adds a frame to the stack of the sample that comes, leaf first.
     *
     * @param offset from the function; where none is named in the module, without either the address
     */
    public void frame(String function, String module, String buildId, long offset) throws IOException {
        if (depth == MAX_DEPTH) {
            beyond++;
            return;
        }
        Frame frame = new Frame(function, module, buildId, offset);
        Integer id = frames.get(frame);
        if (id == null) {
            int text = function.length() + module.length() + buildId.length();
            boolean isFull = frames.size() >= MAX_FRAMES / share || frameText + text > MAX_FRAME_TEXT / share;
            if (isFull && !renews) {
                id = -1;
            } else {
                if (isFull) {
                    forgetAll();
                }
                frameText += text;
                id = nextFrame++;
                frames.put(frame, id);
                frameRows.add(id, function, module, buildId, offset);
                trace.drain(frameRows, DRAIN_ROWS);
            }
        }
        current[depth++] = id;
    }

    public boolean isEmpty() {
        return depth == 0;
    }

    /** Ends a sample, whose frames were added before. */
    public void sample(long timeNs, int pid, int tid, int cpu, String event, long address, long weight)
            throws IOException {
        Stack stack = new Stack(Arrays.copyOf(current, depth));
        cutHere += beyond > 0 ? 1 : 0;
        mayBeCut += depth == USUAL_DEPTH ? 1 : 0;
        forget();
        Integer id = stacks.get(stack);
        if (id == null) {
            boolean whole = Arrays.stream(stack.frames).allMatch(f -> f >= 0);
            boolean isFull = stackFrames + stack.frames.length > MAX_STACK_FRAMES / share;
            if (!whole || isFull && !renews) {
                dropped++;
                return;
            }
            if (isFull) {
                forgetAll();
            }
            stackFrames += stack.frames.length;
            id = nextStack++;
            stacks.put(stack, id);
            for (int d = 0; d < stack.frames.length; d++) {
                stackRows.add(id, d, stack.frames[d]);
            }
            trace.drain(stackRows, DRAIN_ROWS);
        }
        count++;
        threads.begin(timeNs);
        samples.add(timeNs, pid, tid, cpu, event, address, weight, id);
        if (samples.rows() >= DRAIN_ROWS) {
            flush();
        }
    }

    /** Numbers go on, so that what was written keeps its own. */
    private void forgetAll() {
        frames.clear();
        stacks.clear();
        frameText = 0;
        stackFrames = 0;
    }

    /** Writes what has been gathered: frames before the stacks that use them, stacks before samples. */
    public void flush() throws IOException {
        threads.flush();
        trace.drain(frameRows, 1);
        trace.drain(stackRows, 1);
        trace.drain(samples, 1);
    }

    /** Samples taken so far. */
    public long count() {
        return count;
    }

    /** Counts an event that has no call stack. */
    public void without(String event) {
        without.add(event);
    }

    /** Events that have no call stack. */
    public Kinds without() {
        return without;
    }

    /** Discards the frames of a sample that turns out not to be one. */
    public void forget() {
        depth = 0;
        beyond = 0;
    }

    /** Samples whose outermost frames are missing, or may be: they are as deep as is kept, or as the kernel walks. */
    public long cut() {
        return cutHere + mayBeCut;
    }

    /** Writes the rest, and notes what was found. */
    public void finish() throws IOException {
        flush();
        threads.finish();
        if (count > 0) {
            trace.note(Units.count(count, "sample") + " with " + Units.count(nextStack, "different call stack"));
        }
        if (cutHere > 0) {
            trace.note(Units.count(cutHere, "call stack") + " deeper than " + Units.count(MAX_DEPTH)
                    + " frames: the outermost frames are left out");
        }
        if (mayBeCut > 0) {
            trace.note(Units.count(mayBeCut, "call stack") + " of " + USUAL_DEPTH
                    + " frames, the most that is recorded and printed unless perf is told otherwise (perf_event_max_stack,"
                    + " --max-stack): the outermost may be missing");
        }
        if (!without.isEmpty()) {
            trace.note(Units.count(without.total(), "event") + " without a call stack left out: " + without);
        }
        if (dropped > 0) {
            trace.note(Units.count(dropped, "sample")
                    + " left out: more different call stacks than memory is set aside for");
            trace.leftOut(dropped);
        }
    }
}
