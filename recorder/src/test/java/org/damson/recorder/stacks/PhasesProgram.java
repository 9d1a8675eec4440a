package org.damson.recorder.stacks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.Table;
import org.damson.model.TraceSource;

/** {@code src/test/c/phases.c}, and what of a recording of it its own words say. */
final class PhasesProgram {
    private static final int STACK_ID = Table.SAMPLES.indexOf("stack_id");

    private record Range(long start, long end) {
        boolean has(long value) {
            return Long.compareUnsigned(value, start) >= 0 && Long.compareUnsigned(value, end) < 0;
        }
    }

    private final Path program;
    private final Path said;
    private final Map<String, Range> ranges = new HashMap<>();

    PhasesProgram(Path dir) throws IOException, InterruptedException {
        program = dir.resolve("phases");
        said = dir.resolve("said");
        Path source = Path.of("src", "test", "c", "phases.c");
        Process cc = new ProcessBuilder(
                        "cc",
                        "-O1",
                        "-fno-omit-frame-pointer",
                        "-fno-optimize-sibling-calls",
                        "-fno-toplevel-reorder",
                        "-pthread",
                        "-o",
                        program.toString(),
                        source.toString())
                .inheritIO()
                .start();
        assertEquals(0, cc.waitFor());
    }

    /** How it is called to fill and work on two buffers for so long each. */
    List<String> command(int mebibytes, int workMs) {
        return List.of("sh", "-c", "exec " + program + " " + mebibytes + " " + workMs + " >" + said);
    }

    /** Its path, as frames have it. */
    String module() throws IOException {
        return program.toRealPath().toString();
    }

    /** Reads what it said. */
    void ended() throws IOException {
        for (String line : Files.readAllLines(said)) {
            String[] f = line.split(" ");
            ranges.put(f[0], new Range(Long.parseUnsignedLong(f[1], 16), Long.parseUnsignedLong(f[2], 16)));
        }
    }

    boolean isIn(String range, long value) {
        return ranges.get(range).has(value);
    }

    /** The frames of a stack that are in one of its functions. */
    private boolean isOf(String function, Map<Long, Long> offsets, List<Long> frames) {
        return frames.stream().anyMatch(f -> offsets.containsKey(f) && isIn(function, offsets.get(f)));
    }

    /**
     * Samples of an event whose stack has this function.
     *
     * @param buffer where their addresses are; null: anywhere
     */
    long samples(TraceSource trace, String event, String function, String buffer) throws IOException {
        Map<Long, Long> offsets = new HashMap<>();
        String module = module();
        trace.forEachRow(Table.FRAMES, (b, r) -> {
            if (b.text(2, r).equals(module)) {
                offsets.put(b.get(0, r), b.get(4, r));
            }
        });
        Map<Long, List<Long>> stacks = new HashMap<>();
        trace.forEachRow(Table.STACKS, (b, r) -> stacks.computeIfAbsent(b.get(0, r), s -> new java.util.ArrayList<>())
                .add(b.get(2, r)));
        long[] count = {0};
        trace.forEachRow(Table.SAMPLES, (b, r) -> {
            boolean isThere = buffer == null || isIn(buffer, b.get(Table.SAMPLES.indexOf("address"), r));
            if (b.text(Table.SAMPLES.indexOf("event"), r).equals(event)
                    && isThere
                    && isOf(function, offsets, stacks.getOrDefault(b.get(STACK_ID, r), List.of()))) {
                count[0]++;
            }
        });
        return count[0];
    }
}
