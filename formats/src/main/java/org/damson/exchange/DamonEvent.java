package org.damson.exchange;

/** One {@code damon:*} tracepoint event, whatever it was read from. Reused; only the fields of its kind are valid. */
final class DamonEvent {
    /** What the event says. Others of DAMON's events hold nothing that a trace keeps. */
    enum Kind {
        AGGREGATED("damon_aggregated"),
        BEFORE_APPLY("damos_before_apply"),
        TUNED("damon_monitor_intervals_tune"),
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
}
