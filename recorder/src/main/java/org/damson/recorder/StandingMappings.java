package org.damson.recorder;

import java.util.LinkedHashSet;
import java.util.Set;
import org.damson.model.Batch;
import org.damson.model.Table;

/** The mappings that hold now, by the rows of changes seen so far: what a trace that begins later must say first. */
final class StandingMappings {
    private record Area(long pid, long start, long end, String permissions, String name) {}

    private final Set<Area> areas = new LinkedHashSet<>();

    /** Takes rows of any table; only those of MAPPINGS count. */
    void see(Batch rows) {
        if (rows.table() != Table.MAPPINGS) {
            return;
        }
        for (int r = 0; r < rows.rows(); r++) {
            Area area = new Area(rows.get(1, r), rows.get(2, r), rows.get(3, r), rows.text(4, r), rows.text(5, r));
            if (rows.get(6, r) == 0) {
                areas.add(area);
            } else {
                areas.remove(area);
            }
        }
    }

    StandingMappings copy() {
        StandingMappings copy = new StandingMappings();
        copy.areas.addAll(areas);
        return copy;
    }

    /** All that hold, as rows of {@code timeNs}. */
    Batch rows(long timeNs) {
        Batch out = new Batch(Table.MAPPINGS);
        areas.forEach(a -> add(timeNs, a, 0, out));
        return out;
    }

    /** What changed since an earlier {@link #copy}. */
    Batch changesSince(StandingMappings before, long timeNs) {
        Batch out = new Batch(Table.MAPPINGS);
        for (Area a : areas) {
            if (!before.areas.contains(a)) {
                add(timeNs, a, 0, out);
            }
        }
        for (Area a : before.areas) {
            if (!areas.contains(a)) {
                add(timeNs, a, 1, out);
            }
        }
        return out;
    }

    private static void add(long timeNs, Area a, int gone, Batch out) {
        out.add(timeNs, a.pid, a.start, a.end, a.permissions, a.name, gone);
    }
}
