package org.damson.analyzer.tune;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.tune.Tune.Point;

/** The points that no other beats: that is as good in every metric, and better in one. */
final class ParetoFront {
    private ParetoFront() {}

    /**
     * Those of the points that were measured, in order.
     *
     * @param axes metrics, and whether more is better
     */
    static List<Point> of(List<Point> measured, Map<String, Boolean> axes) {
        List<Point> front = new ArrayList<>();
        for (Point p : measured) {
            if (!p.measured().isEmpty() && measured.stream().noneMatch(q -> beats(q, p, axes))) {
                front.add(p);
            }
        }
        return front;
    }

    private static boolean beats(Point q, Point p, Map<String, Boolean> axes) {
        if (q.measured().isEmpty()) {
            return false;
        }
        boolean better = false;
        for (Map.Entry<String, Boolean> axis : axes.entrySet()) {
            double a = q.measured().get(axis.getKey());
            double b = p.measured().get(axis.getKey());
            double gain = axis.getValue() ? a - b : b - a;
            if (gain < 0) {
                return false;
            }
            better |= gain > 0;
        }
        return better;
    }
}
