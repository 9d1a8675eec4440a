package org.damson.exchange.damo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.damon.ProbeHits;
import org.damson.exchange.build.DamoValues;
import org.damson.model.InvalidInputException;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** Writes damo's JSON exactly as damo 3.3.0 does: four blanks of indentation, numbers as text with commas, ASCII. */
public final class DamoJson {
    /** 2^64, which an unsigned number of 64 bits has as 0. */
    private static final String END_OF_ADDRESSES = "18,446,744,073,709,551,616";

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private record Key(int kdamond, int context, int scheme, long target) {}

    private final TraceSource trace;
    private final Writer out;
    private final Snapshot snapshot = new Snapshot();
    /** That the snapshot at hand tells of. */
    private int probes;

    private int records;
    private boolean firstSnapshot;

    private DamoJson(TraceSource trace, OutputStream out) {
        this.trace = trace;
        this.out = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.US_ASCII), 1 << 16);
    }

    public static void write(TraceSource trace, OutputStream out) throws IOException {
        new DamoJson(trace, out).run();
    }

    private void run() throws IOException {
        out.write("[");
        if (trace.rowCount(Table.DAMO) > 0) {
            stored();
        } else {
            derived();
        }
        out.write(records == 0 ? "]" : "\n]");
        out.flush();
    }

    /** The records of the damo file that this trace was imported from, in its order. */
    private void stored() throws IOException {
        Heads heads = new Heads();
        DamoRows.visit(trace, heads);
        try (DamoRows.Snapshots snapshots = new DamoRows.Snapshots(trace)) {
            DamoRows.visit(trace, new StoredRecords(heads.all, snapshots));
        }
    }

    /** The records' own facts: damo writes them first, the trace has them last. */
    private final class Heads implements DamoRows.Visitor {
        final List<ObjectNode> all = new ArrayList<>();

        @Override
        public void snapshot(long id, String facts) {
            // of no interest
        }

        @Override
        public void region(int place, String facts) {
            // of no interest
        }

        @Override
        public void recordEnd(String facts) throws IOException {
            all.add(parsed(facts));
        }
    }

    /** Writes each snapshot once all of its regions are known. */
    private final class StoredRecords implements DamoRows.Visitor {
        private final List<ObjectNode> heads;
        private final DamoRows.Snapshots snapshots;
        private final Map<Integer, ObjectNode> regions = new HashMap<>();
        private ObjectNode facts;
        private long id;
        private boolean inRecord;

        StoredRecords(List<ObjectNode> heads, DamoRows.Snapshots snapshots) {
            this.heads = heads;
            this.snapshots = snapshots;
        }

        @Override
        public void snapshot(long number, String text) throws IOException {
            begin();
            facts = parsed(text);
            id = number;
        }

        @Override
        public void region(int place, String text) throws IOException {
            regions.put(place, parsed(text));
        }

        @Override
        public void recordEnd(String text) throws IOException {
            begin();
            end(heads.get(records - 1));
            inRecord = false;
        }

        /** Writes the snapshot before, or the head of a record. */
        private void begin() throws IOException {
            if (facts != null) {
                DamoJson.this.snapshot(snapshots.find(id), facts, regions);
                facts = null;
                regions.clear();
            }
            if (!inRecord) {
                DamoJson.this.begin(heads.get(records));
                inRecord = true;
            }
        }
    }

    private ObjectNode parsed(String text) throws IOException {
        try {
            return text.isEmpty() ? NODES.objectNode() : DamoValues.object(text);
        } catch (JsonProcessingException | InvalidInputException | NumberFormatException e) {
            throw new TraceFormatException(trace.name(), "table damo", "not a JSON object", e);
        }
    }

    /** One record for each kdamond, context, scheme and target. */
    private void derived() throws IOException {
        Set<Key> keys = new LinkedHashSet<>();
        try (TraceSource.SnapshotCursor all = trace.snapshots(TraceQuery.ALL)) {
            while (all.next(snapshot)) {
                keys.add(keyOf(snapshot));
            }
        }
        MonitoringAttrs attrs = trace.manifest().attrs;
        for (Key key : keys) {
            ObjectNode head = NODES.objectNode();
            head.put("kdamond_idx", key.kdamond()).put("context_idx", key.context());
            if (attrs.origin() != MonitoringAttrs.IntervalsOrigin.ASSUMED) {
                head.set("intervals", intervals(attrs));
            }
            if (key.scheme() != Snapshot.NO_SCHEME) {
                head.put("scheme_idx", key.scheme());
            }
            head.put("target_id", new BigInteger(Long.toUnsignedString(key.target())));
            begin(head);
            try (TraceSource.SnapshotCursor own = trace.snapshots(TraceQuery.ALL.target(key.target()))) {
                while (own.next(snapshot)) {
                    if (key.equals(keyOf(snapshot))) {
                        ObjectNode facts = NODES.objectNode();
                        if (snapshot.sampleUs != attrs.sampleUs()) {
                            facts.put("sample_interval_us", Long.toString(snapshot.sampleUs));
                        }
                        snapshot(snapshot, facts, Map.of());
                    }
                }
            }
            end(head);
        }
    }

    private static ObjectNode intervals(MonitoringAttrs attrs) {
        ObjectNode intervals = NODES.objectNode();
        intervals.put("sample_us", Long.toString(attrs.sampleUs()));
        intervals.put("aggr_us", Long.toString(attrs.aggrUs()));
        intervals.put("ops_update_us", Long.toString(attrs.updateUs()));
        intervals
                .putObject("intervals_goal")
                .put("access_bp", "0.000000")
                .put("aggrs", "0")
                .put("min_sample_us", "0")
                .put("max_sample_us", "0");
        return intervals;
    }

    private static Key keyOf(Snapshot s) {
        return new Key(s.kdamond, s.context, s.scheme, s.target);
    }

    private void begin(ObjectNode head) throws IOException {
        out.write(records++ == 0 ? "\n    {" : ",\n    {");
        firstSnapshot = true;
        field("\n", 8, "kdamond_idx", head.get("kdamond_idx"));
        field(",\n", 8, "context_idx", head.get("context_idx"));
        field(",\n", 8, "intervals", head.get("intervals"));
        field(",\n", 8, "scheme_idx", head.get("scheme_idx"));
        field(",\n", 8, "target_id", head.get("target_id"));
        JsonNode filters = head.get("scheme_filters");
        field(",\n", 8, "scheme_filters", filters == null ? NODES.arrayNode() : filters);
        out.write(",\n        \"snapshots\": [");
    }

    private void end(ObjectNode head) throws IOException {
        out.write(firstSnapshot ? "]" : "\n        ]");
        JsonNode source = head.get("data_source");
        field(",\n", 8, "data_source", source == null ? NODES.textNode("unknown") : source);
        out.write("\n    }");
    }

    private void snapshot(Snapshot s, ObjectNode facts, Map<Integer, ObjectNode> stored) throws IOException {
        out.write(firstSnapshot ? "\n            {" : ",\n            {");
        firstSnapshot = false;
        probes = ProbeHits.probes(s);
        out.write("\n                \"start_time\": ");
        out.write(
                facts.has("start_time")
                        ? facts.get("start_time").toString()
                        : "\"" + Long.toUnsignedString(s.startNs) + "\"");
        out.write(",\n                \"end_time\": \"" + Long.toUnsignedString(s.endNs));
        out.write("\",\n                \"regions\": [");
        int position = 0;
        for (int i = 0; i < s.regions || stored.containsKey(position); position++) {
            out.write(position == 0 ? "\n                    {" : ",\n                    {");
            ObjectNode own = stored.get(position);
            if (own == null || i < s.regions && isRegion(own, s, i)) {
                region(s, i++, own);
            } else {
                // One that no table could take, because it overlaps the one before.
                fields(own, 20);
            }
            out.write("\n                    }");
        }
        out.write(position == 0 ? "]" : "\n                ]");
        JsonNode total = facts.get("total_bytes");
        out.write(",\n                \"total_bytes\": ");
        out.write(total == null ? "\"" + Long.toUnsignedString(s.bytes()) + "\"" : text(total));
        field(",\n", 16, "damos_stats", facts.get("damos_stats"));
        field(",\n", 16, "sample_interval_us", facts.get("sample_interval_us"));
        out.write("\n            }");
    }

    private static boolean isRegion(ObjectNode stored, Snapshot s, int i) {
        return DamoValues.bytes(DamoValues.text(stored, "start")) == s.start[i]
                && DamoValues.end(DamoValues.text(stored, "end")) == s.end[i];
    }

    private void region(Snapshot s, int i, ObjectNode stored) throws IOException {
        String pad = "\n                        ";
        out.write(pad + "\"start\": \"" + commas(s.start[i]) + "\",");
        String end = s.end[i] == 0 ? END_OF_ADDRESSES : commas(s.end[i]);
        out.write(pad + "\"end\": \"" + end + "\",");
        out.write(pad + "\"nr_accesses\": {" + pad + "    \"samples\": " + samples(s, i, stored) + ",");
        out.write(pad + "    \"percent\": "
                + (stored == null ? "null" : text(stored.path("nr_accesses").get("percent"))));
        out.write(pad + "}," + pad + "\"age\": {" + pad + "    \"usec\": ");
        out.write(stored == null ? "null" : text(stored.path("age").get("usec")));
        out.write("," + pad + "    \"aggr_intervals\": ");
        boolean clamped = s.age[i] == Integer.MAX_VALUE && stored != null;
        String age = clamped ? stored.path("age").path("aggr_intervals").asText() : commas(s.age[i]);
        boolean isTime =
                stored != null && stored.path("age").path("aggr_intervals").isNull();
        out.write(s.has(Snapshot.HAS_AGE) && s.age[i] >= 0 && !isTime ? "\"" + age + "\"" : "null");
        out.write(pad + "}");
        field(
                ",\n",
                24,
                "probe_hits",
                stored == null || !stored.has("probe_hits") ? probeHits(s, i) : stored.get("probe_hits"));
        out.write("," + pad + "\"sz_filter_passed\": ");
        String passed = s.has(Snapshot.HAS_FILTER_PASSED) ? Long.toUnsignedString(s.filterPassed[i]) : "0";
        out.write(
                stored == null || !stored.has("sz_filter_passed")
                        ? "\"" + passed + " B\""
                        : text(stored.get("sz_filter_passed")));
    }

    private JsonNode probeHits(Snapshot s, int i) {
        ArrayNode hits = NODES.arrayNode();
        ProbeHits.list(s, i, probes).forEach(hits::add);
        return hits;
    }

    /** What a trace has no room for stands in the stored region. */
    private static String samples(Snapshot s, int i, ObjectNode stored) {
        if (stored != null && stored.path("nr_accesses").path("samples").isNull()) {
            return "null";
        }
        boolean clamped = s.nrAccesses[i] == Integer.MAX_VALUE && stored != null;
        return clamped ? stored.path("nr_accesses").path("samples").asText() : Integer.toString(s.nrAccesses[i]);
    }

    private static String text(JsonNode node) {
        return node == null ? "null" : node.isTextual() ? quoted(node.asText()) : node.toString();
    }

    private static String commas(long unsigned) {
        StringBuilder b = new StringBuilder(Long.toUnsignedString(unsigned));
        for (int i = b.length() - 3; i > 0; i -= 3) {
            b.insert(i, ',');
        }
        return b.toString();
    }

    private void field(String before, int indent, String key, JsonNode value) throws IOException {
        out.write(before + " ".repeat(indent) + quoted(key) + ": ");
        value(value, indent);
    }

    /** A value as Python's {@code json.dumps(indent=4)} prints it. */
    private void value(JsonNode node, int indent) throws IOException {
        if (node == null || node.isNull()) {
            out.write("null");
        } else if (node.isObject() && !node.isEmpty()) {
            out.write("{");
            fields(node, indent);
            out.write("\n" + " ".repeat(indent) + "}");
        } else if (node.isArray() && !node.isEmpty()) {
            out.write("[");
            String before = "\n";
            for (JsonNode element : node) {
                out.write(before + " ".repeat(indent + 4));
                value(element, indent + 4);
                before = ",\n";
            }
            out.write("\n" + " ".repeat(indent) + "]");
        } else {
            out.write(node.isTextual() ? quoted(node.asText()) : node.toString());
        }
    }

    private void fields(JsonNode object, int indent) throws IOException {
        Iterator<Map.Entry<String, JsonNode>> fields = object.fields();
        String before = "\n";
        while (fields.hasNext()) {
            Map.Entry<String, JsonNode> f = fields.next();
            field(before, indent + 4, f.getKey(), f.getValue());
            before = ",\n";
        }
    }

    private static String quoted(String text) {
        StringBuilder b = new StringBuilder(text.length() + 2).append('"');
        for (char c : text.toCharArray()) {
            int escape = "\"\\\b\f\n\r\t".indexOf(c);
            if (escape >= 0) {
                b.append('\\').append("\"\\bfnrt".charAt(escape));
            } else if (c < ' ' || c > '~') {
                b.append("\\u%04x".formatted((int) c));
            } else {
                b.append(c);
            }
        }
        return b.append('"').toString();
    }
}
