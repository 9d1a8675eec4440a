package org.damson.exchange;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.model.Batch;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** Writes damo's JSON exactly as damo 3.3.0 does: four blanks of indentation, numbers as text with commas, ASCII. */
final class DamoJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** One record to write: its own facts and which snapshots are in it. */
    private record Part(ObjectNode head, TraceQuery query, Key key) {}

    private record Key(int kdamond, int context, int scheme, long target) {}

    private final TraceSource trace;
    private final Map<Long, Map<Integer, ObjectNode>> extras = new HashMap<>();
    private final Writer out;

    private DamoJson(TraceSource trace, OutputStream out) {
        this.trace = trace;
        this.out = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.US_ASCII), 1 << 16);
    }

    static void write(TraceSource trace, OutputStream out) throws IOException {
        new DamoJson(trace, out).run();
    }

    private void run() throws IOException {
        List<Part> parts = storedParts();
        if (parts.isEmpty()) {
            parts = derivedParts();
        }
        out.write("[");
        for (int i = 0; i < parts.size(); i++) {
            out.write(i == 0 ? "\n    {" : ",\n    {");
            record(parts.get(i));
            out.write("\n    }");
        }
        out.write(parts.isEmpty() ? "]" : "\n]");
        out.flush();
    }

    /** The records of the damo file that this trace was imported from. */
    private List<Part> storedParts() throws IOException {
        List<ObjectNode> heads = new ArrayList<>();
        List<Long> firsts = new ArrayList<>();
        try (TraceSource.BatchCursor cursor = trace.rows(Table.DAMO)) {
            for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                for (int r = 0; r < b.rows(); r++) {
                    ObjectNode json = (ObjectNode) JSON.readTree(b.text(3, r));
                    if (b.get(2, r) == DamoImporter.RECORD_ROW) {
                        heads.add(json);
                        firsts.add(b.get(1, r));
                    } else {
                        extras.computeIfAbsent(b.get(1, r), k -> new HashMap<>())
                                .put((int) b.get(2, r), json);
                    }
                }
            }
        }
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < heads.size(); i++) {
            long to = i + 1 < firsts.size() ? firsts.get(i + 1) : Long.MAX_VALUE;
            parts.add(new Part(heads.get(i), TraceQuery.ALL.snapshots(firsts.get(i), to), null));
        }
        return parts;
    }

    private List<Part> derivedParts() throws IOException {
        Set<Key> keys = new LinkedHashSet<>();
        Snapshot s = new Snapshot();
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            while (cursor.next(s)) {
                keys.add(keyOf(s));
            }
        }
        List<Part> parts = new ArrayList<>();
        MonitoringAttrs a = trace.manifest().attrs;
        for (Key key : keys) {
            ObjectNode head = JSON.createObjectNode();
            ObjectNode intervals = head.putObject("intervals");
            intervals.put("sample_us", Long.toString(a.sampleUs()));
            intervals.put("aggr_us", Long.toString(a.aggrUs()));
            intervals.put("ops_update_us", Long.toString(a.updateUs()));
            ObjectNode goal = intervals.putObject("intervals_goal");
            goal.put("access_bp", "0.000000")
                    .put("aggrs", "0")
                    .put("min_sample_us", "0")
                    .put("max_sample_us", "0");
            if (key.scheme() != Snapshot.NO_SCHEME) {
                head.put("scheme_idx", key.scheme());
            }
            head.put("kdamond_idx", key.kdamond()).put("context_idx", key.context());
            head.put("target_id", new java.math.BigInteger(Long.toUnsignedString(key.target())));
            parts.add(new Part(head, TraceQuery.ALL.target(key.target()), key));
        }
        return parts;
    }

    private static Key keyOf(Snapshot s) {
        return new Key(s.kdamond, s.context, s.scheme, s.target);
    }

    private void record(Part part) throws IOException {
        ObjectNode head = part.head();
        field("\n", 8, "kdamond_idx", head.get("kdamond_idx"));
        field(",\n", 8, "context_idx", head.get("context_idx"));
        field(",\n", 8, "intervals", head.get("intervals"));
        field(",\n", 8, "scheme_idx", head.get("scheme_idx"));
        field(",\n", 8, "target_id", head.get("target_id"));
        field(
                ",\n",
                8,
                "scheme_filters",
                head.has("scheme_filters") ? head.get("scheme_filters") : JSON.createArrayNode());
        out.write(",\n        \"snapshots\": [");
        Snapshot s = new Snapshot();
        boolean first = true;
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(part.query())) {
            while (cursor.next(s)) {
                if (part.key() == null || part.key().equals(keyOf(s))) {
                    out.write(first ? "\n            {" : ",\n            {");
                    snapshot(s);
                    out.write("\n            }");
                    first = false;
                }
            }
        }
        out.write(first ? "]" : "\n        ]");
        JsonNode source = head.get("data_source");
        field(",\n", 8, "data_source", source == null ? JSON.getNodeFactory().textNode("unknown") : source);
    }

    private void snapshot(Snapshot s) throws IOException {
        Map<Integer, ObjectNode> own = extras.getOrDefault(s.id, Map.of());
        ObjectNode facts = own.getOrDefault(DamoImporter.SNAPSHOT_ROW, JSON.createObjectNode());
        out.write("\n                \"start_time\": \"" + Long.toUnsignedString(s.startNs));
        out.write("\",\n                \"end_time\": \"" + Long.toUnsignedString(s.endNs));
        out.write("\",\n                \"regions\": [");
        for (int i = 0; i < s.regions; i++) {
            out.write(i == 0 ? "\n                    {" : ",\n                    {");
            region(s, i, own.get(i));
            out.write("\n                    }");
        }
        out.write(s.regions == 0 ? "]" : "\n                ]");
        JsonNode total = facts.get("total_bytes");
        out.write(",\n                \"total_bytes\": ");
        out.write(total == null ? "\"" + Long.toUnsignedString(s.bytes()) + "\"" : total.toString());
        field(",\n", 16, "damos_stats", facts.get("damos_stats"));
        field(",\n", 16, "sample_interval_us", facts.get("sample_interval_us"));
    }

    private void region(Snapshot s, int i, ObjectNode stored) throws IOException {
        String pad = "\n                        ";
        out.write(pad + "\"start\": \"" + commas(s.start[i]) + "\",");
        out.write(pad + "\"end\": \"" + commas(s.end[i]) + "\",");
        out.write(pad + "\"nr_accesses\": {" + pad + "    \"samples\": " + s.nrAccesses[i] + ",");
        out.write(pad + "    \"percent\": "
                + (stored == null ? "null" : text(stored.path("nr_accesses").get("percent"))));
        out.write(pad + "}," + pad + "\"age\": {" + pad + "    \"usec\": ");
        out.write(stored == null ? "null" : text(stored.path("age").get("usec")));
        out.write("," + pad + "    \"aggr_intervals\": ");
        out.write(s.has(Snapshot.HAS_AGE) && s.age[i] >= 0 ? "\"" + commas(s.age[i]) + "\"" : "null");
        out.write(pad + "}");
        field(
                ",\n",
                24,
                "probe_hits",
                stored == null || !stored.has("probe_hits") ? JSON.createArrayNode() : stored.get("probe_hits"));
        out.write("," + pad + "\"sz_filter_passed\": ");
        out.write(stored == null || !stored.has("sz_filter_passed") ? "\"0 B\"" : text(stored.get("sz_filter_passed")));
    }

    private static String text(JsonNode node) {
        return node == null ? "null" : node.toString();
    }

    private static String commas(long unsigned) {
        StringBuilder b = new StringBuilder(Long.toUnsignedString(unsigned));
        for (int i = b.length() - 3; i > 0; i -= 3) {
            b.insert(i, ',');
        }
        return b.toString();
    }

    private void field(String before, int indent, String key, JsonNode value) throws IOException {
        out.write(before + " ".repeat(indent) + "\"" + key + "\": ");
        value(value, indent);
    }

    /** A value as Python's {@code json.dumps(indent=4)} prints it. */
    private void value(JsonNode node, int indent) throws IOException {
        if (node == null || node.isNull()) {
            out.write("null");
        } else if (node.isObject() && !node.isEmpty()) {
            out.write("{");
            Iterator<Map.Entry<String, JsonNode>> fields = node.fields();
            String before = "\n";
            while (fields.hasNext()) {
                Map.Entry<String, JsonNode> f = fields.next();
                field(before, indent + 4, f.getKey(), f.getValue());
                before = ",\n";
            }
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
            out.write(ascii(node.toString()));
        }
    }

    private static String ascii(String json) {
        StringBuilder b = new StringBuilder(json.length());
        for (char c : json.toCharArray()) {
            b.append(c < 127 ? String.valueOf(c) : "\\u%04x".formatted((int) c));
        }
        return b.toString();
    }
}
