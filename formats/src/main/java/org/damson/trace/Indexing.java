package org.damson.trace;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MissingCapabilityException;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.summary.HeatSums;
import org.damson.model.summary.SnapshotSums;
import org.damson.model.summary.TraceSums;
import org.damson.trace.files.Columns;
import org.damson.trace.files.Leftovers;
import org.damson.trace.files.SafeFiles;
import org.damson.trace.files.TraceLock;

/**
 * Adds sums to a sealed trace of an earlier version: its snapshots are written anew, with sums, beside the files that there are;
 * then a manifest that lists the new ones takes the place of the old one, and the old ones go. Regions stay as they are.
 */
final class Indexing {
    /** Snapshots that gather in memory. */
    private static final int GATHERED_ROWS = 1 << 16;

    /** Names of what is not finished. */
    private static final String PART = "(manifest\\.json|[a-z_]+-[0-9]{6}\\.parquet)\\.part";

    private final StoredTrace trace;
    private final SealedTables sealed;
    private final List<Manifest.FileEntry> made = new ArrayList<>();
    private int number;

    private Indexing(StoredTrace trace, SealedTables sealed, int number) {
        this.trace = trace;
        this.sealed = sealed;
        this.number = number;
    }

    /** Returns whether anything was missing. */
    static boolean index(Path dir, Traces.Derivation derivation) throws IOException {
        SafeFiles.requireDirectory(dir);
        Batch curves;
        try (StoredTrace trace = new StoredTrace(dir)) {
            boolean isComplete = isComplete(trace) && !mayLackTables(trace);
            curves = trace.isKept(Table.CURVES) ? null : derivation.rows(trace);
            if (isComplete && curves == null && leftovers(dir, trace).isEmpty() && !isLockLeft(dir)) {
                return false;
            }
        }
        try (FileChannel lock = TraceLock.take(dir)) {
            try (StoredTrace trace = new StoredTrace(dir)) {
                for (Path left : leftovers(dir, trace)) {
                    Files.delete(left);
                }
                // Somebody may have been faster.
                return lock.isOpen() && add(dir, trace, trace.isKept(Table.CURVES) ? null : curves);
            } finally {
                Files.deleteIfExists(dir.resolve(TraceLock.NAME));
            }
        }
    }

    /**
     * What a killed indexing of this user left: unfinished files, and those that the manifest does not list yet or any more. Where others
     * than it writes are not listed, what is unlisted may be all that there is of some rows.
     */
    private static List<Path> leftovers(Path dir, StoredTrace trace) throws IOException {
        List<String> left = new ArrayList<>(UnlistedFiles.names(trace.storage(), trace.manifest()));
        if (!left.stream().allMatch(Indexing::isOfItsTables)) {
            left.clear();
        }
        trace.storage().names().stream().filter(name -> name.matches(PART)).forEach(left::add);
        List<Path> own = new ArrayList<>();
        for (String name : left) {
            if (Leftovers.isOwn(dir.resolve(name))) {
                own.add(dir.resolve(name));
            }
        }
        return own;
    }

    private static boolean isLockLeft(Path dir) throws IOException {
        Path lock = dir.resolve(TraceLock.NAME);
        return Files.exists(lock, LinkOption.NOFOLLOW_LINKS) && Leftovers.isOwn(lock) && !TraceLock.isHeld(dir);
    }

    private static boolean isOfItsTables(String file) {
        return Arrays.stream(Table.values())
                .filter(t -> isReplaced(t) || t == Table.CURVES)
                .anyMatch(t -> file.matches(t.fileStem() + "-[0-9]{6}\\.parquet"));
    }

    private static boolean isComplete(StoredTrace trace) throws IOException {
        Manifest m = trace.manifest();
        if (m.state == Manifest.State.RECORDING) {
            throw new TraceFormatException(
                    trace.name(), "", "is being recorded, or its recorder died: damson recover makes its sums");
        }
        if (!m.unknownFiles.isEmpty()) {
            throw new TraceFormatException(
                    trace.name(),
                    "",
                    "has tables of a newer damson (" + String.join(", ", m.unknownFiles.values())
                            + "): that one can add sums");
        }
        boolean isComplete = trace.rowCount(Table.SNAPSHOTS) == 0 || trace.isKept(Table.SNAPSHOTS);
        for (Table table : TraceSums.TABLES) {
            isComplete &= !trace.sums().areThere(table) || trace.isKept(table);
        }
        return isComplete;
    }

    /** Whether a table of sums is not there though the trace is long enough; then it has to be tried whether it should. */
    private static boolean mayLackTables(StoredTrace trace) throws IOException {
        long regions = trace.rowCount(Table.REGIONS);
        boolean isAnyAbsent = false;
        for (Table table : TraceSums.TABLES) {
            isAnyAbsent |=
                    regions >= TraceSums.leastRegions(table) && !trace.sums().areThere(table);
        }
        return isAnyAbsent;
    }

    /**
     * Adds what is missing.
     *
     * @param curves null: none are to be added
     */
    private static boolean add(Path dir, StoredTrace trace, Batch curves) throws IOException {
        boolean isComplete = isComplete(trace);
        boolean isToWrite = !isComplete || mayLackTables(trace);
        if (!isToWrite && curves == null) {
            return false;
        }
        Manifest manifest = trace.manifest();
        int number = 0;
        for (Manifest.FileEntry f : manifest.files) {
            number = Math.max(number, Integer.parseInt(f.name().replaceAll("\\D", "")) + 1);
        }
        List<Manifest.FileEntry> before = List.copyOf(manifest.files);
        Indexing indexing = new Indexing(trace, new SealedTables(dir, manifest), number);
        byte[] original = Files.readAllBytes(dir.resolve(Manifests.NAME));
        try {
            if (curves != null) {
                indexing.made.add(indexing.sealed.write(Table.CURVES, Columns.of(curves), number));
            }
            if (isToWrite) {
                indexing.write();
            }
            if (isComplete && curves == null && tables(indexing.made).equals(tables(sums(before)))) {
                deleteAll(dir, indexing.made);
                return false;
            }
            boolean areOfOtherRows = ManifestKey.SUMMED_ROWS.get(manifest) != null
                    && !trace.sums().areBound();
            boolean areCurvesReplaced = curves != null || areOfOtherRows;
            manifest.files.removeIf(
                    f -> isToWrite && isReplaced(f.table()) || areCurvesReplaced && f.table() == Table.CURVES);
            manifest.files.addAll(indexing.made);
            KeptSums.bind(manifest);
            indexing.own(dir);
            indexing.sealed.writeManifest();
        } catch (IOException | RuntimeException e) {
            indexing.undo(dir, original);
            if (e instanceof IOException io) {
                throw MissingCapabilityException.whileWriting(dir, io);
            }
            throw e;
        }
        indexing.give(dir, dir.resolve(Manifests.NAME));
        List<Manifest.FileEntry> replaced = new ArrayList<>(before);
        replaced.removeAll(manifest.files);
        deleteAll(dir, replaced);
        return true;
    }

    /**
     * Removes what was written, unless the manifest that lists it is in place already and only could not be brought to the disk: then
     * that one holds, after a loss of power the one before, and the files of both are there.
     */
    private void undo(Path dir, byte[] original) throws IOException {
        if (!Arrays.equals(original, Files.readAllBytes(dir.resolve(Manifests.NAME)))) {
            return;
        }
        deleteAll(dir, made);
        try (Stream<Path> files = Files.list(dir)) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().matches(PART)) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void deleteAll(Path dir, List<Manifest.FileEntry> files) throws IOException {
        for (Manifest.FileEntry f : files) {
            Files.deleteIfExists(dir.resolve(f.name()));
        }
    }

    private static List<Manifest.FileEntry> sums(List<Manifest.FileEntry> files) {
        return files.stream().filter(f -> isReplaced(f.table())).toList();
    }

    private static Set<Table> tables(List<Manifest.FileEntry> files) {
        return files.stream().map(Manifest.FileEntry::table).collect(Collectors.toSet());
    }

    private static boolean isReplaced(Table table) {
        return table == Table.SNAPSHOTS || TraceSums.TABLES.contains(table);
    }

    /** Writes all snapshots with their sums; a file for each that have the same columns. */
    private void write() throws IOException {
        Snapshot s = new Snapshot();
        SnapshotSums sums = new SnapshotSums();
        TraceSums traceSums = new TraceSums(HeatSums.MIN_REGIONS);
        boolean[] present = SnapshotSums.present(0);
        Batch rows = new Batch(Table.SNAPSHOTS);
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            while (cursor.next(s)) {
                present = s.regions == 0 ? present : SnapshotSums.present(s.columns);
                if (rows.rows() == GATHERED_ROWS || !Arrays.equals(present, rows.present())) {
                    seal(rows);
                    for (int c = 0; c < present.length; c++) {
                        rows.setPresent(c, present[c]);
                    }
                }
                SnapshotRows.snapshot(rows, s, sums);
                traceSums.add(s);
            }
        }
        seal(rows);
        made.addAll(sealed.write(traceSums, number));
    }

    private void seal(Batch rows) throws IOException {
        if (rows.rows() > 0) {
            made.add(sealed.write(Table.SNAPSHOTS, Columns.of(rows), number++));
            rows.clear();
        }
    }

    /** Run as root, it must not take files away from the trace's user. */
    private void own(Path dir) throws IOException {
        for (Manifest.FileEntry f : made) {
            give(dir, dir.resolve(f.name()));
        }
    }

    private void give(Path dir, Path file) throws IOException {
        String owner = Files.getOwner(dir, LinkOption.NOFOLLOW_LINKS).getName();
        if (!Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).getName().equals(owner)) {
            SafeFiles.giveTo(file, owner);
        }
    }
}
