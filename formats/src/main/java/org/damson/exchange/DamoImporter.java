package org.damson.exchange;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSink;
import org.damson.model.Units;

/**
 * Reads damo's JSON records of every generation as a stream.
 *
 * <p>What the tables do not hold goes to {@link Table#DAMO}: one row per record ({@code region} -1, {@code snapshot_id} its
 * first snapshot), per snapshot with facts of its own ({@code region} -2) and per region with stored percentages, ages in
 * time, probe hits or filter results.
 */
final class DamoImporter {
    static final int RECORD_ROW = -1;
    static final int SNAPSHOT_ROW = -2;

    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(40)
                    .maxStringLength(1 << 20)
                    .maxNumberLength(64)
                    .build())
            .build());

    private final String name;
    private final ImportOptions options;
    private final SinkFactory factory;
    private final Batch extra = new Batch(Table.DAMO);
    private final Snapshot snapshot = new Snapshot();
    private TraceSink sink;
    private MonitoringAttrs attrs;
    private int record;
    private long snapshots;
    private long regions;

    DamoImporter(String name, ImportOptions options, SinkFactory factory) {
        this.name = name;
        this.options = options;
        this.factory = factory;
    }

    ImportReport read(InputStream in) throws IOException {
        try (JsonParser p = JSON.getFactory().createParser(in)) {
            p.disable(JsonParser.Feature.AUTO_CLOSE_SOURCE);
            p.setCodec(JSON);
            try {
                expect(p, p.nextToken(), JsonToken.START_ARRAY, "an array of records");
                while (p.nextToken() != JsonToken.END_ARRAY) {
                    expect(p, p.currentToken(), JsonToken.START_OBJECT, "a record");
                    record(p);
                    record++;
                }
            } catch (JsonProcessingException e) {
                throw bad(p, "not JSON: " + e.getOriginalMessage(), e);
            } catch (IllegalArgumentException | ArithmeticException | NullPointerException e) {
                throw bad(p, "not a damo record: " + e.getMessage(), e);
            }
            if (sink == null) {
                throw new TraceFormatException(name, "", "a damo record without a snapshot");
            }
            drain(1);
            sink.close();
        } catch (IOException | RuntimeException e) {
            if (sink != null) {
                sink.abort();
            }
            throw e;
        }
        List<String> notes = new ArrayList<>();
        if (attrs.origin() == MonitoringAttrs.IntervalsOrigin.ASSUMED) {
            notes.add("the record does not say its monitoring intervals; DAMON's defaults are assumed");
        }
        return new ImportReport("damo JSON", snapshots, regions, 0, notes);
    }

    private void record(JsonParser p) throws IOException {
        ObjectNode head = JSON.createObjectNode();
        long first = snapshots;
        while (p.nextToken() != JsonToken.END_OBJECT) {
            String key = p.currentName();
            p.nextToken();
            if (key.equals("snapshots")) {
                expect(p, p.currentToken(), JsonToken.START_ARRAY, "an array of snapshots");
                while (p.nextToken() != JsonToken.END_ARRAY) {
                    expect(p, p.currentToken(), JsonToken.START_OBJECT, "a snapshot");
                    snapshot(p, head);
                }
            } else {
                head.set(key, p.readValueAsTree());
            }
        }
        extra.add(record, first, RECORD_ROW, head.toString());
        if (sink != null) {
            drain(1 << 10);
        }
    }

    private void snapshot(JsonParser p, ObjectNode head) throws IOException {
        Snapshot s = snapshot;
        s.clear();
        ObjectNode own = JSON.createObjectNode();
        while (p.nextToken() != JsonToken.END_OBJECT) {
            String key = p.currentName();
            p.nextToken();
            if (key.equals("regions")) {
                expect(p, p.currentToken(), JsonToken.START_ARRAY, "an array of regions");
                while (p.nextToken() != JsonToken.END_ARRAY) {
                    region((JsonNode) p.readValueAsTree());
                }
            } else {
                own.set(key, p.readValueAsTree());
            }
        }
        MonitoringAttrs intervals = intervals(head.path("intervals"));
        open(intervals);
        s.kdamond = head.path("kdamond_idx").asInt(0);
        s.context = head.path("context_idx").asInt(0);
        s.scheme = head.path("scheme_idx").asInt(Snapshot.NO_SCHEME);
        s.target = head.path("target_id").isNumber()
                ? unsigned(head.path("target_id").asText())
                : 0;
        s.startNs = unsigned(own.path("start_time").asText());
        s.endNs = unsigned(own.path("end_time").asText());
        s.sampleUs = intervals.sampleUs();
        s.aggrUs = intervals.aggrUs();
        long id = snapshots;
        own.remove(List.of("start_time", "end_time"));
        if (own.path("total_bytes").asText("").equals(Long.toUnsignedString(s.bytes()))) {
            own.remove("total_bytes");
        }
        own.remove(nullKeys(own));
        if (!own.isEmpty()) {
            extra.add(record, id, SNAPSHOT_ROW, own.toString());
        }
        sink.append(s);
        snapshots++;
        regions += s.regions;
        drain(1 << 12);
    }

    private static List<String> nullKeys(ObjectNode node) {
        List<String> keys = new ArrayList<>();
        node.fieldNames().forEachRemaining(k -> {
            if (node.get(k).isNull()) {
                keys.add(k);
            }
        });
        return keys;
    }

    private void region(JsonNode r) {
        Snapshot s = snapshot;
        JsonNode age = r.path("age").path("aggr_intervals");
        JsonNode accesses = r.path("nr_accesses").path("samples");
        boolean hasAge = !age.isNull() && !age.isMissingNode();
        long start = unsigned(r.path("start").asText());
        long end = unsigned(r.path("end").asText());
        if (start == end || Long.compareUnsigned(start, end - 1) > 0) {
            throw new IllegalArgumentException("empty region " + r.path("start") + "-" + r.path("end"));
        }
        int i = s.add(
                start,
                end,
                Math.toIntExact(unsigned(accesses.asText())),
                hasAge ? Math.toIntExact(unsigned(age.asText())) : -1);
        s.columns |= hasAge ? Snapshot.HAS_AGE : 0;
        String passed = r.path("sz_filter_passed").asText("0 B");
        s.filterPassed[i] = passed.equals("0 B") ? 0 : Units.parseBytes(passed);
        if (s.filterPassed[i] != 0) {
            s.columns |= Snapshot.HAS_FILTER_PASSED;
        }
        boolean plain = passed.equals("0 B")
                && r.path("probe_hits").isEmpty()
                && !r.path("nr_accesses").hasNonNull("percent")
                && !r.path("age").hasNonNull("usec");
        if (!plain) {
            extra.add(record, snapshots, i, r.toString());
        }
    }

    private MonitoringAttrs intervals(JsonNode node) {
        if (options.intervals() != null) {
            return options.intervals();
        }
        if (!node.isObject()) {
            return MonitoringAttrs.DEFAULTS;
        }
        return new MonitoringAttrs(
                microseconds(node.path("sample_us").asText()),
                microseconds(node.path("aggr_us").asText()),
                microseconds(node.path("ops_update_us").asText()),
                0,
                0,
                MonitoringAttrs.IntervalsOrigin.RECORDED);
    }

    /** A bare number is microseconds already; otherwise it has its unit. */
    private static long microseconds(String text) {
        String t = text.replace(",", "");
        return t.chars().allMatch(Character::isDigit) ? Long.parseLong(t) : Units.parseDurationNs(t) / 1000;
    }

    private void open(MonitoringAttrs intervals) throws IOException {
        if (sink == null) {
            attrs = intervals;
            Manifest m = new Manifest();
            m.source = "import:damo";
            m.clock = Manifest.ClockKind.UNKNOWN;
            m.attrs = intervals;
            sink = factory.open(m);
        }
    }

    private void drain(int atLeast) throws IOException {
        if (extra.rows() >= atLeast) {
            sink.append(extra);
            extra.clear();
        }
    }

    /** A number as damo writes it: commas between thousands, up to 2^64 - 1, or {@code max}. */
    private static long unsigned(String text) {
        if (text.equals("max")) {
            return -1;
        }
        BigInteger v = new BigInteger(text.replace(",", ""));
        if (v.signum() < 0 || v.bitLength() > 64) {
            throw new IllegalArgumentException("'" + text + "' is not in 0..2^64-1");
        }
        return v.longValue();
    }

    private void expect(JsonParser p, JsonToken got, JsonToken wanted, String what) throws IOException {
        if (got != wanted) {
            throw bad(p, "expected " + what, null);
        }
    }

    private TraceFormatException bad(JsonParser p, String rule, Throwable cause) {
        return new TraceFormatException(
                name, "line " + p.currentLocation().getLineNr(), rule.replaceAll("\\s+", " "), cause);
    }
}
