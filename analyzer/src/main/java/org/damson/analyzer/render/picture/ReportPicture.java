package org.damson.analyzer.render.picture;

import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.damo.access.AccessReport;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.memory.Outcome;
import org.damson.analyzer.objects.IdleResult;
import org.damson.analyzer.objects.ObjectsResult;
import org.damson.analyzer.objects.WindowsResult;
import org.damson.analyzer.render.table.PhasesTable;
import org.damson.analyzer.render.table.WindowsTable;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.scan.TargetKey;
import org.damson.analyzer.timeline.Phase;
import org.damson.analyzer.workingset.Evaluation;
import org.damson.model.Units;

/** Pictures of the reports that are tables; {@code name} is what the trace is called. */
public final class ReportPicture {
    private static final int CURVE_POINTS = 64;
    private static final Color HOT = new Color(0xd55e00);
    private static final Color COLD = new Color(0x9fc5dd);

    private ReportPicture() {}

    /** Whether labels have to tell targets from each other. */
    private static boolean areSeveral(Stream<TargetKey> targets) {
        return targets.map(TargetKey::label).distinct().limit(2).count() > 1;
    }

    /** How much memory has not been accessed for how long. */
    public static void idle(IdleResult idle, String name, PictureForm form, OutputStream out) throws IOException {
        boolean areSeveral = areSeveral(idle.targets().stream().map(IdleResult.Target::key));
        List<Chart.Bar> bars = new ArrayList<>();
        for (IdleResult.Target t : idle.targets()) {
            for (IdleResult.Coldness c : t.coldness()) {
                bars.add(new Chart.Bar(
                        (areSeveral ? t.key().label() + ": " : "")
                                + (c.idleAtLeastNs() == 0
                                        ? "not accessed now"
                                        : "at least " + Units.duration(c.idleAtLeastNs())),
                        percent(c.percentOfBytes()) + " on average",
                        c.meanBytes(),
                        c.lastBytes()));
            }
        }
        Chart.bars(
                name + ": memory idle for so long",
                "idle time: since the last access seen, at most since the recording began",
                "idle memory",
                Chart.Unit.BYTES,
                false,
                List.of(
                        new Chart.Part("mean over time", Chart.colour(0)),
                        new Chart.Part("last snapshot", Chart.colour(5))),
                bars,
                form,
                out);
    }

    /** Working set by the length of the window. */
    public static void windows(WindowsResult windows, String name, PictureForm form, OutputStream out)
            throws IOException {
        Map<String, Chart.Line> lines = new LinkedHashMap<>();
        double least = Double.MAX_VALUE;
        double most = 0;
        for (WindowsResult.Target t : windows.targets()) {
            String label = t.key().label();
            for (WindowsResult.Window w : t.windows()) {
                least = Math.min(least, w.lengthNs());
                most = Math.max(most, w.lengthNs());
                if (lines.size() < Chart.MAX_LINES || lines.containsKey(label)) {
                    lines.computeIfAbsent(label, l -> new Chart.Line(l, Chart.colour(lines.size())))
                            .add(Math.max(1, w.lengthNs()), w.meanBytes());
                }
            }
        }
        Chart.lines(
                name + ": working-set size by window length",
                WindowsTable.NOTE,
                Chart.Across.lengths("length of the window, logarithmic", Math.min(least, most), most),
                "accessed at least once",
                Chart.Unit.BYTES,
                List.copyOf(lines.values()),
                form,
                out);
    }

    /** How much memory has been idle for how long, and what of it comes back each second if it is out by then. */
    public static void curves(Curves curves, String name, PictureForm form, OutputStream out) throws IOException {
        Chart.Line touched = new Chart.Line("idle, and was touched", Chart.colour(0));
        Chart.Line all = new Chart.Line("idle, all", Chart.colour(5));
        Chart.Line back = new Chart.Line("comes back per second", Chart.colour(1));
        List<Curves.Point> points = curves.points(CURVE_POINTS);
        double mostNs = 0;
        double leastNs = Double.MAX_VALUE;
        for (Curves.Point p : points) {
            // Age 0 has no place on a logarithmic axis.
            if (p.ageUs() > 0) {
                double ns = p.ageUs() * 1000.0;
                leastNs = Math.min(leastNs, ns);
                mostNs = ns;
                touched.add(ns, p.cold().likely());
                all.add(ns, p.cold().most());
                back.add(ns, p.back().likely());
            }
        }
        Chart.lines(
                name + ": memory idle for so long",
                "means over time; working set " + Units.bytes(Math.round(curves.workingSet())) + ", touched within "
                        + Outcome.WORKING_SET_S + " s",
                Chart.Across.lengths("idle for at least, logarithmic", Math.min(leastNs, mostNs), mostNs),
                "memory",
                Chart.Unit.BYTES,
                List.of(all, touched, back),
                form,
                out);
    }

    /** How much memory each phase uses, and how long it lasts. */
    public static void phases(List<Phase> phases, String name, PictureForm form, OutputStream out) throws IOException {
        List<Chart.Bar> bars = new ArrayList<>();
        for (Phase p : phases) {
            long startNs = p.traceNs();
            bars.add(new Chart.Bar(
                    String.format(
                            Locale.ROOT, "%.1f s - %.1f s", (p.fromNs() - startNs) / 1e9, (p.toNs() - startNs) / 1e9),
                    p.hottest() == null ? "" : "hottest at " + PhasesTable.addresses(p.hottest()),
                    p.workingSetBytes(),
                    p.hotBytes()));
        }
        Chart.bars(
                name + ": phases of similar memory use",
                PhasesTable.NOTE,
                "memory, mean over the phase",
                Chart.Unit.BYTES,
                false,
                List.of(new Chart.Part("working set", Chart.colour(0)), new Chart.Part("hot on average", HOT)),
                bars,
                form,
                out);
    }

    /** Hot and cold memory by mapping. */
    public static void objects(ObjectsResult objects, String name, PictureForm form, OutputStream out)
            throws IOException {
        boolean areSeveral = areSeveral(objects.mappings().stream().map(ObjectsResult.Mapping::key));
        List<Chart.Bar> bars = new ArrayList<>();
        for (ObjectsResult.Mapping m : objects.mappings()) {
            bars.add(accessed(
                    (areSeveral ? m.key().label() + ": " : "") + m.name(),
                    m.meanMonitoredBytes(),
                    m.meanAccessedBytes(),
                    m.heatPercent()));
        }
        split(
                name + ": memory by mapping, hottest first",
                "means over time; heat = share of the samples that found it accessed",
                new Chart.Part("accessed", HOT),
                bars,
                form,
                out);
    }

    /** What a trace covers, area by area, and how much of that is hot. */
    public static void guide(GuideResult guide, String name, PictureForm form, OutputStream out) throws IOException {
        List<Chart.Bar> bars = new ArrayList<>();
        for (GuideResult.Target t : guide.targets()) {
            double seconds = Math.max(1e-9, t.heatSeconds());
            for (Area a : t.areas()) {
                double size = Scan.bytes(a.sizeBytes());
                double hot = Math.min(size, a.heatByteSeconds() / seconds);
                bars.add(accessed(
                        (guide.targets().size() > 1 ? t.key().label() + ": " : "") + Units.address(a.start()) + " - "
                                + Units.address(a.end()),
                        size,
                        hot,
                        100 * hot / size));
            }
        }
        split(
                name + ": what was monitored, by address",
                "hot = size times heat, the share of samples that found it accessed; mean over time",
                new Chart.Part("hot on average", HOT),
                bars,
                form,
                out);
    }

    private static Chart.Bar accessed(String label, double size, double accessed, double heatPercent) {
        return new Chart.Bar(
                label, Units.bytes(Math.round(size)) + ", heat " + percent(heatPercent), accessed, size - accessed);
    }

    private static void split(
            String title, String note, Chart.Part hot, List<Chart.Bar> bars, PictureForm form, OutputStream out)
            throws IOException {
        Chart.bars(
                title,
                note,
                "memory",
                Chart.Unit.BYTES,
                true,
                List.of(hot, new Chart.Part("the rest", COLD)),
                bars,
                form,
                out);
    }

    /** Memory by idle time or temperature in the last snapshot. */
    public static void histogram(
            List<AccessReport.HistogramBar> histogram,
            boolean temperature,
            String name,
            PictureForm form,
            OutputStream out)
            throws IOException {
        List<Chart.Part> parts = new ArrayList<>(List.of(new Chart.Part("size of regions", Chart.colour(0))));
        boolean filtered = histogram.stream().anyMatch(b -> !Double.isNaN(b.passedBytes()));
        if (filtered) {
            parts.add(new Chart.Part("passed the filters", Chart.colour(2)));
        }
        List<Chart.Bar> bars = new ArrayList<>();
        for (AccessReport.HistogramBar b : histogram) {
            bars.add(
                    filtered
                            ? new Chart.Bar(b.range(), Units.bytes(Math.round(b.bytes())), b.bytes(), b.passedBytes())
                            : new Chart.Bar(b.range(), Units.bytes(Math.round(b.bytes())), b.bytes()));
        }
        Chart.bars(
                name + ": memory by " + (temperature ? "temperature" : "idle time") + ", last snapshot",
                temperature
                        ? "temperature = damo's: frequency and age of the accesses, negative where there are none"
                        : "idle time: since the last access seen",
                "memory",
                Chart.Unit.BYTES,
                false,
                parts,
                bars,
                form,
                out);
    }

    /** Sizes of many runs beside each other; what a trace does not record has no bar. */
    public static void matrix(Evaluation matrix, PictureForm form, OutputStream out) throws IOException {
        List<Evaluation.Column> columns = List.of(
                Evaluation.Column.SYSTEM_USED,
                Evaluation.Column.RSS,
                Evaluation.Column.RSS_MAX,
                Evaluation.Column.WORKING_SET,
                Evaluation.Column.WORKING_SET_P50,
                Evaluation.Column.WORKING_SET_P95);
        List<Evaluation.Column> known = columns.stream()
                .filter(c -> matrix.rows().stream().anyMatch(r -> !Double.isNaN(r.get(c))))
                .toList();
        List<Chart.Part> parts = new ArrayList<>();
        for (Evaluation.Column c : known) {
            parts.add(new Chart.Part(c.title, Chart.colour(columns.indexOf(c))));
        }
        List<Chart.Bar> bars = new ArrayList<>();
        for (Evaluation.Row row : matrix.rows()) {
            double seconds = row.get(Evaluation.Column.RUNTIME);
            bars.add(new Chart.Bar(
                    row.name(),
                    Double.isNaN(seconds) ? "" : String.format(Locale.ROOT, "runtime %.2f s", seconds),
                    known.stream().mapToDouble(row::get).toArray()));
        }
        Chart.bars(
                "memory of " + bars.size() + (bars.size() == 1 ? " run" : " runs"),
                "means over the run, its greatest resident set, and percentiles of the working set",
                "memory",
                Chart.Unit.BYTES,
                false,
                parts,
                bars,
                form,
                out);
    }

    private static String percent(double v) {
        return String.format(Locale.ROOT, "%.1f %%", v);
    }
}
