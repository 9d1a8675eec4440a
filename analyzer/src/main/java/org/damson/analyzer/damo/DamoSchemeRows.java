package org.damson.analyzer.damo;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.damson.analyzer.scan.TargetKey;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSource;

/**
 * Records of a recording that has regions which schemes were about to be applied to ({@code damos_before_apply}) and no
 * snapshots, as {@code damo record --schemes_target_regions} makes them.
 *
 * <p>damo takes rows for a snapshot until there are as many as the target has regions, of whatever time; but a scheme is
 * applied to some of them only. Without compat a snapshot is what one pass over the regions applied a scheme to.
 */
final class DamoSchemeRows {
    private static final int TIME = Table.SCHEMES.indexOf("time_ns");
    private static final int KDAMOND = Table.SCHEMES.indexOf("kdamond");
    private static final int CONTEXT = Table.SCHEMES.indexOf("context");
    private static final int SCHEME = Table.SCHEMES.indexOf("scheme");
    private static final int TARGET = Table.SCHEMES.indexOf("target");
    private static final int START = Table.SCHEMES.indexOf("start");
    private static final int END = Table.SCHEMES.indexOf("end");
    private static final int SAMPLES = Table.SCHEMES.indexOf("nr_accesses");
    private static final int AGE = Table.SCHEMES.indexOf("age");
    private static final int REGIONS = Table.SCHEMES.indexOf("nr_regions");

    /** What is known of one record on the way through the rows. */
    private static final class Stream {
        Num firstEnd;
        Num lastEnd;
        long snapshots;
        DamoSnapshot open;
        long openedNs;
    }

    private interface Finished {
        void snapshot(TargetKey key, DamoSnapshot snapshot) throws IOException;
    }

    private final TraceSource trace;
    private final boolean compat;
    private final LongFunction<Num> endOf;
    private final long aggrNs;
    private final Map<TargetKey, Stream> known;

    /** @param endOf the end of a snapshot whose first row is of that time, nanoseconds */
    DamoSchemeRows(TraceSource trace, boolean compat, LongFunction<Num> endOf) throws IOException {
        this.trace = trace;
        this.compat = compat;
        this.endOf = endOf;
        aggrNs = trace.manifest().attrs.aggrUs() * 1000;
        known = pass((key, snapshot) -> {});
    }

    void addTo(List<DamoRecord> records, DamoIntervals intervals) {
        for (TargetKey key : known.keySet()) {
            records.add(new DamoRecord(
                    compat ? null : Num.of(key.kdamond()),
                    compat ? null : Num.of(key.context()),
                    compat ? null : Num.of(key.scheme()),
                    Num.unsigned(key.target()),
                    intervals,
                    List.of(),
                    "unknown",
                    visitor -> pass((of, snapshot) -> {
                        if (of.equals(key)) {
                            visitor.visit(snapshot);
                        }
                    })));
        }
    }

    private Map<TargetKey, Stream> pass(Finished finished) throws IOException {
        Map<TargetKey, Stream> streams = new LinkedHashMap<>();
        boolean complete = true;
        try (TraceSource.BatchCursor rows = trace.rows(Table.SCHEMES)) {
            for (Batch b; (b = rows.next()) != null; ) {
                for (int i = 0; i < b.rows(); i++) {
                    TargetKey key = compat
                            ? new TargetKey(0, 0, Snapshot.NO_SCHEME, b.get(TARGET, i))
                            : new TargetKey(
                                    (int) b.get(KDAMOND, i),
                                    (int) b.get(CONTEXT, i),
                                    (int) b.get(SCHEME, i),
                                    b.get(TARGET, i));
                    Stream s = streams.computeIfAbsent(key, k -> new Stream());
                    DamoRegion r = region(b, i);
                    boolean begins = compat ? complete : isOfAnotherPass(s, b.get(TIME, i), r);
                    if (s.open == null || begins) {
                        finish(key, s, finished);
                        begin(key, s, b.get(TIME, i));
                    }
                    s.open.regions.add(r);
                    complete = s.open.regions.size() == b.get(REGIONS, i);
                }
            }
        }
        for (Map.Entry<TargetKey, Stream> e : streams.entrySet()) {
            finish(e.getKey(), e.getValue(), finished);
        }
        return streams;
    }

    private boolean isOfAnotherPass(Stream s, long timeNs, DamoRegion r) {
        return s.open != null
                && (timeNs - s.openedNs > aggrNs / 2
                        || r.start.less(s.open.regions.get(s.open.regions.size() - 1).end));
    }

    private void begin(TargetKey key, Stream s, long timeNs) {
        Num end = endOf.apply(timeNs);
        s.open = new DamoSnapshot(s.lastEnd != null ? s.lastEnd : firstStart(key, end), end);
        s.openedNs = timeNs;
        s.firstEnd = s.firstEnd == null ? end : s.firstEnd;
        s.lastEnd = end;
        s.snapshots++;
    }

    private static void finish(TargetKey key, Stream s, Finished finished) throws IOException {
        if (s.open != null) {
            s.open.updateTotalBytes();
            finished.snapshot(key, s.open);
        }
    }

    /** What is not recorded: as long before as the others last on average. */
    private Num firstStart(TargetKey key, Num end) {
        Stream all = known == null ? null : known.get(key);
        return all == null || all.snapshots < 2
                ? end.minus(Num.of(aggrNs))
                : end.minus(Num.of(all.lastEnd.minus(all.firstEnd).toDouble() / (all.snapshots - 1)));
    }

    private static DamoRegion region(Batch b, int i) {
        DamoRegion r = DamoRegion.of(b.get(START, i), b.get(END, i));
        r.samples = Num.of(b.get(SAMPLES, i));
        r.age = b.get(AGE, i) < 0 ? null : Num.of(b.get(AGE, i));
        return r;
    }
}
