package org.damson.analyzer.damo.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.stacks.Frame;
import org.damson.model.stacks.SampledThread;

/**
 * Which functions ran in given times, by the call-stack samples of one event of a trace.
 *
 * @param functions those on top of the call stacks, most samples first
 * @param counted samples in the times, of which all shares are
 * @param event which one's samples are counted
 * @param ofEvent its samples at any time
 * @param ofOtherEvents samples at any time of events that are not counted
 * @param times number of times
 */
public record Profile(
        List<Function> functions, long counted, String event, long ofEvent, long ofOtherEvents, int times) {
    /** A function, and in how many samples it was on top. */
    public record Function(String name, String module, long samples) {}

    private static final int TIME = Table.SAMPLES.indexOf("time_ns");
    private static final int STACK = Table.SAMPLES.indexOf("stack_id");

    private static final int EVENT = Table.SAMPLES.indexOf("event");

    /** Functions distinguished; a trace has fewer by far. */
    private static final int MAX_FUNCTIONS = 1 << 18;

    private record Place(String function, String module) {
        static Place of(Frame f) {
            return new Place(f.name(), f.path());
        }
    }

    private static final Place NO_STACK = Place.of(Frame.NO_STACK);
    private static final Place MISSING = Place.of(Frame.MISSING);

    /**
     * Counts samples by the function that ran.
     *
     * @param intervals in the order of time and apart from each other, of the same clock as the samples
     */
    public static Profile compute(TraceSource samples, List<DamoTimes.Interval> intervals) throws IOException {
        Map<Long, Long> leaves = leaves(samples);
        Map<Long, Place> places = places(samples);
        Map<Place, long[]> counts = new HashMap<>();
        Map<String, Long> events = new HashMap<>();
        samples.forEachRow(Table.SAMPLES, (b, i) -> events.merge(b.text(EVENT, i), 1L, Long::sum));
        String event = SampledThread.countedEvent(events);
        long all = events.get(event);
        long counted = 0;
        try (TraceSource.BatchCursor cursor = samples.rows(Table.SAMPLES)) {
            for (Batch b; (b = cursor.next()) != null; ) {
                for (int i = 0; i < b.rows(); i++) {
                    if (!b.text(EVENT, i).equals(event) || !isInside(intervals, b.get(TIME, i))) {
                        continue;
                    }
                    counted++;
                    Long leaf = leaves.get(b.get(STACK, i));
                    Place place = leaf == null ? NO_STACK : places.getOrDefault(leaf, MISSING);
                    if (counts.size() < MAX_FUNCTIONS || counts.containsKey(place)) {
                        counts.computeIfAbsent(place, p -> new long[1])[0]++;
                    }
                }
            }
        }
        List<Function> functions = new ArrayList<>();
        counts.forEach((place, n) -> functions.add(new Function(place.function, place.module, n[0])));
        functions.sort(Comparator.comparingLong(Function::samples)
                .reversed()
                .thenComparing(Function::name)
                .thenComparing(Function::module));
        long others = events.values().stream().mapToLong(Long::longValue).sum() - all;
        return new Profile(List.copyOf(functions), counted, event, all, others, intervals.size());
    }

    private static boolean isInside(List<DamoTimes.Interval> intervals, long timeNs) {
        int low = 0;
        int high = intervals.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            DamoTimes.Interval interval = intervals.get(middle);
            if (timeNs < interval.fromNs()) {
                high = middle - 1;
            } else if (timeNs >= interval.toNs()) {
                low = middle + 1;
            } else {
                return true;
            }
        }
        return false;
    }

    private static Map<Long, Long> leaves(TraceSource samples) throws IOException {
        int cStack = Table.STACKS.indexOf("stack_id");
        int cDepth = Table.STACKS.indexOf("depth");
        int cFrame = Table.STACKS.indexOf("frame_id");
        Map<Long, Long> leaves = new HashMap<>();
        samples.forEachRow(Table.STACKS, (b, i) -> {
            if (b.get(cDepth, i) == 0) {
                leaves.put(b.get(cStack, i), b.get(cFrame, i));
            }
        });
        return leaves;
    }

    private static Map<Long, Place> places(TraceSource samples) throws IOException {
        int cFrame = Table.FRAMES.indexOf("frame_id");
        Map<Long, Place> places = new HashMap<>();
        samples.forEachRow(Table.FRAMES, (b, i) -> places.put(b.get(cFrame, i), Place.of(Frame.of(b, i))));
        return places;
    }
}
