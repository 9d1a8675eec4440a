package org.damson.analyzer.objects;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.scan.Scan;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.stacks.Frame;

/**
 * Which code touched memory first, by samples that have the address of data: page faults, or memory sampled by the processor. The
 * earliest sample within 2 MiB stands for all of these.
 */
final class FirstTouches {
    private static final long BLOCK = 2L << 20;
    private static final int MAX_BLOCKS = 1 << 20;

    /** Ranges kept, the largest. */
    private static final int MAX_RANGES = 1 << 12;

    /**
     * Neighbouring blocks whose first touch was by one function.
     *
     * @param last inclusive
     * @param code of the earliest touch
     * @param firstNs when that was
     * @param touches blocks of which a touch is known
     * @param stack the whole call stack of the earliest touch, by its number
     */
    record Range(long start, long last, Frame code, long firstNs, int touches, long stack) {
        double bytes() {
            return Scan.bytes(last - start) + 1;
        }
    }

    private record Touch(long timeNs, Frame code, long stack) {
        boolean isOf(Touch o) {
            return code.name().equals(o.code.name()) && code.module().equals(o.code.module());
        }
    }

    private FirstTouches() {}

    /** Ranges of each process in order of address; empty where no sample has an address. */
    static Map<Integer, List<Range>> of(TraceSource trace, TraceQuery query) throws IOException {
        int cTime = Table.SAMPLES.indexOf("time_ns");
        int cPid = Table.SAMPLES.indexOf("pid");
        int cAddress = Table.SAMPLES.indexOf("address");
        int cStack = Table.SAMPLES.indexOf("stack_id");
        Map<Long, Frame> places = StackPlaces.of(trace);
        Map<Integer, TreeMap<Long, Touch>> blocks = new HashMap<>();
        int[] count = {0};
        trace.forEachRow(Table.SAMPLES, (b, i) -> {
            long address = b.get(cAddress, i);
            long timeNs = b.get(cTime, i);
            Frame code = places.get(b.get(cStack, i));
            if (address <= 0 || code == null || timeNs >= query.toNs()) {
                return;
            }
            TreeMap<Long, Touch> ofPid = blocks.computeIfAbsent((int) b.get(cPid, i), p -> new TreeMap<>());
            Touch known = ofPid.get(address / BLOCK);
            if (known == null ? count[0]++ < MAX_BLOCKS : timeNs < known.timeNs) {
                ofPid.put(address / BLOCK, new Touch(timeNs, code, b.get(cStack, i)));
            }
        });
        Map<Integer, List<Range>> ranges = new HashMap<>();
        blocks.forEach((pid, touched) -> ranges.put(pid, joined(touched)));
        return ranges;
    }

    private static List<Range> joined(TreeMap<Long, Touch> blocks) {
        List<Range> ranges = new ArrayList<>();
        Touch before = null;
        for (Map.Entry<Long, Touch> e : blocks.entrySet()) {
            long start = e.getKey() * BLOCK;
            Touch t = e.getValue();
            Range last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
            if (last != null && last.last + 1 == start && t.isOf(before)) {
                boolean isEarlier = t.timeNs < last.firstNs;
                ranges.set(
                        ranges.size() - 1,
                        new Range(
                                last.start,
                                start + BLOCK - 1,
                                isEarlier ? t.code : last.code,
                                Math.min(t.timeNs, last.firstNs),
                                last.touches + 1,
                                isEarlier ? t.stack : last.stack));
            } else {
                ranges.add(new Range(start, start + BLOCK - 1, t.code, t.timeNs, 1, t.stack));
            }
            before = t;
        }
        return ranges.stream()
                .sorted(Comparator.comparingDouble(Range::bytes).reversed())
                .limit(MAX_RANGES)
                .sorted(Comparator.comparingLong(Range::start))
                .toList();
    }
}
