package org.damson.analyzer.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which frame of a stack names its code. */
final class StackPlacesTest {
    @TempDir
    Path dir;

    @Test
    void theProgramsInnermostFrameNamesAStackUnlessNothingIsKnownOfIt() throws IOException {
        Path path = dir.resolve("x.damson");
        Manifest manifest = new Manifest();
        manifest.source = "import:text";
        try (TraceSink sink = Traces.create(path, manifest, WriterOptions.BATCH)) {
            Batch frames = new Batch(Table.FRAMES);
            frames.add(1, "load_elf_binary", "[kernel.kallsyms]", "", 4, "");
            frames.add(2, "do_syscall_64", "[kernel.kallsyms]", "", 5, "");
            frames.add(3, "", "", "", 0x7f0000001000L, "");
            frames.add(4, "fill", "/bin/app", "", 6, "");
            frames.add(5, "", "/bin/app", "", 7, "");
            Batch stacks = new Batch(Table.STACKS);
            int[][] all = {{1, 2, 4}, {1, 2, 3}, {2, 5, 3}, {3, 4}, {3}, {1, 2}};
            for (int s = 0; s < all.length; s++) {
                // Rows are in no order.
                for (int d = all[s].length - 1; d >= 0; d--) {
                    stacks.add(s, d, all[s][d]);
                }
            }
            sink.append(frames);
            sink.append(stacks);
        }
        Map<Long, String> names = new TreeMap<>();
        try (TraceSource trace = Traces.open(path)) {
            StackPlaces.of(trace).forEach((stack, frame) -> names.put(stack, frame.name()));
        }
        assertEquals(
                Map.of(
                        0L, "fill",
                        1L, "load_elf_binary",
                        2L, "app+0x7",
                        3L, "[unknown] at 0x7f0000001000",
                        4L, "[unknown] at 0x7f0000001000"),
                names);
    }
}
