package org.damson.analyzer.compare;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import org.damson.analyzer.heatmap.ChangePoints;

/**
 * When a recording began another phase, and how far the times of two recordings are apart.
 *
 * <p>A change that is just large enough to be seen is seen in one recording of a program and not in the next. So a clear one, as
 * {@code report phases} cuts it, may have a faint counterpart, and a faint one needs none: thresholding with hysteresis (J. Canny,
 * A Computational Approach to Edge Detection, 1986). And where a recording can be cut at other times nearly as well, its time is any
 * of those.
 *
 * @param slices into which the time is cut
 * @param all in their order, without the begin
 */
record Transitions(int slices, List<Transition> all) {
    /** Seen of the changes that are clear if they are this many times as large. */
    private static final double FAINT = 2;

    /** A cut is as good that leaves about half a snapshot more on the wrong side: one of two that are next to each other. */
    private static final double AS_GOOD = 1;

    /**
     * One of them.
     *
     * @param slice that a phase begins with
     * @param others in which it might begin as well, and that
     * @param isClear whether {@code report phases} sees it
     */
    private record Transition(int slice, BitSet others, boolean isClear) {
        int weight() {
            return isClear ? 1 : 0;
        }

        /** By how many slices they are apart at least, if the other's are so much later. */
        int apart(Transition other, int later) {
            int least = Integer.MAX_VALUE;
            for (int a = others.nextSetBit(0); a >= 0; a = others.nextSetBit(a + 1)) {
                int next = other.others.nextSetBit(Math.max(0, a + later));
                int before = a + later < 0 ? -1 : other.others.previousSetBit(a + later);
                least = next < 0 ? least : Math.min(least, next - later - a);
                least = before < 0 ? least : Math.min(least, a - before + later);
            }
            return least;
        }
    }

    /** @param snapshots what the grid is made of: where they are fewer than its columns, a column counts for less */
    static Transitions of(Grid g, long snapshots) {
        double[][] columns = ChangePoints.columns(g.cols(), g.rows(), (col, row) -> g.mean(row, col));
        ChangePoints changes = ChangePoints.of(new ChangePoints.Part(columns, snapshots));
        List<Transition> all = new ArrayList<>();
        add(all, changes, 1, true);
        add(all, changes, FAINT, false);
        all.sort(Comparator.comparingInt(Transition::slice));
        return new Transitions(g.cols(), all);
    }

    private static void add(List<Transition> all, ChangePoints changes, double faintness, boolean isClear) {
        int[] starts = changes.starts(faintness);
        List<BitSet> others = changes.alternatives(starts, AS_GOOD / faintness);
        for (int i = 1; i < starts.length; i++) {
            int start = starts[i];
            if (all.stream().noneMatch(t -> t.slice == start)) {
                all.add(new Transition(start, others.get(i - 1), isClear));
            }
        }
    }

    /** The times of the clear ones, as shares of the whole. */
    double[] clearTimes() {
        return all.stream()
                .filter(Transition::isClear)
                .mapToDouble(t -> (double) t.slice / slices)
                .toArray();
    }

    /**
     * Mean over the clear transitions of both, each with its counterpart if it has one: by how much of the mean length of a phase the
     * times differ beyond a slice, 1 without a counterpart. Transitions keep their order, and are matched so that this is least. 0
     * if neither has any; NaN if there are only faint ones.
     *
     * @param lagSlices by how much the other's are later without that being a difference
     */
    double distance(Transitions other, int lagSlices) {
        int clearHere = clearTimes().length;
        int clearThere = other.clearTimes().length;
        if (clearHere + clearThere == 0) {
            return all.isEmpty() && other.all.isEmpty() ? 0 : Double.NaN;
        }
        double phase = (double) slices / (Math.max(clearHere, clearThere) + 1);
        // least[i][j]: of the first i here and j there, where a pair counts once for each of its two that is clear.
        double[][] least = new double[all.size() + 1][other.all.size() + 1];
        for (int i = 0; i <= all.size(); i++) {
            for (int j = 0; j <= other.all.size(); j++) {
                double best = i == 0 && j == 0 ? 0 : Double.POSITIVE_INFINITY;
                best = i > 0 ? Math.min(best, least[i - 1][j] + all.get(i - 1).weight()) : best;
                best = j > 0
                        ? Math.min(best, least[i][j - 1] + other.all.get(j - 1).weight())
                        : best;
                if (i > 0 && j > 0) {
                    Transition here = all.get(i - 1);
                    Transition there = other.all.get(j - 1);
                    double error = Math.max(0, here.apart(there, lagSlices) - 1) / phase;
                    best = Math.min(best, least[i - 1][j - 1] + (here.weight() + there.weight()) * Math.min(1, error));
                }
                least[i][j] = best;
            }
        }
        return least[all.size()][other.all.size()] / (clearHere + clearThere);
    }
}
