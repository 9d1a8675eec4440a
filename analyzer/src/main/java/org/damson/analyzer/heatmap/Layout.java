package org.damson.analyzer.heatmap;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.scan.TargetKey;

/** Address ranges laid one after another on a line of {@code total} units, a unit being {@code 1 / scale} bytes. */
public final class Layout {
    /** One range. {@code last} is inclusive. */
    record Lane(TargetKey key, long first, long last, double offset, double scale) {}

    final List<Lane> lanes = new ArrayList<>();
    private double total;

    double total() {
        return total;
    }

    public void add(Area a, double units) {
        double size = Scan.bytes(a.sizeBytes());
        lanes.add(new Lane(a.key(), a.start(), a.end() - 1, total, size == 0 ? 1 : units / size));
        total += units;
    }

    static Layout of(List<Area> areas) {
        Layout layout = new Layout();
        for (Area a : areas) {
            layout.add(a, Scan.bytes(a.sizeBytes()));
        }
        return layout;
    }

    /** The lanes of one target, ascending by address. */
    Lane[] of(TargetKey key) {
        return lanes.stream()
                .filter(l -> l.key().equals(key))
                .sorted((a, b) -> Long.compareUnsigned(a.first(), b.first()))
                .toArray(Lane[]::new);
    }
}
