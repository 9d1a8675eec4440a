package org.damson.trace;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
import org.damson.trace.files.Columns;
import org.damson.trace.files.SafeFiles;
import org.damson.trace.files.TraceLock;

/**
 * Adds sums to a sealed trace of an earlier version: its snapshots are written anew, with sums, beside the files that there are;
 * then a manifest that lists the new ones takes the place of the old one, and the old ones go. Regions stay as they are.
 */
final class Indexing {
    /** Snapshots that gather in memory. */
    private static final int GATHERED_ROWS = 1 << 16;

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
    static boolean index(Path dir) throws IOException {
        SafeFiles.requireDirectory(dir);
        try (StoredTrace trace = new StoredTrace(dir)) {
            if (isComplete(trace)) {
                return false;
            }
        }
        try (FileChannel lock = TraceLock.take(dir)) {
            try (StoredTrace trace = new StoredTrace(dir)) {
                // Somebody may have been faster.
                if (isComplete(trace) || !lock.isOpen()) {
                    return false;
                }
                add(dir, trace);
                return true;
            } finally {
                Files.deleteIfExists(dir.resolve(TraceLock.NAME));
            }
        }
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
        for (Table heat : List.of(Table.HEAT_AREAS, Table.HEAT_CELLS)) {
            isComplete &= !trace.sums().areThere(heat) || trace.isKept(heat);
        }
        return isComplete;
    }

    private static void add(Path dir, StoredTrace trace) throws IOException {
        Manifest manifest = trace.manifest();
        int number = 0;
        for (Manifest.FileEntry f : manifest.files) {
            number = Math.max(number, Integer.parseInt(f.name().replaceAll("\\D", "")) + 1);
        }
        List<Manifest.FileEntry> before = List.copyOf(manifest.files);
        Indexing indexing = new Indexing(trace, new SealedTables(dir, manifest), number);
        try {
            indexing.write();
            boolean areOfOtherRows = ManifestKey.SUMMED_ROWS.get(manifest) != null
                    && !trace.sums().areBound();
            manifest.files.removeIf(f -> isReplaced(f.table()) || areOfOtherRows && f.table() == Table.CURVES);
            manifest.files.addAll(indexing.made);
            KeptSums.bind(manifest);
            indexing.own(dir);
            indexing.sealed.writeManifest();
        } catch (IOException | RuntimeException e) {
            for (Manifest.FileEntry f : indexing.made) {
                Files.deleteIfExists(dir.resolve(f.name()));
            }
            if (e instanceof IOException io) {
                throw MissingCapabilityException.whileWriting(dir, io);
            }
            throw e;
        }
        indexing.give(dir, dir.resolve(Manifests.NAME));
        for (Manifest.FileEntry f : before) {
            if (!manifest.files.contains(f)) {
                Files.deleteIfExists(dir.resolve(f.name()));
            }
        }
    }

    private static boolean isReplaced(Table table) {
        return table == Table.SNAPSHOTS || table == Table.HEAT_AREAS || table == Table.HEAT_CELLS;
    }

    /** Writes all snapshots with their sums; a file for each that have the same columns. */
    private void write() throws IOException {
        Snapshot s = new Snapshot();
        SnapshotSums sums = new SnapshotSums();
        HeatSums heat = new HeatSums();
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
                heat.add(s);
            }
        }
        seal(rows);
        made.addAll(sealed.write(heat, number));
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
