package org.damson.symbols;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.model.stacks.Frame;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/** Traces with given stacks, and the stacks of traces. */
final class Stacks {
    /** A sample of a stack, leaf first. */
    record Sample(long timeNs, int pid, List<Frame> stack) {}

    private Stacks() {}

    static Sample sample(int pid, Frame... leafFirst) {
        return new Sample(1_000_000_000L, pid, List.of(leafFirst));
    }

    static Frame place(Path file, long offset) {
        return new Frame("", file.toString(), Built.BUILD_ID, offset);
    }

    static SymbolOptions options(Path root, Path kallsyms, Path perfMaps) {
        return new SymbolOptions(root, kallsyms, perfMaps, null, Duration.ofSeconds(20), Duration.ofSeconds(60));
    }

    static TraceSource trace(Path dir, Manifest manifest, List<Sample> samples) throws IOException {
        Batch frames = new Batch(Table.FRAMES);
        Batch stacks = new Batch(Table.STACKS);
        Batch rows = new Batch(Table.SAMPLES);
        Map<Frame, Integer> frameIds = new HashMap<>();
        Map<List<Frame>, Integer> stackIds = new HashMap<>();
        for (Sample s : samples) {
            Integer stack = stackIds.get(s.stack);
            if (stack == null) {
                stack = stackIds.size();
                stackIds.put(s.stack, stack);
                for (int d = 0; d < s.stack.size(); d++) {
                    Frame f = s.stack.get(d);
                    Integer id = frameIds.get(f);
                    if (id == null) {
                        id = frameIds.size();
                        frameIds.put(f, id);
                        frames.add(id, f.function(), f.module(), f.buildId(), f.offset());
                    }
                    stacks.add(stack, d, id);
                }
            }
            rows.add(s.timeNs, s.pid, s.pid, 0, "cpu-clock", 0L, 1L, stack);
        }
        try (TraceSink sink = Traces.create(dir, manifest, WriterOptions.BATCH)) {
            sink.append(frames);
            sink.append(stacks);
            sink.append(rows);
        }
        return Traces.open(dir);
    }

    /** The stack of each sample, leaf first. */
    static List<List<Frame>> of(TraceSource trace) throws IOException {
        Map<Long, Frame> frames = new HashMap<>();
        trace.forEachRow(Table.FRAMES, (b, r) -> frames.put(b.get(0, r), Frame.of(b, r)));
        Map<Long, List<Frame>> stacks = new HashMap<>();
        trace.forEachRow(Table.STACKS, (b, r) -> stacks.computeIfAbsent(b.get(0, r), i -> new ArrayList<>())
                .add(frames.get(b.get(2, r))));
        List<List<Frame>> all = new ArrayList<>();
        trace.forEachRow(Table.SAMPLES, (b, r) -> all.add(stacks.get(b.get(Table.SAMPLES.indexOf("stack_id"), r))));
        return all;
    }
}
