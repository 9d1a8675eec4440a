package org.damson.trace.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Table;

/** The rows of an unsealed trace that no sealed file has, from the journals of its segments, and what is damaged in these. */
public final class UnsealedRows {
    private static final Pattern JOURNAL = Pattern.compile("([a-z_]+)-([0-9]{6})\\.(arrows|index)");
    private static final int REGION_COUNT = Table.SNAPSHOTS.indexOf("regions");

    private final Map<Table, List<Batch>> rows = new EnumMap<>(Table.class);
    private final JournalDamage damage = new JournalDamage();
    private long journals;
    private long incompleteRows;
    private boolean isForeign;

    private UnsealedRows() {}

    /** For a sealed trace: no rows. */
    public static UnsealedRows none() {
        return new UnsealedRows();
    }

    /**
     * Reads the journals that the manifest does not cover.
     *
     * @throws IOException if a file cannot be read
     */
    public static UnsealedRows read(Path dir, Manifest m) throws IOException {
        UnsealedRows all = new UnsealedRows();
        all.readSegments(dir, m);
        return all;
    }

    private void readSegments(Path dir, Manifest m) throws IOException {
        int next = m.files.stream()
                        .mapToInt(f -> Integer.parseInt(f.name().replaceAll("\\D", "")))
                        .max()
                        .orElse(-1)
                + 1;
        TreeMap<Integer, Set<Table>> segments = new TreeMap<>();
        try (Stream<Path> files = Files.list(dir)) {
            files.forEach(file -> {
                Matcher match = JOURNAL.matcher(file.getFileName().toString());
                // Segments are sealed in their order: journals of others are about to be deleted.
                if (match.matches() && Integer.parseInt(match.group(2)) >= next) {
                    Table table = tableNamed(match.group(1));
                    if (table != null || match.group(1).equals(BatchList.NAME)) {
                        Set<Table> of = segments.computeIfAbsent(
                                Integer.parseInt(match.group(2)), s -> EnumSet.noneOf(Table.class));
                        of.addAll(table == null ? Set.of() : Set.of(table));
                    }
                }
            });
        }
        // Lists, then snapshots, then the rest: a recorder writes in the other order, so what is read later is there.
        String trace = ManifestKey.JOURNALS.get(m) instanceof String mark ? mark : null;
        Map<Integer, ListedBatches> lists = new TreeMap<>();
        for (Map.Entry<Integer, Set<Table>> segment : segments.entrySet()) {
            ListedBatches listed = ListedBatches.read(dir, trace, segment.getKey());
            lists.put(segment.getKey(), listed);
            segment.getValue().addAll(listed.tables());
        }
        for (Map.Entry<Integer, Set<Table>> segment : segments.entrySet()) {
            readSnapshots(dir, segment.getKey(), segment.getValue(), lists.get(segment.getKey()));
        }
        for (Map.Entry<Integer, Set<Table>> segment : segments.entrySet()) {
            for (Table table : segment.getValue()) {
                if (table != Table.SNAPSHOTS) {
                    read(dir, table, segment.getKey(), lists.get(segment.getKey()));
                }
            }
        }
        lists.values().forEach(damage::add);
        if (trace != null) {
            requireAll(segments.navigableKeySet().stream().toList(), next);
            isForeign =
                    journals == 0 && !lists.isEmpty() && lists.values().stream().allMatch(ListedBatches::isForeign);
        }
    }

    private void readSnapshots(Path dir, int segment, Set<Table> tables, ListedBatches listed) throws IOException {
        if (tables.contains(Table.SNAPSHOTS)
                && hasRegions(read(dir, Table.SNAPSHOTS, segment, listed))
                && !tables.contains(Table.REGIONS)) {
            damage.addOfSnapshots(Journal.dataFile(dir, Table.REGIONS, segment).getFileName()
                    + ": is missing, though its snapshots are there");
        }
    }

    private Batch read(Path dir, Table table, int segment, ListedBatches listed) throws IOException {
        JournalReader.Content content = JournalReader.read(dir, table, segment, listed);
        damage.add(table, content, listed);
        if (content.rows().rows() > 0) {
            rows.computeIfAbsent(table, t -> new ArrayList<>()).add(content.rows());
            journals++;
        }
        return content.rows();
    }

    private static boolean hasRegions(Batch heads) {
        return IntStream.range(0, heads.rows()).anyMatch(row -> heads.get(REGION_COUNT, row) > 0);
    }

    private static Table tableNamed(String stem) {
        for (Table table : Table.values()) {
            if (table.fileStem().equals(stem)) {
                return table;
            }
        }
        return null;
    }

    /** Segments are numbered without gaps, from the first that is not sealed. */
    private void requireAll(List<Integer> segments, int first) {
        int expected = first;
        for (int segment : segments) {
            if (segment > expected) {
                damage.addOfSnapshots("journals: segment " + expected + " is missing"
                        + (segment - expected > 1 ? ", and " + (segment - expected - 1) + " more after it" : ""));
            }
            expected = segment + 1;
        }
    }

    /** Whether all of the journals and lists are marked as those of another trace than the manifest's. */
    public boolean isForeign() {
        return isForeign;
    }

    /**
     * Leaves out what is not whole, and adds what is known of it to the losses and to the manifest.
     *
     * @param unlisted what else is wrong with files of the trace, one line each
     */
    public void settle(Manifest manifest, List<String> unlisted) {
        unlisted.forEach(damage::addOfSnapshots);
        if (!damage.isOfSnapshots()) {
            damage.compare(rows, manifest);
        }
        if (damage.isOfSnapshots()) {
            damage.leaveOut(rows, manifest);
        } else {
            leaveOutIncomplete();
        }
        damage.report(rows, manifest);
    }

    /**
     * A snapshot counts once its row is there, which a recorder writes after those of its regions, and these too. What else a
     * flush that was cut short has left is at the end of the journals.
     */
    private void leaveOutIncomplete() {
        List<Batch> heads = of(Table.SNAPSHOTS);
        List<Batch> regions = of(Table.REGIONS);
        long there = regions.stream().mapToLong(Batch::rows).sum();
        long counted = 0;
        boolean whole = true;
        for (Batch head : heads) {
            int row = 0;
            while (whole && row < head.rows()) {
                long count = head.get(REGION_COUNT, row);
                if (count < 0 || count > there - counted) {
                    whole = false;
                } else {
                    counted += count;
                    row++;
                }
            }
            incompleteRows += head.rows() - row;
            head.setRows(row);
        }
        incompleteRows += there - counted;
        for (Batch rows : regions) {
            rows.setRows((int) Math.min(rows.rows(), counted));
            counted -= rows.rows();
        }
    }

    /** Damage in the journals, and what was left out because of it. */
    public JournalDamage damage() {
        return damage;
    }

    /** The rows of a table, by segment. */
    public List<Batch> of(Table table) {
        return rows.getOrDefault(table, List.of());
    }

    /** Journals that had rows. */
    public long journals() {
        return journals;
    }

    public long rows() {
        return rows.values().stream()
                .flatMap(List::stream)
                .mapToLong(Batch::rows)
                .sum();
    }

    /** Rows that are left out because their snapshot is not whole. */
    public long incompleteRows() {
        return incompleteRows;
    }
}
