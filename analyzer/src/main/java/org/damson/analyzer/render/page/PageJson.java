package org.damson.analyzer.render.page;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.heatmap.HeatTiles;
import org.damson.analyzer.heatmap.TileLayout;
import org.damson.analyzer.memory.Outcome;
import org.damson.analyzer.page.Page;
import org.damson.analyzer.page.PageMappings;
import org.damson.analyzer.page.PagePhases;
import org.damson.analyzer.page.PageStacks;
import org.damson.analyzer.page.PageWhatIf;
import org.damson.analyzer.render.table.PhasesTable;
import org.damson.analyzer.render.table.WorkingSetTable;
import org.damson.analyzer.render.whatif.OpenLoopReports;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.scan.TargetKey;
import org.damson.analyzer.timeline.Phase;
import org.damson.model.Units;
import org.damson.model.stacks.Frame;

/** The content of a page except its arrays, as JSON without markup. Times are nanoseconds since the page's start. */
final class PageJson {
    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .characterEscapes(new Markup())
            .build();

    private final Page page;
    private JsonGenerator g;

    PageJson(Page page) {
        this.page = page;
    }

    /** Escapes what could end or open a tag, an entity or an attribute. */
    private static final class Markup extends CharacterEscapes {
        private static final long serialVersionUID = 1;
        private final int[] escapes = CharacterEscapes.standardAsciiEscapesForJSON();

        Markup() {
            for (char c : "<>&'\u007f".toCharArray()) {
                escapes[c] = ESCAPE_STANDARD;
            }
        }

        @Override
        public int[] getEscapeCodesForAscii() {
            return escapes.clone();
        }

        @Override
        public SerializableString getEscapeSequence(int c) {
            return null;
        }
    }

    void write(OutputStream out) throws IOException {
        g = FACTORY.createGenerator(out);
        g.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        g.writeStartObject();
        g.writeStringField("title", page.title());
        g.writeNumberField("lengthNs", page.time().lengthNs());
        g.writeNumberField("startS", page.time().fromNs() / 1e9);
        facts();
        texts("notes", page.notes());
        losses();
        lanes();
        heat();
        workingSet();
        mappings();
        phases();
        if (page.stacks() != null) {
            stacks(page.stacks());
        }
        curves();
        if (page.whatIf() != null) {
            whatIf(page.whatIf());
        }
        licences();
        g.writeEndObject();
        g.close();
    }

    private void texts(String name, List<String> texts) throws IOException {
        g.writeArrayFieldStart(name);
        for (String text : texts) {
            g.writeString(Frame.harmless(text));
        }
        g.writeEndArray();
    }

    private void facts() throws IOException {
        g.writeArrayFieldStart("facts");
        for (Map.Entry<String, String> fact : page.facts()) {
            g.writeStartArray();
            g.writeString(Frame.harmless(fact.getKey()));
            g.writeString(Frame.harmless(fact.getValue()));
            g.writeEndArray();
        }
        g.writeEndArray();
    }

    private void losses() throws IOException {
        g.writeArrayFieldStart("losses");
        for (Page.Loss loss : page.losses()) {
            g.writeStartArray();
            g.writeNumber(loss.fromNs());
            g.writeNumber(loss.toNs());
            g.writeString(loss.what());
            g.writeEndArray();
        }
        g.writeEndArray();
    }

    private void lanes() throws IOException {
        List<TargetKey> targets = PageMappings.targets(page.layout());
        texts("targets", targets.stream().map(TargetKey::label).toList());
        g.writeArrayFieldStart("touchedPids");
        for (int pid : page.touchedPids()) {
            g.writeNumber(pid);
        }
        g.writeEndArray();
        g.writeBooleanField("fromStart", page.isFromStart());
        g.writeBooleanField("physical", page.isPhysical());
        g.writeArrayFieldStart("lanes");
        for (TileLayout.Lane lane : page.layout().lanes()) {
            g.writeStartObject();
            g.writeNumberField("target", targets.indexOf(lane.key()));
            g.writeStringField("start", Long.toHexString(lane.start()));
            g.writeNumberField("bytes", Scan.bytes(lane.sizeBytes()));
            g.writeNumberField("row", lane.firstRow());
            g.writeNumberField("rows", lane.rows());
            g.writeBooleanField("used", lane.isUsed());
            g.writeEndObject();
        }
        g.writeEndArray();
        g.writeStringField("leftOut", leftOut());
    }

    private String leftOut() {
        TileLayout l = page.layout();
        return l.leftOut() == 0
                ? ""
                : Units.count(l.leftOut(), "more area") + " of memory, " + Units.bytes(Math.round(l.leftOutBytes()))
                        + (l.leftOutHeatShare() < 0.00005
                                ? " without accesses"
                                : String.format(Locale.ROOT, " with %.2g %% of the heat", 100 * l.leftOutHeatShare()))
                        + ", not shown: --address A..B shows them";
    }

    private void heat() throws IOException {
        HeatTiles t = page.tiles();
        g.writeObjectFieldStart("heat");
        g.writeNumberField("fromNs", (double) t.fromNs() - page.time().fromNs());
        g.writeNumberField("colNs", t.colNs());
        g.writeNumberField("cols", t.cols());
        g.writeNumberField("rows", t.rows());
        g.writeNumberField("levels", t.levels().size());
        g.writeNumberField("codes", HeatTiles.CODES);
        g.writeNumberField("decades", HeatTiles.DECADES);
        g.writeNumberField("error", HeatTiles.ERROR);
        g.writeBooleanField("ages", t.usedAges());
        g.writeBooleanField("referenced", page.sizes().referenced());
        g.writeEndObject();
    }

    private void workingSet() throws IOException {
        g.writeObjectFieldStart("workingSet");
        g.writeStringField("note", WorkingSetTable.note(page.sizes()));
        g.writeNumberField("points", page.workingSet().meanBytes().length);
        g.writeNumberField("snapshots", page.sizes().total().length());
        g.writeNumberField("mean", page.sizes().total().mean());
        g.writeNumberField("median", page.sizes().total().bySize(50));
        g.writeNumberField("most", page.sizes().total().bySize(100));
        g.writeEndObject();
    }

    private void mappings() throws IOException {
        PageMappings m = page.mappings();
        g.writeObjectFieldStart("mappings");
        texts("names", m.names());
        g.writeNumberField("leftOut", m.leftOut());
        g.writeArrayFieldStart("rows");
        for (PageMappings.Row row : m.rows()) {
            g.writeStartArray();
            g.writeNumber(row.target());
            g.writeString(Long.toHexString(row.start()));
            g.writeNumber(row.bytes());
            g.writeString(row.permissions());
            g.writeNumber(row.name());
            g.writeNumber(row.fromNs());
            g.writeNumber(row.toNs());
            g.writeEndArray();
        }
        g.writeEndArray();
        g.writeEndObject();
    }

    private void phases() throws IOException {
        g.writeArrayFieldStart("phases");
        for (PagePhases.Row row : page.phases().rows()) {
            Phase p = row.phase();
            g.writeStartObject();
            g.writeNumberField("fromNs", row.fromNs());
            g.writeNumberField("toNs", row.toNs());
            g.writeNumberField("workingSet", p.workingSetBytes());
            g.writeNumberField("hot", p.hotBytes());
            g.writeStringField("hottest", p.hottest() == null ? "" : PhasesTable.addresses(p.hottest()));
            g.writeNumberField("hottestPercent", p.hottestPercent());
            g.writeNumberField("samples", row.samples());
            g.writeArrayFieldStart("functions");
            for (PagePhases.Ran ran : row.functions()) {
                g.writeStartArray();
                g.writeString(ran.name());
                g.writeNumber(ran.percent());
                g.writeEndArray();
            }
            g.writeEndArray();
            g.writeEndObject();
        }
        g.writeEndArray();
    }

    private void stacks(PageStacks s) throws IOException {
        g.writeObjectFieldStart("stacks");
        g.writeStringField("event", s.event());
        g.writeNumberField("count", s.count());
        g.writeNumberField("others", s.others());
        g.writeNumberField("rare", s.rare());
        g.writeNumberField("stepNs", s.stepNs());
        texts("names", s.names());
        g.writeArrayFieldStart("kernel");
        for (boolean is : s.kernel()) {
            g.writeNumber(is ? 1 : 0);
        }
        g.writeEndArray();
        touches(s);
        g.writeEndObject();
    }

    private void touches(PageStacks s) throws IOException {
        g.writeNumberField("touchesLeftOut", s.touchesLeftOut());
        g.writeArrayFieldStart("touches");
        for (PageStacks.Touch touch : s.touches()) {
            g.writeStartArray();
            g.writeNumber(touch.pid());
            g.writeString(Long.toHexString(touch.address()));
            g.writeNumber(touch.timeNs());
            g.writeNumber(touch.node());
            g.writeEndArray();
        }
        g.writeEndArray();
    }

    private void curves() throws IOException {
        g.writeObjectFieldStart("curves");
        g.writeStringField("reason", page.curves().reason());
        g.writeBooleanField("partial", page.curves().isPartial());
        texts("notes", page.curves().notes());
        g.writeArrayFieldStart("points");
        for (Curves.Point p : page.curves().points()) {
            g.writeStartArray();
            g.writeNumber(p.ageUs() / 1e6);
            g.writeNumber(p.cold().likely());
            g.writeNumber(p.cold().most());
            g.writeNumber(p.back().least());
            g.writeNumber(p.back().likely());
            g.writeNumber(p.back().most());
            g.writeEndArray();
        }
        g.writeEndArray();
        g.writeEndObject();
    }

    private void whatIf(PageWhatIf w) throws IOException {
        Outcome o = w.result().outcome();
        g.writeObjectFieldStart("whatIf");
        g.writeNumberField("level", w.level());
        texts("text", OpenLoopReports.text(w.result()).lines().toList());
        g.writeArrayFieldStart("points");
        for (Outcome.Point p : o.points()) {
            g.writeStartArray();
            g.writeNumber((double) p.fromNs() - page.time().fromNs());
            g.writeNumber((double) p.toNs() - page.time().fromNs());
            g.writeNumber(p.outBytes().least());
            g.writeNumber(p.outBytes().likely());
            g.writeNumber(p.outBytes().most());
            g.writeEndArray();
        }
        g.writeEndArray();
        g.writeNumberField("savedLeast", o.savedBytes().least());
        g.writeNumberField("savedLikely", o.savedBytes().likely());
        g.writeNumberField("savedMost", o.savedBytes().most());
        g.writeEndObject();
    }

    private void licences() throws IOException {
        g.writeArrayFieldStart("licences");
        g.writeStartArray();
        g.writeString("uPlot " + Assets.uplotVersion());
        g.writeString("charts; MIT License");
        g.writeString(Assets.uplotLicence());
        g.writeEndArray();
        g.writeStartArray();
        g.writeString("damson");
        g.writeString("this page; Apache License, Version 2.0");
        g.writeString("");
        g.writeEndArray();
        g.writeEndArray();
    }
}
