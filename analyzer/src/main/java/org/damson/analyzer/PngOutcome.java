package org.damson.analyzer;

import java.awt.Color;
import java.awt.Font;
import java.awt.geom.Path2D;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.damson.analyzer.whatif.Outcome;
import org.damson.analyzer.whatif.Outcome.Point;

/** Memory over time with and without schemes, and what came back, as a PNG. */
public final class PngOutcome {
    private static final int WIDTH = 960;
    private static final int HEIGHT = 320;
    private static final int BACK = 120;
    private static final int GAP = 40;
    private static final int LEFT = 110;
    private static final int TOP = 70;
    private static final int RIGHT = 230;
    private static final int BOTTOM = 60;
    private static final Color RESIDENT = new Color(0x222222);
    private static final Color LIKELY = new Color(0x0072b2);
    private static final Color BAND = new Color(0x56, 0xb4, 0xe9, 70);
    private static final Color REFAULT = new Color(0xd55e00);

    private PngOutcome() {}

    public static void write(Outcome o, String title, OutputStream out) throws IOException {
        Canvas c = new Canvas(LEFT + WIDTH + RIGHT, TOP + HEIGHT + GAP + BACK + BOTTOM);
        List<Point> points = o.points();
        long fromNs = points.isEmpty() ? 0 : points.get(0).fromNs();
        long toNs = points.isEmpty() ? 1 : points.get(points.size() - 1).toNs();
        c.font(Font.BOLD, 18);
        c.left(c.fit(title, WIDTH), LEFT, 28, Canvas.INK);
        c.font(Font.PLAIN, 12);
        c.left(c.fit(o.options().cost().describe(), WIDTH), LEFT, 50, Canvas.FAINT);

        double top = axis(c, points, Point::resident, TOP, HEIGHT, "resident");
        ToDoubleFunction<Point> least = p -> Math.max(0, p.resident() - p.out().most());
        ToDoubleFunction<Point> most = p -> Math.max(0, p.resident() - p.out().least());
        Path2D band = line(points, most, fromNs, toNs, top, TOP, HEIGHT);
        band.append(reversed(points, least, fromNs, toNs, top), true);
        band.closePath();
        c.g.setColor(BAND);
        c.g.fill(band);
        c.g.setColor(RESIDENT);
        c.g.draw(line(points, Point::resident, fromNs, toNs, top, TOP, HEIGHT));
        c.g.setColor(LIKELY);
        c.g.draw(line(points, p -> Math.max(0, p.resident() - p.out().likely()), fromNs, toNs, top, TOP, HEIGHT));

        int backTop = TOP + HEIGHT + GAP;
        double backMost = axis(c, points, p -> p.refaulted().likely(), backTop, BACK, "back per step");
        c.g.setColor(REFAULT);
        c.g.draw(line(points, p -> p.refaulted().likely(), fromNs, toNs, backMost, backTop, BACK));
        c.timeAxis(LEFT, backTop + BACK, WIDTH, toNs - fromNs, fromNs);

        legend(c, 0, RESIDENT, "without the schemes", Canvas.size(mean(points, Point::resident)));
        legend(
                c,
                1,
                LIKELY,
                "with them, likely",
                Canvas.size(mean(points, p -> p.resident() - p.out().likely())));
        legend(c, 2, BAND, "bounds", "");
        legend(c, 3, REFAULT, "refaulted", Canvas.size(o.refaulted().likely()) + " in all");
        c.write(out);
    }

    private static double mean(List<Point> points, ToDoubleFunction<Point> value) {
        double sum = 0;
        double ns = 0;
        for (Point p : points) {
            double w = p.toNs() - p.fromNs();
            sum += value.applyAsDouble(p) * w;
            ns += w;
        }
        return ns > 0 ? Math.max(0, sum / ns) : 0;
    }

    /** Draws the axis and returns its greatest value. */
    private static double axis(
            Canvas c, List<Point> points, ToDoubleFunction<Point> value, int top, int height, String name) {
        double greatest = 4096;
        for (Point p : points) {
            greatest = Math.max(greatest, value.applyAsDouble(p));
        }
        double step = Ticks.binary((long) greatest, height / 50);
        double most = Math.ceil(greatest * 1.02 / step) * step;
        c.font(Font.PLAIN, 12);
        for (double v = 0; v <= most; v += step) {
            int y = top + height - (int) Math.round(v / most * height);
            c.g.setColor(Canvas.GRID);
            c.g.drawLine(LEFT, y, LEFT + WIDTH, y);
            c.right(Canvas.size(v), LEFT - 10, y + 4, Canvas.INK);
        }
        c.g.setColor(Canvas.INK);
        c.g.drawLine(LEFT, top, LEFT, top + height);
        c.g.drawLine(LEFT, top + height, LEFT + WIDTH, top + height);
        c.font(Font.PLAIN, 13);
        c.upwards(name, 18, top + height / 2, Canvas.INK);
        return most;
    }

    private static double x(long ns, long fromNs, long toNs) {
        return LEFT + (ns - fromNs) / (double) Math.max(1, toNs - fromNs) * WIDTH;
    }

    private static Path2D line(
            List<Point> points,
            ToDoubleFunction<Point> value,
            long fromNs,
            long toNs,
            double most,
            int top,
            int height) {
        Path2D path = new Path2D.Double();
        path.moveTo(LEFT, top + height - (points.isEmpty() ? 0 : value.applyAsDouble(points.get(0)) / most * height));
        for (Point p : points) {
            double y = top + height - value.applyAsDouble(p) / most * height;
            path.lineTo(x(p.fromNs(), fromNs, toNs), y);
            path.lineTo(x(p.toNs(), fromNs, toNs), y);
        }
        return path;
    }

    private static Path2D reversed(
            List<Point> points, ToDoubleFunction<Point> value, long fromNs, long toNs, double most) {
        Path2D path = new Path2D.Double();
        path.moveTo(LEFT + WIDTH, TOP + HEIGHT);
        for (int i = points.size() - 1; i >= 0; i--) {
            Point p = points.get(i);
            double y = TOP + HEIGHT - value.applyAsDouble(p) / most * HEIGHT;
            path.lineTo(x(p.toNs(), fromNs, toNs), y);
            path.lineTo(x(p.fromNs(), fromNs, toNs), y);
        }
        return path;
    }

    private static void legend(Canvas c, int i, Color colour, String label, String value) {
        int x = LEFT + WIDTH + 20;
        int y = TOP + 14 + i * 44;
        c.g.setColor(colour);
        c.g.fillRect(x, y - 8, 18, 6);
        c.font(Font.PLAIN, 12);
        c.left(label, x + 26, y, Canvas.INK);
        c.left(value, x + 26, y + 16, Canvas.FAINT);
    }
}
