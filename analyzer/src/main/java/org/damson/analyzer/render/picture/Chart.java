package org.damson.analyzer.render.picture;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.damson.analyzer.render.text.Ticks;
import org.damson.model.Units;

/** Charts of lines and of bars: a title, axes with units, and a legend that says what is what. */
final class Chart {
    private static final int WIDTH = 960;
    private static final int HEIGHT = 420;
    private static final int LEFT = 110;
    private static final int TOP = 70;
    private static final int RIGHT = 210;
    private static final int BOTTOM = 60;

    /** Number of entries that fit into a legend. */
    static final int MAX_LINES = 6;

    private static final int MAX_BARS = 40;

    /** Distinct also for the colour-blind (Okabe and Ito). */
    private static final int[] COLOURS = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9};

    private Chart() {}

    /** Colour of the {@code i}-th of several. */
    static Color colour(int i) {
        return new Color(COLOURS[i % COLOURS.length]);
    }

    /** Unit of the values. */
    enum Unit {
        BYTES {
            @Override
            double step(double greatest) {
                return Ticks.binary(greatest, 8);
            }

            @Override
            String text(double v) {
                return Units.bytes(Math.round(v));
            }
        },
        COUNT {
            @Override
            double step(double greatest) {
                return Math.max(1, Ticks.decimal(Math.max(1, greatest), 8));
            }

            @Override
            String text(double v) {
                return Units.count((long) v);
            }
        };

        /** Distance of ticks on an axis from 0 to {@code greatest}. */
        abstract double step(double greatest);

        abstract String text(double v);
    }

    /**
     * What runs from left to right.
     *
     * @param from nanoseconds
     * @param to nanoseconds
     * @param name of an axis of lengths of time, which is logarithmic; null for time that passes
     */
    record Across(double from, double to, String name) {
        static Across time(long fromNs, long toNs) {
            return new Across(fromNs, Math.max(fromNs + 1.0, toNs), null);
        }

        static Across lengths(String name, double leastNs, double mostNs) {
            double least = Math.max(1, leastNs);
            return new Across(least, Math.max(least * 2, mostNs), name);
        }

        private double x(double v) {
            double share = name == null ? (v - from) / (to - from) : Math.log(v / from) / Math.log(to / from);
            return LEFT + Math.max(0, Math.min(1, share)) * WIDTH;
        }

        private void draw(Canvas c) {
            if (name == null) {
                c.timeAxis(LEFT, TOP + HEIGHT, WIDTH, (long) (to - from), (long) from);
                return;
            }
            c.font(Font.PLAIN, 12);
            boolean all = to / from < 1000;
            for (double decade = Math.pow(10, Math.floor(Math.log10(from))); decade <= to; decade *= 10) {
                for (int times : all ? new int[] {1, 2, 5} : new int[] {1}) {
                    double v = decade * times;
                    if (v >= from * 0.999 && v <= to * 1.001) {
                        int x = (int) Math.round(x(v));
                        c.g.setColor(Canvas.INK);
                        c.g.drawLine(x, TOP + HEIGHT, x, TOP + HEIGHT + 5);
                        c.centre(Units.duration(Math.round(v)), x, TOP + HEIGHT + 19, Canvas.INK);
                    }
                }
            }
            c.font(Font.PLAIN, 13);
            c.centre(name, LEFT + WIDTH / 2, TOP + HEIGHT + 40, Canvas.INK);
        }
    }

    /** A line: its points from left to right. */
    static final class Line {
        private final String label;
        private final Color colour;
        private final String[] facts;
        private double[] xs = new double[64];
        private double[] ys = new double[64];
        private int length;

        /** @param facts up to two, written below the label in the legend */
        Line(String label, Color colour, String... facts) {
            this.label = label;
            this.colour = colour;
            this.facts = facts;
        }

        void add(double x, double y) {
            if (length == xs.length) {
                xs = Arrays.copyOf(xs, length * 2);
                ys = Arrays.copyOf(ys, length * 2);
            }
            xs[length] = x;
            ys[length++] = y;
        }

        /** The line ends, and begins anew with the next point. */
        void gap() {
            add(Double.NaN, Double.NaN);
        }
    }

    /** Writes a chart of lines above an axis of what they run along. */
    static void lines(
            String title,
            String note,
            Across across,
            String name,
            Unit unit,
            List<Line> lines,
            PictureForm form,
            OutputStream out)
            throws IOException {
        Canvas c = new Canvas(LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM, form);
        double greatest = 0;
        int points = 0;
        for (Line line : lines) {
            points += line.length;
            for (int i = 0; i < line.length; i++) {
                greatest = line.ys[i] > greatest ? line.ys[i] : greatest;
            }
        }
        double step = unit.step(greatest);
        double most = Math.max(1, Math.ceil(greatest * 1.02 / step)) * step;
        c.heading(title, note, LEFT, WIDTH + RIGHT - 20);
        c.valueAxis(LEFT, TOP, WIDTH, HEIGHT, most, step, name, unit::text);
        if (points == 0) {
            nothing(c, LEFT + WIDTH / 2, TOP + HEIGHT / 2);
        } else {
            across.draw(c);
        }
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            draw(c, across, most, line);
            c.font(Font.PLAIN, 12);
            c.legend(LEFT + WIDTH + 20, TOP + 14 + i * 62, line.colour, c.fit(line.label, RIGHT - 55), line.facts);
        }
        c.write(out);
    }

    private static void nothing(Canvas c, int x, int y) {
        c.font(Font.PLAIN, 16);
        c.centre("the trace has nothing to show here", x, y, Canvas.FAINT);
    }

    /** Where many points share a column of pixels, the first, least, greatest and last of them stand for all. */
    private static void draw(Canvas c, Across across, double most, Line line) {
        Path2D path = new Path2D.Double();
        boolean start = true;
        int from = 0;
        while (from < line.length) {
            if (Double.isNaN(line.ys[from])) {
                start = true;
                from++;
                continue;
            }
            int column = (int) across.x(line.xs[from]);
            int to = from;
            int least = from;
            int greatest = from;
            while (to < line.length && (int) across.x(line.xs[to]) == column && !Double.isNaN(line.ys[to])) {
                least = line.ys[to] < line.ys[least] ? to : least;
                greatest = line.ys[to] > line.ys[greatest] ? to : greatest;
                to++;
            }
            int[] shown = {from, Math.min(least, greatest), Math.max(least, greatest), to - 1};
            for (int i = 0; i < Math.min(4, to - from); i++) {
                int at = to - from > 4 ? shown[i] : from + i;
                double x = across.x(line.xs[at]);
                double y = TOP + HEIGHT - line.ys[at] / most * HEIGHT;
                if (start) {
                    path.moveTo(x, y);
                } else {
                    path.lineTo(x, y);
                }
                start = false;
                if (across.name != null) {
                    c.g.setColor(line.colour);
                    c.g.fill(new Ellipse2D.Double(x - 3, y - 3, 6, 6));
                }
            }
            from = to;
        }
        c.g.setColor(line.colour);
        c.g.setStroke(new BasicStroke(1.6f));
        c.g.draw(path);
        c.g.setStroke(new BasicStroke(1));
    }

    /** A part of each bar, as the legend names it. */
    record Part(String label, Color colour) {}

    /**
     * A bar, lying.
     *
     * @param fact written behind it
     * @param values a value for each part, NaN where there is none
     */
    record Bar(String label, String fact, double... values) {}

    /**
     * Writes a chart of bars, the first at the top.
     *
     * @param stacked whether a bar's parts lie behind each other, else below each other
     */
    static void bars(
            String title,
            String note,
            String name,
            Unit unit,
            boolean stacked,
            List<Part> parts,
            List<Bar> bars,
            PictureForm form,
            OutputStream out)
            throws IOException {
        List<Bar> shown = new ArrayList<>(bars.subList(0, Math.min(bars.size(), MAX_BARS)));
        int lanes = stacked ? 1 : parts.size();
        int row = lanes == 1 ? 26 : lanes * 13 + 10;
        int height = Math.max(120, shown.size() * row + 10);
        int longest = shown.stream().mapToInt(b -> b.label.length()).max().orElse(0);
        int left = Math.max(LEFT, Math.min(330, 30 + longest * 8));
        Canvas c = new Canvas(left + WIDTH + RIGHT, TOP + height + BOTTOM, form);
        double greatest = 0;
        for (Bar b : shown) {
            double end = 0;
            for (double v : b.values) {
                end = Double.isNaN(v) ? end : stacked ? end + v : Math.max(end, v);
            }
            greatest = Math.max(greatest, end);
        }
        double step = unit.step(greatest * 1.2);
        // What is written behind the longest bar needs room.
        double most = Math.max(step, greatest * 1.2);
        int others = bars.size() - shown.size();
        c.heading(title, others > 0 ? note + "; " + others + " more are not drawn" : note, left, WIDTH + RIGHT - 20);
        c.font(Font.PLAIN, 12);
        for (double v = 0; v <= most; v += step) {
            int x = left + (int) Math.round(v / most * WIDTH);
            c.g.setColor(Canvas.GRID);
            c.g.drawLine(x, TOP, x, TOP + height);
            c.centre(unit.text(v), x, TOP + height + 19, Canvas.INK);
        }
        c.g.setColor(Canvas.INK);
        c.g.drawLine(left, TOP, left, TOP + height);
        c.font(Font.PLAIN, 13);
        c.centre(name, left + WIDTH / 2, TOP + height + 40, Canvas.INK);
        for (int i = 0; i < shown.size(); i++) {
            bar(c, shown.get(i), parts, stacked, left, TOP + 10 + i * row, row - 10, WIDTH / most);
        }
        for (int i = 0; i < parts.size(); i++) {
            c.font(Font.PLAIN, 12);
            c.legend(left + WIDTH + 20, TOP + 14 + i * 24, parts.get(i).colour, c.fit(parts.get(i).label, RIGHT - 55));
        }
        if (shown.isEmpty()) {
            nothing(c, left + WIDTH / 2, TOP + height / 2);
        }
        c.write(out);
    }

    private static void bar(
            Canvas c, Bar b, List<Part> parts, boolean stacked, int left, int top, int height, double scale) {
        c.font(Font.PLAIN, 12);
        c.right(c.fit(b.label, left - 20), left - 10, top + height / 2 + 4, Canvas.INK);
        int lanes = stacked ? 1 : parts.size();
        double lane = height / (double) lanes;
        double end = left;
        double x = left;
        for (int p = 0; p < parts.size(); p++) {
            double from = stacked ? x : left;
            double width = Double.isNaN(b.values[p]) ? 0 : b.values[p] * scale;
            c.g.setColor(parts.get(p).colour);
            c.g.fill(new Rectangle2D.Double(from, top + (stacked ? 0 : p * lane), width, lane - (lanes > 1 ? 1 : 0)));
            x = from + width;
            end = Math.max(end, x);
        }
        c.font(Font.PLAIN, 11);
        int behind = (int) Math.round(end) + 6;
        c.left(c.fit(b.fact, left + WIDTH + 10 - behind), behind, top + height / 2 + 4, Canvas.FAINT);
    }
}
