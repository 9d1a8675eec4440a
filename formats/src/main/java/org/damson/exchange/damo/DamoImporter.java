package org.damson.exchange.damo;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.CharConversionException;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.damson.damon.ProbeHits;
import org.damson.exchange.build.DamoValues;
import org.damson.exchange.build.ImportReport;
import org.damson.exchange.build.SnapshotSorter;
import org.damson.exchange.build.TraceBuilder;
import org.damson.model.Batch;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.text.Printable;
import org.damson.trace.WritingStream;

/**
 * Reads damo's JSON records of every generation as a stream.
 *
 * <p>damo writes target after target; a trace is in order of time. What damo's order was, and what no other table holds, goes
 * to {@link Table#DAMO}, in the order of the file: a row for each snapshot ({@code region} -2), followed by one for each of
 * its regions with stored percentages, ages in time, probe hits or filter results or that overlaps the one before, and after
 * its snapshots one for the record ({@code region} -1, {@code snapshot_id} -1).
 */
public final class DamoImporter {
    /** What a record says of its snapshots. */
    private static final Set<String> OF_SNAPSHOTS =
            Set.of("kdamond_idx", "context_idx", "scheme_idx", "target_id", "intervals");

    private final String name;
    private final boolean intervalsGiven;
    private final TraceBuilder trace;
    private final Snapshot snapshot = new Snapshot();
    private final List<String> regionRows = new ArrayList<>();
    private final List<Integer> regionNumbers = new ArrayList<>();
    private final Batch losses = new Batch(Table.LOSSES);
    private int record;
    private int position;
    private long overlapping;
    private long toNs;
    private ObjectNode head;
    private boolean isCut;

    public DamoImporter(String name, TraceBuilder trace) {
        this.name = name;
        this.trace = trace;
        intervalsGiven = trace.manifest().attrs.origin() == MonitoringAttrs.IntervalsOrigin.GIVEN;
    }

    private JsonParser parser(InputStream in) throws IOException {
        try {
            return DamoValues.JSON.createParser(in);
        } catch (CharConversionException e) {
            throw trace.bad("", "not JSON: " + e.getMessage());
        }
    }

    public ImportReport read(InputStream in) throws IOException {
        try (JsonParser p = parser(in);
                Rows rows = new Rows()) {
            p.disable(JsonParser.Feature.AUTO_CLOSE_SOURCE);
            try {
                if (p.nextToken() == JsonToken.START_OBJECT) {
                    envelope(p, rows);
                } else {
                    records(p, rows);
                }
                behind(p);
            } catch (JsonEOFException e) {
                cutOff(p, rows, e);
            } catch (JsonProcessingException e) {
                throw bad(p, "not JSON: " + e.getOriginalMessage(), e);
            } catch (CharConversionException e) {
                throw bad(p, "not JSON: " + e.getMessage(), e);
            } catch (IllegalArgumentException | ArithmeticException e) {
                throw bad(p, "not a damo record: " + e.getMessage(), e);
            }
            if (trace.isEmpty()) {
                throw trace.bad("", "a damo record without a snapshot");
            }
            if (isCut) {
                losses.add(toNs, toNs, "file", -1L, "the recording is cut off");
            }
            trace.drain(losses, 1);
            trace.writeSnapshots();
            rows.writeTo(trace);
        }
        if (overlapping > 0) {
            trace.note(overlapping + " regions overlap the one before them, which happens to damo when events get lost;"
                    + " they are kept for export only");
        }
        return trace.seal("damo JSON", overlapping + (isCut ? 1 : 0));
    }

    /** Keeps what is whole of a file that ends too early. */
    private void cutOff(JsonParser p, Rows rows, JsonEOFException e) throws IOException {
        if (trace.isEmpty()) {
            throw bad(p, "not JSON: " + e.getOriginalMessage(), e);
        }
        isCut = true;
        trace.note("the recording is cut off (line " + p.currentLocation().getLineNr()
                + "); the snapshots before that are kept. damo writes target after target: of some there may be none");
        if (head != null) {
            rows.add(record, -1, DamoRows.RECORD_ROW, head.toString());
        }
    }

    /** Names what stands behind the JSON's end. */
    private void behind(JsonParser p) throws IOException {
        int line = p.currentLocation().getLineNr();
        boolean isMore;
        try {
            isMore = p.nextToken() != null;
        } catch (JsonProcessingException e) {
            isMore = true;
        }
        if (isMore) {
            trace.note("what stands behind the end of the record in line " + line + " is left out");
        }
    }

    /** {@code {"damo_record_ver":1,"damo_records":{"kdamonds":[],"records":[...]}}}, which damo's newer versions read. */
    private void envelope(JsonParser p, Rows rows) throws IOException {
        boolean found = false;
        while (p.nextToken() != JsonToken.END_OBJECT) {
            String key = p.currentName();
            p.nextToken();
            if (key.equals("damo_record_ver")) {
                String version = DamoValues.tree(p).asText();
                if (!version.equals("1")) {
                    throw new IllegalArgumentException("damo_record_ver " + version + ", known is 1");
                }
            } else if (key.equals("damo_records")) {
                expect(p, p.currentToken(), JsonToken.START_OBJECT, "an object with records");
                inEnvelope(p, rows);
                found = true;
            } else {
                leaveOut(p, key);
            }
        }
        if (!found) {
            throw new IllegalArgumentException("no damo_records");
        }
    }

    private void inEnvelope(JsonParser p, Rows rows) throws IOException {
        while (p.nextToken() != JsonToken.END_OBJECT) {
            String key = p.currentName();
            p.nextToken();
            if (key.equals("records")) {
                records(p, rows);
            } else {
                leaveOut(p, key);
            }
        }
    }

    private void leaveOut(JsonParser p, String key) throws IOException {
        JsonNode value = DamoValues.tree(p);
        if (!value.isEmpty() || value.isValueNode() && !value.isNull()) {
            trace.note("'" + Printable.line(key) + "' of the file is left out");
        }
    }

    private void records(JsonParser p, Rows rows) throws IOException {
        expect(p, p.currentToken(), JsonToken.START_ARRAY, "an array of records");
        while (p.nextToken() != JsonToken.END_ARRAY) {
            expect(p, p.currentToken(), JsonToken.START_OBJECT, "a record");
            record(p, rows);
            record++;
        }
    }

    private void record(JsonParser p, Rows rows) throws IOException {
        head = JsonNodeFactory.instance.objectNode();
        boolean filled = false;
        while (p.nextToken() != JsonToken.END_OBJECT) {
            String key = p.currentName();
            p.nextToken();
            if (filled && OF_SNAPSHOTS.contains(key)) {
                throw new IllegalArgumentException(
                        key + " stands behind the snapshots that it is of; damo writes it first");
            }
            if (!key.equals("snapshots")) {
                head.set(key, DamoValues.tree(p));
                continue;
            }
            if (filled) {
                throw new IllegalArgumentException("snapshots twice");
            }
            filled = true;
            expect(p, p.currentToken(), JsonToken.START_ARRAY, "an array of snapshots");
            MonitoringAttrs intervals = intervals(head);
            while (p.nextToken() != JsonToken.END_ARRAY) {
                expect(p, p.currentToken(), JsonToken.START_OBJECT, "a snapshot");
                snapshot(p, intervals, rows);
            }
        }
        rows.add(record, -1, DamoRows.RECORD_ROW, head.toString());
        head = null;
    }

    private MonitoringAttrs intervals(ObjectNode head) {
        MonitoringAttrs attrs = trace.manifest().attrs;
        if (!intervalsGiven && head.path("intervals").isObject()) {
            attrs = DamoValues.intervals(head.path("intervals"), JsonNodeFactory.instance.objectNode());
            if (trace.isEmpty()) {
                trace.manifest().attrs = attrs;
            }
        }
        return attrs;
    }

    private void snapshot(JsonParser p, MonitoringAttrs intervals, Rows rows) throws IOException {
        Snapshot s = snapshot;
        s.clear();
        position = 0;
        regionRows.clear();
        regionNumbers.clear();
        ObjectNode own = JsonNodeFactory.instance.objectNode();
        while (p.nextToken() != JsonToken.END_OBJECT) {
            String key = p.currentName();
            p.nextToken();
            if (key.equals("regions")) {
                expect(p, p.currentToken(), JsonToken.START_ARRAY, "an array of regions");
                while (p.nextToken() != JsonToken.END_ARRAY) {
                    region(DamoValues.tree(p), intervals);
                }
            } else {
                own.set(key, DamoValues.tree(p));
            }
        }
        s.kdamond = head.path("kdamond_idx").asInt(0);
        s.context = head.path("context_idx").asInt(0);
        s.scheme = head.path("scheme_idx").asInt(Snapshot.NO_SCHEME);
        s.target = head.hasNonNull("target_id") ? DamoValues.unsigned(DamoValues.text(head, "target_id")) : 0;
        s.sampleUs = intervals.sampleUs();
        s.aggrUs = intervals.aggrUs();
        boolean tunes = !head.path("intervals")
                .path("intervals_goal")
                .path("aggrs")
                .asText("")
                .equals("0");
        if (!intervalsGiven && tunes && own.hasNonNull("sample_interval_us") && s.sampleUs > 0) {
            long sampleUs = DamoValues.microseconds(DamoValues.text(own, "sample_interval_us"));
            s.aggrUs = Math.multiplyExact(sampleUs, s.aggrUs / s.sampleUs);
            s.sampleUs = sampleUs;
        }
        s.endNs = DamoValues.unsigned(DamoValues.text(own, "end_time"));
        boolean started = own.hasNonNull("start_time");
        // Of a recording from the first moments after boot, damo guesses a start before the clock's.
        boolean early = started && DamoValues.text(own, "start_time").matches("-[0-9,]{1,25}");
        s.startNs = early
                ? 0
                : started
                        ? DamoValues.unsigned(DamoValues.text(own, "start_time"))
                        : Math.max(0, s.endNs - Math.multiplyExact(s.aggrUs, 1000L));
        if (s.startNs < 0 || s.startNs > s.endNs) {
            throw new IllegalArgumentException("a snapshot from " + Long.toUnsignedString(s.startNs) + " to "
                    + Long.toUnsignedString(s.endNs) + " ns");
        }
        toNs = Math.max(toNs, s.endNs);
        if (s.lost > 0) {
            losses.add(s.startNs, s.endNs, "damo", s.lost, "overlapping regions");
            trace.drain(losses, 1 << 12);
        }
        own.remove(early ? List.of("end_time") : List.of("start_time", "end_time"));
        if (own.path("total_bytes").asText("").equals(Long.toUnsignedString(s.bytes()))) {
            own.remove("total_bytes");
        }
        own.remove(nullKeys(own));
        if (!started) {
            own.putNull("start_time");
        }
        int number = trace.add(s);
        rows.add(record, number, DamoRows.SNAPSHOT_ROW, own.isEmpty() ? "" : own.toString());
        for (int i = 0; i < regionRows.size(); i++) {
            rows.add(record, number, regionNumbers.get(i), regionRows.get(i));
        }
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

    private void region(JsonNode r, MonitoringAttrs intervals) {
        Snapshot s = snapshot;
        long start = DamoValues.bytes(DamoValues.text(r, "start"));
        long end = DamoValues.bytes(DamoValues.text(r, "end"));
        if (start == end || Long.compareUnsigned(start, end - 1) > 0) {
            throw new IllegalArgumentException("empty region " + r.path("start") + "-" + r.path("end"));
        }
        int number = position++;
        if (s.regions > 0 && Long.compareUnsigned(start, s.end[s.regions - 1] - 1) <= 0) {
            keep(number, r);
            s.lost++;
            overlapping++;
            return;
        }
        // The oldest generation has plain numbers where later ones have objects of two units.
        JsonNode age = r.path("age").isObject() ? r.path("age").path("aggr_intervals") : r.path("age");
        boolean hasAge = !age.isNull() && !age.isMissingNode();
        long accesses = accesses(r.path("nr_accesses"), intervals);
        long ages = hasAge ? DamoValues.count32(age.asText()) : -1;
        int i = s.add(start, end, trace.count(accesses), trace.count(ages));
        probeHits(s, i, r.path("probe_hits"));
        s.columns |= hasAge ? Snapshot.HAS_AGE : 0;
        String passed = r.path("sz_filter_passed").asText("0 B");
        s.filterPassed[i] = passed.equals("0 B") ? 0 : DamoValues.bytes(passed);
        if (s.filterPassed[i] != 0) {
            s.columns |= Snapshot.HAS_FILTER_PASSED;
        }
        boolean plain = Math.max(accesses, ages) <= Integer.MAX_VALUE
                && passed.equals("0 B")
                && r.path("probe_hits").isEmpty()
                && !r.path("nr_accesses").hasNonNull("percent")
                && !r.path("age").hasNonNull("usec");
        if (!plain) {
            keep(number, r);
        }
    }

    private static void probeHits(Snapshot s, int i, JsonNode list) {
        s.probeHits[i] = Snapshot.NO_HITS;
        int probe = 0;
        for (JsonNode hits : list) {
            s.probeHits[i] = ProbeHits.with(s.probeHits[i], probe++, DamoValues.count(hits.asText()));
            s.columns |= Snapshot.HAS_PROBE_HITS;
        }
    }

    private static long accesses(JsonNode node, MonitoringAttrs intervals) {
        if (!node.isObject()) {
            return DamoValues.count32(node.asText());
        }
        if (node.hasNonNull("samples") || !node.path("percent").isNumber()) {
            return DamoValues.count32(DamoValues.text(node, "samples"));
        }
        long most = intervals.sampleUs() == 0 ? 1 : intervals.aggrUs() / intervals.sampleUs();
        return Math.toIntExact(node.path("percent").asLong() * most / 100);
    }

    private void keep(int number, JsonNode region) {
        regionNumbers.add(number);
        regionRows.add(region.toString());
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

    /** Rows of {@link Table#DAMO}, which wait in a temporary file until it is known which ids their snapshots get. */
    private static final class Rows implements Closeable {
        private final FileChannel file = SnapshotSorter.temporaryFile();
        private final DataOutputStream out = new DataOutputStream(new WritingStream(
                Path.of(System.getProperty("java.io.tmpdir")),
                new BufferedOutputStream(Channels.newOutputStream(file), 1 << 16)));
        private long count;

        Rows() throws IOException {}

        void add(int record, int number, int region, String json) throws IOException {
            out.writeInt(record);
            out.writeInt(number);
            out.writeInt(region);
            byte[] text = json.getBytes(StandardCharsets.UTF_8);
            out.writeInt(text.length);
            out.write(text);
            count++;
        }

        void writeTo(TraceBuilder trace) throws IOException {
            out.flush();
            file.position(0);
            DataInputStream in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(file), 1 << 16));
            Batch rows = new Batch(Table.DAMO);
            for (long i = 0; i < count; i++) {
                int record = in.readInt();
                int number = in.readInt();
                int region = in.readInt();
                String json = new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
                rows.add(record, number < 0 ? -1 : trace.id(number), region, json);
                trace.drain(rows, 1 << 12);
            }
            trace.drain(rows, 1);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
