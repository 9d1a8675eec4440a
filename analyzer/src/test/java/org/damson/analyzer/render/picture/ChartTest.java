package org.damson.analyzer.render.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.heatmap.TraceGuide;
import org.damson.analyzer.objects.IdleMemory;
import org.damson.analyzer.objects.IdleResult;
import org.damson.analyzer.objects.ObjectUse;
import org.damson.analyzer.objects.ObjectsResult;
import org.damson.analyzer.objects.WindowSizes;
import org.damson.analyzer.objects.WindowsResult;
import org.damson.analyzer.workingset.Evaluation;
import org.damson.analyzer.workingset.WorkingSet;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Where the charts put what: the plot of lines is 960 by 420 at (110, 70), y downwards. */
final class ChartTest {
    private interface Drawing {
        void write(PictureForm form, ByteArrayOutputStream out) throws IOException;
    }

    private static Document svg(Drawing drawing) throws Exception {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        drawing.write(PictureForm.PNG, png);
        assertTrue(ImageIO.read(new ByteArrayInputStream(png.toByteArray())).getWidth() > 1000);
        ByteArrayOutputStream pdf = new ByteArrayOutputStream();
        drawing.write(PictureForm.PDF, pdf);
        assertEquals(
                "%PDF-",
                pdf.toString(java.nio.charset.StandardCharsets.US_ASCII).substring(0, 5));
        ByteArrayOutputStream svg = new ByteArrayOutputStream();
        drawing.write(PictureForm.SVG, svg);
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(svg.toByteArray()));
    }

    private static List<String> all(Document svg, String element, String attribute) {
        List<String> values = new ArrayList<>();
        NodeList nodes = svg.getElementsByTagName(element);
        for (int i = 0; i < nodes.getLength(); i++) {
            Element e = (Element) nodes.item(i);
            values.add(attribute == null ? e.getTextContent() : e.getAttribute(attribute));
        }
        return values;
    }

    /** What a bar of {@code height} covers from left to right, as "x+width". */
    private static List<String> bars(Document svg, String height) {
        List<String> found = new ArrayList<>();
        NodeList nodes = svg.getElementsByTagName("rect");
        for (int i = 0; i < nodes.getLength(); i++) {
            Element e = (Element) nodes.item(i);
            if (e.getAttribute("height").equals(height)) {
                found.add(e.getAttribute("x") + "+" + e.getAttribute("width"));
            }
        }
        return found;
    }

    @Test
    void aWorkingSetIsAStepPerSnapshotAndAGapWhereThereIsNone() throws Exception {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 0, 100).add(0, 4L << 20, 1, 0);
        t.snapshot(0, 100, 200).add(0, 2L << 20, 1, 0);
        t.snapshot(0, 400, 500).add(0, 4L << 20, 1, 0);
        WorkingSetResult r = WorkingSet.compute(t, TraceQuery.ALL, WorkingSetOptions.DEFAULTS);
        Document svg = svg((form, out) -> WorkingSetPicture.write(r, "run <1>", form, out));
        // The axis goes to 4.5 MiB, in steps of 512 KiB: 2 MiB are at 70 + 420 * 2.5 / 4.5.
        List<String> paths = all(svg, "path", "d");
        assertEquals(1, paths.size());
        assertEquals(
                "M110 116.6667 L302 116.6667 L302 303.3333 L494 303.3333 M878 116.6667 L1070 116.6667", paths.get(0));
        List<String> texts = all(svg, "text", null);
        assertTrue(texts.contains("run <1>: working set"), texts.toString());
        assertTrue(texts.containsAll(List.of("0 B", "4.5 MiB", "target 0", "median 4 MiB")), texts.toString());
    }

    @Test
    void ofManyPointsInAColumnTheLeastAndTheGreatestAreSeen() throws Exception {
        Chart.Line line = new Chart.Line("l", Chart.colour(0));
        for (int i = 0; i < 96_000; i++) {
            line.add(i, i == 50_050 ? 100 : i == 50_060 ? 0 : 40 + i % 2);
        }
        Document svg = svg((form, out) ->
                Chart.lines("t", "n", Chart.Across.time(0, 96_000), "v", Chart.Unit.COUNT, List.of(line), form, out));
        String path = all(svg, "path", "d").get(0);
        assertTrue(path.split(" L").length <= 4 * 961, "few points: " + path.length());
        // The axis goes to 120.
        assertTrue(path.contains(" 140 "), "100 is at 70 + 420 * 20 / 120");
        assertTrue(path.contains(" 490 "), "0 is at the bottom");
    }

    @Test
    void windowsLieOnALogarithmicAxis() throws Exception {
        MemoryTrace t = new MemoryTrace();
        for (int i = 0; i < 100; i++) {
            t.snapshot(0, i * 100, i * 100 + 100).add(0, 1L << 20, 1, 0);
        }
        WindowsResult r = WindowSizes.compute(t, TraceQuery.ALL);
        Document svg = svg((form, out) -> ReportPicture.windows(r, "run", form, out));
        String line = all(svg, "path", "d").stream()
                .filter(d -> d.startsWith("M110 ") && d.contains("L1070 "))
                .findFirst()
                .orElseThrow();
        // 1, 2, 5, 10, 20, 50, 100 snapshots: 10 are in the middle.
        assertTrue(line.contains("L590 "), line);
        assertTrue(all(svg, "text", null).contains("1 s"), "every power of ten has a tick");
    }

    @Test
    void idleMemoryIsABarForTheMeanAndOneForTheLastSnapshot() throws Exception {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 0, 100).add(0, 4L << 20, 0, 0);
        Snapshot last = t.snapshot(0, 2100, 2200);
        last.add(0, 4L << 20, 0, 20);
        last.add(4L << 20, 8L << 20, 1, 0);
        t.snapshots.forEach(s -> s.columns = Snapshot.HAS_AGE);
        IdleResult r = IdleMemory.compute(t, TraceQuery.ALL);
        Document svg = svg((form, out) -> ReportPicture.idle(r, "run", form, out));
        // Nothing accessed: 4 MiB in both; for 1 s and 2 s 4 MiB in the last snapshot, 2 on average. The longest is 960
        // / 1.2.
        List<String> bars = bars(svg, "12");
        assertEquals(List.of("800", "800", "400", "800", "400", "800"), widths(bars));
        List<String> texts = all(svg, "text", null);
        assertTrue(
                texts.containsAll(List.of("not accessed now", "at least 2 s", "33.3 % on average")), texts.toString());
    }

    @Test
    void accessedMemoryLiesBeforeTheRestOfItsBar() throws Exception {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 0, 100).add(0, 4L << 20, 20, 0);
        t.snapshot(0, 100, 200).add(0, 4L << 20, 0, 0);
        ObjectsResult r = ObjectUse.compute(t, TraceQuery.ALL);
        Document svg = svg((form, out) -> ReportPicture.objects(r, "run", form, out));
        List<String> bars = bars(svg, "16");
        assertEquals(List.of("400", "400"), widths(bars));
        GuideResult guide = TraceGuide.compute(t, TraceQuery.ALL);
        svg = svg((form, out) -> ReportPicture.guide(guide, "run", form, out));
        assertEquals(List.of("400", "400"), widths(bars(svg, "16")));
        assertTrue(all(svg, "text", null).contains("0x0 - 0x400000"));
    }

    private static List<String> widths(List<String> bars) {
        return bars.stream().map(b -> b.substring(b.indexOf('+') + 1)).toList();
    }

    @Test
    void regionsAreCounted() throws Exception {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 0, 100).add(0, 4096, 0, 0);
        Snapshot two = t.snapshot(0, 100, 200);
        two.add(0, 4096, 0, 0);
        two.add(4096, 8192, 1, 0);
        List<WorkingSetResult.Series> counts = WorkingSet.regionCounts(t, TraceQuery.ALL);
        Document svg = svg((form, out) -> WorkingSetPicture.writeRegionCounts(counts, "run", form, out));
        // The axis goes to 3.
        assertEquals(List.of("M110 350 L590 350 L590 210 L1070 210"), all(svg, "path", "d"));
    }

    @Test
    void aMatrixLeavesOutWhatIsNotRecorded() throws Exception {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 0, 100).add(0, 4L << 20, 1, 0);
        t.snapshot(0, 100, 200).add(0, 8L << 20, 1, 0);
        Evaluation matrix = new Evaluation();
        matrix.add("run", t);
        Document svg = svg((form, out) -> ReportPicture.matrix(matrix, form, out));
        assertEquals(List.of("615.3846", "615.3846", "800"), widths(bars(svg, "12")));
        List<String> texts = all(svg, "text", null);
        assertTrue(texts.containsAll(List.of("wss", "wss p50", "wss p95")) && !texts.contains("rss"), texts.toString());
    }

    @Test
    void anEmptyChartSaysSo() throws Exception {
        Document svg = svg((form, out) ->
                ReportPicture.windows(WindowSizes.compute(new MemoryTrace(), TraceQuery.ALL), "run", form, out));
        assertTrue(all(svg, "text", null).contains("the trace has nothing to show here"));
        svg = svg((form, out) ->
                ReportPicture.idle(IdleMemory.compute(new MemoryTrace(), TraceQuery.ALL), "run", form, out));
        assertTrue(all(svg, "text", null).contains("the trace has nothing to show here"));
    }
}
