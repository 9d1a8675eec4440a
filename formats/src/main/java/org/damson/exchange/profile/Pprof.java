package org.damson.exchange.profile;

import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.damson.model.InvalidInputException;
import org.damson.model.stacks.Frame;
import org.damson.model.stacks.SampledThread;
import org.damson.model.stacks.StackSamples;

/**
 * pprof's {@code profile.proto}, compressed. Values of a sample are how many there were and, for each event, the sum of its
 * weights; samples of one stack in one thread are one. Numbers are those of the fields in the public schema.
 */
public final class Pprof {
    private record Module(String path, String buildId) {}

    /** A function by its name and file of source; empty: not known. */
    private record Function(String name, String file) {}

    private record Key(int stack, int pid, int tid) implements Comparable<Key> {
        @Override
        public int compareTo(Key o) {
            int byPid = Integer.compare(pid, o.pid);
            int byTid = byPid != 0 ? byPid : Integer.compare(tid, o.tid);
            return byTid != 0 ? byTid : Integer.compare(stack, o.stack);
        }
    }

    /** Each stack of each thread has a value of each event. */
    private static final int MAX_VALUES = 1 << 23;

    private final StackSamples samples;
    private final Map<String, Integer> strings = new LinkedHashMap<>();
    private final Map<Module, Integer> modules = new LinkedHashMap<>();
    private final Map<Function, Integer> functions = new LinkedHashMap<>();

    /** Modules with a place whose function is not known: pprof may look it up, as the build id and the offset say where. */
    private final Set<Integer> unnamed = new HashSet<>();

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
        mainModule();
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
        if (n > 0) {
            // Without it the last value is shown first, as page faults where the clock tells what ran.
            profile.varint(14, string(Frame.harmless(samples.countedEvent())));
        }
        strings.keySet().forEach(s -> profile.text(6, s));
        return profile;
    }

    /** The first file of a profile names it: that of the program's code which ran most, not the kernel's. */
    private void mainModule() {
        String event = samples.count() == 0 ? "" : samples.countedEvent();
        Map<Frame, Integer> counts = new LinkedHashMap<>();
        for (int i = 0; i < samples.count(); i++) {
            if (!samples.threadTable().get(samples.threads()[i]).event().equals(event)) {
                continue;
            }
            for (int f : samples.stackTable()[samples.stacks()[i]]) {
                Frame frame = samples.frameTable().get(f);
                if (!frame.isKernel() && !frame.path().isBlank()) {
                    counts.merge(new Frame("", frame.module(), frame.buildId(), 0), 1, Integer::sum);
                    break;
                }
            }
        }
        counts.entrySet().stream().max(Map.Entry.comparingByValue()).ifPresent(e -> module(e.getKey()));
    }

    private ProtoWriter valueType(String type, String unit) {
        return new ProtoWriter().varint(1, string(type)).varint(2, string(unit));
    }

    private void samples(List<String> events) {
        Map<String, Integer> places = new HashMap<>();
        events.forEach(e -> places.put(e, places.size()));
        Map<Key, long[]> sums = new TreeMap<>();
        for (int i = 0; i < samples.count(); i++) {
            SampledThread thread = samples.threadTable().get(samples.threads()[i]);
            Key key = new Key(samples.stacks()[i], thread.pid(), thread.tid());
            long[] values = sums.computeIfAbsent(key, k -> new long[1 + events.size()]);
            if ((long) sums.size() * values.length > MAX_VALUES) {
                throw new InvalidInputException("more than " + MAX_VALUES
                        + " values of different stacks, threads and events for pprof; --time A..B takes a part");
            }
            int event = 1 + places.get(thread.event());
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
                if (!frame.hasFunction()) {
                    unnamed.add(module(frame));
                }
            }
            if (frame.hasOffset()) {
                location.varint(3, frame.offset());
            }
            ProtoWriter line = new ProtoWriter().varint(1, function(new Function(frame.name(), frame.sourceFile())));
            if (frame.sourceLine() > 0) {
                line.varint(2, frame.sourceLine());
            }
            profile.message(4, location.message(4, line));
        }
    }

    private int function(Function of) {
        Integer known = functions.get(of);
        if (known != null) {
            return known;
        }
        int id = functions.size() + 1;
        functions.put(of, id);
        ProtoWriter row =
                new ProtoWriter().varint(1, id).varint(2, string(of.name)).varint(3, string(of.name));
        if (!of.file.isEmpty()) {
            row.varint(4, string(of.file));
        }
        profile.message(5, row);
        return id;
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
                        .varint(6, string(module.buildId))
                        .varint(7, unnamed.contains(id) ? 0 : 1)));
    }

    private int string(String text) {
        return strings.computeIfAbsent(text, t -> strings.size());
    }
}
