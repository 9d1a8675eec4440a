package org.damson.analyzer.certificate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/** The generator's memory, cut wherever a place or a touched part begins or ends. Addresses are below 2^63. */
final class Cells {
    /** One piece; {@code parts} are the indices of what touches it. */
    record Cell(int place, long start, long end, int[] parts) {}

    final List<Cell> cells = new ArrayList<>();
    private final List<TouchedPart> parts;
    /** Of each part, what was touched at least and at most: more than at least where the log does not know when. */
    private final double[] least;

    private final double[] most;

    Cells(AccessLog log) {
        parts = log.parts();
        least = new double[parts.size()];
        most = new double[parts.size()];
        for (int p = 0; p < log.places().size(); p++) {
            AccessLog.Place place = log.places().get(p);
            TreeSet<Long> bounds = new TreeSet<>(List.of(place.start(), place.end()));
            for (TouchedPart part : parts) {
                if (part.kind.start() < place.end() && part.kind.end() > place.start()) {
                    bounds.add(Math.max(place.start(), part.kind.start()));
                    bounds.add(Math.min(place.end(), part.kind.end()));
                }
            }
            Long from = null;
            for (long to : bounds) {
                if (from != null) {
                    cells.add(new Cell(p, from, to, covering(from, to)));
                }
                from = to;
            }
        }
        cells.sort((a, b) -> Long.compare(a.start, b.start));
    }

    private int[] covering(long from, long to) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i).kind.start() <= from && parts.get(i).kind.end() >= to) {
                found.add(i);
            }
        }
        return found.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Looks at some windows: what was touched in the mean of them. */
    void look(List<Window> windows) {
        for (int i = 0; i < most.length; i++) {
            least[i] = parts.get(i).touchedBytes(windows, false);
            most[i] = Math.max(least[i], parts.get(i).touchedBytes(windows, true));
        }
    }

    /** Bytes touched in a window of the time last looked at, at least. */
    double leastBytes() {
        return Arrays.stream(least).sum();
    }

    /** The same, at most. */
    double mostBytes() {
        return Arrays.stream(most).sum();
    }

    /**
     * Share of the cell's bytes that was touched in a window of the time last looked at, 0..1: what was recorded, where that may
     * be true, else what may be true that is nearest to it.
     */
    double heat(Cell cell, double recorded) {
        return Math.min(Math.max(recorded * reach(cell), heat(cell, least)), heat(cell, most));
    }

    private double heat(Cell cell, double[] bytes) {
        double heat = 0;
        for (int i : cell.parts) {
            TouchedPart.Kind k = parts.get(i).kind;
            heat += bytes[i] / (k.end() - k.start());
        }
        return Math.min(1, heat);
    }

    /** Share of the cell's bytes that was within reach of what touched it in the time last looked at, above 0, up to 1. */
    double reach(Cell cell) {
        double reach = 0;
        for (int i : cell.parts) {
            TouchedPart.Kind k = parts.get(i).kind;
            reach += most[i] > 0 ? k.pages() * k.pageBytes() / (k.end() - k.start()) : 0;
        }
        return reach == 0 ? 1 : Math.min(1, reach);
    }
}
