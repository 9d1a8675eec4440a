package org.damson.analyzer.fleet.report;

import java.io.Serializable;
import java.util.SortedMap;
import java.util.TreeMap;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.curves.PackedCurves;

/**
 * Curves of several traces as exact sums, for each aggregation interval: ages in different units do not add up. Packed while they
 * are those of one trace, as of most hosts: there may be a sum for each.
 */
final class CurveSums implements Serializable {
    private static final long serialVersionUID = 2L;

    private final TreeMap<Long, PackedCurves> single = new TreeMap<>();
    private transient TreeMap<Long, Curves> sums = new TreeMap<>();

    CurveSums join(CurveSums other) {
        other.single.values().forEach(this::add);
        other.sums.forEach((aggrUs, curves) -> sum(aggrUs).add(curves));
        return this;
    }

    CurveSums add(PackedCurves curves) {
        long aggrUs = curves.aggrUs();
        if (single.containsKey(aggrUs) || sums.containsKey(aggrUs)) {
            sum(aggrUs).add(curves.unpacked());
        } else {
            single.put(aggrUs, curves);
        }
        return this;
    }

    /** The sum to add more to. */
    private Curves sum(long aggrUs) {
        Curves sum = sums.computeIfAbsent(aggrUs, us -> Curves.empty());
        PackedCurves first = single.remove(aggrUs);
        return first == null ? sum : sum.add(first.unpacked());
    }

    /** By aggregation interval in microseconds. */
    SortedMap<Long, Curves> byInterval() {
        TreeMap<Long, Curves> all = new TreeMap<>(sums);
        single.forEach((aggrUs, curves) -> all.put(aggrUs, curves.unpacked()));
        return all;
    }

    /** Goes to another process packed. */
    private Object writeReplace() {
        return new Packed(this);
    }

    private static final class Packed implements Serializable {
        private static final long serialVersionUID = 1L;
        private final TreeMap<Long, PackedCurves> single;
        private final TreeMap<Long, PackedCurves> sums = new TreeMap<>();

        Packed(CurveSums of) {
            single = of.single;
            of.sums.forEach((aggrUs, curves) -> sums.put(aggrUs, PackedCurves.of(curves)));
        }

        private Object readResolve() {
            CurveSums all = new CurveSums();
            all.single.putAll(single);
            sums.forEach((aggrUs, curves) -> all.sums.put(aggrUs, curves.unpacked()));
            return all;
        }
    }
}
