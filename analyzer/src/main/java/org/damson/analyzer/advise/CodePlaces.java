package org.damson.analyzer.advise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.advise.HeatMapOfCells.Group;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.text.Printable;

/**
 * Which code touched memory, by samples that have both an address and a call stack, such as perf's of page faults with
 * {@code -d}. The place is the first frame from the leaf on that is not the kernel's.
 */
final class CodePlaces {
    /** Stacks and frames told apart; a trace has fewer by far. */
    private static final int MOST = 1 << 18;

    /**
     * The code of one range.
     *
     * @param samples that fell into the range
     * @param first where the earliest of them was
     * @param most where most of them were
     * @param mostSamples how many
     */
    record Code(long samples, String first, String most, long mostSamples) {}

    private static final class Counts {
        long samples;
        long firstNs = Long.MAX_VALUE;
        long firstStack;
        final Map<Long, long[]> byStack = new HashMap<>();
    }

    private CodePlaces() {}

    /** The code of each range; null for one without samples, and for all if there are several processes or targets. */
    static List<Code> of(TraceSource trace, TraceQuery query, List<Group> ranges) throws IOException {
        List<Code> found = new ArrayList<>();
        Counts[] counts = count(trace, query, ranges);
        Map<Long, String> places = counts.length == 0 ? Map.of() : places(trace);
        for (int r = 0; r < ranges.size(); r++) {
            found.add(counts.length == 0 || counts[r].samples == 0 ? null : code(counts[r], places));
        }
        return found;
    }

    private static Code code(Counts c, Map<Long, String> places) {
        Map<String, Long> byPlace = new HashMap<>();
        c.byStack.forEach(
                (stack, n) -> byPlace.merge(places.getOrDefault(stack, "code without a name"), n[0], Long::sum));
        Map.Entry<String, Long> most = byPlace.entrySet().stream()
                .max(Map.Entry.<String, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .orElseThrow();
        return new Code(
                c.samples, places.getOrDefault(c.firstStack, "code without a name"), most.getKey(), most.getValue());
    }

    private static Counts[] count(TraceSource trace, TraceQuery query, List<Group> ranges) throws IOException {
        int cTime = Table.SAMPLES.indexOf("time_ns");
        int cPid = Table.SAMPLES.indexOf("pid");
        int cAddress = Table.SAMPLES.indexOf("address");
        int cStack = Table.SAMPLES.indexOf("stack_id");
        Counts[] counts = new Counts[ranges.size()];
        for (int r = 0; r < counts.length; r++) {
            counts[r] = new Counts();
        }
        long[] pids = {-1, 0};
        trace.forEachRow(Table.SAMPLES, (b, i) -> {
            long timeNs = b.get(cTime, i);
            long address = b.get(cAddress, i);
            if (timeNs < query.fromNs() || timeNs > query.toNs()) {
                return;
            }
            for (int r = 0; r < counts.length; r++) {
                Group g = ranges.get(r);
                if (Long.compareUnsigned(address, g.start()) < 0 || Long.compareUnsigned(address, g.end()) >= 0) {
                    continue;
                }
                if (pids[0] != b.get(cPid, i)) {
                    pids[0] = b.get(cPid, i);
                    pids[1]++;
                }
                Counts c = counts[r];
                long stack = b.get(cStack, i);
                c.samples++;
                if (timeNs < c.firstNs) {
                    c.firstNs = timeNs;
                    c.firstStack = stack;
                }
                if (c.byStack.size() < MOST || c.byStack.containsKey(stack)) {
                    c.byStack.computeIfAbsent(stack, k -> new long[1])[0]++;
                }
            }
        });
        // Several processes are several memories, and whose a range is is not known to every recording.
        boolean isOne = pids[1] <= 1
                && ranges.stream().mapToLong(Group::target).distinct().count() <= 1;
        return isOne ? counts : new Counts[0];
    }

    /** By stack: the frame nearest to the leaf that has a place outside the kernel. */
    private static Map<Long, String> places(TraceSource trace) throws IOException {
        Map<Long, String> frames = new HashMap<>();
        int cFrame = Table.FRAMES.indexOf("frame_id");
        int cFunction = Table.FRAMES.indexOf("function");
        int cModule = Table.FRAMES.indexOf("module");
        int cOffset = Table.FRAMES.indexOf("offset");
        trace.forEachRow(Table.FRAMES, (b, i) -> {
            String module = b.text(cModule, i);
            boolean isKernel = module.startsWith("[kernel") || module.startsWith("[guest.kernel");
            if (!isKernel && frames.size() < MOST) {
                String function = b.text(cFunction, i);
                String name = module.substring(module.lastIndexOf('/') + 1);
                String at = (function.isEmpty() ? name : function) + "+0x" + Long.toHexString(b.get(cOffset, i));
                frames.put(
                        b.get(cFrame, i),
                        Printable.line(function.isEmpty() || name.isEmpty() ? at : at + " in " + name));
            }
        });
        int cStack = Table.STACKS.indexOf("stack_id");
        int cDepth = Table.STACKS.indexOf("depth");
        int cFrameOf = Table.STACKS.indexOf("frame_id");
        Map<Long, String> places = new HashMap<>();
        Map<Long, Long> depths = new HashMap<>();
        trace.forEachRow(Table.STACKS, (b, i) -> {
            String at = frames.get(b.get(cFrameOf, i));
            long stack = b.get(cStack, i);
            long depth = b.get(cDepth, i);
            Long known = depths.get(stack);
            if (at != null && (known == null ? places.size() < MOST : depth < known)) {
                depths.put(stack, depth);
                places.put(stack, at);
            }
        });
        return places;
    }
}
