package org.damson.analyzer.render.picture;

import java.awt.Color;
import java.awt.geom.Path2D;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.damson.analyzer.memory.Outcome;
import org.damson.analyzer.memory.Outcome.Point;
import org.damson.analyzer.render.text.Ticks;

/** Memory over time with and without schemes, and what came back, as a picture. */
public final class OutcomePicture {
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

    private OutcomePicture() {}

    public static void write(Outcome o, String title, PictureForm form, OutputStream out) throws IOException {
        Canvas c = new Canvas(LEFT + WIDTH + RIGHT, TOP + HEIGHT + GAP + BACK + BOTTOM, form);
        List<Point> points = o.points();
        long fromNs = points.isEmpty() ? 0 : points.get(0).fromNs();
        long toNs = points.isEmpty() ? 1 : points.get(points.size() - 1).toNs();
        c.heading(title, o.options().cost().describe(), LEFT, WIDTH);

        double top = axis(c, points, Point::residentBytes, TOP, HEIGHT, "resident");
        ToDoubleFunction<Point> least =
                p -> Math.max(0, p.residentBytes() - p.outBytes().most());
        ToDoubleFunction<Point> most =
                p -> Math.max(0, p.residentBytes() - p.outBytes().least());
        Path2D band = line(points, most, fromNs, toNs, top, TOP, HEIGHT);
        band.append(reversed(points, least, fromNs, toNs, top), true);
        band.closePath();
        c.g.setColor(BAND);
        c.g.fill(band);
        c.g.setColor(RESIDENT);
        c.g.draw(line(points, Point::residentBytes, fromNs, toNs, top, TOP, HEIGHT));
        c.g.setColor(LIKELY);
        c.g.draw(line(
                points, p -> Math.max(0, p.residentBytes() - p.outBytes().likely()), fromNs, toNs, top, TOP, HEIGHT));

        int backTop = TOP + HEIGHT + GAP;
        double backMost = axis(c, points, p -> p.refaultedBytes().likely(), backTop, BACK, "back per step");
        c.g.setColor(REFAULT);
        c.g.draw(line(points, p -> p.refaultedBytes().likely(), fromNs, toNs, backMost, backTop, BACK));
        c.timeAxis(LEFT, backTop + BACK, WIDTH, toNs - fromNs, fromNs);

        legend(c, 0, RESIDENT, "without the schemes", Canvas.size(mean(points, Point::residentBytes)));
        legend(
                c,
                1,
                LIKELY,
                "with them, estimate",
                Canvas.size(mean(points, p -> p.residentBytes() - p.outBytes().likely())));
        legend(c, 2, BAND, "bounds", "");
        legend(c, 3, REFAULT, "refaulted", Canvas.size(o.refaultedBytes().likely()) + " in all");
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
        c.sizeAxis(LEFT, top, WIDTH, height, most, step, name);
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
        c.legend(LEFT + WIDTH + 20, TOP + 14 + i * 44, colour, label, value);
    }
}
