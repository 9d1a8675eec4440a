package org.damson.exchange.damo;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.damson.exchange.build.DamoValues;
import org.damson.exchange.build.ImportReport;
import org.damson.exchange.build.TraceBuilder;
import org.damson.model.InvalidInputException;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.Units;
import org.damson.model.text.Printable;

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

    /** What records are in, by the names that versions of damo have for it. */
    private static final Set<String> HOLDERS =
            Set.of("damo_records", "damon_records", "damon_records_list", "records", "record_list");

    private static final String VERSION = "damo_record_ver";

    /** By which a holder in an array is told from a record. */
    private static final Set<String> OF_HOLDERS =
            Stream.concat(HOLDERS.stream(), Stream.of(VERSION, "kdamonds")).collect(Collectors.toUnmodifiableSet());

    private final String name;
    private final boolean intervalsGiven;
    private final TraceBuilder trace;
    private DamoSnapshotReader snapshots;
    private int record;
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
                DamoRowFile rows = new DamoRowFile()) {
            snapshots = new DamoSnapshotReader(name, trace, rows, intervalsGiven);
            p.disable(JsonParser.Feature.AUTO_CLOSE_SOURCE);
            try {
                p.nextToken();
                held(p, rows);
                behind(p);
            } catch (JsonEOFException e) {
                cutOff(p, rows, e);
            } catch (JsonProcessingException e) {
                throw bad(p, "not JSON: " + e.getOriginalMessage(), e);
            } catch (CharConversionException e) {
                throw bad(p, "not JSON: " + e.getMessage(), e);
            } catch (InvalidInputException | NumberFormatException | ArithmeticException e) {
                throw bad(p, "not a damo record: " + e.getMessage(), e);
            }
            if (trace.isEmpty()) {
                throw trace.bad("", "a damo record without a snapshot");
            }
            snapshots.end(isCut);
            trace.writeSnapshots();
            rows.writeTo(trace);
        }
        long overlapping = snapshots.overlapping();
        if (overlapping > 0) {
            trace.note(
                    Units.count(overlapping, "overlap") + " of a region with the one before it, as happens to damo when"
                            + " events get lost; what overlaps is kept for export only");
        }
        return trace.seal("damo JSON", overlapping + (isCut ? 1 : 0));
    }

    /** Keeps what is whole of a file that ends too early. */
    private void cutOff(JsonParser p, DamoRowFile rows, JsonEOFException e) throws IOException {
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
            trace.note("what follows the end of the record in line " + line + " is left out");
        }
    }

    /**
     * An object that holds records. Newer versions of damo read {@code {"damo_record_ver":1,"damo_records":{...}}}; what is in it
     * was called {@code records}, then {@code damon_records} and {@code damon_records_list}, and is
     * {@code {"damon_records":{"kdamonds":[...],"record_list":[...]}}} since 3.3.6, which {@code damo report attrs --json} prints.
     */
    private void holder(JsonParser p, DamoRowFile rows) throws IOException {
        boolean found = false;
        for (JsonToken at = p.currentToken(); at != JsonToken.END_OBJECT; at = p.nextToken()) {
            String key = p.currentName();
            p.nextToken();
            if (key.equals(VERSION)) {
                String version = DamoValues.tree(p).asText();
                if (!version.matches("1(\\.0)?")) {
                    throw new InvalidInputException(VERSION + " " + version + ", known is 1");
                }
            } else if (HOLDERS.contains(key)) {
                held(p, rows);
                found = true;
            } else {
                leaveOut(p, key);
            }
        }
        if (!found) {
            throw new InvalidInputException("no damo_records");
        }
    }

    private void held(JsonParser p, DamoRowFile rows) throws IOException {
        if (p.currentToken() == JsonToken.START_OBJECT) {
            p.nextToken();
            holder(p, rows);
        } else {
            records(p, rows);
        }
    }

    private void leaveOut(JsonParser p, String key) throws IOException {
        JsonNode value = DamoValues.tree(p);
        if (!value.isEmpty() || value.isValueNode() && !value.isNull()) {
            trace.note("'" + Printable.line(key) + "' of the file is left out");
        }
    }

    private void records(JsonParser p, DamoRowFile rows) throws IOException {
        expect(name, p, JsonToken.START_ARRAY, "an array of records");
        while (p.nextToken() != JsonToken.END_ARRAY) {
            expect(name, p, JsonToken.START_OBJECT, "a record");
            p.nextToken();
            if (p.currentToken() == JsonToken.FIELD_NAME && OF_HOLDERS.contains(p.currentName())) {
                holder(p, rows);
            } else {
                record(p, rows);
                record++;
            }
        }
    }

    private void record(JsonParser p, DamoRowFile rows) throws IOException {
        head = JsonNodeFactory.instance.objectNode();
        boolean filled = false;
        for (JsonToken at = p.currentToken(); at != JsonToken.END_OBJECT; at = p.nextToken()) {
            String key = p.currentName();
            p.nextToken();
            if (filled && OF_SNAPSHOTS.contains(key)) {
                throw new InvalidInputException(
                        key + " comes after the snapshots that it describes; damo writes it before them");
            }
            if (!key.equals("snapshots")) {
                head.set(key, DamoValues.tree(p));
                continue;
            }
            if (filled) {
                throw new InvalidInputException("snapshots twice");
            }
            filled = true;
            expect(name, p, JsonToken.START_ARRAY, "an array of snapshots");
            MonitoringAttrs intervals = intervals(head);
            while (p.nextToken() != JsonToken.END_ARRAY) {
                expect(name, p, JsonToken.START_OBJECT, "a snapshot");
                snapshots.read(p, record, head, intervals);
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

    /** @throws TraceFormatException if the parser does not stand on such a token */
    static void expect(String file, JsonParser p, JsonToken wanted, String what) throws IOException {
        if (p.currentToken() != wanted) {
            throw bad(file, p, "expected " + what, null);
        }
    }

    private TraceFormatException bad(JsonParser p, String rule, Throwable cause) {
        return bad(name, p, rule, cause);
    }

    private static TraceFormatException bad(String file, JsonParser p, String rule, Throwable cause) {
        return new TraceFormatException(
                file, "line " + p.currentLocation().getLineNr(), rule.replaceAll("\\s+", " "), cause);
    }
}
