package org.damson.recorder.series;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.model.Batch;
import org.damson.model.Table;

/** Current mappings and threads, from the rows of changes so far: the rows with which a later trace must begin. */
final class StandingRows {
    /** Each row without its time and without whether that has gone. */
    private final Map<Table, Set<List<Object>>> standing = new EnumMap<>(Table.class);

    /** Takes rows of any table; only those that tell what is there count. */
    void see(Batch rows) {
        if (!rows.table().isState()) {
            return;
        }
        Set<List<Object>> of = standing.computeIfAbsent(rows.table(), t -> new LinkedHashSet<>());
        int gone = rows.table().indexOf("gone");
        for (int r = 0; r < rows.rows(); r++) {
            if (rows.get(gone, r) != 0) {
                of.remove(content(rows, r));
            } else {
                of.add(content(rows, r));
            }
        }
    }

    private static List<Object> content(Batch rows, int row) {
        Object[] content = new Object[rows.table().columns().size() - 2];
        for (int c = 0; c < content.length; c++) {
            content[c] = rows.texts(c + 1) != null ? rows.text(c + 1, row) : (Object) rows.get(c + 1, row);
        }
        return Arrays.asList(content);
    }

    StandingRows copy() {
        StandingRows copy = new StandingRows();
        standing.forEach((table, rows) -> copy.standing.put(table, new LinkedHashSet<>(rows)));
        return copy;
    }

    /** All current mappings and threads, as rows of {@code timeNs}. */
    List<Batch> rows(long timeNs) {
        return changesSince(new StandingRows(), timeNs);
    }

    /** What changed since an earlier {@link #copy}. */
    List<Batch> changesSince(StandingRows before, long timeNs) {
        List<Batch> changes = new ArrayList<>();
        standing.forEach((table, now) -> {
            Set<List<Object>> then = before.standing.getOrDefault(table, Set.of());
            Batch out = new Batch(table);
            now.stream().filter(c -> !then.contains(c)).forEach(c -> add(out, timeNs, c, 0));
            then.stream().filter(c -> !now.contains(c)).forEach(c -> add(out, timeNs, c, 1));
            if (out.rows() > 0) {
                changes.add(out);
            }
        });
        return changes;
    }

    private static void add(Batch out, long timeNs, List<Object> content, int gone) {
        List<Object> row = new ArrayList<>();
        row.add(timeNs);
        row.addAll(content);
        row.add(gone);
        out.add(row.toArray());
    }
}
