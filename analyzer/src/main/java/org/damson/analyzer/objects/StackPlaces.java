package org.damson.analyzer.objects;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.stacks.Frame;

/**
 * Which code a sample is of: the frame nearest to the leaf that is not the kernel's, as in a page fault the kernel's are first. Where
 * nothing is known to be mapped there, as when a process has just become another program, it is the kernel's code that says more.
 */
public final class StackPlaces {
    /** Stacks and frames distinguished; a trace has fewer by far. */
    private static final int MAX = 1 << 18;

    private static final int FRAME = Table.FRAMES.indexOf("frame_id");
    private static final int STACK = Table.STACKS.indexOf("stack_id");
    private static final int DEPTH = Table.STACKS.indexOf("depth");
    private static final int FRAME_OF = Table.STACKS.indexOf("frame_id");

    /** The frame nearest to the leaf, of some frames. */
    private static final class Nearest {
        private final Map<Long, Frame> places = new HashMap<>();
        private final Map<Long, Long> depths = new HashMap<>();

        void add(long stack, long depth, Frame frame) {
            Long known = depths.get(stack);
            if (known == null ? places.size() < MAX : depth < known) {
                depths.put(stack, depth);
                places.put(stack, frame);
            }
        }
    }

    private StackPlaces() {}

    /** By the number of the stack; those that have no such frame are not there. */
    public static Map<Long, Frame> of(TraceSource trace) throws IOException {
        Map<Long, Frame> frames = new HashMap<>();
        trace.forEachRow(Table.FRAMES, (b, i) -> {
            if (frames.size() < MAX) {
                frames.put(b.get(FRAME, i), Frame.of(b, i));
            }
        });
        Nearest ofProgram = new Nearest();
        Nearest ofKernel = new Nearest();
        trace.forEachRow(Table.STACKS, (b, i) -> {
            Frame at = frames.get(b.get(FRAME_OF, i));
            if (at != null) {
                (at.isKernel() ? ofKernel : ofProgram).add(b.get(STACK, i), b.get(DEPTH, i), at);
            }
        });
        ofProgram.places.replaceAll((stack, at) ->
                at.hasFunction() || !at.module().isBlank() ? at : ofKernel.places.getOrDefault(stack, at));
        return ofProgram.places;
    }
}
