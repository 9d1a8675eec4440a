package org.damson.trace;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.Batch;
import org.damson.model.InvalidInputException;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;

/**
 * Call stacks of several traces in one: each trace numbers its frames and stacks from 0, so they get new numbers, each distinct
 * one once. Memory is bounded; what does not fit is refused.
 */
final class MergedStacks {
    private static final int MAX_FRAMES = 1 << 19;
    private static final int MAX_STACK_FRAMES = 1 << 23;
    private static final int FRAME = Table.FRAMES.indexOf("frame_id");
    private static final int FUNCTION = Table.FRAMES.indexOf("function");
    private static final int MODULE = Table.FRAMES.indexOf("module");
    private static final int BUILD_ID = Table.FRAMES.indexOf("build_id");
    private static final int OFFSET = Table.FRAMES.indexOf("offset");
    private static final int SOURCE = Table.FRAMES.indexOf("source");
    private static final int STACK = Table.STACKS.indexOf("stack_id");
    private static final int DEPTH = Table.STACKS.indexOf("depth");
    private static final int FRAME_OF_STACK = Table.STACKS.indexOf("frame_id");
    private static final int STACK_ID = Table.SAMPLES.indexOf("stack_id");

    /** For a sample whose stack is not in the trace. */
    private static final long MISSING = -1;

    private record Frame(String function, String module, String buildId, long offset, String source) {}

    private record Place(long depth, long frame) {}

    private final TraceSink to;
    private final Map<Frame, Long> frames = new HashMap<>();
    private final Map<List<Place>, Long> stacks = new HashMap<>();
    private int stackFrames;

    MergedStacks(TraceSink to) {
        this.to = to;
    }

    /** Adds what a trace has. */
    void add(TraceSource from) throws IOException {
        Map<Long, Long> stackOf = stacks(from, frames(from));
        Batch out = new Batch(Table.SAMPLES);
        try (TraceSource.BatchCursor cursor = from.rows(Table.SAMPLES)) {
            for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                out.clear();
                out.append(b);
                for (int r = 0; r < out.rows(); r++) {
                    out.set(STACK_ID, r, stackOf.getOrDefault(out.get(STACK_ID, r), MISSING));
                }
                if (out.rows() > 0) {
                    to.append(out);
                }
            }
        }
    }

    /** New numbers of a trace's frames by the old ones. */
    private Map<Long, Long> frames(TraceSource from) throws IOException {
        Map<Long, Long> numbers = new HashMap<>();
        Batch out = new Batch(Table.FRAMES);
        Batch withSource = new Batch(Table.FRAMES);
        from.forEachRow(Table.FRAMES, (b, r) -> {
            String source = b.isPresent(SOURCE) ? b.text(SOURCE, r) : "";
            Frame frame =
                    new Frame(b.text(FUNCTION, r), b.text(MODULE, r), b.text(BUILD_ID, r), b.get(OFFSET, r), source);
            Long id = frames.get(frame);
            if (id == null) {
                if (frames.size() == MAX_FRAMES) {
                    throw new InvalidInputException("more than " + MAX_FRAMES + " different frames of call stacks");
                }
                id = (long) frames.size();
                frames.put(frame, id);
                if (b.isPresent(SOURCE)) {
                    withSource.add(id, frame.function, frame.module, frame.buildId, frame.offset, source);
                } else {
                    out.add(id, frame.function, frame.module, frame.buildId, frame.offset);
                }
            }
            numbers.put(b.get(FRAME, r), id);
        });
        append(out);
        append(withSource);
        return numbers;
    }

    /** New numbers of a trace's stacks by the old ones. */
    private Map<Long, Long> stacks(TraceSource from, Map<Long, Long> frameOf) throws IOException {
        Map<Long, List<Place>> places = new HashMap<>();
        int[] taken = {0};
        from.forEachRow(Table.STACKS, (b, r) -> {
            if (taken[0]++ == MAX_STACK_FRAMES) {
                throw tooMany();
            }
            places.computeIfAbsent(b.get(STACK, r), s -> new ArrayList<>())
                    .add(new Place(b.get(DEPTH, r), frameOf.getOrDefault(b.get(FRAME_OF_STACK, r), MISSING)));
        });
        Map<Long, Long> numbers = new HashMap<>();
        Batch out = new Batch(Table.STACKS);
        places.keySet().stream().sorted().forEach(old -> {
            List<Place> stack = places.get(old);
            Long id = stacks.get(stack);
            if (id == null) {
                stackFrames += stack.size();
                if (stackFrames > MAX_STACK_FRAMES) {
                    throw tooMany();
                }
                id = (long) stacks.size();
                stacks.put(stack, id);
                for (Place place : stack) {
                    out.add(id, place.depth, place.frame);
                }
            }
            numbers.put(old, id);
        });
        append(out);
        return numbers;
    }

    private static InvalidInputException tooMany() {
        return new InvalidInputException("more than " + MAX_STACK_FRAMES + " frames in call stacks");
    }

    private void append(Batch rows) throws IOException {
        if (rows.rows() > 0) {
            to.append(rows);
        }
    }
}
