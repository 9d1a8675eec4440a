package org.damson.analyzer;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.geom.Path2D;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.damson.model.Units;

/** Working set over time as a line chart; several targets get a line each, the total a black one. */
public final class WorkingSetPicture {
    private static final int PLOT_WIDTH = 960;
    private static final int PLOT_HEIGHT = 420;
    private static final int LEFT = 110;
    private static final int TOP = 70;
    private static final int RIGHT = 210;
    private static final int BOTTOM = 60;

    /** Distinct also for the colour-blind (Okabe and Ito). */
    private static final int[] LINES = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9};

    private final Canvas canvas;
    private final long fromNs;
    private final long toNs;
    private final double top;

    private WorkingSetPicture(Canvas canvas, List<WorkingSetResult.Series> series, double step) {
        this.canvas = canvas;
        long from = Long.MAX_VALUE;
        long to = Long.MIN_VALUE;
        for (WorkingSetResult.Series s : series) {
            from = s.length() == 0 ? from : Math.min(from, s.startNs(0));
            to = s.length() == 0 ? to : Math.max(to, s.endNs(s.length() - 1));
        }
        this.fromNs = from > to ? 0 : from;
        this.toNs = from > to ? 1 : to;
        this.top = Math.max(1, Math.ceil(greatest(series) * 1.02 / step)) * step;
    }

    private static long greatest(List<WorkingSetResult.Series> series) {
        return series.stream().mapToLong(s -> s.bySize(100)).max().orElse(0);
    }

    public static void write(WorkingSetResult r, String title, PictureForm form, OutputStream out) throws IOException {
        List<WorkingSetResult.Series> shown = new ArrayList<>();
        List<Color> colours = new ArrayList<>();
        for (int i = 0; i < Math.min(r.targets().size(), LINES.length); i++) {
            shown.add(r.targets().get(i));
            colours.add(new Color(LINES[i]));
        }
        if (r.targets().size() > 1) {
            shown.add(r.total());
            colours.add(Canvas.INK);
        }
        write(shown, colours, title, r.note(), "working set", form, out);
    }

    /** The working set and what the processes had of memory, on one axis of time and one of size. */
    public static void writeSizing(
            List<WorkingSetResult.Series> series, String title, String note, PictureForm form, OutputStream out)
            throws IOException {
        List<Color> colours = new ArrayList<>();
        for (int i = 0; i < series.size(); i++) {
            colours.add(new Color(LINES[i % LINES.length]));
        }
        write(series, colours, title, note, "memory", form, out);
    }

    private static void write(
            List<WorkingSetResult.Series> series,
            List<Color> colours,
            String title,
            String note,
            String what,
            PictureForm form,
            OutputStream out)
            throws IOException {
        Canvas canvas = new Canvas(LEFT + PLOT_WIDTH + RIGHT, TOP + PLOT_HEIGHT + BOTTOM, form);
        double step = Ticks.binary(greatest(series), 8);
        WorkingSetPicture p = new WorkingSetPicture(canvas, series, step);
        canvas.heading(title, note, LEFT, PLOT_WIDTH);
        canvas.sizeAxis(LEFT, TOP, PLOT_WIDTH, PLOT_HEIGHT, p.top, step, what);
        canvas.timeAxis(LEFT, TOP + PLOT_HEIGHT, PLOT_WIDTH, p.toNs - p.fromNs, p.fromNs);
        for (int i = 0; i < series.size(); i++) {
            p.line(series.get(i), colours.get(i));
            WorkingSetResult.Series s = series.get(i);
            canvas.font(Font.PLAIN, 12);
            canvas.legend(
                    LEFT + PLOT_WIDTH + 20,
                    TOP + 14 + i * 62,
                    colours.get(i),
                    canvas.fit(s.label(), RIGHT - 55),
                    "mean " + Units.bytes((long) s.mean()),
                    "median " + Units.bytes(s.bySize(50)));
        }
        canvas.write(out);
    }

    /** A step per snapshot; where many share a pixel, the line spans the least to the greatest of them. */
    private void line(WorkingSetResult.Series s, Color c) {
        Path2D path = new Path2D.Double();
        double scale = PLOT_WIDTH / (double) Math.max(1, toNs - fromNs);
        boolean first = true;
        long previousEnd = 0;
        for (int i = 0; i < s.length(); i++) {
            double x0 = LEFT + Math.max(0, (s.startNs(i) - fromNs) * scale);
            double x1 = LEFT + Math.min(PLOT_WIDTH, (s.endNs(i) - fromNs) * scale);
            double y = TOP + PLOT_HEIGHT - s.size(i) / top * PLOT_HEIGHT;
            boolean gap = s.startNs(i) - previousEnd > s.endNs(i) - s.startNs(i);
            if (first || gap) {
                path.moveTo(x0, y);
            } else {
                path.lineTo(x0, y);
            }
            path.lineTo(x1, y);
            first = false;
            previousEnd = s.endNs(i);
        }
        canvas.g.setColor(c);
        canvas.g.setStroke(new BasicStroke(1.6f));
        canvas.g.draw(path);
        canvas.g.setStroke(new BasicStroke(1));
    }
}
