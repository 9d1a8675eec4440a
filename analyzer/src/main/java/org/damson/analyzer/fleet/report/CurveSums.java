package org.damson.analyzer.fleet.report;

import java.io.Serializable;
import java.util.SortedMap;
import java.util.TreeMap;
import org.damson.analyzer.curves.Curves;

/** Curves of several traces as exact sums, for each aggregation interval: ages in different units do not add up. */
final class CurveSums implements Serializable {
    private static final long serialVersionUID = 1L;

    private final TreeMap<Long, Curves> byInterval = new TreeMap<>();
    private long traces;

    CurveSums add(Curves curves) {
        traces++;
        put(curves);
        return this;
    }

    CurveSums join(CurveSums other) {
        traces += other.traces;
        other.byInterval.values().forEach(this::put);
        return this;
    }

    private void put(Curves curves) {
        byInterval.computeIfAbsent(curves.aggrUs(), us -> Curves.empty()).add(curves);
    }

    long traces() {
        return traces;
    }

    /** By aggregation interval in microseconds. */
    SortedMap<Long, Curves> byInterval() {
        return byInterval;
    }
}
