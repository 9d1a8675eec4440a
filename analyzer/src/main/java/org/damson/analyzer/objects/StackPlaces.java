package org.damson.analyzer.objects;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.stacks.Frame;

/** Which code a sample is of: the frame nearest to the leaf that is not the kernel's, as in a page fault the kernel's are first. */
public final class StackPlaces {
    /** Stacks and frames told apart; a trace has fewer by far. */
    private static final int MOST = 1 << 18;

    private StackPlaces() {}

    /** By the number of the stack; those that have no such frame are not there. */
    public static Map<Long, Frame> of(TraceSource trace) throws IOException {
        Map<Long, Frame> frames = new HashMap<>();
        int cFrame = Table.FRAMES.indexOf("frame_id");
        trace.forEachRow(Table.FRAMES, (b, i) -> {
            Frame frame = Frame.of(b, i);
            if (!frame.isKernel() && frames.size() < MOST) {
                frames.put(b.get(cFrame, i), frame);
            }
        });
        int cStack = Table.STACKS.indexOf("stack_id");
        int cDepth = Table.STACKS.indexOf("depth");
        int cFrameOf = Table.STACKS.indexOf("frame_id");
        Map<Long, Frame> places = new HashMap<>();
        Map<Long, Long> depths = new HashMap<>();
        trace.forEachRow(Table.STACKS, (b, i) -> {
            Frame at = frames.get(b.get(cFrameOf, i));
            long stack = b.get(cStack, i);
            long depth = b.get(cDepth, i);
            Long known = depths.get(stack);
            if (at != null && (known == null ? places.size() < MOST : depth < known)) {
                depths.put(stack, depth);
                places.put(stack, at);
            }
        });
        return places;
    }
}
