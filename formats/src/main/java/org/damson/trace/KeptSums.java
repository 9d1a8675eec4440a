package org.damson.trace;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Table;
import org.damson.model.summary.SnapshotSums;
import org.damson.trace.files.Sha256;
import org.damson.trace.parquet.RowGroups;
import org.damson.trace.parquet.RowWalk;

/**
 * Whether what a trace keeps of sums may be believed: its files have the digests that the manifest says, and the manifest names
 * the rows that they are of.
 */
final class KeptSums {
    private final StoredTrace trace;
    private final Map<Table, Boolean> known = new EnumMap<>(Table.class);
    private final List<String> refusals = new ArrayList<>();

    KeptSums(StoredTrace trace) {
        this.trace = trace;
    }

    /** Writes down which rows the sums of a trace that is complete are of. */
    static void bind(Manifest manifest) {
        ManifestKey.SUMMED_ROWS.put(manifest, digestOfRows(manifest));
    }

    /** The digest of the rows that sums are of: of the digests of their files, in the order in which they are read. */
    private static String digestOfRows(Manifest manifest) {
        StringBuilder files = new StringBuilder();
        manifest.files.stream()
                .filter(f -> f.table() == Table.SNAPSHOTS || f.table() == Table.REGIONS)
                .sorted(Comparator.comparing(Manifest.FileEntry::name))
                .forEach(f -> files.append(f.table().fileStem())
                        .append(' ')
                        .append(f.rows())
                        .append(' ')
                        .append(f.sha256())
                        .append('\n'));
        return Sha256.hex(files.toString());
    }

    /** Whether the trace has sums of this table at all, right or wrong. */
    boolean areThere(Table table) throws IOException {
        if (trace.rowCount(table) == 0) {
            return false;
        }
        if (table != Table.SNAPSHOTS) {
            return table.isDerived();
        }
        for (RowWalk.Part part : trace.parts(table)) {
            try (RowGroups rows = part.open()) {
                if (!rows.has(SnapshotSums.column())) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether the manifest names the rows of this trace as those that its sums are of; while it is recorded it names none. */
    boolean areBound() {
        Manifest m = trace.manifest();
        return m.state == Manifest.State.RECORDING || digestOfRows(m).equals(ManifestKey.SUMMED_ROWS.get(m));
    }

    synchronized boolean of(Table table) throws IOException {
        Boolean kept = known.get(table);
        if (kept == null) {
            String why = areThere(table) ? doubt(table) : "";
            if (!why.isEmpty()) {
                refusals.add(trace.name() + ": " + why + "; its rows are read instead (damson verify says more)");
            }
            kept = why.isEmpty() && areThere(table);
            known.put(table, kept);
        }
        return kept;
    }

    /** Why the sums are not believed; empty if they are. */
    private String doubt(Table table) throws IOException {
        if (!areBound()) {
            return "the stored sums belong to other rows";
        }
        for (Manifest.FileEntry f : trace.manifest().files) {
            if (f.table() == table && !isWhole(f)) {
                return f.name() + " differs from its SHA-256 in the manifest";
            }
        }
        return "";
    }

    private boolean isWhole(Manifest.FileEntry f) {
        try {
            return trace.storage().size(f.name()) == f.sizeBytes()
                    && trace.storage().sha256(f.name()).equals(f.sha256());
        } catch (IOException e) {
            return false;
        }
    }

    synchronized List<String> refusals() {
        return List.copyOf(refusals);
    }
}
