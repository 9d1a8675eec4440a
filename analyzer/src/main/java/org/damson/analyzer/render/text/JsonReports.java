package org.damson.analyzer.render.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.damson.analyzer.compare.CompareOptions;
import org.damson.analyzer.compare.CompareResult;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.heatmap.HeatmapResult;
import org.damson.analyzer.render.table.WorkingSetTable;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.BlockBootstrap;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.analyzer.workingset.WrittenShare;
import org.damson.model.Units;

/**
 * Reports as one JSON object. Times in nanoseconds, sizes in bytes, heat 0..1 or null; addresses are hexadecimal text,
 * because many readers' numbers cannot hold 64 bits. The stream is left open.
 */
public final class JsonReports {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamWriteFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private JsonReports() {}

    private interface Body {
        void write(JsonGenerator g) throws IOException;
    }

    private static void object(OutputStream out, Body body) throws IOException {
        JsonGenerator g = FACTORY.createGenerator(out);
        g.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        g.writeStartObject();
        body.write(g);
        g.writeEndObject();
        g.writeRaw('\n');
        g.close();
    }

    public static void workingSet(WorkingSetResult r, List<Integer> points, OutputStream out) throws IOException {
        object(out, g -> {
            g.writeStringField("note", WorkingSetTable.note(r));
            g.writeBooleanField("referenced", r.referenced());
            g.writeNumberField("window_ns", r.windowNs());
            g.writeNumberField("min_accesses", r.options().minAccesses());
            g.writeNumberField("min_size_bytes", r.options().minSizeBytes());
            g.writeNumberField("lost_regions", r.lostRegions());
            g.writeNumberField("incomplete_snapshots", r.incomplete());
            g.writeArrayFieldStart("targets");
            for (WorkingSetResult.Series s : r.targets()) {
                series(g, s, points, r.written().get(s.label()));
            }
            g.writeEndArray();
            g.writeFieldName("total");
            series(
                    g,
                    r.total(),
                    points,
                    r.targets().size() == 1 ? r.written().get(r.total().label()) : null);
        });
    }

    private static void series(JsonGenerator g, WorkingSetResult.Series s, List<Integer> points, WrittenShare written)
            throws IOException {
        g.writeStartObject();
        g.writeStringField("label", s.label());
        g.writeNumberField("snapshots", s.length());
        g.writeNumberField("mean_bytes", Math.round(s.mean()));
        if (written != null) {
            g.writeNumberField("mean_written_bytes", Math.round(written.writtenBytes()));
            g.writeNumberField("mean_only_read_bytes", Math.round(written.readBytes()));
            g.writeNumberField("mean_not_known_bytes", Math.round(written.notKnownBytes()));
        }
        for (boolean byTime : new boolean[] {false, true}) {
            g.writeObjectFieldStart(byTime ? "by_time" : "by_size");
            for (int p : points) {
                g.writeNumberField(Integer.toString(p), s.at(p, byTime));
            }
            g.writeEndObject();
        }
        g.writeEndObject();
    }

    /** {@code heat[row][column]}; row 0 is the lowest address. */
    public static void heatmap(HeatmapResult r, OutputStream out) throws IOException {
        object(out, g -> {
            g.writeNumberField("from_ns", r.fromNs());
            g.writeNumberField("to_ns", r.toNs());
            g.writeNumberField("columns", r.cols());
            g.writeNumberField("rows", r.rows());
            g.writeBooleanField("referenced", r.referenced());
            g.writeNumberField("sample_us", r.sampleUs());
            g.writeNumberField("aggr_us", r.aggrUs());
            g.writeNumberField("lost_regions", r.lostRegions());
            g.writeBooleanField("between_snapshots_by_ages", r.usedAges());
            g.writeNumberField("max_heat", r.maxHeat());
            bytes(g, "left_out_bytes", r.leftOutBytes());
            g.writeArrayFieldStart("areas");
            for (Area a : r.areas()) {
                area(g, a);
            }
            g.writeEndArray();
            g.writeArrayFieldStart("addresses");
            for (int row = 0; row < r.rows(); row++) {
                g.writeString(Units.address(r.address(row)));
            }
            g.writeEndArray();
            g.writeArrayFieldStart("heat");
            for (int row = 0; row < r.rows(); row++) {
                g.writeStartArray();
                for (int col = 0; col < r.cols(); col++) {
                    number(g, r.cell(col, row));
                }
                g.writeEndArray();
            }
            g.writeEndArray();
        });
    }

    public static void guide(GuideResult r, OutputStream out) throws IOException {
        object(out, g -> {
            g.writeArrayFieldStart("targets");
            for (GuideResult.Target t : r.targets()) {
                g.writeStartObject();
                g.writeStringField("label", t.key().label());
                g.writeNumberField("start_ns", t.startNs());
                g.writeNumberField("end_ns", t.endNs());
                g.writeNumberField("snapshots", t.snapshots());
                g.writeNumberField("regions", t.regions());
                g.writeNumberField("lost_regions", t.lostRegions());
                bytes(g, "bytes", t.sizeBytes());
                bytes(g, "mean_hot_bytes", t.meanHotBytes());
                g.writeArrayFieldStart("areas");
                for (Area a : t.areas()) {
                    area(g, a);
                }
                g.writeEndArray();
                g.writeEndObject();
            }
            g.writeEndArray();
        });
    }

    public static void compare(CompareResult r, OutputStream out) throws IOException {
        object(out, g -> {
            g.writeBooleanField("same", r.same());
            g.writeStringField("verdict", r.verdict().word());
            g.writeStringField("explanation", r.explanation());
            g.writeStringField("basis", r.options().basis().word());
            g.writeNumberField("confidence", BlockBootstrap.CONFIDENCE);
            g.writeNumberField("seed", r.options().seed());
            g.writeNumberField("tolerance", r.options().tolerance());
            g.writeBooleanField("nothing_in_common", r.hasNothingInCommon());
            distance(g, "pattern_distance", r.pattern());
            if (!r.leastPattern().equals(r.pattern())) {
                distance(g, "least_pattern_distance", r.leastPattern());
            }
            number(g, "heat_distance", r.heatDistance());
            number(g, "correlation", r.correlation());
            distance(g, "working_set_distance", r.workingSet());
            number(g, "total_heat_difference", r.totalHeatDifference());
            number(g, "mapped_heat", r.mappedHeat());
            bytes(g, "mean_hot_bytes_a", r.meanHotBytesA());
            bytes(g, "mean_hot_bytes_b", r.meanHotBytesB());
            g.writeNumberField("lag_slices", r.lagSlices());
            g.writeArrayFieldStart("working_set");
            for (CompareResult.Size size : r.sizes()) {
                g.writeStartObject();
                g.writeStringField("of", size.isMean() ? "mean" : "percentile");
                if (!size.isMean()) {
                    g.writeNumberField("percentile", size.percent());
                }
                bytes(g, "a_bytes", size.aBytes());
                bytes(g, "b_bytes", size.bBytes());
                bytes(g, "difference_low_bytes", size.differenceLowBytes());
                bytes(g, "difference_high_bytes", size.differenceHighBytes());
                g.writeEndObject();
            }
            g.writeEndArray();
            g.writeArrayFieldStart("address_map");
            for (CompareOptions.AreaPair p : r.pairs()) {
                g.writeStartObject();
                g.writeFieldName("a");
                area(g, p.a());
                g.writeFieldName("b");
                area(g, p.b());
                g.writeEndObject();
            }
            g.writeEndArray();
        });
    }

    private static void distance(JsonGenerator g, String name, CompareResult.Distance d) throws IOException {
        number(g, name, d.value());
        number(g, name + "_low", d.low());
        number(g, name + "_high", d.high());
    }

    private static void area(JsonGenerator g, Area a) throws IOException {
        g.writeStartObject();
        g.writeStringField("target", a.key().label());
        g.writeStringField("start", Units.address(a.start()));
        g.writeStringField("end", Units.address(a.end()));
        g.writeNumberField("heat_byte_seconds", a.heatByteSeconds());
        g.writeEndObject();
    }

    /** Bytes as a whole number. */
    private static void bytes(JsonGenerator g, String name, double v) throws IOException {
        g.writeFieldName(name);
        if (Double.isNaN(v)) {
            g.writeNull();
        } else {
            g.writeNumber(Math.round(v));
        }
    }

    private static void number(JsonGenerator g, String name, double v) throws IOException {
        g.writeFieldName(name);
        number(g, v);
    }

    private static void number(JsonGenerator g, double v) throws IOException {
        if (Double.isNaN(v)) {
            g.writeNull();
        } else {
            g.writeNumber(v);
        }
    }
}
