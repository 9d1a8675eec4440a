package org.damson.model.stacks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.damson.model.Batch;
import org.damson.model.InvalidInputException;
import org.damson.model.Table;
import org.damson.model.TraceSource;

/** Reads the samples of a trace with their stacks and frames. Memory is bounded; what does not fit is refused. */
public final class StackReader {
    /** 12 hours of one thread at 99 samples a second; no viewer opens more. */
    private static final int MAX_SAMPLES = 1 << 22;

    private static final int MAX_STACK_ROWS = 1 << 23;

    /** Of sixteen frames each as many as there may be. */
    private static final int MAX_STACKS = 1 << 19;

    private static final int MAX_THREADS = 1 << 17;
    private static final int MAX_FRAMES = 1 << 18;

    private static final int TIME = Table.SAMPLES.indexOf("time_ns");
    private static final int PID = Table.SAMPLES.indexOf("pid");
    private static final int TID = Table.SAMPLES.indexOf("tid");
    private static final int CPU = Table.SAMPLES.indexOf("cpu");
    private static final int EVENT = Table.SAMPLES.indexOf("event");
    private static final int ADDRESS = Table.SAMPLES.indexOf("address");
    private static final int WEIGHT = Table.SAMPLES.indexOf("weight");
    private static final int STACK = Table.SAMPLES.indexOf("stack_id");

    private final TraceSource trace;
    private final Map<SampledThread, Integer> threads = new HashMap<>();
    private final Map<Long, Integer> stacks = new HashMap<>();
    private long[] timesNs = new long[1024];
    private long[] weights = new long[1024];
    private int[] threadOf = new int[1024];
    private int[] cpus = new int[1024];
    private int[] stackOf = new int[1024];
    private long[] addresses = new long[1024];
    private int count;

    private StackReader(TraceSource trace) {
        this.trace = trace;
    }

    /**
     * The samples of a time.
     *
     * @param fromNs of the trace's clock
     * @param toNs exclusive
     * @throws InvalidInputException if there are more than fit into memory
     */
    public static StackSamples read(TraceSource trace, long fromNs, long toNs) throws IOException {
        StackReader reader = new StackReader(trace);
        reader.samples(fromNs, toNs);
        return reader.finish();
    }

    /** The time of the earliest sample, ns of the trace's clock; {@link Long#MAX_VALUE} if there is none. */
    public static long firstNs(TraceSource trace) throws IOException {
        long[] first = {Long.MAX_VALUE};
        trace.forEachRow(Table.SAMPLES, (b, row) -> first[0] = Math.min(first[0], b.get(TIME, row)));
        return first[0];
    }

    private void samples(long fromNs, long toNs) throws IOException {
        trace.forEachRow(Table.SAMPLES, (b, row) -> {
            long timeNs = b.get(TIME, row);
            if (timeNs >= fromNs && timeNs < toNs) {
                sample(b, row, timeNs);
            }
        });
    }

    private void sample(Batch b, int row, long timeNs) {
        if (count == MAX_SAMPLES) {
            throw tooMany("samples with call stacks", MAX_SAMPLES);
        }
        if (count == timesNs.length) {
            int n = 2 * count;
            timesNs = Arrays.copyOf(timesNs, n);
            weights = Arrays.copyOf(weights, n);
            threadOf = Arrays.copyOf(threadOf, n);
            cpus = Arrays.copyOf(cpus, n);
            stackOf = Arrays.copyOf(stackOf, n);
            addresses = Arrays.copyOf(addresses, n);
        }
        timesNs[count] = timeNs;
        long weight = b.get(WEIGHT, row);
        weights[count] = weight < 0 ? Long.MAX_VALUE : weight;
        SampledThread thread =
                new SampledThread((int) b.get(PID, row), (int) b.get(TID, row), b.text(EVENT, row), "", "");
        threadOf[count] = threads.computeIfAbsent(thread, t -> threads.size());
        if (threads.size() > MAX_THREADS) {
            throw tooMany("sampled threads", MAX_THREADS);
        }
        cpus[count] = (int) b.get(CPU, row);
        addresses[count] = b.get(ADDRESS, row);
        stackOf[count++] = stacks.computeIfAbsent(b.get(STACK, row), s -> stacks.size());
        if (stacks.size() > MAX_STACKS) {
            throw tooMany("different call stacks", MAX_STACKS);
        }
    }

    private static InvalidInputException tooMany(String what, int most) {
        return new InvalidInputException("more than " + most + " " + what + "; --time A..B takes a part");
    }

    private StackSamples finish() throws IOException {
        List<Frame> frames = new ArrayList<>();
        int[][] stackTable = stacks.isEmpty() ? new int[0][] : stackTable(frames);
        List<SampledThread> found = threads.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .toList();
        List<SampledThread> table = found.stream()
                .sorted(Comparator.comparingInt(SampledThread::pid)
                        .thenComparingInt(SampledThread::tid)
                        .thenComparing(SampledThread::event))
                .toList();
        Map<SampledThread, Integer> place = new HashMap<>();
        table.forEach(t -> place.put(t, place.size()));
        int[] order = order();
        ThreadNames names = ThreadNames.of(trace);
        long lastNs = count == 0 ? 0 : timesNs[order[count - 1]];
        List<SampledThread> named = table.stream()
                .map(t -> new SampledThread(
                        t.pid(),
                        t.tid(),
                        t.event(),
                        names.at(t.pid(), t.tid(), lastNs),
                        names.at(t.pid(), t.pid(), lastNs)))
                .toList();
        return new StackSamples(
                Arrays.stream(order).mapToLong(i -> timesNs[i]).toArray(),
                Arrays.stream(order).map(i -> place.get(found.get(threadOf[i]))).toArray(),
                Arrays.stream(order).map(i -> cpus[i]).toArray(),
                Arrays.stream(order).mapToLong(i -> weights[i]).toArray(),
                Arrays.stream(order).map(i -> stackOf[i]).toArray(),
                Arrays.stream(order).mapToLong(i -> addresses[i]).toArray(),
                named,
                stackTable,
                List.copyOf(frames));
    }

    /** Samples by time; those of one time as they are in the trace. */
    private int[] order() {
        boolean sorted = IntStream.range(1, count).allMatch(i -> timesNs[i - 1] <= timesNs[i]);
        IntStream all = IntStream.range(0, count);
        return sorted
                ? all.toArray()
                : all.boxed()
                        .sorted(Comparator.comparingLong(i -> timesNs[i]))
                        .mapToInt(Integer::intValue)
                        .toArray();
    }

    /** Frames of the stacks in use; adds those frames to {@code frames}. */
    private int[][] stackTable(List<Frame> frames) throws IOException {
        List<List<long[]>> rows = new ArrayList<>();
        stacks.forEach((id, index) -> rows.add(null));
        int[] taken = {0};
        trace.forEachRow(Table.STACKS, (b, row) -> {
            Integer stack = stacks.get(b.get(Table.STACKS.indexOf("stack_id"), row));
            if (stack == null) {
                return;
            }
            if (taken[0]++ == MAX_STACK_ROWS) {
                throw tooMany("frames in call stacks", MAX_STACK_ROWS);
            }
            if (rows.get(stack) == null) {
                rows.set(stack, new ArrayList<>());
            }
            rows.get(stack).add(new long[] {
                b.get(Table.STACKS.indexOf("depth"), row), b.get(Table.STACKS.indexOf("frame_id"), row)
            });
        });
        Map<Long, Frame> byId = frames();
        Map<Frame, Integer> places = new LinkedHashMap<>();
        int[][] table = new int[rows.size()][];
        for (int s = 0; s < table.length; s++) {
            List<long[]> of = rows.get(s);
            if (of == null) {
                table[s] = new int[] {place(places, Frame.NO_STACK)};
                continue;
            }
            of.sort(Comparator.comparingLong(r -> r[0]));
            table[s] = of.stream()
                    .mapToInt(r -> place(places, byId.getOrDefault(r[1], Frame.MISSING)))
                    .toArray();
        }
        frames.addAll(places.keySet());
        return table;
    }

    private static int place(Map<Frame, Integer> places, Frame frame) {
        return places.computeIfAbsent(frame, f -> places.size());
    }

    private Map<Long, Frame> frames() throws IOException {
        Map<Long, Frame> frames = new HashMap<>();
        trace.forEachRow(Table.FRAMES, (b, row) -> {
            if (frames.size() == MAX_FRAMES) {
                throw new InvalidInputException("more than " + MAX_FRAMES + " different frames of call stacks");
            }
            frames.put(b.get(Table.FRAMES.indexOf("frame_id"), row), Frame.of(b, row));
        });
        return frames;
    }
}
