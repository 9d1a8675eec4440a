package org.damson.analyzer.fleet.tune;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Points from the harshest to the gentlest, as those of a growing least age: hosts that break the level at one are taken to
 * break it at all harsher ones. Only points near the harshest that is allowed are measured.
 */
final class Chain {
    private static final int FIRST = 8;
    private static final int NEXT = 4;

    private final List<List<Long>> points;
    /** The hosts that broke the level at measured points, by index. */
    private final TreeMap<Integer, Set<String>> broken = new TreeMap<>();

    /** @param points harshest first */
    Chain(List<List<Long>> points) {
        this.points = List.copyOf(points);
    }

    List<Long> point(int index) {
        return points.get(index);
    }

    Set<Integer> measured() {
        return broken.keySet();
    }

    void measured(int index, Set<String> hosts) {
        broken.put(index, hosts);
    }

    /** The hosts that break the level at a measured point, or at a gentler one. */
    Set<String> broken(int index) {
        Set<String> all = new TreeSet<>();
        for (Map.Entry<Integer, Set<String>> gentler : broken.tailMap(index).entrySet()) {
            all.addAll(gentler.getValue());
        }
        return all;
    }

    boolean isAllowed(int index, int mayBreak) {
        return broken(index).size() <= mayBreak;
    }

    /** The points to measure next; none once the harshest that is allowed is known. */
    List<Integer> next(int mayBreak) {
        if (broken.isEmpty()) {
            return spread(-1, points.size(), FIRST, true);
        }
        int harsh = -1;
        int gentle = points.size();
        for (int i : broken.keySet()) {
            if (isAllowed(i, mayBreak)) {
                gentle = Math.min(gentle, i);
            } else {
                harsh = Math.max(harsh, i);
            }
        }
        // Even the gentlest is measured: if it is not allowed, none is.
        return gentle == points.size() ? List.of() : spread(harsh, gentle, NEXT, false);
    }

    /** About {@code n} indexes between two, evenly. */
    private static List<Integer> spread(int after, int before, int n, boolean withLast) {
        TreeSet<Integer> indexes = new TreeSet<>();
        int between = before - after - 1;
        for (int i = 1; i <= Math.min(n, between); i++) {
            indexes.add(after + (int) Math.ceil(i * (between + 1.0) / (Math.min(n, between) + 1)));
        }
        indexes.removeIf(i -> i <= after || i >= before);
        if (withLast) {
            indexes.add(before - 1);
        }
        return new ArrayList<>(indexes);
    }
}
