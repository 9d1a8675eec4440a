package org.damson.analyzer.damo;

import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.scan.TargetKey;
import org.damson.damon.ProbeHits;
import org.damson.damon.scheme.DamoNode;
import org.damson.exchange.damo.DamoRows;
import org.damson.model.InvalidInputException;
import org.damson.model.Manifest.Source;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * A trace as the records damo would have read from the file it was imported from; for damson's own recordings, the records that
 * an export to damo has.
 */
public final class DamoTrace {
    /** First and last end time and number of snapshots of one key. */
    private static final class Extent {
        long firstEndNs;
        long lastEndNs;
        long snapshots;
    }

    /** What the trace keeps of one snapshot of a damo file; regions by their place in the file. */
    private record Stored(long id, DamoNode facts, Map<Integer, DamoNode> regions) {
        static final Stored NOTHING = new Stored(-1, DamoNode.NOTHING, Map.of());
    }

    private final TraceSource trace;
    private final boolean compat;
    public final List<DamoRecord> records = new ArrayList<>();

    /** Of the set-up beside the recording. */
    public final DamoProbes probes;

    private DamoTrace(TraceSource trace, boolean compat) {
        this.trace = trace;
        this.compat = compat;
        probes = DamoProbes.of(trace.manifest());
    }

    /**
     * Reads the records' own facts; snapshots are read when they are asked for.
     *
     * @throws TraceFormatException if what the trace keeps of damo's file is not what damo writes
     */
    public static DamoTrace of(TraceSource trace) throws IOException {
        return of(trace, true);
    }

    /**
     * As {@link #of(TraceSource)}.
     *
     * @param compat whether a recording that does not say its intervals has none, as for damo; else they are those of the trace
     */
    public static DamoTrace of(TraceSource trace, boolean compat) throws IOException {
        return of(trace, compat, DamoVersion.USUAL);
    }

    /**
     * As {@link #of(TraceSource, boolean)}.
     *
     * @param version of damo, which reads the file
     */
    public static DamoTrace of(TraceSource trace, boolean compat, DamoVersion version) throws IOException {
        DamoTrace t = new DamoTrace(trace, compat);
        try {
            t.storedRecords();
            if (t.records.isEmpty()) {
                t.derivedRecords();
            }
        } catch (InvalidInputException | NumberFormatException | ArithmeticException e) {
            throw new TraceFormatException(trace.name(), "table damo", e.getMessage(), e);
        }
        if (compat && version.takesUnknownForFirst()) {
            t.records.replaceAll(DamoRecord::numbered);
        }
        return t;
    }

    /** The same trace seen as other records. */
    public DamoTrace withRecords(List<DamoRecord> others) {
        DamoTrace t = new DamoTrace(trace, compat);
        t.records.addAll(others);
        return t;
    }

    /** The records of the damo file that this trace was imported from, in its order. */
    private void storedRecords() throws IOException {
        DamoRows.visit(trace, new DamoRows.Visitor() {
            private List<Stored> snapshots = new ArrayList<>();

            @Override
            public void snapshot(long id, String facts) {
                snapshots.add(new Stored(id, DamoNode.parse(facts), new HashMap<>()));
            }

            @Override
            public void region(int place, String facts) {
                snapshots.get(snapshots.size() - 1).regions.put(place, DamoNode.parse(facts));
            }

            @Override
            public void recordEnd(String facts) {
                records.add(record(DamoNode.parse(facts), snapshots));
                snapshots = new ArrayList<>();
            }
        });
    }

    private DamoRecord record(DamoNode head, List<Stored> snapshots) {
        List<DamoNode> filters = new ArrayList<>();
        head.get("scheme_filters").forEach(filters::add);
        return new DamoRecord(
                number(head.get("kdamond_idx")),
                number(head.get("context_idx")),
                number(head.get("scheme_idx")),
                number(head.get("target_id")),
                compat || head.get("intervals").isObject() ? intervals(head.get("intervals")) : nominal(),
                filters,
                head.get("data_source").text("unknown"),
                visitor -> visit(snapshots, visitor));
    }

    private void visit(List<Stored> snapshots, DamoRecord.Visitor visitor) throws IOException {
        try (DamoRows.Snapshots found = new DamoRows.Snapshots(trace)) {
            for (Stored stored : snapshots) {
                Snapshot s = found.find(stored.id);
                try {
                    DamoNode start = stored.facts.get("start_time");
                    visitor.visit(snapshot(
                            s,
                            start.isThere() ? DamoText.parseNs(start.text()) : Num.unsigned(s.startNs),
                            Num.unsigned(s.endNs),
                            stored));
                } catch (InvalidInputException | NumberFormatException | ArithmeticException e) {
                    throw new TraceFormatException(trace.name(), "snapshot " + s.id, e.getMessage(), e);
                }
            }
        }
    }

    private void derivedRecords() throws IOException {
        Map<TargetKey, Extent> extents = new LinkedHashMap<>();
        Snapshot s = new Snapshot();
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL.columns(0))) {
            while (cursor.next(s)) {
                Extent e = extents.computeIfAbsent(TargetKey.of(s), k -> new Extent());
                if (e.snapshots++ == 0) {
                    e.firstEndNs = s.endNs;
                }
                e.lastEndNs = s.endNs;
            }
        }
        // damo reads text without intervals and without indices; its own JSON has them, also where only the tables are
        // left.
        boolean text = Source.isImported(trace.manifest()) && !Source.DAMO.is(trace.manifest());
        boolean assumed = trace.manifest().attrs.origin() == MonitoringAttrs.IntervalsOrigin.ASSUMED;
        DamoIntervals intervals = compat && text && assumed ? null : nominal();
        extents.forEach((key, extent) -> records.add(new DamoRecord(
                text ? null : Num.of(key.kdamond()),
                text ? null : Num.of(key.context()),
                text || key.scheme() == Snapshot.NO_SCHEME ? null : Num.of(key.scheme()),
                Num.unsigned(key.target()),
                intervals,
                List.of(),
                "unknown",
                snapshots(key, compat && text ? extent : null))));
        if (extents.isEmpty() && trace.rowCount(Table.SCHEMES) > 0) {
            new DamoSchemeRows(trace, compat, this::tracedEnd).addTo(records, intervals);
        }
    }

    private DamoIntervals nominal() {
        MonitoringAttrs a = trace.manifest().attrs;
        return new DamoIntervals(
                Num.of(a.sampleUs()), Num.of(a.aggrUs()), Num.of(a.updateUs()), DamoIntervals.Goal.NONE);
    }

    /** @param text set for recordings that only tell when snapshots ended */
    private DamoRecord.Snapshots snapshots(TargetKey key, Extent text) {
        return visitor -> {
            Snapshot s = new Snapshot();
            Num lastEnd = null;
            try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL.target(key.target()))) {
                while (cursor.next(s)) {
                    if (!key.matches(s)) {
                        continue;
                    }
                    Num start = Num.unsigned(s.startNs);
                    Num end = Num.unsigned(s.endNs);
                    if (text != null) {
                        end = tracedEnd(s.endNs);
                        start = lastEnd != null ? lastEnd : text.snapshots > 1 ? firstStart(text) : start;
                        lastEnd = end;
                    }
                    visitor.visit(snapshot(s, start, end, Stored.NOTHING));
                }
            } catch (InvalidInputException | NumberFormatException | ArithmeticException e) {
                throw new TraceFormatException(trace.name(), "snapshot " + s.id, e.getMessage(), e);
            }
        };
    }

    /**
     * damo reads seconds as a double and cuts the nanoseconds; of binary recordings it sees what the tracer prints of them,
     * where perf cuts and trace-cmd rounds to microseconds.
     */
    private Num tracedEnd(long endNs) {
        long read = Source.PERF_DATA.is(trace.manifest())
                ? endNs - Math.floorMod(endNs, 1000)
                : Source.TRACE_DAT.is(trace.manifest()) ? endNs + 500 - Math.floorMod(endNs + 500, 1000) : endNs;
        return Num.of(compat ? read : endNs)
                .over(1_000_000_000)
                .times(1_000_000_000)
                .truncated();
    }

    /** What is not recorded: damo takes the mean duration of the others, as a double. */
    private Num firstStart(Extent e) {
        Num first = tracedEnd(e.firstEndNs);
        double mean = tracedEnd(e.lastEndNs).minus(first).toDouble() / (e.snapshots - 1);
        return first.minus(Num.of(mean));
    }

    private DamoSnapshot snapshot(Snapshot s, Num start, Num end, Stored stored) {
        DamoSnapshot d = new DamoSnapshot(start, end);
        // damo knows of no hits in what perf or trace-cmd recorded.
        int probes = compat ? 0 : ProbeHits.probes(s);
        for (int i = 0, place = 0; i < s.regions || stored.regions.containsKey(place); place++) {
            DamoNode own = stored.regions.getOrDefault(place, DamoNode.NOTHING);
            if (i < s.regions && (!own.isThere() || isRegion(own, s, i))) {
                DamoRegion r = region(s, i, own);
                if (probes > 0 && r.probeHits.isEmpty()) {
                    r.probeHits = ProbeHits.list(s, i, probes);
                }
                d.regions.add(r);
                i++;
            } else {
                // One that no table could take, because it overlaps the one before.
                d.regions.add(overlapping(own));
            }
        }
        d.updateTotalBytes();
        DamoNode facts = stored.facts;
        if (facts.get("total_bytes").isThere()) {
            d.totalBytes = DamoText.parseBytes(facts.get("total_bytes").text());
        }
        if (facts.get("sample_interval_us").isThere()) {
            d.sampleUs = DamoText.parseUs(facts.get("sample_interval_us").text());
        }
        if (facts.get("damos_stats").isThere()) {
            d.stats = stats(facts.get("damos_stats"));
        }
        return d;
    }

    private static boolean isRegion(DamoNode stored, Snapshot s, int i) {
        return !stored.get("start").isThere()
                || DamoText.parseBytes(stored.get("start").text()).toLong() == s.start[i]
                        && DamoText.parseBytes(stored.get("end").text()).toLong() == s.end[i];
    }

    private static DamoRegion region(Snapshot s, int i, DamoNode stored) {
        DamoRegion r = DamoRegion.of(s.start[i], s.end[i]);
        r.samples = Num.of(s.nrAccesses[i]);
        r.age = s.has(Snapshot.HAS_AGE) && s.age[i] >= 0 ? Num.of(s.age[i]) : null;
        if (s.has(Snapshot.HAS_FILTER_PASSED)) {
            r.filterPassed = Num.of(s.filterPassed[i]);
        }
        addFacts(r, stored);
        return r;
    }

    private static DamoRegion overlapping(DamoNode stored) {
        DamoRegion r = new DamoRegion(
                DamoText.parseBytes(stored.get("start").text()),
                DamoText.parseBytes(stored.get("end").text()));
        DamoNode samples = stored.get("nr_accesses").get("samples");
        r.samples = samples.isThere() ? DamoText.parseNr(samples.text()) : null;
        DamoNode age = stored.get("age").get("aggr_intervals");
        r.age = age.isThere() ? DamoText.parseNr(age.text()) : null;
        addFacts(r, stored);
        return r;
    }

    private static void addFacts(DamoRegion r, DamoNode stored) {
        DamoNode percent = stored.get("nr_accesses").get("percent");
        if (percent.isThere()) {
            r.percent = DamoText.parsePercent(percent.text());
        }
        if (stored.get("age").get("usec").isThere()) {
            r.ageUs = DamoText.parseUs(stored.get("age").get("usec").text());
        }
        if (stored.get("sz_filter_passed").isThere()) {
            r.filterPassed = DamoText.parseBytes(stored.get("sz_filter_passed").text());
        }
        if (stored.get("probe_hits").isList()) {
            r.probeHits = new ArrayList<>();
            stored.get("probe_hits").forEach(h -> r.probeHits.add(Integer.parseInt(h.text())));
        }
    }

    private static DamoStats stats(DamoNode kv) {
        return new DamoStats(
                DamoText.parseNr(kv.get("nr_tried").text("0")),
                DamoText.parseBytes(kv.get("sz_tried").text("0")),
                DamoText.parseNr(kv.get("nr_applied").text("0")),
                DamoText.parseBytes(kv.get("sz_applied").text("0")),
                DamoText.parseBytes(kv.get("sz_ops_filter_passed").text("0")),
                DamoText.parseNr(kv.get("qt_exceeds").text("0")),
                DamoText.parseNr(kv.get("nr_snapshots").text("0")),
                DamoText.parseNr(kv.get("max_nr_snapshots").text("0")));
    }

    private static DamoIntervals intervals(DamoNode kv) {
        if (!kv.isObject()) {
            return null;
        }
        DamoNode goal = kv.get("intervals_goal");
        return new DamoIntervals(
                DamoText.parseUs(kv.get("sample_us").text()),
                DamoText.parseUs(kv.get("aggr_us").text()),
                DamoText.parseUs(kv.get("ops_update_us").text()),
                !goal.isObject()
                        ? DamoIntervals.Goal.NONE
                        : new DamoIntervals.Goal(
                                DamoText.parseBasisPoints(goal.get("access_bp").text()),
                                DamoText.parseNr(goal.get("aggrs").text()),
                                DamoText.parseUs(goal.get("min_sample_us").text()),
                                DamoText.parseUs(goal.get("max_sample_us").text())));
    }

    private static Num number(DamoNode node) {
        return node.text().matches("-?[0-9]{1,40}") ? Num.of(new BigInteger(node.text())) : null;
    }
}
