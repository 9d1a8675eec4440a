package org.damson.exchange.profile;

import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.damson.model.stacks.Frame;
import org.damson.model.stacks.SampledThread;
import org.damson.model.stacks.StackSamples;

/**
 * pprof's {@code profile.proto}, compressed. Values of a sample are how many there were and, for each event, the sum of its
 * weights; samples of one stack in one thread are one. Numbers are those of the fields in the public schema.
 */
public final class Pprof {
    private record Module(String path, String buildId) {}

    private record Key(int stack, int pid, int tid) implements Comparable<Key> {
        @Override
        public int compareTo(Key o) {
            int byPid = Integer.compare(pid, o.pid);
            int byTid = byPid != 0 ? byPid : Integer.compare(tid, o.tid);
            return byTid != 0 ? byTid : Integer.compare(stack, o.stack);
        }
    }

    private final StackSamples samples;
    private final Map<String, Integer> strings = new LinkedHashMap<>();
    private final Map<Module, Integer> modules = new LinkedHashMap<>();
    private final Map<String, Integer> functions = new LinkedHashMap<>();
    private final ProtoWriter profile = new ProtoWriter();

    private Pprof(StackSamples samples) {
        this.samples = samples;
        string("");
    }

    /** @param toEpochNs from the trace's clock to nanoseconds since 1970; null if not known */
    public static void write(StackSamples samples, Long toEpochNs, OutputStream out) throws IOException {
        ProtoWriter whole = new Pprof(samples).whole(toEpochNs);
        GZIPOutputStream gzip = new GZIPOutputStream(out);
        whole.writeTo(gzip);
        gzip.finish();
    }

    private ProtoWriter whole(Long toEpochNs) {
        List<String> events = samples.threadTable().stream()
                .map(SampledThread::event)
                .distinct()
                .sorted()
                .toList();
        profile.message(1, valueType("samples", "count"));
        for (String event : events) {
            profile.message(
                    1, valueType(Frame.harmless(event), SampledThread.isClock(event) ? "nanoseconds" : "count"));
        }
        samples(events);
        locations();
        mappings();
        int n = samples.count();
        if (n > 0 && toEpochNs != null) {
            profile.varint(9, samples.timesNs()[0] + toEpochNs);
        }
        if (n > 0) {
            profile.varint(10, samples.timesNs()[n - 1] - samples.timesNs()[0]);
        }
        strings.keySet().forEach(s -> profile.text(6, s));
        return profile;
    }

    private ProtoWriter valueType(String type, String unit) {
        return new ProtoWriter().varint(1, string(type)).varint(2, string(unit));
    }

    private void samples(List<String> events) {
        Map<Key, long[]> sums = new TreeMap<>();
        for (int i = 0; i < samples.count(); i++) {
            SampledThread thread = samples.threadTable().get(samples.threads()[i]);
            Key key = new Key(samples.stacks()[i], thread.pid(), thread.tid());
            long[] values = sums.computeIfAbsent(key, k -> new long[1 + events.size()]);
            int event = 1 + events.indexOf(thread.event());
            values[0]++;
            values[event] = StackSamples.sum(values[event], samples.weights()[i]);
        }
        sums.forEach((key, values) -> {
            int[] stack = samples.stackTable()[key.stack];
            long[] locations = new long[stack.length];
            for (int d = 0; d < stack.length; d++) {
                locations[d] = stack[d] + 1L;
            }
            profile.message(
                    2,
                    new ProtoWriter()
                            .packed(1, locations)
                            .packed(2, values)
                            .message(3, label("pid", key.pid))
                            .message(3, label("tid", key.tid)));
        });
    }

    private ProtoWriter label(String key, long number) {
        return new ProtoWriter().varint(1, string(key)).varint(3, number);
    }

    private void locations() {
        for (int f = 0; f < samples.frameTable().size(); f++) {
            Frame frame = samples.frameTable().get(f);
            ProtoWriter location = new ProtoWriter().varint(1, f + 1L);
            if (!frame.path().isBlank()) {
                location.varint(2, module(frame));
            }
            if (frame.hasOffset()) {
                location.varint(3, frame.offset());
            }
            String name = frame.name();
            Integer function = functions.get(name);
            if (function == null) {
                function = functions.size() + 1;
                functions.put(name, function);
                profile.message(
                        5,
                        new ProtoWriter()
                                .varint(1, function)
                                .varint(2, string(name))
                                .varint(3, string(name)));
            }
            profile.message(4, location.message(4, new ProtoWriter().varint(1, function)));
        }
    }

    private int module(Frame frame) {
        return modules.computeIfAbsent(
                new Module(frame.path(), Frame.harmless(frame.buildId())), m -> modules.size() + 1);
    }

    /** Locations have offsets in the file as their addresses, so each file lies at 0. */
    private void mappings() {
        modules.forEach((module, id) -> profile.message(
                3,
                new ProtoWriter()
                        .varint(1, id)
                        .varint(3, 1L << 40)
                        .varint(5, string(module.path))
                        .varint(6, string(module.buildId))));
    }

    private int string(String text) {
        return strings.computeIfAbsent(text, t -> strings.size());
    }
}
