package org.damson.trace.files;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Table;

/** Which traces the rows of a trace come from, so that who reads many traces counts no row twice. */
public final class RowOrigins {
    /** Of a digest in hexadecimal: 128 bits tell traces apart. */
    private static final int LENGTH = 32;

    private RowOrigins() {}

    /**
     * The identity of a trace's rows: a digest of the files of its regions, or of its snapshots where it has no regions. Copies of a
     * trace have the same, whatever else is known of them.
     *
     * @return null if it has no rows, or is still being recorded
     */
    public static String identity(Manifest m) {
        boolean hasRegions = m.files.stream().anyMatch(f -> f.table() == Table.REGIONS);
        Set<String> digests = new TreeSet<>();
        for (Manifest.FileEntry f : m.files) {
            if (f.table() == (hasRegions ? Table.REGIONS : Table.SNAPSHOTS)) {
                digests.add(f.sha256());
            }
        }
        return digests.isEmpty() || m.state == Manifest.State.RECORDING
                ? null
                : Sha256.hex(String.join(" ", digests)).substring(0, LENGTH);
    }

    /** Notes what a trace, all whose rows come from one other, is made from. */
    public static void derived(Manifest from, Manifest made) {
        ManifestKey.MERGED_ROWS.remove(made.recording);
        put(ManifestKey.MADE_FROM, made, above(from));
    }

    /** Notes which traces a trace holds whole. */
    public static void merged(List<Manifest> from, Manifest made) {
        Set<Object> parts = new LinkedHashSet<>();
        Set<Object> common = new LinkedHashSet<>(above(from.get(0)));
        for (Manifest m : from) {
            List<?> itsParts = ManifestKey.MERGED_ROWS.list(m);
            String identity = identity(m);
            if (!itsParts.isEmpty()) {
                parts.addAll(itsParts);
            } else if (identity != null) {
                parts.add(identity);
            }
            common.retainAll(above(m));
        }
        put(ManifestKey.MERGED_ROWS, made, parts);
        put(ManifestKey.MADE_FROM, made, common);
    }

    /** The trace and what it is made from itself. */
    private static Set<Object> above(Manifest m) {
        Set<Object> all = new LinkedHashSet<>();
        String identity = identity(m);
        if (identity != null) {
            all.add(identity);
        }
        all.addAll(ManifestKey.MADE_FROM.list(m));
        return all;
    }

    private static void put(ManifestKey key, Manifest made, Set<Object> identities) {
        List<Object> texts =
                identities.stream().filter(String.class::isInstance).toList();
        if (texts.isEmpty()) {
            key.remove(made.recording);
        } else {
            key.put(made, texts);
        }
    }
}
