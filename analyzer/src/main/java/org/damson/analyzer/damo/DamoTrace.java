package org.damson.analyzer.damo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.Batch;
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
    /** {@code region} of rows of {@link Table#DAMO} that describe a record, and a snapshot. */
    private static final int RECORD_ROW = -1;

    private static final int SNAPSHOT_ROW = -2;
    private static final ObjectMapper JSON = new ObjectMapper();

    private record Key(int kdamond, int context, int scheme, long target) {
        static Key of(Snapshot s) {
            return new Key(s.kdamond, s.context, s.scheme, s.target);
        }
    }

    /** First and last end time and number of snapshots of one key. */
    private static final class Extent {
        long firstEndNs;
        long lastEndNs;
        long snapshots;
    }

    private final TraceSource trace;
    private final Map<Long, Map<Integer, JsonNode>> facts = new HashMap<>();
    final List<DamoRecord> records = new ArrayList<>();

    private DamoTrace(TraceSource trace) {
        this.trace = trace;
    }

    /**
     * Reads the records' own facts; snapshots are read when they are asked for.
     *
     * @throws TraceFormatException if what the trace keeps of damo's file is not what damo writes
     */
    public static DamoTrace of(TraceSource trace) throws IOException {
        DamoTrace t = new DamoTrace(trace);
        try {
            t.storedRecords();
            if (t.records.isEmpty()) {
                t.derivedRecords();
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new TraceFormatException(trace.name(), "table damo", e.getMessage(), e);
        }
        return t;
    }

    /** The same trace seen as other records. */
    DamoTrace withRecords(List<DamoRecord> others) {
        DamoTrace t = new DamoTrace(trace);
        t.records.addAll(others);
        return t;
    }

    private void storedRecords() throws IOException {
        List<JsonNode> heads = new ArrayList<>();
        List<Long> firsts = new ArrayList<>();
        int cRegion = Table.DAMO.indexOf("region");
        int cSnapshot = Table.DAMO.indexOf("snapshot_id");
        int cJson = Table.DAMO.indexOf("json");
        try (TraceSource.BatchCursor cursor = trace.rows(Table.DAMO)) {
            for (Batch b; (b = cursor.next()) != null; ) {
                for (int i = 0; i < b.rows(); i++) {
                    JsonNode json = JSON.readTree(b.text(cJson, i));
                    if (b.get(cRegion, i) == RECORD_ROW) {
                        heads.add(json);
                        firsts.add(b.get(cSnapshot, i));
                    } else {
                        facts.computeIfAbsent(b.get(cSnapshot, i), k -> new HashMap<>())
                                .put((int) b.get(cRegion, i), json);
                    }
                }
            }
        }
        for (int i = 0; i < heads.size(); i++) {
            JsonNode head = heads.get(i);
            long to = i + 1 < firsts.size() ? firsts.get(i + 1) : Long.MAX_VALUE;
            List<JsonNode> filters = new ArrayList<>();
            head.path("scheme_filters").forEach(filters::add);
            records.add(new DamoRecord(
                    number(head.path("kdamond_idx")),
                    number(head.path("context_idx")),
                    number(head.path("scheme_idx")),
                    number(head.path("target_id")),
                    intervals(head.path("intervals")),
                    filters,
                    head.path("data_source").asText("unknown"),
                    snapshots(TraceQuery.ALL.snapshots(firsts.get(i), to), null, null)));
        }
    }

    private void derivedRecords() throws IOException {
        Map<Key, Extent> extents = new LinkedHashMap<>();
        Snapshot s = new Snapshot();
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL.columns(0))) {
            while (cursor.next(s)) {
                Extent e = extents.computeIfAbsent(Key.of(s), k -> new Extent());
                if (e.snapshots++ == 0) {
                    e.firstEndNs = s.endNs;
                }
                e.lastEndNs = s.endNs;
            }
        }
        MonitoringAttrs a = trace.manifest().attrs;
        // damo reads text without intervals and without indices.
        boolean text = trace.manifest().source.startsWith("import:");
        DamoIntervals intervals = text && a.origin() == MonitoringAttrs.IntervalsOrigin.ASSUMED
                ? null
                : new DamoIntervals(
                        Num.of(a.sampleUs()), Num.of(a.aggrUs()), Num.of(a.updateUs()), DamoIntervals.Goal.NONE);
        extents.forEach((key, extent) -> records.add(new DamoRecord(
                text ? null : Num.of(key.kdamond()),
                text ? null : Num.of(key.context()),
                text || key.scheme() == Snapshot.NO_SCHEME ? null : Num.of(key.scheme()),
                Num.unsigned(key.target()),
                intervals,
                List.of(),
                "unknown",
                snapshots(TraceQuery.ALL.target(key.target()), key, text ? extent : null))));
    }

    /**
     * @param key null for all snapshots of the query
     * @param text set for recordings that only tell when snapshots ended
     */
    private DamoRecord.Snapshots snapshots(TraceQuery query, Key key, Extent text) {
        return visitor -> {
            Snapshot s = new Snapshot();
            Num lastEnd = null;
            try (TraceSource.SnapshotCursor cursor = trace.snapshots(query)) {
                while (cursor.next(s)) {
                    if (key != null && !key.equals(Key.of(s))) {
                        continue;
                    }
                    Num start = Num.unsigned(s.startNs);
                    Num end = Num.unsigned(s.endNs);
                    if (text != null) {
                        end = tracedEnd(s.endNs);
                        start = lastEnd != null ? lastEnd : text.snapshots > 1 ? firstStart(text) : start;
                        lastEnd = end;
                    }
                    visitor.visit(snapshot(s, start, end));
                }
            } catch (IllegalArgumentException | ArithmeticException e) {
                throw new TraceFormatException(trace.name(), "snapshot " + s.id, e.getMessage(), e);
            }
        };
    }

    /** damo reads seconds as a double and cuts the nanoseconds. */
    private static Num tracedEnd(long endNs) {
        return Num.of(endNs).over(1_000_000_000).times(1_000_000_000).truncated();
    }

    /** What is not recorded: damo takes the mean duration of the others, as a double. */
    private static Num firstStart(Extent e) {
        Num first = tracedEnd(e.firstEndNs);
        double mean = tracedEnd(e.lastEndNs).minus(first).toDouble() / (e.snapshots - 1);
        return first.minus(Num.of(mean));
    }

    private DamoSnapshot snapshot(Snapshot s, Num start, Num end) {
        Map<Integer, JsonNode> own = facts.getOrDefault(s.id, Map.of());
        JsonNode fact = own.get(SNAPSHOT_ROW);
        DamoSnapshot d = new DamoSnapshot(start, end);
        for (int i = 0; i < s.regions; i++) {
            d.regions.add(region(s, i, own.get(i)));
        }
        d.updateTotalBytes();
        if (fact != null) {
            if (fact.hasNonNull("total_bytes")) {
                d.totalBytes = DamoText.parseBytes(fact.get("total_bytes").asText());
            }
            if (fact.hasNonNull("sample_interval_us")) {
                d.sampleUs = DamoText.parseUs(fact.get("sample_interval_us").asText());
            }
            if (fact.hasNonNull("damos_stats")) {
                d.stats = stats(fact.get("damos_stats"));
            }
        }
        return d;
    }

    private static DamoRegion region(Snapshot s, int i, JsonNode stored) {
        DamoRegion r = new DamoRegion(Num.unsigned(s.start[i]), Num.unsigned(s.end[i]));
        r.samples = Num.of(s.nrAccesses[i]);
        r.age = s.has(Snapshot.HAS_AGE) && s.age[i] >= 0 ? Num.of(s.age[i]) : null;
        if (s.has(Snapshot.HAS_FILTER_PASSED)) {
            r.filterPassed = Num.of(s.filterPassed[i]);
        }
        if (stored != null) {
            JsonNode percent = stored.path("nr_accesses").path("percent");
            if (!percent.isMissingNode() && !percent.isNull()) {
                r.percent = DamoText.parsePercent(percent.asText());
            }
            if (stored.path("age").hasNonNull("usec")) {
                r.ageUs = DamoText.parseUs(stored.path("age").get("usec").asText());
            }
            if (stored.hasNonNull("sz_filter_passed")) {
                r.filterPassed = DamoText.parseBytes(stored.get("sz_filter_passed").asText());
            }
            if (stored.path("probe_hits").isArray()) {
                r.probeHits = new ArrayList<>();
                stored.get("probe_hits").forEach(h -> r.probeHits.add(h.asInt()));
            }
        }
        return r;
    }

    private static DamoStats stats(JsonNode kv) {
        return new DamoStats(
                DamoText.parseNr(kv.path("nr_tried").asText("0")),
                DamoText.parseBytes(kv.path("sz_tried").asText("0")),
                DamoText.parseNr(kv.path("nr_applied").asText("0")),
                DamoText.parseBytes(kv.path("sz_applied").asText("0")),
                DamoText.parseBytes(kv.path("sz_ops_filter_passed").asText("0")),
                DamoText.parseNr(kv.path("qt_exceeds").asText("0")),
                DamoText.parseNr(kv.path("nr_snapshots").asText("0")),
                DamoText.parseNr(kv.path("max_nr_snapshots").asText("0")));
    }

    private static DamoIntervals intervals(JsonNode kv) {
        if (!kv.isObject()) {
            return null;
        }
        JsonNode goal = kv.path("intervals_goal");
        return new DamoIntervals(
                DamoText.parseUs(kv.path("sample_us").asText()),
                DamoText.parseUs(kv.path("aggr_us").asText()),
                DamoText.parseUs(kv.path("ops_update_us").asText()),
                !goal.isObject()
                        ? DamoIntervals.Goal.NONE
                        : new DamoIntervals.Goal(
                                DamoText.parseBasisPoints(goal.path("access_bp").asText()),
                                DamoText.parseNr(goal.path("aggrs").asText()),
                                DamoText.parseUs(goal.path("min_sample_us").asText()),
                                DamoText.parseUs(goal.path("max_sample_us").asText())));
    }

    private static Num number(JsonNode node) {
        return node.isIntegralNumber() ? Num.of(new BigInteger(node.asText())) : null;
    }
}
