package org.damson.trace.redact;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.damson.model.Batch;
import org.damson.model.Mapping;
import org.damson.model.Table;
import org.damson.model.TraceSource;

/** Rows that strict redaction leaves out because they are rare and could be recognised. */
public final class RareRows {
    /** Fewer than so many are rare. */
    private static final int COMMON = 2;

    private record Placed(long pid, long start, long end) {}

    private final Map<Long, Set<Placed>> filesBySize = new HashMap<>();
    private final Map<Long, Set<Long>> stacksByFrame = new HashMap<>();

    public RareRows(TraceSource trace) throws IOException {
        trace.forEachRow(Table.MAPPINGS, (rows, i) -> {
            Mapping m = Mapping.of(rows, i);
            if (RedactedTexts.isFile(m.name())) {
                filesBySize
                        .computeIfAbsent(CoarseSizes.upBytes(m.sizeBytes()), s -> new HashSet<>())
                        .add(new Placed(m.pid(), m.start(), m.end()));
            }
        });
        int stack = Table.STACKS.indexOf("stack_id");
        int frame = Table.STACKS.indexOf("frame_id");
        trace.forEachRow(Table.STACKS, (rows, i) -> {
            Set<Long> stacks = stacksByFrame.computeIfAbsent(rows.get(frame, i), f -> new HashSet<>());
            if (stacks.size() < COMMON) {
                stacks.add(rows.get(stack, i));
            }
        });
    }

    /** Whether a row of the table is not written at all. */
    public boolean isLeftOut(Table table, Batch rows, int row) {
        if (table == Table.MAPPINGS) {
            Mapping m = Mapping.of(rows, row);
            return RedactedTexts.isFile(m.name())
                    && filesBySize.get(CoarseSizes.upBytes(m.sizeBytes())).size() < COMMON;
        }
        return table == Table.MEMORY && !RedactedTexts.isPublic(rows.text(Table.MEMORY.indexOf("counter"), row));
    }

    /** Whether a frame stands in so few stacks that it goes without its names. */
    public boolean isRareFrame(long frame) {
        return stacksByFrame.getOrDefault(frame, Set.of()).size() < COMMON;
    }
}
