package org.damson.analyzer.render.picture;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.OutputStream;
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
    private static final int NOT_MONITORED = 0xe4e7ea;
    private static final int HATCH = 0xc3c9cf;

    /** Few hot cells must not turn all others black: colour grows with the square root of heat, as the legend shows. */
    private static final double GAMMA = 0.5;

    private final HeatmapResult map;
    private final Canvas canvas;
    private final double max;

    private HeatmapPicture(HeatmapResult map, Canvas canvas) {
        this.map = map;
        this.canvas = canvas;
        this.max = map.maxHeat() > 0 ? map.maxHeat() : 1;
    }

    public static void write(HeatmapResult map, String title, PictureForm form, OutputStream out) throws IOException {
        Canvas canvas = new Canvas(LEFT + PLOT_WIDTH + RIGHT, TOP + PLOT_HEIGHT + BOTTOM, form);
        HeatmapPicture p = new HeatmapPicture(map, canvas);
        p.title(title);
        p.cells();
        p.addressAxis();
        canvas.timeAxis(LEFT, TOP + PLOT_HEIGHT, PLOT_WIDTH, map.toNs() - map.fromNs(), map.fromNs());
        p.legend();
        canvas.write(out);
    }

    private void title(String title) {
        canvas.font(Font.BOLD, 18);
        canvas.left(canvas.fit(title, PLOT_WIDTH + RIGHT), LEFT, 28, Canvas.INK);
        canvas.font(Font.PLAIN, 12);
        String what = map.areas().isEmpty()
                ? "no regions"
                : Units.bytes((long) map.totalBytes()) + " of "
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
        canvas.left(canvas.fit(what, PLOT_WIDTH + RIGHT), LEFT, 50, Canvas.FAINT);
    }

    private long targets() {
        return map.areas().stream().map(Area::key).distinct().count();
    }

    private void cells() {
        canvas.raster(LEFT, TOP, PLOT_WIDTH, PLOT_HEIGHT, (x, y) -> {
            int row = (int) ((long) (PLOT_HEIGHT - 1 - y) * map.rows() / PLOT_HEIGHT);
            int col = (int) ((long) x * map.cols() / PLOT_WIDTH);
            double heat = map.cell(col, row);
            return Double.isNaN(heat) ? blank(x, y) : colour(heat);
        });
        canvas.g.setColor(Canvas.INK);
        canvas.g.drawRect(LEFT - 1, TOP - 1, PLOT_WIDTH + 1, PLOT_HEIGHT + 1);
    }

    private static int blank(int x, int y) {
        return Math.floorMod(x + y, 8) == 0 ? HATCH : NOT_MONITORED;
    }

    private int colour(double heat) {
        return Palette.rgb(Math.pow(heat / max, GAMMA));
    }

    private int yOf(double offset) {
        double total = map.totalBytes();
        return TOP + PLOT_HEIGHT - (int) Math.round(total == 0 ? 0 : offset / total * PLOT_HEIGHT);
    }

    /** Ticks at round distances from each area's start; what would overlap is left out, borders of areas first. */
    private void addressAxis() {
        canvas.mono(12);
        boolean[] used = new boolean[TOP + PLOT_HEIGHT + 20];
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
        canvas.upwards("address (offset in area)", 18, TOP + PLOT_HEIGHT / 2, Canvas.INK);
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
        canvas.g.drawLine(LEFT - 6, y, LEFT - 2, y);
        canvas.mono(12);
        String address = Units.address(a.start() + (long) at);
        int left = LEFT - 10 - canvas.width(address);
        canvas.left(address, left, y + 4, Canvas.INK);
        if (at > 0) {
            canvas.font(Font.PLAIN, 11);
            canvas.right("+" + Canvas.size(at), left - 8, y + 4, Canvas.FAINT);
        }
    }

    private void border(Area before, Area a, int y) {
        canvas.g.setColor(Color.WHITE);
        canvas.g.setStroke(new BasicStroke(2));
        canvas.g.drawLine(LEFT, y, LEFT + PLOT_WIDTH - 1, y);
        canvas.g.setStroke(new BasicStroke(1));
        canvas.g.setColor(Canvas.FAINT);
        canvas.g.drawLine(LEFT + PLOT_WIDTH + 1, y, LEFT + PLOT_WIDTH + 6, y);
    }

    private void legend() {
        int x = LEFT + PLOT_WIDTH + 30;
        int height = 300;
        canvas.font(Font.PLAIN, 12);
        canvas.left("accessed in", x, TOP + 10, Canvas.INK);
        canvas.left(map.referenced() ? "% of samples," : "% of samples", x, TOP + 25, Canvas.INK);
        if (map.referenced()) {
            canvas.left("share of bytes", x, TOP + 40, Canvas.INK);
        }
        int top = TOP + 55;
        for (int y = 0; y < height; y++) {
            canvas.g.setColor(Palette.color(1 - y / (height - 1.0)));
            // A filled strip, with the next one over its lower half: a line would be blended with what is beside it in
            // an SVG.
            canvas.g.fillRect(x, top + y, 23, Math.min(2, height - y));
        }
        canvas.g.setColor(Canvas.INK);
        canvas.g.drawRect(x, top, 22, height);
        for (double level : new double[] {1, 0.75, 0.5, 0.25, 0.1, 0.02, 0}) {
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
