package org.damson.exchange.damo;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.damson.damon.ProbeHits;
import org.damson.exchange.build.DamoValues;
import org.damson.exchange.build.TraceBuilder;
import org.damson.model.Batch;
import org.damson.model.InvalidInputException;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;

/** Reads the snapshots of damo's records into a trace, and into rows of {@link Table#DAMO} what no other table holds of them. */
final class DamoSnapshotReader {
    private final String name;
    private final TraceBuilder trace;
    private final DamoRowFile rows;
    private final boolean intervalsGiven;
    private final Snapshot snapshot = new Snapshot();
    private final List<String> regionRows = new ArrayList<>();
    private final List<Integer> regionNumbers = new ArrayList<>();
    private final Batch losses = new Batch(Table.LOSSES);
    private int position;
    private long overlapping;
    private long toNs;

    /**
     * @param name of the file, for messages
     * @param intervalsGiven whether the user gave the intervals, which then hold whatever the file says
     */
    DamoSnapshotReader(String name, TraceBuilder trace, DamoRowFile rows, boolean intervalsGiven) {
        this.name = name;
        this.trace = trace;
        this.rows = rows;
        this.intervalsGiven = intervalsGiven;
    }

    /** Regions so far that overlap the one before them. */
    long overlapping() {
        return overlapping;
    }

    /**
     * Writes the losses.
     *
     * @param isCut whether the file ends too early
     */
    void end(boolean isCut) throws IOException {
        if (isCut) {
            losses.add(toNs, toNs, "file", -1L, "the recording is cut off");
        }
        trace.drain(losses, 1);
    }

    /**
     * Reads one snapshot, on whose opening brace the parser stands.
     *
     * @param record number of the record that it is of
     * @param head what the record says before its snapshots
     * @param intervals those of the record
     */
    void read(JsonParser p, int record, ObjectNode head, MonitoringAttrs intervals) throws IOException {
        snapshot.clear();
        position = 0;
        regionRows.clear();
        regionNumbers.clear();
        ObjectNode own = JsonNodeFactory.instance.objectNode();
        while (p.nextToken() != JsonToken.END_OBJECT) {
            String key = p.currentName();
            p.nextToken();
            if (key.equals("regions")) {
                DamoImporter.expect(name, p, JsonToken.START_ARRAY, "an array of regions");
                while (p.nextToken() != JsonToken.END_ARRAY) {
                    region(DamoValues.tree(p), intervals);
                }
            } else {
                own.set(key, DamoValues.tree(p));
            }
        }
        stream(head);
        intervals(head, own, intervals);
        times(own);
        if (snapshot.lost > 0) {
            losses.add(snapshot.startNs, snapshot.endNs, "damo", snapshot.lost, "overlapping regions");
            trace.drain(losses, 1 << 12);
        }
        removeWhatFollows(own);
        int number = trace.add(snapshot);
        rows.add(record, number, DamoRows.SNAPSHOT_ROW, own.isEmpty() ? "" : own.toString());
        for (int i = 0; i < regionRows.size(); i++) {
            rows.add(record, number, regionNumbers.get(i), regionRows.get(i));
        }
    }

    private void stream(ObjectNode head) {
        Snapshot s = snapshot;
        s.kdamond = head.path("kdamond_idx").asInt(0);
        s.context = head.path("context_idx").asInt(0);
        s.scheme = head.path("scheme_idx").asInt(Snapshot.NO_SCHEME);
        s.target = head.hasNonNull("target_id") ? DamoValues.unsigned(DamoValues.text(head, "target_id")) : 0;
    }

    /** The record's intervals, or of one whose sampling interval DAMON tunes the snapshot's own. */
    private void intervals(ObjectNode head, ObjectNode own, MonitoringAttrs intervals) {
        Snapshot s = snapshot;
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
    }

    private void times(ObjectNode own) {
        Snapshot s = snapshot;
        s.endNs = DamoValues.timeNs(DamoValues.text(own, "end_time"));
        if (!own.hasNonNull("start_time")) {
            s.startNs = Math.max(0, s.endNs - Math.multiplyExact(s.aggrUs, 1000L));
        } else if (startsBeforeTheClock(own)) {
            s.startNs = 0;
        } else {
            s.startNs = DamoValues.timeNs(DamoValues.text(own, "start_time"));
        }
        if (s.startNs < 0 || s.startNs > s.endNs) {
            throw new InvalidInputException("a snapshot from " + Long.toUnsignedString(s.startNs) + " to "
                    + Long.toUnsignedString(s.endNs) + " ns");
        }
        toNs = Math.max(toNs, s.endNs);
    }

    /** Of a recording from the first moments after boot, damo guesses a start before the clock's. */
    private static boolean startsBeforeTheClock(ObjectNode own) {
        return own.hasNonNull("start_time")
                && DamoValues.text(own, "start_time").matches("-[0-9,]{1,25}( [0-9a-z,. ]*)?");
    }

    /** Leaves what other tables do not hold, and a null where there was no start. */
    private void removeWhatFollows(ObjectNode own) {
        boolean started = own.hasNonNull("start_time");
        own.remove(startsBeforeTheClock(own) ? List.of("end_time") : List.of("start_time", "end_time"));
        if (own.path("total_bytes").asText("").equals(Long.toUnsignedString(snapshot.bytes()))) {
            own.remove("total_bytes");
        }
        own.remove(nullKeys(own));
        if (!started) {
            own.putNull("start_time");
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
        long end = DamoValues.end(DamoValues.text(r, "end"));
        if (start == end || Long.compareUnsigned(start, end - 1) > 0) {
            throw new InvalidInputException("empty region " + r.path("start") + "-" + r.path("end"));
        }
        int number = position++;
        if (s.regions > 0 && Long.compareUnsigned(start, s.end[s.regions - 1] - 1) <= 0) {
            keep(number, r);
            s.lost++;
            overlapping++;
            return;
        }
        long accesses = accesses(r.path("nr_accesses"), intervals);
        long ages = age(r.path("age"), intervals);
        boolean hasAge = ages >= 0;
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

    // The oldest generation has plain numbers where later ones have objects of two units, of which one may be missing.

    private static long accesses(JsonNode node, MonitoringAttrs intervals) {
        if (!node.isObject()) {
            return DamoValues.count32(node.asText());
        }
        if (node.hasNonNull("samples") || !node.hasNonNull("percent")) {
            return DamoValues.count32(DamoValues.text(node, "samples"));
        }
        double most = intervals.sampleUs() == 0 ? 1 : (double) intervals.aggrUs() / intervals.sampleUs();
        return DamoValues.shareOf(most, DamoValues.text(node, "percent"));
    }

    /** In aggregation intervals, -1 if unknown: without the intervals of the recording a time is none. */
    private static long age(JsonNode node, MonitoringAttrs intervals) {
        JsonNode age = node.isObject() ? node.path("aggr_intervals") : node;
        if (!age.isNull() && !age.isMissingNode()) {
            return DamoValues.count32(age.asText());
        }
        boolean isKnown = intervals.origin() != MonitoringAttrs.IntervalsOrigin.ASSUMED && intervals.aggrUs() > 0;
        return isKnown && node.hasNonNull("usec")
                ? DamoValues.microseconds(DamoValues.text(node, "usec")) / intervals.aggrUs()
                : -1;
    }

    private void keep(int number, JsonNode region) {
        regionNumbers.add(number);
        regionRows.add(region.toString());
    }
}
