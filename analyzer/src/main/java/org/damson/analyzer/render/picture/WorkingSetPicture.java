package org.damson.analyzer.render.picture;

import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.workingset.WorkingSetResult;

/** Values of snapshots over time as a line chart; several targets get a line each, the total a black one. */
public final class WorkingSetPicture {
    private WorkingSetPicture() {}

    public static void write(WorkingSetResult r, String title, PictureForm form, OutputStream out) throws IOException {
        List<Chart.Line> lines = lines(r.targets(), Chart.Unit.BYTES);
        if (r.targets().size() > 1) {
            lines.add(line(r.total(), Canvas.INK, Chart.Unit.BYTES));
        }
        List<WorkingSetResult.Series> all = new ArrayList<>(r.targets());
        all.add(r.total());
        write(all, lines, title + ": working set", r.note(), "working set", Chart.Unit.BYTES, form, out);
    }

    /** Sizes of memory on one axis of time and one of size. */
    public static void writeSizes(
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
                "what the monitor divides the memory into: more regions are finer and cost more",
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
