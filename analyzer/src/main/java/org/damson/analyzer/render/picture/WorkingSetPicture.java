package org.damson.analyzer.render.picture;

import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.damson.analyzer.render.table.FootprintTable;
import org.damson.analyzer.render.table.WorkingSetTable;
import org.damson.analyzer.workingset.Footprint;
import org.damson.analyzer.workingset.Sizing;
import org.damson.analyzer.workingset.WorkingSetBounds;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.model.Units;

/** Values of snapshots over time as a line chart; several targets get a line each, the total a black one. */
public final class WorkingSetPicture {
    /** What is drawn of a footprint, under which name, as long as it is not far above those before. */
    private static final Map<String, String> DRAWN = drawn();

    private WorkingSetPicture() {}

    private static Map<String, String> drawn() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("rss", "resident");
        names.put("shared", "shared");
        names.put("swap", "swapped out");
        names.put(Footprint.SYSTEM_USED, "system used");
        names.put("vsz", "address space");
        return names;
    }

    public static void write(WorkingSetResult r, String title, PictureForm form, OutputStream out) throws IOException {
        List<Chart.Line> lines = lines(r.targets(), Chart.Unit.BYTES);
        if (r.targets().size() > 1) {
            lines.add(line(r.total(), Canvas.INK, Chart.Unit.BYTES));
        }
        List<WorkingSetResult.Series> all = new ArrayList<>(r.targets());
        all.add(r.total());
        write(all, lines, title + ": working set", WorkingSetTable.note(r), "working set", Chart.Unit.BYTES, form, out);
    }

    /** Bounds, estimate and working set of the first target. */
    public static void write(WorkingSetBounds bounds, String title, PictureForm form, OutputStream out)
            throws IOException {
        List<WorkingSetResult.Series> series = bounds.targets().stream()
                .limit(1)
                .flatMap(t -> Stream.of(
                        t.whole().labelled("regions whole"),
                        t.high().labelled("at most"),
                        t.estimate().labelled("estimate"),
                        t.low().labelled("at least")))
                .toList();
        String note = "of the first target, with 95 % confidence; regions whole = working set";
        writeSizes(series, title + ": memory accessed per sampling interval", note, form, out);
    }

    /** The working set of all targets, and the processes' resident set and swap where the trace has them. */
    public static void write(Sizing sizing, String title, PictureForm form, OutputStream out) throws IOException {
        List<WorkingSetResult.Series> series = new ArrayList<>();
        series.add(sizing.needed().total().labelled("working set"));
        WorkingSetResult.Series resident = sizing.footprint().resident();
        if (resident != null) {
            series.add(resident.labelled("resident"));
        }
        WorkingSetResult.Series swapped = sizing.footprint().swapped();
        if (swapped != null && swapped.bySize(100) > 0) {
            series.add(swapped.labelled("swapped out"));
        }
        writeSizes(series, title + ": needed and resident memory", WorkingSetTable.note(sizing.needed()), form, out);
    }

    /**
     * Process and system memory usage. What is far above the resident set, so that it would press the others flat, is left
     * out.
     */
    public static void write(Footprint footprint, String title, PictureForm form, OutputStream out) throws IOException {
        List<WorkingSetResult.Series> series = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        double greatest = 0;
        for (Map.Entry<String, String> drawn : DRAWN.entrySet()) {
            WorkingSetResult.Series size = footprint.sizes().get(drawn.getKey());
            long most = size == null ? 0 : size.bySize(100);
            if (greatest > 0 && most > 4 * greatest) {
                leftOut.add(drawn.getValue() + " (up to " + Units.bytes(most) + ")");
            } else if (most > 0) {
                series.add(size.labelled(drawn.getValue()));
                greatest = Math.max(greatest, most);
            }
        }
        String note = series.isEmpty()
                ? FootprintTable.NO_FOOTPRINT
                : "sums over the processes; system used = total less available"
                        + (leftOut.isEmpty() ? "" : "; not drawn, being far above: " + String.join(", ", leftOut));
        writeSizes(series, title + ": process and system memory usage", note, form, out);
    }

    /** Sizes of memory on one axis of time and one of size. */
    private static void writeSizes(
            List<WorkingSetResult.Series> series, String title, String note, PictureForm form, OutputStream out)
            throws IOException {
        write(series, lines(series, Chart.Unit.BYTES), title, note, "memory", Chart.Unit.BYTES, form, out);
    }

    /** How many regions the snapshots of each target have. */
    public static void writeRegionCounts(
            List<WorkingSetResult.Series> series, String title, PictureForm form, OutputStream out) throws IOException {
        write(
                series,
                lines(series, Chart.Unit.COUNT),
                title + ": regions of each snapshot",
                "more regions are finer and cost more",
                "regions",
                Chart.Unit.COUNT,
                form,
                out);
    }

    private static void write(
            List<WorkingSetResult.Series> series,
            List<Chart.Line> lines,
            String title,
            String note,
            String what,
            Chart.Unit unit,
            PictureForm form,
            OutputStream out)
            throws IOException {
        long from = Long.MAX_VALUE;
        long to = Long.MIN_VALUE;
        for (WorkingSetResult.Series s : series) {
            from = s.length() == 0 ? from : Math.min(from, s.startNs(0));
            to = s.length() == 0 ? to : Math.max(to, s.endNs(s.length() - 1));
        }
        Chart.Across time = from > to ? Chart.Across.time(0, 1) : Chart.Across.time(from, to);
        Chart.lines(title, note, time, what, unit, lines, form, out);
    }

    private static List<Chart.Line> lines(List<WorkingSetResult.Series> series, Chart.Unit unit) {
        List<Chart.Line> lines = new ArrayList<>();
        for (int i = 0; i < Math.min(series.size(), Chart.MAX_LINES); i++) {
            lines.add(line(series.get(i), Chart.colour(i), unit));
        }
        return lines;
    }

    /** A step per snapshot. */
    private static Chart.Line line(WorkingSetResult.Series s, Color colour, Chart.Unit unit) {
        Chart.Line line =
                new Chart.Line(s.label(), colour, "mean " + unit.text(s.mean()), "median " + unit.text(s.bySize(50)));
        long previousEnd = 0;
        for (int i = 0; i < s.length(); i++) {
            if (i > 0 && s.startNs(i) - previousEnd > s.endNs(i) - s.startNs(i)) {
                line.gap();
            }
            line.add(s.startNs(i), s.size(i));
            line.add(s.endNs(i), s.size(i));
            previousEnd = s.endNs(i);
        }
        return line;
    }
}
