package org.damson.analyzer.render.picture;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.damson.analyzer.heatmap.HeatmapResult;
import org.damson.analyzer.render.text.Ticks;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;
import org.damson.model.Units;

/** A heatmap as a picture: time to the right in seconds, addresses upwards, with units and a legend. */
public final class HeatmapPicture {
    private static final int PLOT_WIDTH = 960;
    private static final int PLOT_HEIGHT = 600;
    private static final int LEFT = 245;
    private static final int TOP = 70;
    private static final int RIGHT = 150;
    private static final int BOTTOM = 60;

    /** Between pictures that stand side by side, and how high they are. */
    private static final int BETWEEN = 40;

    private static final int BESIDE_HEIGHT = 400;
    private static final int NOT_MONITORED = 0xe4e7ea;
    private static final int HATCH = 0xc3c9cf;

    /** Few hot cells must not turn all others black: colour grows with the square root of heat, as the legend shows. */
    private static final double GAMMA = 0.5;

    private static final double[] LEVELS = {1, 0.75, 0.5, 0.25, 0.1, 0.02, 0};
    private static final double[] FEW_LEVELS = {1, 0.5, 0.1, 0};

    private final HeatmapResult map;
    private final Canvas canvas;
    private final Panel panel;
    private final double max;

    private HeatmapPicture(HeatmapResult map, Canvas canvas, Panel panel, double max) {
        this.map = map;
        this.canvas = canvas;
        this.panel = panel;
        this.max = max > 0 ? max : 1;
    }

    public static void write(HeatmapResult map, String title, PictureForm form, OutputStream out) throws IOException {
        Canvas canvas = new Canvas(LEFT + PLOT_WIDTH + RIGHT, TOP + PLOT_HEIGHT + BOTTOM, form);
        Panel panel = new Panel(LEFT, TOP, PLOT_WIDTH, PLOT_HEIGHT, map.fromNs(), map.toNs());
        new HeatmapPicture(map, canvas, panel, map.maxHeat()).title(title, PLOT_WIDTH + RIGHT);
        draw(map, canvas, panel);
        canvas.timeAxis(LEFT, TOP + PLOT_HEIGHT, PLOT_WIDTH, map.toNs() - map.fromNs(), map.fromNs());
        canvas.write(out);
    }

    /** Several maps of the same memory side by side, in the colours of one scale; addresses are those of the first. */
    public static void write(List<HeatmapResult> maps, List<String> titles, PictureForm form, OutputStream out)
            throws IOException {
        int width = PLOT_WIDTH / maps.size();
        Canvas canvas =
                new Canvas(LEFT + PLOT_WIDTH + (maps.size() - 1) * BETWEEN + RIGHT, TOP + BESIDE_HEIGHT + BOTTOM, form);
        double max = maps.stream().mapToDouble(HeatmapResult::maxHeat).max().orElse(0);
        HeatmapPicture picture = null;
        for (int i = 0; i < maps.size(); i++) {
            HeatmapResult map = maps.get(i);
            int left = LEFT + i * (width + BETWEEN);
            Panel panel = new Panel(left, TOP, width, BESIDE_HEIGHT, map.fromNs(), map.toNs());
            picture = new HeatmapPicture(map, canvas, panel, max);
            picture.title(titles.get(i), width);
            picture.cells();
            if (i == 0) {
                picture.addressAxis();
            }
            canvas.timeAxis(left, TOP + BESIDE_HEIGHT, width, map.toNs() - map.fromNs(), map.fromNs());
        }
        if (picture != null) {
            picture.legend();
        }
        canvas.write(out);
    }

    /** Draws cells, addresses to the left and the legend to the right; time that the map does not cover is not monitored. */
    static void draw(HeatmapResult map, Canvas canvas, Panel panel) {
        HeatmapPicture p = new HeatmapPicture(map, canvas, panel, map.maxHeat());
        p.cells();
        p.addressAxis();
        p.legend();
    }

    private void title(String title, int width) {
        canvas.font(Font.BOLD, 18);
        canvas.left(canvas.fit(title, width), panel.left(), 28, Canvas.INK);
        canvas.font(Font.PLAIN, 12);
        String what = map.areas().isEmpty()
                ? "no regions"
                : Units.bytes(Math.round(map.totalBytes())) + " of "
                        + map.areas().get(0).key().label()
                        + (targets() > 1 ? " and " + (targets() - 1) + " more" : "")
                        + (map.areas().size() > 1 ? ", " + map.areas().size() + " areas" : "")
                        + (map.leftOutBytes() >= 1
                                ? ", " + Units.bytes(Math.round(map.leftOutBytes())) + " hardly accessed left out"
                                : "")
                        + ", " + Units.duration(map.toNs() - map.fromNs())
                        + ", sampled every " + Units.duration(map.sampleUs() * 1000)
                        + ", aggregated over " + Units.duration(map.aggrUs() * 1000)
                        + (map.usedAges() ? ", between snapshots by ages" : "")
                        + (map.lostRegions() > 0 ? ", " + Units.count(map.lostRegions(), "region") + " lost" : "");
        canvas.left(canvas.fit(what, width), panel.left(), 50, Canvas.FAINT);
    }

    private long targets() {
        return map.areas().stream().map(Area::key).distinct().count();
    }

    private void cells() {
        int[] columns = columns();
        int[] rows = new int[panel.height()];
        Arrays.setAll(rows, y -> map.rowAt(panel.height() - 1 - y, panel.height()));
        canvas.raster(panel.left(), panel.top(), panel.width(), panel.height(), (x, y) -> {
            int col = columns[x];
            double heat = col < 0 ? Double.NaN : map.cell(col, rows[y]);
            return Double.isNaN(heat) ? blank(x, y) : colour(heat);
        });
        canvas.g.setColor(Canvas.INK);
        canvas.g.drawRect(panel.left() - 1, panel.top() - 1, panel.width() + 1, panel.height() + 1);
    }

    /** The map's column at each point across; -1 before and after its time. */
    private int[] columns() {
        int[] columns = new int[panel.width()];
        boolean isEven = map.times() == null && panel.fromNs() == map.fromNs() && panel.toNs() == map.toNs();
        for (int x = 0; x < columns.length; x++) {
            double timeNs = panel.timeNs(x);
            columns[x] = isEven
                    ? (int) ((long) x * map.cols() / columns.length)
                    : timeNs < map.fromNs() || timeNs >= map.toNs() ? -1 : map.colAt(timeNs);
        }
        return columns;
    }

    private static int blank(int x, int y) {
        return Math.floorMod(x + y, 8) == 0 ? HATCH : NOT_MONITORED;
    }

    private int colour(double heat) {
        return Palette.rgb(Math.pow(heat / max, GAMMA));
    }

    private int yOf(double offset) {
        double total = map.totalBytes();
        return panel.top() + panel.height() - (int) Math.round(total == 0 ? 0 : offset / total * panel.height());
    }

    /** Ticks at round distances from each area's start; what would overlap is left out, borders of areas first. */
    private void addressAxis() {
        canvas.mono(12);
        boolean[] used = new boolean[panel.top() + panel.height() + 20];
        double offset = 0;
        Area before = null;
        for (Area a : map.areas()) {
            if (before != null) {
                border(before, a, yOf(offset));
            }
            addressLabel(a, 0, offset, used);
            offset += Scan.bytes(a.sizeBytes());
            before = a;
        }
        offset = 0;
        double step = Ticks.binary(map.totalBytes(), 12);
        for (Area a : map.areas()) {
            double size = Scan.bytes(a.sizeBytes());
            for (double at = step; at < size; at += step) {
                addressLabel(a, at, offset + at, used);
            }
            offset += size;
        }
        canvas.font(Font.PLAIN, 13);
        canvas.upwards("address (offset in area)", 18, panel.top() + panel.height() / 2, Canvas.INK);
    }

    private void addressLabel(Area a, double at, double offset, boolean[] used) {
        int y = yOf(offset);
        for (int i = Math.max(0, y - 8); i <= y + 8 && i < used.length; i++) {
            if (used[i]) {
                return;
            }
        }
        for (int i = Math.max(0, y - 7); i <= y + 7 && i < used.length; i++) {
            used[i] = true;
        }
        canvas.g.setColor(Canvas.INK);
        canvas.g.drawLine(panel.left() - 6, y, panel.left() - 2, y);
        canvas.mono(12);
        String address = Units.address(a.start() + (long) at);
        int left = panel.left() - 10 - canvas.width(address);
        canvas.left(address, left, y + 4, Canvas.INK);
        if (at > 0) {
            canvas.font(Font.PLAIN, 11);
            canvas.right("+" + Canvas.size(at), left - 8, y + 4, Canvas.FAINT);
        }
    }

    private void border(Area before, Area a, int y) {
        canvas.g.setColor(Color.WHITE);
        canvas.g.setStroke(new BasicStroke(2));
        canvas.g.drawLine(panel.left(), y, panel.left() + panel.width() - 1, y);
        canvas.g.setStroke(new BasicStroke(1));
        canvas.g.setColor(Canvas.FAINT);
        canvas.g.drawLine(panel.left() + panel.width() + 1, y, panel.left() + panel.width() + 6, y);
    }

    private void legend() {
        int x = panel.left() + panel.width() + 30;
        int height = Math.min(300, panel.height() - 100);
        canvas.font(Font.PLAIN, 12);
        canvas.left("accessed in", x, panel.top() + 10, Canvas.INK);
        canvas.left(map.referenced() ? "% of samples," : "% of samples", x, panel.top() + 25, Canvas.INK);
        if (map.referenced()) {
            canvas.left("share of bytes", x, panel.top() + 40, Canvas.INK);
        }
        int top = panel.top() + 55;
        for (int y = 0; y < height; y++) {
            canvas.g.setColor(Palette.color(1 - y / (height - 1.0)));
            // A filled strip, with the next one over its lower half: a line would be blended with what is beside it in
            // an SVG.
            canvas.g.fillRect(x, top + y, 23, Math.min(2, height - y));
        }
        canvas.g.setColor(Canvas.INK);
        canvas.g.drawRect(x, top, 22, height);
        for (double level : height < 250 ? FEW_LEVELS : LEVELS) {
            int y = top + (int) Math.round((1 - Math.pow(level, GAMMA)) * (height - 1));
            canvas.g.drawLine(x + 22, y, x + 26, y);
            canvas.left(String.format(Locale.ROOT, "%.3g", level * max * 100), x + 30, y + 4, Canvas.INK);
        }
        int y = top + height + 24;
        canvas.raster(x, y, 23, 16, HeatmapPicture::blank);
        canvas.g.setColor(Canvas.INK);
        canvas.g.drawRect(x, y, 22, 16);
        canvas.left("not", x + 30, y + 5, Canvas.INK);
        canvas.left("monitored", x + 30, y + 19, Canvas.INK);
    }
}
