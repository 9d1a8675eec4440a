package org.damson.exchange;

import java.util.Comparator;

/** An event that a test writes: a region at the end of an aggregation, or that events were lost. */
final class DamonEvent {
    enum Kind {
        AGGREGATED,
        /** The tracer lost {@code regions} events here. */
        LOST
    }

    static final Comparator<DamonEvent> IN_TIME = Comparator.comparingLong(e -> e.timeNs);

    Kind kind;
    int tid;
    long timeNs;
    long target;
    long regions;
    long start;
    long end;
    long nrAccesses;
    long age;
}
