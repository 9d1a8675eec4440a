package org.damson.analyzer.damo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Comparator;
import java.util.List;
import org.damson.damon.scheme.DamoNode;

/** {@code damo adjust}: filtered and aggregated records as a file of damo's JSON. */
public final class DamoFile {
    /**
     * Aggregation of snapshots.
     *
     * @param intervalUs they are aggregated until they span this
     * @param skip snapshots left out at the start of each record
     */
    public record Aggregation(long intervalUs, long skip) {}

    private final JsonGenerator g;
    private final boolean compat;
    private long snapshots;

    private DamoFile(JsonGenerator g, boolean compat) {
        this.g = g;
        this.compat = compat;
    }

    /**
     * Writes what is left of the records and leaves {@code out} open.
     *
     * @param aggregation null for none
     * @param compat whether an incomplete last group is dropped, percentages and ages stay what they were before the
     *     aggregation, and regions in damo's order; else they are those of the result, in the order of addresses
     * @return how many snapshots there are
     */
    public static long write(
            DamoTrace trace, DamoRecordFilter filter, Aggregation aggregation, boolean compat, OutputStream out)
            throws IOException {
        try (JsonGenerator g = new JsonFactory().createGenerator(out)) {
            g.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            DamoFile file = new DamoFile(g, compat);
            g.writeStartArray();
            for (DamoRecord record : filter.apply(trace.records)) {
                file.record(
                        aggregation == null
                                ? record
                                : DamoAdjust.aggregate(record, aggregation.intervalUs, aggregation.skip, compat));
            }
            g.writeEndArray();
            return file.snapshots;
        }
    }

    private void record(DamoRecord r) throws IOException {
        g.writeStartObject();
        number("kdamond_idx", r.kdamond);
        number("context_idx", r.context);
        if (r.intervals == null) {
            g.writeNullField("intervals");
        } else {
            intervals(r.intervals);
        }
        number("scheme_idx", r.scheme);
        number("target_id", r.target);
        g.writeArrayFieldStart("scheme_filters");
        for (DamoNode f : r.filters) {
            filter(f);
        }
        g.writeEndArray();
        g.writeArrayFieldStart("snapshots");
        r.forEach(this::snapshot);
        g.writeEndArray();
        g.writeStringField("data_source", r.dataSource);
        g.writeEndObject();
    }

    private void intervals(DamoIntervals i) throws IOException {
        g.writeObjectFieldStart("intervals");
        g.writeStringField("sample_us", DamoText.timeUs(i.sample(), true));
        g.writeStringField("aggr_us", DamoText.timeUs(i.aggr(), true));
        g.writeStringField("ops_update_us", DamoText.timeUs(i.update(), true));
        g.writeObjectFieldStart("intervals_goal");
        g.writeStringField("access_bp", DamoText.basisPoints(i.goal().accessBp(), true));
        g.writeStringField("aggrs", DamoText.nr(i.goal().aggrs(), true));
        g.writeStringField("min_sample_us", DamoText.timeUs(i.goal().minSample(), true));
        g.writeStringField("max_sample_us", DamoText.timeUs(i.goal().maxSample(), true));
        g.writeEndObject();
        g.writeEndObject();
    }

    private void filter(DamoNode f) throws IOException {
        String type = f.get("filter_type").text();
        g.writeStartObject();
        g.writeStringField("filter_type", type);
        g.writeBooleanField("matching", f.get("matching").isTrue());
        DamoNode allow = f.get("allow").isThere() ? f.get("allow") : f.get("filter_pass");
        g.writeBooleanField("allow", allow.isTrue());
        g.writeStringField(
                "memcg_path", type.equals("memcg") ? f.get("memcg_path").text() : "");
        if (type.equals("addr")) {
            g.writeObjectFieldStart("address_range");
            for (String end : List.of("start", "end")) {
                g.writeStringField(
                        end,
                        DamoText.nr(
                                DamoText.parseBytes(
                                        f.get("address_range").get(end).text()),
                                true));
            }
            g.writeEndObject();
        } else {
            g.writeNullField("address_range");
        }
        text(
                "damon_target_idx",
                type.equals("target") ? f.get("damon_target_idx").text() : null);
        if (f.get("hugepage_size").isList()) {
            g.writeArrayFieldStart("hugepage_size");
            for (DamoNode size : f.get("hugepage_size")) {
                g.writeString(DamoText.sz(DamoText.parseBytes(size.text()), true));
            }
            g.writeEndArray();
        } else {
            g.writeNullField("hugepage_size");
        }
        g.writeEndObject();
    }

    private void snapshot(DamoSnapshot s) throws IOException {
        snapshots++;
        g.writeStartObject();
        g.writeStringField("start_time", DamoText.timeNsExact(s.start, true));
        g.writeStringField("end_time", DamoText.timeNsExact(s.end, true));
        if (!compat) {
            s.regions.sort(Comparator.comparing(r -> r.start));
        }
        g.writeArrayFieldStart("regions");
        for (DamoRegion r : s.regions) {
            region(r);
        }
        g.writeEndArray();
        g.writeStringField("total_bytes", DamoText.sz(s.totalBytes, true));
        if (s.stats == null) {
            g.writeNullField("damos_stats");
        } else {
            stats(s.stats);
        }
        text("sample_interval_us", s.sampleUs == null ? null : DamoText.timeUsExact(s.sampleUs, true));
        g.writeEndObject();
    }

    private void stats(DamoStats s) throws IOException {
        g.writeObjectFieldStart("damos_stats");
        g.writeStringField("nr_tried", DamoText.nr(s.nrTried(), true));
        g.writeStringField("sz_tried", DamoText.sz(s.szTried(), true));
        g.writeStringField("nr_applied", DamoText.nr(s.nrApplied(), true));
        g.writeStringField("sz_applied", DamoText.sz(s.szApplied(), true));
        g.writeStringField("sz_ops_filter_passed", DamoText.sz(s.szOpsFilterPassed(), true));
        g.writeStringField("qt_exceeds", DamoText.nr(s.qtExceeds(), true));
        g.writeStringField("nr_snapshots", DamoText.nr(s.nrSnapshots(), true));
        g.writeStringField("max_nr_snapshots", DamoText.nr(s.maxNrSnapshots(), true));
        g.writeEndObject();
    }

    /** damo writes regions for people even where all else is for machines. */
    private void region(DamoRegion r) throws IOException {
        g.writeStartObject();
        g.writeStringField("start", DamoText.nr(r.start, false));
        g.writeStringField("end", DamoText.nr(r.end, false));
        g.writeObjectFieldStart("nr_accesses");
        number("samples", r.samples);
        number("percent", compat ? r.percent : null);
        g.writeEndObject();
        g.writeObjectFieldStart("age");
        text("usec", compat && r.ageUs != null ? DamoText.timeUsExact(r.ageUs, false) : null);
        text("aggr_intervals", r.age == null ? null : DamoText.nr(r.age, false));
        g.writeEndObject();
        g.writeArrayFieldStart("probe_hits");
        for (int hits : r.probeHits) {
            g.writeNumber(hits);
        }
        g.writeEndArray();
        g.writeStringField("sz_filter_passed", DamoText.sz(r.filterPassed, false));
        g.writeEndObject();
    }

    private void number(String name, Num value) throws IOException {
        if (value == null) {
            g.writeNullField(name);
        } else {
            g.writeFieldName(name);
            g.writeNumber(value.toString());
        }
    }

    private void text(String name, String value) throws IOException {
        if (value == null) {
            g.writeNullField(name);
        } else {
            g.writeStringField(name, value);
        }
    }
}
