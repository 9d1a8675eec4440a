package org.damson.analyzer.render.picture;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.damson.analyzer.render.text.Ticks;
import org.damson.analyzer.timeline.FunctionShares;
import org.damson.analyzer.timeline.Phase;
import org.damson.analyzer.timeline.Timeline;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.model.Units;

/** Working set, heatmap and the shares of functions below each other on one axis of time, with phases marked. */
public final class TimelinePicture {
    private static final int LEFT = 245;
    private static final int WIDTH = 960;
    private static final int RIGHT = 330;
    private static final int TOP = 92;
    private static final int GAP = 26;
    private static final int SIZES_HEIGHT = 150;
    private static final int MAP_HEIGHT = 300;
    private static final int FUNCTIONS_HEIGHT = 180;
    private static final int BOTTOM = 60;

    /** Number of distinct colours. */
    private static final int MAX_FUNCTIONS = 6;

    private static final int MAX_STEPS = 240;

    /** Fewer on average, and shares of a step say nothing. */
    private static final int SAMPLES_PER_STEP = 4;

    private static final Color REST = new Color(0xc8c8c8);

    private final Timeline timeline;
    private final Canvas canvas;
    private final Panel sizes;
    private final Panel map;
    private final Panel functions;

    private TimelinePicture(Timeline timeline, PictureForm form) throws IOException {
        this.timeline = timeline;
        sizes = panel(TOP, SIZES_HEIGHT);
        map = panel(sizes.bottom() + GAP, MAP_HEIGHT);
        functions = panel(map.bottom() + GAP, timeline.functions() == null ? 0 : FUNCTIONS_HEIGHT);
        canvas = new Canvas(LEFT + WIDTH + RIGHT, last().bottom() + BOTTOM, form);
    }

    private Panel panel(int top, int height) {
        return new Panel(LEFT, top, WIDTH, height, timeline.fromNs(), timeline.toNs());
    }

    private Panel last() {
        return timeline.functions() == null ? map : functions;
    }

    public static void write(Timeline timeline, String name, PictureForm form, OutputStream out) throws IOException {
        TimelinePicture p = new TimelinePicture(timeline, form);
        String what = timeline.functions() == null
                ? Timeline.NO_STACKS
                : "functions by samples of " + timeline.functions().event() + "; " + Timeline.MATCHED;
        p.canvas.heading(
                name + ": timeline",
                Units.duration(timeline.toNs() - timeline.fromNs()) + ", phases numbered; " + what,
                LEFT,
                WIDTH + RIGHT - 20);
        p.sizes();
        HeatmapPicture.draw(timeline.map(), p.canvas, p.map);
        if (timeline.map().areas().isEmpty()) {
            p.nothing(p.map);
        }
        if (timeline.functions() != null) {
            p.functions();
        }
        p.phases();
        p.canvas.timeAxis(LEFT, p.last().bottom(), WIDTH, timeline.toNs() - timeline.fromNs(), timeline.fromNs());
        p.canvas.write(out);
    }

    /** The least and greatest size at each point across, joined with those before. */
    private void sizes() {
        WorkingSetResult.Series s = timeline.sizes().total();
        double greatest = 0;
        for (int i = 0; i < s.length(); i++) {
            greatest = Math.max(greatest, s.size(i));
        }
        double step = Ticks.binary(greatest, 4);
        double most = Math.max(1, Math.ceil(greatest * 1.02 / step)) * step;
        canvas.sizeAxis(sizes.left(), sizes.top(), sizes.width(), sizes.height(), most, step, "working set");
        double[] leastAt = new double[sizes.width()];
        double[] greatestAt = new double[sizes.width()];
        Arrays.fill(leastAt, Double.NaN);
        for (int i = 0; i < s.length(); i++) {
            int from = sizes.xOf(s.startNs(i)) - sizes.left();
            int to = Math.max(from + 1, sizes.xOf(s.endNs(i)) - sizes.left());
            for (int x = from; x < Math.min(to, leastAt.length); x++) {
                boolean first = Double.isNaN(leastAt[x]);
                leastAt[x] = first ? s.size(i) : Math.min(leastAt[x], s.size(i));
                greatestAt[x] = first ? s.size(i) : Math.max(greatestAt[x], s.size(i));
            }
        }
        canvas.g.setColor(Chart.colour(0));
        for (int x = 0; x < leastAt.length; x++) {
            if (Double.isNaN(leastAt[x])) {
                continue;
            }
            boolean joined = x > 0 && !Double.isNaN(leastAt[x - 1]);
            double low = joined ? Math.min(leastAt[x], greatestAt[x - 1]) : leastAt[x];
            double high = joined ? Math.max(greatestAt[x], leastAt[x - 1]) : greatestAt[x];
            int top = sizes.bottom() - (int) Math.round(high / most * sizes.height());
            int bottom = sizes.bottom() - (int) Math.round(low / most * sizes.height());
            canvas.g.fillRect(sizes.left() + x, top - 1, 1, bottom - top + 2);
        }
        if (s.length() == 0) {
            nothing(sizes);
            return;
        }
        canvas.font(Font.PLAIN, 12);
        canvas.legend(
                sizes.right() + 30,
                sizes.top() + 14,
                Chart.colour(0),
                canvas.fit(s.label(), RIGHT - 75),
                "mean " + Units.bytes(Math.round(s.mean())),
                "median " + Units.bytes(s.bySize(50)));
    }

    private void nothing(Panel p) {
        canvas.font(Font.PLAIN, 16);
        canvas.centre("no snapshots of memory", p.left() + p.width() / 2, p.top() + p.height() / 2, Canvas.INK);
    }

    private void functions() {
        FunctionShares shares = timeline.functions();
        List<FunctionShares.Share> top = shares.top(timeline.fromNs(), timeline.toNs(), MAX_FUNCTIONS);
        List<String> names = top.stream().map(FunctionShares.Share::function).toList();
        int steps = (int) Math.max(1, Math.min(MAX_STEPS, shares.count() / SAMPLES_PER_STEP));
        long[][] counts = shares.overTime(timeline.fromNs(), timeline.toNs(), steps, names);
        canvas.valueAxis(
                functions.left(),
                functions.top(),
                functions.width(),
                functions.height(),
                100,
                25,
                "share of samples",
                v -> String.format(Locale.ROOT, "%.0f %%", v));
        for (int step = 0; step < steps; step++) {
            bar(counts, step);
        }
        long listed = 0;
        for (int i = 0; i < top.size(); i++) {
            FunctionShares.Share s = top.get(i);
            listed += s.self();
            legend(i, Chart.colour(i), s.self(), s.all(), s.function());
        }
        if (!top.isEmpty() && listed < top.get(0).all()) {
            legend(top.size(), REST, top.get(0).all() - listed, top.get(0).all(), "other functions");
        }
    }

    private void legend(int line, Color colour, long samples, long all, String name) {
        canvas.font(Font.PLAIN, 12);
        String text = String.format(Locale.ROOT, "%.1f %% ", 100.0 * samples / all) + name;
        canvas.legend(
                functions.right() + 30, functions.top() + 14 + 24 * line, colour, canvas.fitEnds(text, RIGHT - 75));
    }

    /** The most frequent function at the bottom; nothing where there is no sample. */
    private void bar(long[][] counts, int step) {
        long all = 0;
        for (long[] row : counts) {
            all += row[step];
        }
        int left = functions.left() + step * functions.width() / counts[0].length;
        int right = functions.left() + (step + 1) * functions.width() / counts[0].length;
        long below = 0;
        for (int row = 0; row < counts.length && all > 0; row++) {
            int bottom = functions.bottom() - (int) Math.round((double) below / all * functions.height());
            below += counts[row][step];
            int top = functions.bottom() - (int) Math.round((double) below / all * functions.height());
            canvas.g.setColor(row < counts.length - 1 ? Chart.colour(row) : REST);
            canvas.g.fillRect(left, top, right - left, bottom - top);
        }
    }

    /** A dashed line where a phase begins, through all panels, and its number above where there is room. */
    private void phases() {
        List<Phase> phases = timeline.phases();
        canvas.font(Font.PLAIN, 12);
        canvas.right("phase", sizes.left() - 10, sizes.top() - 12, Canvas.FAINT);
        int written = sizes.left() - 100;
        for (int i = 0; i < phases.size(); i++) {
            int x = sizes.xOf(phases.get(i).fromNs());
            int end = sizes.xOf(phases.get(i).toNs());
            String number = Integer.toString(i + 1);
            int middle = (x + end) / 2;
            if (middle - canvas.width(number) / 2 > written + 4) {
                canvas.centre(number, middle, sizes.top() - 12, Canvas.INK);
                written = middle + canvas.width(number) / 2;
            }
            for (Panel p : i == 0 ? List.<Panel>of() : List.of(sizes, map, functions)) {
                dashed(x, p);
            }
        }
    }

    /** Light and dark dashes, so that it is seen on cold and on hot memory. */
    private void dashed(int x, Panel p) {
        for (int dark = 0; dark < 2; dark++) {
            canvas.g.setColor(dark == 1 ? Canvas.FAINT : Color.WHITE);
            canvas.g.setStroke(new BasicStroke(
                    1, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, new float[] {5, 5}, dark * 5f));
            canvas.g.drawLine(x, p.top(), x, p.bottom());
        }
        canvas.g.setStroke(new BasicStroke(1));
    }
}
