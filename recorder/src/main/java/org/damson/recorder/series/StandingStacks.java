package org.damson.recorder.series;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.model.Batch;
import org.damson.model.Table;

/**
 * The call stacks and frames seen so far, so that each trace of a series has those that its samples refer to, and no others.
 * Memory is bounded: the oldest are forgotten, which a recorder numbers anew when they come again.
 */
final class StandingStacks {
    /** More than a recorder itself keeps at a time. */
    private static final int MAX_FRAMES = 1 << 16;

    private static final int MAX_STACK_FRAMES = 1 << 21;
    private static final int STACK_ID = Table.SAMPLES.indexOf("stack_id");
    private static final int FRAME = Table.FRAMES.indexOf("frame_id");
    private static final int FUNCTION = Table.FRAMES.indexOf("function");
    private static final int MODULE = Table.FRAMES.indexOf("module");
    private static final int BUILD_ID = Table.FRAMES.indexOf("build_id");
    private static final int OFFSET = Table.FRAMES.indexOf("offset");
    private static final int STACK = Table.STACKS.indexOf("stack_id");
    private static final int FRAME_OF_STACK = Table.STACKS.indexOf("frame_id");

    private record Frame(String function, String module, String buildId, long offset) {}

    private final Map<Long, Frame> frames = new LinkedHashMap<>();
    private final Map<Long, List<Long>> stacks = new LinkedHashMap<>();
    private int stackFrames;
    private final Set<Long> writtenFrames = new HashSet<>();
    private final Set<Long> writtenStacks = new HashSet<>();

    /** Whether rows of this table are kept here until a sample refers to them. */
    static boolean keeps(Table table) {
        return table == Table.FRAMES || table == Table.STACKS;
    }

    /** Takes rows of FRAMES, or of STACKS from the leaf on. */
    void see(Batch rows) {
        for (int r = 0; r < rows.rows(); r++) {
            if (rows.table() == Table.FRAMES) {
                frames.put(
                        rows.get(FRAME, r),
                        new Frame(
                                rows.text(FUNCTION, r),
                                rows.text(MODULE, r),
                                rows.text(BUILD_ID, r),
                                rows.get(OFFSET, r)));
            } else {
                stacks.computeIfAbsent(rows.get(STACK, r), s -> new ArrayList<>())
                        .add(rows.get(FRAME_OF_STACK, r));
                stackFrames++;
            }
        }
        while (frames.size() > MAX_FRAMES) {
            long oldest = frames.keySet().iterator().next();
            frames.remove(oldest);
            writtenFrames.remove(oldest);
        }
        while (stackFrames > MAX_STACK_FRAMES) {
            long oldest = stacks.keySet().iterator().next();
            stackFrames -= stacks.remove(oldest).size();
            writtenStacks.remove(oldest);
        }
    }

    /** Another trace begins, which has none of them. */
    void begin() {
        writtenFrames.clear();
        writtenStacks.clear();
    }

    /** Rows that the current trace still needs before these samples: frames, then stacks. */
    List<Batch> before(Batch samples) {
        Batch newFrames = new Batch(Table.FRAMES);
        Batch newStacks = new Batch(Table.STACKS);
        for (int r = 0; r < samples.rows(); r++) {
            long id = samples.get(STACK_ID, r);
            if (!writtenStacks.add(id)) {
                continue;
            }
            List<Long> of = stacks.getOrDefault(id, List.of());
            for (int depth = 0; depth < of.size(); depth++) {
                long frame = of.get(depth);
                newStacks.add(id, depth, frame);
                Frame f = frames.get(frame);
                if (f != null && writtenFrames.add(frame)) {
                    newFrames.add(frame, f.function, f.module, f.buildId, f.offset);
                }
            }
        }
        return List.of(newFrames, newStacks);
    }
}
