package org.damson.analyzer.memory;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.memory.Outcome.Point;
import org.damson.analyzer.scan.Bounded;

/** Points over time; where they become too many, neighbours are joined two by two. */
final class OutcomeSeries {
    static final int MAX_POINTS = 2048;

    private List<Point> points = new ArrayList<>();
    private int perPoint = 1;
    private int pending;
    private Point open;

    void add(Point p) {
        open = open == null ? p : join(open, p);
        if (++pending < perPoint) {
            return;
        }
        points.add(open);
        open = null;
        pending = 0;
        if (points.size() == MAX_POINTS) {
            List<Point> half = new ArrayList<>();
            for (int i = 0; i < MAX_POINTS; i += 2) {
                half.add(join(points.get(i), points.get(i + 1)));
            }
            points = half;
            perPoint *= 2;
        }
    }

    /** Levels of the later, sums of what happened in both. */
    private static Point join(Point a, Point b) {
        double wa = a.toNs() - a.fromNs();
        double wb = Math.max(1, b.toNs() - b.fromNs());
        return new Point(
                a.fromNs(),
                b.toNs(),
                b.residentBytes(),
                b.outBytes(),
                new Bounded(
                        a.refaultedBytes().least() + b.refaultedBytes().least(),
                        a.refaultedBytes().likely() + b.refaultedBytes().likely(),
                        a.refaultedBytes().most() + b.refaultedBytes().most()),
                a.stallNs() + b.stallNs(),
                b.hugeBytes(),
                b.lockedBytes(),
                (a.fastHitShare() * wa + b.fastHitShare() * wb) / (wa + wb));
    }

    List<Point> points() {
        List<Point> all = new ArrayList<>(points);
        if (open != null) {
            all.add(open);
        }
        return List.copyOf(all);
    }
}
