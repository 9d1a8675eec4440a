package org.damson.analyzer.compare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.heatmap.Heatmap;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;

/** Finds which area of one trace is which of another: by address where they coincide, else by order and size. */
final class AreaMatcher {
    /** Sizes that differ by more are different places. */
    private static final double MIN_SIZE_RATIO = 0.9;

    /** The match is quadratic; smaller areas than the largest so many are left unmatched. */
    private static final int MAX = 512;

    private AreaMatcher() {}

    static List<CompareOptions.AreaPair> match(GuideResult a, GuideResult b) {
        List<CompareOptions.AreaPair> whole = matchAll(a, b, false);
        List<CompareOptions.AreaPair> joined = matchAll(a, b, true);
        double heatOfWhole = Math.min(heat(whole, true) / total(a), heat(whole, false) / total(b));
        double heatOfJoined = Math.min(heat(joined, true) / total(a), heat(joined, false) / total(b));
        return heatOfJoined > heatOfWhole + 0.01 ? joined : whole;
    }

    static double heat(List<CompareOptions.AreaPair> pairs, boolean first) {
        return pairs.stream()
                .mapToDouble(p -> (first ? p.a() : p.b()).heatByteSeconds())
                .sum();
    }

    static double total(GuideResult g) {
        double sum = g.targets().stream()
                .flatMap(t -> t.areas().stream())
                .mapToDouble(Area::heatByteSeconds)
                .sum();
        return Math.max(sum, Double.MIN_NORMAL);
    }

    private static List<CompareOptions.AreaPair> matchAll(GuideResult a, GuideResult b, boolean join) {
        List<CompareOptions.AreaPair> pairs = new ArrayList<>();
        for (int t = 0; t < Math.min(a.targets().size(), b.targets().size()); t++) {
            List<Area> x = areas(a.targets().get(t), join);
            List<Area> y = areas(b.targets().get(t), join);
            List<CompareOptions.AreaPair> same = byAddress(x, y);
            double heat = x.stream().mapToDouble(Area::heatByteSeconds).sum();
            pairs.addAll(!same.isEmpty() && heat(same, true) >= 0.9 * heat ? same : byOrder(x, y));
        }
        return pairs;
    }

    private static List<Area> areas(GuideResult.Target t, boolean join) {
        List<Area> areas = join ? Heatmap.neighbourhoods(t.areas()) : t.areas();
        return areas.size() <= MAX
                ? areas
                : areas.stream()
                        .sorted(Comparator.comparingDouble((Area x) -> Scan.bytes(x.sizeBytes()))
                                .reversed())
                        .limit(MAX)
                        .sorted((p, q) -> Long.compareUnsigned(p.start(), q.start()))
                        .toList();
    }

    private static List<CompareOptions.AreaPair> byAddress(List<Area> x, List<Area> y) {
        List<CompareOptions.AreaPair> pairs = new ArrayList<>();
        for (Area a : x) {
            for (Area b : y) {
                long from = Long.compareUnsigned(a.start(), b.start()) > 0 ? a.start() : b.start();
                long last = Long.compareUnsigned(a.end() - 1, b.end() - 1) < 0 ? a.end() - 1 : b.end() - 1;
                if (Long.compareUnsigned(from, last) <= 0) {
                    double both = Scan.bytes(last - from) + 1;
                    double larger = Math.max(Scan.bytes(a.sizeBytes()), Scan.bytes(b.sizeBytes()));
                    if (both >= MIN_SIZE_RATIO * larger) {
                        // The common part alone, so that equal addresses stay equal; heat stays that of the areas.
                        pairs.add(new CompareOptions.AreaPair(
                                new Area(a.key(), from, last + 1, a.heatByteSeconds()),
                                new Area(b.key(), from, last + 1, b.heatByteSeconds())));
                    }
                }
            }
        }
        return pairs;
    }

    /** Order-preserving pairs of like size with the most bytes in all. */
    private static List<CompareOptions.AreaPair> byOrder(List<Area> x, List<Area> y) {
        double[][] best = new double[x.size() + 1][y.size() + 1];
        for (int i = x.size() - 1; i >= 0; i--) {
            for (int j = y.size() - 1; j >= 0; j--) {
                double skip = Math.max(best[i + 1][j], best[i][j + 1]);
                best[i][j] = Math.max(skip, worth(x.get(i), y.get(j)) + best[i + 1][j + 1]);
            }
        }
        List<CompareOptions.AreaPair> pairs = new ArrayList<>();
        for (int i = 0, j = 0; i < x.size() && j < y.size(); ) {
            double w = worth(x.get(i), y.get(j));
            if (w > 0 && best[i][j] == w + best[i + 1][j + 1]) {
                pairs.add(new CompareOptions.AreaPair(x.get(i++), y.get(j++)));
            } else if (best[i][j] == best[i + 1][j]) {
                i++;
            } else {
                j++;
            }
        }
        return pairs;
    }

    private static double worth(Area a, Area b) {
        double x = Scan.bytes(a.sizeBytes());
        double y = Scan.bytes(b.sizeBytes());
        double ratio = Math.min(x, y) / Math.max(x, y);
        return ratio >= MIN_SIZE_RATIO ? Math.min(x, y) * ratio : 0;
    }
}
