package org.damson.analyzer.heatmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.rendering.PDFRenderer;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.Samples;
import org.damson.analyzer.compare.CompareOptions;
import org.damson.analyzer.compare.TraceCompare;
import org.damson.analyzer.render.picture.HeatmapPicture;
import org.damson.analyzer.render.picture.Palette;
import org.damson.analyzer.render.picture.PictureForm;
import org.damson.analyzer.render.picture.WorkingSetPicture;
import org.damson.analyzer.render.text.CsvReports;
import org.damson.analyzer.render.text.JsonReports;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.TargetKey;
import org.damson.analyzer.workingset.WorkingSet;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

class FileReportsTest {
    private static final HeatmapOptions SMALL = new HeatmapOptions(3, 4, HeatmapOptions.Scope.ALL);

    @Test
    void csvHasOneLinePerCellAndSnapshot() throws IOException {
        StringBuilder heat = new StringBuilder();
        CsvReports.heatmap(Heatmap.compute(Samples.three(), TraceQuery.ALL, SMALL), heat);
        String[] lines = heat.toString().split("\n");
        assertEquals(1 + 12, lines.length);
        assertEquals("700000000,900000000,0x0,1.0", lines[1]);
        StringBuilder set = new StringBuilder();
        CsvReports.workingSet(WorkingSet.compute(Samples.three(), TraceQuery.ALL, WorkingSetOptions.DEFAULTS), set);
        assertTrue(set.toString().endsWith("\ntarget 0,1100000000,1300000000,2097152\n"), set.toString());
        StringBuilder guide = new StringBuilder();
        CsvReports.guide(TraceGuide.compute(Samples.three(), TraceQuery.ALL), guide);
        assertTrue(guide.toString().contains("target 0,700000000,1300000000,0x0,0x1000000,16777216,"));
    }

    @Test
    void jsonSaysWhatTheResultsSay() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        JsonReports.heatmap(Heatmap.compute(Samples.three(), TraceQuery.ALL, SMALL), out);
        assertTrue(text(out).contains("\"heat\":[[1.0,0.5,0.125],[0.0,0.0,0.0]"), text(out));
        out.reset();
        JsonReports.workingSet(
                WorkingSet.compute(Samples.three(), TraceQuery.ALL, WorkingSetOptions.DEFAULTS),
                java.util.List.of(0, 50),
                out);
        assertTrue(text(out).contains("\"by_size\":{\"0\":2097152,"), text(out));
        out.reset();
        JsonReports.guide(TraceGuide.compute(Samples.three(), TraceQuery.ALL), out);
        assertTrue(text(out).contains("\"end\":\"0x1000000\""), text(out));
        out.reset();
        JsonReports.compare(TraceCompare.compare(Samples.three(), Samples.three(), CompareOptions.DEFAULTS), out);
        assertTrue(text(out).startsWith("{\"same\":true,"), text(out));
    }

    @Test
    void emptyTraceGivesValidPicturesAndJson() throws IOException {
        MemoryTrace empty = new MemoryTrace();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        HeatmapPicture.write(Heatmap.compute(empty, TraceQuery.ALL, SMALL), "empty", PictureForm.PNG, out);
        assertTrue(image(out).getWidth() > 0);
        out.reset();
        WorkingSetPicture.write(
                WorkingSet.compute(empty, TraceQuery.ALL, WorkingSetOptions.DEFAULTS), "empty", PictureForm.PNG, out);
        assertTrue(image(out).getWidth() > 0);
        out.reset();
        JsonReports.compare(TraceCompare.compare(empty, empty, CompareOptions.DEFAULTS), out);
        assertTrue(text(out).contains("\"correlation\":null"), text(out));
    }

    @Test
    void pictureShowsHotColdAndNotMonitoredInDifferentColours() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 0, 100).add(0, 4L << 20, 20, 0);
        t.snapshot(0, 100, 200).add(0, 2L << 20, 0, 0);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        HeatmapPicture.write(
                Heatmap.compute(t, TraceQuery.ALL, new HeatmapOptions(2, 2, HeatmapOptions.Scope.ALL)),
                "t",
                PictureForm.PNG,
                out);
        BufferedImage image = image(out);
        int hot = image.getRGB(300, 600) & 0xffffff;
        int cold = image.getRGB(1100, 600) & 0xffffff;
        int blank = image.getRGB(1100, 200) & 0xffffff;
        assertEquals(Palette.rgb(1), hot);
        assertEquals(Palette.rgb(0), cold);
        assertNotEquals(cold, blank);
        assertTrue((blank & 0xff) > 0xb0, Integer.toHexString(blank));
    }

    /** One half hot in the first trace and the other in the second, at another address and with another size, in one colour. */
    @Test
    void twoMapsSideBySideShowTheSameMemoryInOneScale() throws IOException {
        MemoryTrace a = new MemoryTrace();
        Snapshot ofA = a.snapshot(0, 0, 100);
        ofA.add(0, 4L << 20, 20, 0);
        ofA.add(4L << 20, 8L << 20, 0, 0);
        MemoryTrace b = new MemoryTrace();
        Snapshot ofB = b.snapshot(0, 500, 800);
        long start = 1L << 30;
        ofB.add(start, start + (8L << 20), 0, 0);
        ofB.add(start + (8L << 20), start + (16L << 20), 10, 0);
        List<Area> placesA = List.of(new Area(TargetKey.of(ofA), 0, 8L << 20, 0));
        List<Area> placesB = List.of(new Area(TargetKey.of(ofB), start, start + (16L << 20), 0));
        List<HeatmapResult> maps = PairedHeatmaps.compute(a, b, placesA, placesB, 4, 4);
        assertEquals(
                List.of(1.0, 0.0), List.of(maps.get(0).cell(1, 0), maps.get(0).cell(1, 3)));
        assertEquals(
                List.of(0.0, 0.5), List.of(maps.get(1).cell(1, 0), maps.get(1).cell(1, 3)));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        HeatmapPicture.write(maps, List.of("a", "b"), PictureForm.PNG, out);
        BufferedImage image = image(out);
        int top = 70 + 20;
        int bottom = 70 + 380;
        assertEquals(Palette.rgb(1), image.getRGB(400, bottom) & 0xffffff);
        assertEquals(Palette.rgb(0), image.getRGB(400, top) & 0xffffff);
        assertEquals(Palette.rgb(0), image.getRGB(900, bottom) & 0xffffff);
        // Half as hot, on the scale of both.
        assertEquals(Palette.rgb(Math.sqrt(0.5)), image.getRGB(900, top) & 0xffffff);
    }

    private static String text(ByteArrayOutputStream out) {
        return out.toString(StandardCharsets.UTF_8);
    }

    private static BufferedImage image(ByteArrayOutputStream out) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(out.toByteArray()));
    }

    @Test
    void aPictureIsTheSameInEveryForm() throws Exception {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 0, 100).add(0, 4L << 20, 20, 0);
        t.snapshot(0, 100, 200).add(0, 4L << 20, 0, 0);
        HeatmapResult map = Heatmap.compute(t, TraceQuery.ALL, new HeatmapOptions(2, 2, HeatmapOptions.Scope.ALL));
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        HeatmapPicture.write(map, "t <&> ü", PictureForm.PNG, png);
        BufferedImage image = image(png);
        ByteArrayOutputStream pdf = new ByteArrayOutputStream();
        HeatmapPicture.write(map, "t <&> ü", PictureForm.PDF, pdf);
        try (PDDocument document = Loader.loadPDF(pdf.toByteArray())) {
            BufferedImage page = new PDFRenderer(document).renderImage(0);
            assertEquals(image.getWidth(), page.getWidth());
            assertEquals(image.getHeight(), page.getHeight());
            for (int x : new int[] {300, 1100}) {
                assertEquals(image.getRGB(x, 600) & 0xffffff, page.getRGB(x, 600) & 0xffffff);
            }
            assertNotEquals(image.getRGB(300, 600), image.getRGB(1100, 600));
        }
        ByteArrayOutputStream svg = new ByteArrayOutputStream();
        HeatmapPicture.write(map, "t <&> ü", PictureForm.SVG, svg);
        Document document = parsed(svg);
        assertEquals("svg", document.getDocumentElement().getTagName());
        assertEquals(
                Integer.toString(image.getWidth()),
                document.getDocumentElement().getAttribute("width"));
        assertTrue(text(svg).contains("t &lt;&amp;&gt; ü"), "the title is text");
        NodeList images = document.getElementsByTagName("image");
        String data = images.item(0).getAttributes().getNamedItem("xlink:href").getNodeValue();
        String head = "data:image/png;base64,";
        assertTrue(data.startsWith(head), data.substring(0, 40));
        BufferedImage cells =
                ImageIO.read(new ByteArrayInputStream(Base64.getMimeDecoder().decode(data.substring(head.length()))));
        assertEquals(image.getRGB(300, 600), cells.getRGB(300 - 245, 600 - 70));
    }

    private static Document parsed(ByteArrayOutputStream svg) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(svg.toByteArray()));
    }
}
