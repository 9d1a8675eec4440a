package org.damson.symbols;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.damson.model.InvalidInputException;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.stacks.Frame;

/** Stacks and frames of a trace as they are stored. Memory is bounded; what does not fit is refused. */
final class StackTable {
    private static final int MAX_STACK_ROWS = 1 << 23;
    private static final int MAX_FRAMES = 1 << 18;

    final List<Frame> frames = new ArrayList<>();
    /** Ids of the stacks. */
    final List<Long> ids = new ArrayList<>();
    /** Frames of each stack, leaf first; -1: the trace does not have it. */
    final List<int[]> stacks = new ArrayList<>();

    private final Map<Long, Integer> frameOf = new HashMap<>();
    private long[] stackIds = new long[1024];
    private long[] depths = new long[1024];
    private int[] frameIndexes = new int[1024];
    private int rows;

    static StackTable of(TraceSource trace) throws IOException {
        StackTable table = new StackTable();
        if (trace.rowCount(Table.STACKS) > MAX_STACK_ROWS) {
            throw new InvalidInputException("more than " + MAX_STACK_ROWS + " frames in call stacks");
        }
        table.readFrames(trace);
        trace.forEachRow(
                Table.STACKS,
                (b, row) -> table.add(
                        b.get(Table.STACKS.indexOf("stack_id"), row),
                        b.get(Table.STACKS.indexOf("depth"), row),
                        table.frameOf.getOrDefault(b.get(Table.STACKS.indexOf("frame_id"), row), -1)));
        table.group();
        return table;
    }

    private void readFrames(TraceSource trace) throws IOException {
        trace.forEachRow(Table.FRAMES, (b, row) -> {
            if (frames.size() == MAX_FRAMES) {
                throw new InvalidInputException("more than " + MAX_FRAMES + " different frames of call stacks");
            }
            frameOf.put(b.get(Table.FRAMES.indexOf("frame_id"), row), frames.size());
            frames.add(Frame.of(b, row));
        });
    }

    private void add(long stack, long depth, int frame) {
        if (rows == stackIds.length) {
            stackIds = Arrays.copyOf(stackIds, 2 * rows);
            depths = Arrays.copyOf(depths, 2 * rows);
            frameIndexes = Arrays.copyOf(frameIndexes, 2 * rows);
        }
        stackIds[rows] = stack;
        depths[rows] = depth;
        frameIndexes[rows++] = frame;
    }

    private void group() {
        int[] order = order();
        for (int from = 0; from < rows; ) {
            int to = from;
            while (to < rows && stackIds[order[to]] == stackIds[order[from]]) {
                to++;
            }
            ids.add(stackIds[order[from]]);
            stacks.add(Arrays.stream(order, from, to).map(i -> frameIndexes[i]).toArray());
            from = to;
        }
        stackIds = null;
        depths = null;
        frameIndexes = null;
    }

    /** Rows by stack and depth, as nearly every trace has them already. */
    private int[] order() {
        boolean sorted = IntStream.range(1, rows)
                .allMatch(i ->
                        stackIds[i - 1] < stackIds[i] || stackIds[i - 1] == stackIds[i] && depths[i - 1] < depths[i]);
        IntStream all = IntStream.range(0, rows);
        return sorted
                ? all.toArray()
                : all.boxed()
                        .sorted(Comparator.<Integer>comparingLong(i -> stackIds[i])
                                .thenComparingLong(i -> depths[i]))
                        .mapToInt(Integer::intValue)
                        .toArray();
    }

    /**
     * Whether a frame is where a call returns to. The innermost frame is where the sample was taken, and so is the innermost one of
     * the program below those of the kernel.
     */
    boolean isCall(int[] stack, int depth) {
        if (depth == 0 || stack[depth] < 0 || stack[depth - 1] < 0) {
            return depth > 0;
        }
        return frames.get(stack[depth]).isKernel()
                || !frames.get(stack[depth - 1]).isKernel();
    }
}
