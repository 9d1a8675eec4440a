package org.damson.exchange;

import java.util.Comparator;
import java.util.List;
import org.damson.model.Snapshot;

/** One {@code damon:*} tracepoint event, whatever it was read from. Reused; only the fields of its kind are valid. */
final class DamonEvent {
    /** What the event says. Of others of DAMON's events, also of those to come, the numbers are kept by name. */
    enum Kind {
        AGGREGATED("damon_aggregated"),
        /** The same with hits of probes, of Linux 7.2 and newer; kernels report both of each region. */
        REGION_AGGREGATED("damon_region_aggregated"),
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

    /** Probe hits of a region that are not known. */
    static final long NO_HITS = Snapshot.NO_HITS;

    private static final int PROBES = 4;
    private static final int MAX_HITS = (1 << 15) - 1;

    /** A number of an event of kind {@link Kind#OTHER}, by the field's name. */
    record Value(String name, long value) {}

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

    /** An unsigned number of 32 bits. */
    long nrAccesses;

    /** An unsigned number of 32 bits, -1 on kernels that do not report it. */
    long age;

    /** 16 bits for each probe, the first lowest; {@link #NO_HITS} if the event does not tell. */
    long probeHits = NO_HITS;

    long sampleUs;

    /** The event's name and its numbers, of kind {@link Kind#OTHER}. */
    String name = "";

    List<Value> values = List.of();

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
        probeHits = o.probeHits;
        sampleUs = o.sampleUs;
        name = o.name;
        values = o.values;
    }

    /** Whether the event tells of a region. */
    boolean isRegion() {
        return kind == Kind.AGGREGATED || kind == Kind.REGION_AGGREGATED;
    }

    /** Whether both tell of the same region with the same counts. */
    boolean tellsTheSame(DamonEvent o) {
        return target == o.target
                && regions == o.regions
                && start == o.start
                && end == o.end
                && nrAccesses == o.nrAccesses
                && age == o.age;
    }

    /**
     * Packs hits as {@link #probeHits} has them.
     *
     * @throws IllegalArgumentException if there are more than it has room for
     */
    static long pack(long hits, int probe, long count) {
        if (probe >= PROBES || count < 0 || count > MAX_HITS) {
            throw new IllegalArgumentException("hits of more than " + PROBES + " probes, or more than " + MAX_HITS);
        }
        return (hits == NO_HITS ? 0 : hits) | count << 16 * probe;
    }
}
