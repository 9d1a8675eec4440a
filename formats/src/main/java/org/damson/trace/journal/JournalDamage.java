package org.damson.trace.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Table;
import org.damson.model.Units;
import org.damson.trace.files.RegionOwner;
import org.damson.trace.files.TimeRange;

/**
 * What is damaged in the journals of a trace. Rows on either side of the damage are kept; what is missing becomes rows of
 * table {@code losses} of the source {@code journal}.
 */
public final class JournalDamage {
    /** In the manifest's facts of the recording: one line for each damage. */
    private static final String SOURCE = "journal";

    private static final int ID = Table.SNAPSHOTS.indexOf("snapshot_id");
    private static final int COUNT = Table.SNAPSHOTS.indexOf("regions");
    private static final int REGION_ID = Table.REGIONS.indexOf("snapshot_id");

    private record Loss(long fromNs, long toNs, long count, String cause) {}

    private final List<String> found = new ArrayList<>();
    private final List<Loss> losses = new ArrayList<>();
    private final List<String> ofSnapshots = new ArrayList<>();
    private long tornBytes;
    private long unlisted;

    /** Takes note of the list of a segment's batches, when all of its journals have been read. */
    void add(ListedBatches listed) {
        found.addAll(listed.found());
        tornBytes += listed.tornBytes();
        unlisted += listed.unlisted();
    }

    /** Takes note of a journal. */
    void add(Table table, JournalReader.Content content, ListedBatches listed) {
        tornBytes += content.tornBytes();
        found.addAll(content.notes());
        for (JournalReader.Gap gap : content.gaps()) {
            found.add(gap.cause());
            if (table == Table.SNAPSHOTS || table == Table.REGIONS) {
                ofSnapshots.add(gap.cause());
            } else {
                losses.add(around(table, content.rows(), gap, listed.rows(table, gap.from(), gap.to())));
            }
        }
    }

    private static Loss around(Table table, Batch rows, JournalReader.Gap gap, long lost) {
        int time = new TimeRange(table).column();
        int after = gap.beforeRow();
        long fromNs = time >= 0 && after > 0 ? rows.get(time, after - 1) : 0;
        long toNs = time >= 0 && after < rows.rows() ? rows.get(time, after) : fromNs;
        return new Loss(fromNs, Math.max(fromNs, toNs), lost > 0 ? lost : -1, gap.cause());
    }

    /** One line for each damage; empty if all checksums agree. */
    public List<String> found() {
        return found;
    }

    /** Bytes at the ends of journals of writes that were cut short, as a killed recorder leaves them. */
    public long tornBytes() {
        return tornBytes;
    }

    /** Batches that were written when the recorder died, and not listed yet. */
    public long unlisted() {
        return unlisted;
    }

    /** Takes note of something that is wrong with the files of snapshots or regions as a whole. */
    void addOfSnapshots(String cause) {
        found.add(cause);
        ofSnapshots.add(cause);
    }

    /**
     * Takes note if the snapshots in journals are not those that follow the sealed ones, each with its regions. A killed recorder explains regions too many at
     * the end, as it writes them first, a loss of power also too few; nothing else does.
     */
    void compare(Map<Table, List<Batch>> journals, Manifest manifest) {
        long expected = sealedSnapshots(manifest);
        Rows regions = new Rows(journals.getOrDefault(Table.REGIONS, List.of()));
        for (Batch heads : journals.getOrDefault(Table.SNAPSHOTS, List.of())) {
            for (int row = 0; row < heads.rows(); row++, expected++) {
                if (heads.get(ID, row) != expected) {
                    addOfSnapshots("journals: snapshot " + heads.get(ID, row) + " where " + expected + " should be");
                    return;
                }
                long count = heads.get(COUNT, row);
                long there = 0;
                while (regions.isThere() && regions.isOf(heads, row)) {
                    there++;
                    regions.next();
                }
                if (there < count && !regions.isThere()) {
                    return;
                }
                if (there != count) {
                    addOfSnapshots("journals: snapshot " + heads.get(ID, row) + " has " + Units.count(count, "region")
                            + ", of which " + there + " are where they should be");
                    return;
                }
            }
        }
    }

    boolean isOfSnapshots() {
        return !ofSnapshots.isEmpty();
    }

    /**
     * Keeps of the journals the snapshots that have their row and all of their regions, and numbers them anew; what the
     * numbers say is missing is lost.
     */
    void leaveOut(Map<Table, List<Batch>> journals, Manifest manifest) {
        List<Batch> heads = journals.getOrDefault(Table.SNAPSHOTS, List.of());
        Rows regions = new Rows(journals.getOrDefault(Table.REGIONS, List.of()));
        int startColumn = Table.SNAPSHOTS.indexOf("start_ns");
        int endColumn = Table.SNAPSHOTS.indexOf("end_ns");
        long number = sealedSnapshots(manifest);
        long expected = number;
        long endNs = 0;
        long known = 0; // regions of heads that are left out since the last that was kept
        long knownHeads = 0;
        List<Batch> keptHeads = new ArrayList<>();
        Kept keptRegions = new Kept();
        for (Batch batch : heads) {
            Batch kept = like(batch);
            for (int row = 0; row < batch.rows(); row++) {
                long id = batch.get(ID, row);
                long count = batch.get(COUNT, row);
                while (regions.isThere() && regions.get(REGION_ID) < id) {
                    regions.next();
                }
                Rows from = regions.mark();
                long there = 0;
                while (regions.isThere() && regions.isOf(batch, row)) {
                    there++;
                    regions.next();
                }
                if (there != count) {
                    known += Math.max(0, count);
                    knownHeads++;
                    continue;
                }
                if (id > expected) {
                    lose(endNs, batch.get(startColumn, row), id - expected, knownHeads == id - expected ? known : -1);
                }
                for (long r = 0; r < there; r++) {
                    keptRegions.copy(from, REGION_ID, number);
                    from.next();
                }
                kept.addRow(batch, row);
                kept.set(ID, kept.rows() - 1, number++);
                expected = id + 1;
                known = 0;
                knownHeads = 0;
                endNs = batch.get(endColumn, row);
            }
            if (kept.rows() > 0) {
                keptHeads.add(kept);
            }
        }
        if (number == expected || knownHeads > 0) {
            // No gap between numbers, so what is missing is at the end, of which nothing tells how much it was.
            lose(endNs, endNs, knownHeads, -1);
        }
        journals.put(Table.SNAPSHOTS, keptHeads);
        journals.put(Table.REGIONS, keptRegions.batches);
    }

    private static long sealedSnapshots(Manifest manifest) {
        return manifest.files.stream()
                .filter(f -> f.table() == Table.SNAPSHOTS)
                .mapToLong(Manifest.FileEntry::rows)
                .sum();
    }

    private void lose(long fromNs, long toNs, long snapshots, long regionRows) {
        String cause = String.join("; ", ofSnapshots)
                + (snapshots > 0
                        ? ": " + Units.count(snapshots, "snapshot") + " left out"
                        : ": snapshots at the end left out");
        losses.add(new Loss(fromNs, Math.max(fromNs, toNs), regionRows, cause));
    }

    /** Adds what is lost to the rows, and what is damaged to the facts of the recording. */
    void report(Map<Table, List<Batch>> journals, Manifest manifest) {
        if (found.isEmpty()) {
            return;
        }
        ManifestKey.DAMAGE.put(manifest, List.copyOf(found));
        Batch rows = new Batch(Table.LOSSES);
        for (Loss loss : losses) {
            rows.add(loss.fromNs, loss.toNs, SOURCE, loss.count, loss.cause);
        }
        if (rows.rows() > 0) {
            journals.computeIfAbsent(Table.LOSSES, t -> new ArrayList<>()).add(rows);
        }
    }

    private static Batch like(Batch batch) {
        Batch fresh = new Batch(batch.table());
        for (int c = 0; c < batch.table().columns().size(); c++) {
            if (batch.table().columns().get(c).optional()) {
                fresh.setPresent(c, batch.isPresent(c));
            }
        }
        return fresh;
    }

    /** A place in the rows of several batches. */
    private static final class Rows {
        private final List<Batch> batches;
        private int batch;
        private int row;

        Rows(List<Batch> batches) {
            this.batches = batches;
            settle();
        }

        Rows mark() {
            Rows same = new Rows(batches);
            same.batch = batch;
            same.row = row;
            return same;
        }

        boolean isThere() {
            return batch < batches.size();
        }

        long get(int column) {
            return batches.get(batch).get(column, row);
        }

        boolean isOf(Batch heads, int head) {
            return RegionOwner.is(batches.get(batch), row, heads, head);
        }

        void next() {
            row++;
            settle();
        }

        private void settle() {
            while (batch < batches.size() && row >= batches.get(batch).rows()) {
                batch++;
                row = 0;
            }
        }
    }

    /** Rows that are kept, in batches of the same columns as they came in. */
    private static final class Kept {
        final List<Batch> batches = new ArrayList<>();
        private int last = -1;

        void copy(Rows from, int idColumn, long id) {
            Batch source = from.batches.get(from.batch);
            if (from.batch != last) {
                batches.add(like(source));
                last = from.batch;
            }
            Batch to = batches.get(batches.size() - 1);
            to.addRow(source, from.row);
            to.set(idColumn, to.rows() - 1, id);
        }
    }
}
