package org.damson.analyzer.damo.access;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.damo.DamoRecord;
import org.damson.analyzer.damo.DamoRecordFilter;
import org.damson.analyzer.damo.DamoRegion;
import org.damson.analyzer.damo.DamoSnapshot;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.Num;

/**
 * Snapshots, filtered and in plain numbers, as one JSON object: times in nanoseconds, sizes in bytes, addresses as hexadecimal
 * text, accesses in samples and percent, ages in aggregation intervals and microseconds.
 */
public final class AccessJson {
    private AccessJson() {}

    /** Writes the records that the filter leaves; leaves {@code out} open. */
    public static void write(DamoTrace trace, DamoRecordFilter filter, AccessOptions options, OutputStream out)
            throws IOException {
        filter.temperature(options::temperatureToSelect);
        try (JsonGenerator g = new JsonFactory().createGenerator(out)) {
            g.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            g.writeStartObject();
            g.writeArrayFieldStart("records");
            for (DamoRecord record : filter.apply(trace.records)) {
                options.use(trace.probes.of(record));
                g.writeStartObject();
                number(g, "kdamond", record.kdamond);
                number(g, "context", record.context);
                number(g, "scheme", record.scheme);
                number(g, "target", record.target);
                if (record.intervals != null) {
                    number(g, "sample_us", record.intervals.sample());
                    number(g, "aggregation_us", record.intervals.aggr());
                    number(g, "update_us", record.intervals.update());
                }
                g.writeArrayFieldStart("snapshots");
                record.forEach(s -> snapshot(g, s, record, options));
                g.writeEndArray();
                g.writeEndObject();
            }
            g.writeEndArray();
            g.writeEndObject();
            g.writeRaw('\n');
        }
    }

    private static void snapshot(JsonGenerator g, DamoSnapshot s, DamoRecord record, AccessOptions o)
            throws IOException {
        if (record.intervals != null) {
            AccessReport.fillUnits(s, record, o);
        }
        g.writeStartObject();
        number(g, "start_ns", s.start);
        number(g, "end_ns", s.end);
        number(g, "total_bytes", s.totalBytes);
        number(g, "sample_us", s.sampleUs);
        g.writeArrayFieldStart("regions");
        List<DamoRegion> regions = new ArrayList<>(s.regions);
        for (DamoRegion r : regions) {
            g.writeStartObject();
            g.writeStringField("start", r.start.hex());
            g.writeStringField("end", r.end.hex());
            number(g, "nr_accesses", r.samples);
            number(g, "percent", r.percent);
            number(g, "age", r.age);
            number(g, "age_us", r.ageUs);
            number(g, "filter_passed_bytes", r.filterPassed);
            if (!r.probeHits.isEmpty()) {
                g.writeArrayFieldStart("probe_hits");
                for (Num hits : r.hits()) {
                    g.writeNumber(hits.toString());
                }
                g.writeEndArray();
            }
            if (o.ofAttributes) {
                number(g, "probe_hits_wsum", o.weightedHits(r));
            }
            g.writeEndObject();
        }
        g.writeEndArray();
        g.writeEndObject();
    }

    private static void number(JsonGenerator g, String name, Num value) throws IOException {
        if (value != null) {
            g.writeFieldName(name);
            g.writeNumber(value.toString());
        }
    }
}
