package org.damson.analyzer.advise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.damson.analyzer.advise.HeatMapOfCells.Group;
import org.damson.analyzer.objects.StackPlaces;
import org.damson.analyzer.scan.TargetPids;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.stacks.Frame;

/**
 * Which code touched memory, by samples that have both an address and a call stack, such as perf's of page faults with
 * {@code -d}. The place is the first frame from the leaf on that is not the kernel's.
 */
final class CodePlaces {
    /** Stacks and frames distinguished; a trace has fewer by far. */
    private static final int MAX = 1 << 18;

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

    /**
     * The code of each range by samples of its process. Null for one without samples, for ranges of physical memory, of which samples
     * have no addresses, and where nobody says whose they are if there are several processes or targets.
     */
    static List<Code> of(TraceSource trace, TraceQuery query, List<Group> ranges) throws IOException {
        List<Code> found = new ArrayList<>();
        TargetPids pids = TargetPids.of(trace.manifest());
        Counts[] counts = pids.isPhysical() ? new Counts[0] : count(trace, query, ranges, pids);
        Map<Long, Frame> places = counts.length == 0 ? Map.of() : StackPlaces.of(trace);
        for (int r = 0; r < ranges.size(); r++) {
            found.add(counts.length == 0 || counts[r].samples == 0 ? null : code(counts[r], places));
        }
        return found;
    }

    private static Code code(Counts c, Map<Long, Frame> places) {
        Map<String, Long> byPlace = new HashMap<>();
        c.byStack.forEach((stack, n) -> byPlace.merge(place(places, stack), n[0], Long::sum));
        Map.Entry<String, Long> most = byPlace.entrySet().stream()
                .max(Map.Entry.<String, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .orElseThrow();
        return new Code(c.samples, place(places, c.firstStack), most.getKey(), most.getValue());
    }

    private static String place(Map<Long, Frame> places, long stack) {
        Frame frame = places.get(stack);
        return frame == null ? "unnamed code" : frame.place();
    }

    /** Processes that samples are of; of very many, as of no trace that is one, the first. */
    private static Set<Integer> sampled(TraceSource trace) throws IOException {
        int cPid = Table.SAMPLES.indexOf("pid");
        Set<Integer> pids = new HashSet<>();
        trace.forEachRow(Table.SAMPLES, (b, i) -> {
            if (pids.size() < MAX) {
                pids.add((int) b.get(cPid, i));
            }
        });
        return pids;
    }

    private static Counts[] count(TraceSource trace, TraceQuery query, List<Group> ranges, TargetPids targetPids)
            throws IOException {
        int cTime = Table.SAMPLES.indexOf("time_ns");
        int cPid = Table.SAMPLES.indexOf("pid");
        int cAddress = Table.SAMPLES.indexOf("address");
        int cStack = Table.SAMPLES.indexOf("stack_id");
        Counts[] counts = new Counts[ranges.size()];
        for (int r = 0; r < counts.length; r++) {
            counts[r] = new Counts();
        }
        Set<Integer> sampled = sampled(trace);
        int[] owners = ranges.stream()
                .mapToInt(g -> targetPids.of(g.target(), sampled))
                .toArray();
        long[] pids = {-1, 0};
        trace.forEachRow(Table.SAMPLES, (b, i) -> {
            long timeNs = b.get(cTime, i);
            long address = b.get(cAddress, i);
            if (timeNs < query.fromNs() || timeNs >= query.toNs()) {
                return;
            }
            for (int r = 0; r < counts.length; r++) {
                Group g = ranges.get(r);
                if (Long.compareUnsigned(address, g.start()) < 0 || Long.compareUnsigned(address, g.end() - 1) > 0) {
                    continue;
                }
                if (owners[r] >= 0 && owners[r] != b.get(cPid, i)) {
                    continue;
                }
                if (owners[r] < 0 && pids[0] != b.get(cPid, i)) {
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
                if (c.byStack.size() < MAX || c.byStack.containsKey(stack)) {
                    c.byStack.computeIfAbsent(stack, k -> new long[1])[0]++;
                }
            }
        });
        // Several processes are several memories, and whose a range is is not known to every recording.
        boolean isOne = pids[1] <= 1
                && IntStream.range(0, owners.length)
                                .filter(r -> owners[r] < 0)
                                .mapToLong(r -> ranges.get(r).target())
                                .distinct()
                                .count()
                        <= 1;
        for (int r = 0; r < counts.length && !isOne; r++) {
            counts[r] = owners[r] < 0 ? new Counts() : counts[r];
        }
        return counts;
    }
}
