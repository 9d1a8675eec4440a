package org.damson.exchange;

import java.util.Comparator;

/** One {@code damon:*} tracepoint event, whatever it was read from. Reused; only the fields of its kind are valid. */
final class DamonEvent {
    /** What the event says. Others of DAMON's events hold nothing that a trace keeps. */
    enum Kind {
        AGGREGATED("damon_aggregated"),
        BEFORE_APPLY("damos_before_apply"),
        TUNED("damon_monitor_intervals_tune"),
        /** None of DAMON's: the tracer lost {@code regions} events here, -1 if it does not say how many. */
        LOST("(lost)"),
        OTHER("");

        final String event;

        Kind(String event) {
            this.event = event;
        }

        static Kind of(String event) {
            for (Kind kind : values()) {
                if (kind.event.equals(event)) {
                    return kind;
                }
            }
            return OTHER;
        }
    }

    /** By time, then in the order in which they came. */
    static final Comparator<DamonEvent> IN_TIME =
            Comparator.<DamonEvent>comparingLong(e -> e.timeNs).thenComparingLong(e -> e.sequence);

    Kind kind;

    /** Thread id of the kdamond, -1 if not known. */
    int tid;

    long timeNs;

    /** Unsigned. */
    long target;

    long regions;
    int context;
    int scheme;
    long start;
    long end;
    int nrAccesses;

    /** -1 on kernels that do not report it. */
    int age;

    long sampleUs;

    /** Place among events of one time. */
    long sequence;

    void copyFrom(DamonEvent o) {
        kind = o.kind;
        tid = o.tid;
        timeNs = o.timeNs;
        target = o.target;
        regions = o.regions;
        context = o.context;
        scheme = o.scheme;
        start = o.start;
        end = o.end;
        nrAccesses = o.nrAccesses;
        age = o.age;
        sampleUs = o.sampleUs;
    }
}
