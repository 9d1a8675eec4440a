package org.damson.recorder.series;

import java.util.LinkedHashSet;
import java.util.Set;
import org.damson.model.Batch;
import org.damson.model.Mapping;
import org.damson.model.Table;

/** The mappings that hold now, by the rows of changes seen so far: what a trace that begins later must say first. */
final class StandingMappings {
    private final Set<Mapping> standing = new LinkedHashSet<>();

    /** Takes rows of any table; only those of MAPPINGS count. */
    void see(Batch rows) {
        if (rows.table() != Table.MAPPINGS) {
            return;
        }
        for (int r = 0; r < rows.rows(); r++) {
            Mapping mapping = Mapping.of(rows, r);
            if (Mapping.isGone(rows, r)) {
                standing.remove(mapping);
            } else {
                standing.add(mapping);
            }
        }
    }

    StandingMappings copy() {
        StandingMappings copy = new StandingMappings();
        copy.standing.addAll(standing);
        return copy;
    }

    /** All that hold, as rows of {@code timeNs}. */
    Batch rows(long timeNs) {
        Batch out = new Batch(Table.MAPPINGS);
        standing.forEach(m -> m.addTo(out, timeNs, false));
        return out;
    }

    /** What changed since an earlier {@link #copy}. */
    Batch changesSince(StandingMappings before, long timeNs) {
        Batch out = new Batch(Table.MAPPINGS);
        for (Mapping m : standing) {
            if (!before.standing.contains(m)) {
                m.addTo(out, timeNs, false);
            }
        }
        for (Mapping m : before.standing) {
            if (!standing.contains(m)) {
                m.addTo(out, timeNs, true);
            }
        }
        return out;
    }
}
