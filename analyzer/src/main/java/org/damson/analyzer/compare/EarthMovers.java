package org.damson.analyzer.compare;

/**
 * How far heat would have to be moved in space, slice of time by slice of time, to make one grid of the other: the earth mover's
 * distance between both distributions of a slice's heat over the memory in common, as a share of that memory.
 */
final class EarthMovers {
    private EarthMovers() {}

    /**
     * Mean over the slices, weighted by the heat of both: 0 = the same places, 1 = from one end to the other, or heat in a slice
     * that has none in the other.
     */
    static double distance(Grid a, Grid b, int lag) {
        int first = Math.max(0, -lag);
        double moved = 0;
        double weight = 0;
        for (int col = first; col < a.cols() - Math.max(0, lag); col++) {
            double sumA = sum(a, col);
            double sumB = sum(b, col + lag);
            weight += sumA + sumB;
            moved += (sumA + sumB) * slice(a, col, sumA, b, col + lag, sumB);
        }
        return weight == 0 ? 0 : moved / weight;
    }

    private static double slice(Grid a, int colA, double sumA, Grid b, int colB, double sumB) {
        if (sumA == 0 || sumB == 0) {
            return sumA == sumB ? 0 : 1;
        }
        double ahead = 0;
        double moved = 0;
        for (int row = 0; row < a.rows(); row++) {
            ahead += a.mean(row, colA) / sumA - b.mean(row, colB) / sumB;
            moved += Math.abs(ahead);
        }
        return moved / a.rows();
    }

    private static double sum(Grid g, int col) {
        double sum = 0;
        for (int row = 0; row < g.rows(); row++) {
            sum += g.mean(row, col);
        }
        return sum;
    }
}
