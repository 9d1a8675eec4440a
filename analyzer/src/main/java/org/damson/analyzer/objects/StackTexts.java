package org.damson.analyzer.objects;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.stacks.Frame;

/** Whole call stacks in one line each: functions from the outermost to the leaf, between semicolons. */
final class StackTexts {
    private StackTexts() {}

    /**
     * Those of some stacks, by their numbers.
     *
     * @param wanted few enough that their frames fit into memory
     */
    static Map<Long, String> of(TraceSource trace, Set<Long> wanted) throws IOException {
        int cStack = Table.STACKS.indexOf("stack_id");
        int cDepth = Table.STACKS.indexOf("depth");
        int cFrame = Table.STACKS.indexOf("frame_id");
        Map<Long, TreeMap<Long, Long>> stacks = new HashMap<>();
        Set<Long> frames = new HashSet<>();
        trace.forEachRow(Table.STACKS, (b, i) -> {
            if (wanted.contains(b.get(cStack, i))) {
                stacks.computeIfAbsent(b.get(cStack, i), s -> new TreeMap<>()).put(b.get(cDepth, i), b.get(cFrame, i));
                frames.add(b.get(cFrame, i));
            }
        });
        Map<Long, String> names = new HashMap<>();
        int cId = Table.FRAMES.indexOf("frame_id");
        trace.forEachRow(Table.FRAMES, (b, i) -> {
            if (frames.contains(b.get(cId, i))) {
                names.put(b.get(cId, i), Frame.of(b, i).name().replace(';', ':'));
            }
        });
        Map<Long, String> texts = new HashMap<>();
        stacks.forEach((id, of) -> texts.put(
                id,
                String.join(
                        ";",
                        of.descendingMap().values().stream()
                                .map(f -> names.getOrDefault(f, Frame.MISSING.name()))
                                .toList())));
        return texts;
    }
}
