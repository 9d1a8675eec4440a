package org.damson.exchange.profile;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.damson.model.stacks.Frame;
import org.damson.model.stacks.SampledThread;
import org.damson.model.stacks.StackSamples;

/**
 * A Perfetto trace: each sample is a packet with a {@code PerfSample}, its stack once in the interned data; counters are
 * {@code TrackEvent}s on tracks of their own. What a sample counts is, as there, the sum of weights so far. Samples of one event are one packet sequence, whose defaults name the event.
 * Times are those of the trace's clock. Numbers are those of the fields in the public schema.
 */
public final class Perfetto {
    private static final int STATE_CLEARED = 1;
    private static final int NEEDS_STATE = 2;
    private static final int COUNTER = 4;
    private static final int UNIT_COUNT = 2;
    private static final int UNIT_BYTES = 3;

    /** Interned data go into packets of about this size. */
    private static final int PACKET_BYTES = 1 << 16;

    private static final int COUNTERS_SEQUENCE = 1;
    private static final int FIRST_EVENT_SEQUENCE = 2;

    private record Module(String path, String buildId) {}

    /** An event's counter counts on each CPU from 0; samples of no known CPU count on that which the viewer takes them for. */
    private record Counted(int sequence, int cpu) {}

    private final OutputStream out;
    private final Map<Counted, Long> counts = new HashMap<>();

    private Perfetto(OutputStream out) {
        this.out = out;
    }

    public static void write(StackSamples samples, List<CounterTrack> counters, OutputStream out) throws IOException {
        Perfetto perfetto = new Perfetto(out);
        for (int c = 0; c < counters.size(); c++) {
            perfetto.counter(counters.get(c), c + 1);
        }
        perfetto.threads(samples.threadTable(), counters.size() + 1L);
        List<String> events = samples.threadTable().stream()
                .map(SampledThread::event)
                .distinct()
                .sorted()
                .toList();
        Map<String, Integer> sequences = new HashMap<>();
        Map<String, Set<Integer>> stacks = new HashMap<>();
        for (String event : events) {
            sequences.put(event, FIRST_EVENT_SEQUENCE + sequences.size());
            stacks.put(event, new TreeSet<>());
        }
        for (int i = 0; i < samples.count(); i++) {
            String event = samples.threadTable().get(samples.threads()[i]).event();
            stacks.get(event).add(samples.stacks()[i]);
        }
        for (String event : events) {
            perfetto.begin(event, sequences.get(event));
            perfetto.interned(samples, stacks.get(event), sequences.get(event));
        }
        for (int i = 0; i < samples.count(); i++) {
            SampledThread thread = samples.threadTable().get(samples.threads()[i]);
            perfetto.sample(samples, i, thread, sequences.get(thread.event()));
        }
    }

    private void packet(ProtoWriter packet) throws IOException {
        new ProtoWriter().message(1, packet).writeTo(out);
    }

    private static ProtoWriter at(long timeNs, int sequence) {
        return new ProtoWriter().varint(8, timeNs).varint(10, sequence);
    }

    private void counter(CounterTrack track, long uuid) throws IOException {
        ProtoWriter descriptor = new ProtoWriter()
                .varint(1, uuid)
                .text(2, Frame.harmless(track.name()))
                .message(8, new ProtoWriter().varint(3, track.isBytes() ? UNIT_BYTES : UNIT_COUNT));
        packet(new ProtoWriter()
                .varint(10, COUNTERS_SEQUENCE)
                .varint(13, uuid == 1 ? STATE_CLEARED : 0)
                .message(60, descriptor));
        for (int i = 0; i < track.timesNs().length; i++) {
            double value = track.values()[i];
            if (!Double.isNaN(value)) {
                ProtoWriter event = new ProtoWriter().varint(9, COUNTER).varint(11, uuid);
                packet(at(track.timesNs()[i], COUNTERS_SEQUENCE).message(11, event.float64(44, value)));
            }
        }
    }

    /** Says what processes and threads are called, on tracks without events. Those of one thread follow one another, one for each event. */
    private void threads(List<SampledThread> threads, long firstUuid) throws IOException {
        long uuid = firstUuid;
        SampledThread before = null;
        for (SampledThread thread : threads) {
            boolean isNewProcess = before == null || before.pid() != thread.pid();
            if (isNewProcess && !thread.processName().isEmpty()) {
                ProtoWriter process = new ProtoWriter()
                        .varint(1, Integer.toUnsignedLong(thread.pid()))
                        .text(6, Frame.harmless(thread.processName()));
                named(new ProtoWriter().varint(1, uuid++).message(3, process));
            }
            boolean isNewThread = isNewProcess || before.tid() != thread.tid();
            if (isNewThread && !thread.name().isEmpty()) {
                ProtoWriter descriptor = new ProtoWriter()
                        .varint(1, Integer.toUnsignedLong(thread.pid()))
                        .varint(2, Integer.toUnsignedLong(thread.tid()))
                        .text(5, Frame.harmless(thread.name()));
                named(new ProtoWriter().varint(1, uuid++).message(4, descriptor));
            }
            before = thread;
        }
    }

    private void named(ProtoWriter track) throws IOException {
        packet(new ProtoWriter().varint(10, COUNTERS_SEQUENCE).message(60, track));
    }

    private void begin(String event, int sequence) throws IOException {
        ProtoWriter timebase = new ProtoWriter().text(10, Frame.harmless(event));
        packet(new ProtoWriter()
                .varint(10, sequence)
                .varint(13, STATE_CLEARED)
                .message(59, new ProtoWriter().message(12, new ProtoWriter().message(1, timebase))));
    }

    /** What the stacks of one event need: each sequence of packets has data of its own. */
    private void interned(StackSamples samples, Set<Integer> stacks, int sequence) throws IOException {
        Interned data = new Interned(sequence);
        Map<String, Integer> functions = new LinkedHashMap<>();
        Map<Module, Integer> modules = new LinkedHashMap<>();
        Set<Integer> frames = new TreeSet<>();
        for (int s : stacks) {
            for (int f : samples.stackTable()[s]) {
                frames.add(f);
            }
        }
        for (int f : frames) {
            Frame frame = samples.frameTable().get(f);
            Integer function = functions.get(frame.name());
            if (function == null) {
                function = functions.size() + 1;
                functions.put(frame.name(), function);
                data.add(5, new ProtoWriter().varint(1, function).text(2, frame.name()));
            }
            ProtoWriter row = new ProtoWriter().varint(1, f + 1L).varint(2, function);
            // Also for a frame in no known file: a stack with one that has no mapping is dropped by the viewer.
            Module module = new Module(frame.path(), frame.buildId());
            Integer mapping = modules.get(module);
            if (mapping == null) {
                mapping = modules.size() + 1;
                modules.put(module, mapping);
                mapping(data, module, mapping);
            }
            data.add(6, row.varint(3, mapping).varint(4, frame.hasOffset() ? frame.offset() : 0));
        }
        for (int s : stacks) {
            int[] stack = samples.stackTable()[s];
            ProtoWriter row = new ProtoWriter().varint(1, s + 1L);
            for (int d = stack.length - 1; d >= 0; d--) {
                row.varint(2, stack[d] + 1L);
            }
            data.add(7, row);
        }
        data.flush();
    }

    private static void mapping(Interned data, Module module, int id) throws IOException {
        ProtoWriter mapping = new ProtoWriter().varint(1, id);
        if (!module.path.isBlank()) {
            data.add(17, new ProtoWriter().varint(1, id).text(2, module.path));
            mapping.varint(7, id);
        }
        if (!module.buildId.isBlank()) {
            data.add(16, new ProtoWriter().varint(1, id).bytes(2, buildId(module.buildId)));
            mapping.varint(2, id);
        }
        data.add(19, mapping);
    }

    private static byte[] buildId(String hex) {
        try {
            return HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException e) {
            return Frame.harmless(hex).getBytes(StandardCharsets.UTF_8);
        }
    }

    private void sample(StackSamples samples, int i, SampledThread thread, int sequence) throws IOException {
        ProtoWriter sample = new ProtoWriter();
        if (samples.cpus()[i] >= 0) {
            sample.varint(1, samples.cpus()[i]);
        }
        sample.varint(2, Integer.toUnsignedLong(thread.pid()))
                .varint(3, Integer.toUnsignedLong(thread.tid()))
                .varint(4, samples.stacks()[i] + 1L)
                .varint(
                        6,
                        counts.merge(
                                new Counted(sequence, Math.max(0, samples.cpus()[i])),
                                samples.weights()[i],
                                StackSamples::sum));
        packet(at(samples.timesNs()[i], sequence).varint(13, NEEDS_STATE).message(66, sample));
    }

    /** Entries of {@code InternedData}, gathered into packets. */
    private final class Interned {
        private final int sequence;
        private ProtoWriter entries = new ProtoWriter();

        Interned(int sequence) {
            this.sequence = sequence;
        }

        void add(int field, ProtoWriter entry) throws IOException {
            entries.message(field, entry);
            if (entries.size() > PACKET_BYTES) {
                flush();
            }
        }

        void flush() throws IOException {
            packet(new ProtoWriter()
                    .varint(10, sequence)
                    .varint(13, NEEDS_STATE)
                    .message(12, entries));
            entries = new ProtoWriter();
        }
    }
}
