package org.damson.analyzer.damo.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.scan.TableReport;
import org.damson.analyzer.scan.TableReport.Column;
import org.damson.analyzer.scan.TableReport.Section;
import org.damson.analyzer.scan.TableReport.Unit;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.stacks.Frame;
import org.damson.model.stacks.SampledThread;

/** Which functions ran in given times, by the call-stack samples of one event of a trace. */
public final class ProfileReport {
    private static final int TIME = Table.SAMPLES.indexOf("time_ns");
    private static final int STACK = Table.SAMPLES.indexOf("stack_id");

    private static final int EVENT = Table.SAMPLES.indexOf("event");

    /** Functions told apart; a trace has fewer by far. */
    private static final int MAX_FUNCTIONS = 1 << 18;

    private record Place(String function, String module) {
        static Place of(Frame f) {
            return new Place(f.name(), f.path());
        }
    }

    private static final Place NO_STACK = Place.of(Frame.NO_STACK);
    private static final Place MISSING = Place.of(Frame.MISSING);

    private ProfileReport() {}

    /**
     * Counts samples by the function that ran.
     *
     * @param intervals in the order of time and apart from each other, of the same clock as the samples
     */
    public static TableReport compute(TraceSource samples, List<DamoTimes.Interval> intervals) throws IOException {
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
        List<Object[]> rows = new ArrayList<>();
        for (Map.Entry<Place, long[]> e : counts.entrySet()) {
            long n = e.getValue()[0];
            rows.add(new Object[] {100.0 * n / counted, n, e.getKey().function, e.getKey().module});
        }
        rows.sort((x, y) -> x[1].equals(y[1])
                ? x[2].toString().compareTo(y[2].toString())
                : Long.compare((Long) y[1], (Long) x[1]));
        List<Column> columns = List.of(
                new Column("percent", "share", Unit.PERCENT),
                new Column("samples", "samples", Unit.COUNT),
                new Column("function", "function", Unit.TEXT),
                new Column("module", "module", Unit.TEXT));
        List<String> notes = new ArrayList<>();
        notes.add(counted + " of " + all + " samples are in " + Units.count(intervals.size(), "time")
                + " of the pattern");
        notes.add("the function on top of each call stack; a share is of the samples in those times");
        long others = events.values().stream().mapToLong(Long::longValue).sum() - all;
        if (others > 0) {
            notes.add("samples of " + Frame.harmless(event) + " are counted, " + others + " of other events are not");
        }
        return new TableReport(List.of(new Section("functions", "functions", columns, rows)), List.copyOf(notes));
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
