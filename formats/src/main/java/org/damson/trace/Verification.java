package org.damson.trace;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.summary.SnapshotSums;
import org.damson.model.summary.SummarizedSnapshots;
import org.damson.model.summary.TraceSums;
import org.damson.trace.files.RegionOwner;
import org.damson.trace.files.TraceLock;
import org.damson.trace.written.WrittenView;

/** Holds a whole trace against its digests and the rules of its format. */
final class Verification {
    private Verification() {}

    /** Reads everything there is and compares it with the manifest. Finds, never throws for damage. */
    static VerifyReport verify(Path path) throws IOException {
        List<String> findings = new ArrayList<>();
        long rows = 0;
        long bytes = 0;
        StoredTrace trace;
        try {
            trace = new StoredTrace(path);
        } catch (TraceFormatException e) {
            return new VerifyReport(List.of(e.getMessage()), List.of(), 0, 0, 0);
        }
        try (trace) {
            List<String> notes = notes(trace);
            trace.damage().found().forEach(line -> findings.add(trace.name() + "/" + line));
            trace.storage().findings().forEach(findings::add);
            if (trace.manifest().state == Manifest.State.RECORDING
                    && trace.storage().directory() == null) {
                findings.add(trace.name()
                        + ": was packed before its recorder had sealed it: rows of its journals are not read;"
                        + " unpack it and run damson recover, which keeps them");
            }
            for (Manifest.FileEntry f : trace.manifest().files) {
                bytes += f.sizeBytes();
                checkDigest(trace, f, findings);
            }
            for (Table table : Table.values()) {
                try (TraceSource.BatchCursor cursor = trace.rows(table)) {
                    for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                        rows += b.rows();
                    }
                } catch (IOException e) {
                    add(findings, e);
                }
            }
            checkSnapshots(trace, findings);
            checkRegionRows(trace, findings);
            checkBinding(trace, findings);
            checkWrites(trace, findings);
            return new VerifyReport(findings, notes, trace.manifest().files.size(), rows, bytes);
        }
    }

    private static List<String> notes(StoredTrace trace) throws IOException {
        List<String> notes = new ArrayList<>();
        Manifest m = trace.manifest();
        if (m.formatVersion < 2) {
            notes.add("the manifest has no digest (format " + m.formatVersion + "): damage to it may go unnoticed");
        }
        new TreeSet<>(m.unknownFiles.values())
                .forEach(table -> notes.add("table " + table + " was written by a newer damson and was not checked"));
        // A recorder that lives, or was killed, may have sealed what the manifest is about to list: that has its
        // journals still.
        UnlistedFiles.names(trace.storage(), m).stream()
                .filter(name -> m.state != Manifest.State.RECORDING || UnlistedFiles.isAlone(trace.storage(), name))
                .forEach(name -> notes.add(name + " is not in the manifest and no part of the trace; programs that read"
                        + " all files of such names read it too"));
        if (m.state != Manifest.State.RECORDING) {
            ManifestKey.DAMAGE.list(m).forEach(line -> notes.add("was damaged when it was recovered: " + line));
        }
        if (trace.damage().tornBytes() > 0) {
            notes.add("left out: " + Units.count(trace.damage().tornBytes(), "byte")
                    + " at the ends of journals, of writes that were cut short");
        }
        if (trace.damage().unlisted() > 0) {
            notes.add("batches at the ends of journals that are not in their lists, which are written after them: "
                    + trace.damage().unlisted());
        }
        if (m.state == Manifest.State.RECORDING && trace.storage().directory() != null) {
            notes.add(
                    TraceLock.isHeld(trace.storage().directory())
                            ? "is being recorded"
                            : "its recorder died: damson recover would keep "
                                    + Units.count(trace.rowCount(Table.SNAPSHOTS), "snapshot")
                                    + " and " + Units.count(trace.rowCount(Table.REGIONS), "region")
                                    + (trace.incompleteRows() > 0
                                            ? ", and leave out " + Units.count(trace.incompleteRows(), "row")
                                                    + " of a snapshot that was not whole"
                                            : ""));
        }
        return notes;
    }

    private static void checkDigest(StoredTrace trace, Manifest.FileEntry f, List<String> findings) {
        try {
            if (!trace.storage().sha256(f.name()).equals(f.sha256())) {
                findings.add(trace.name() + "/" + f.name() + ": content differs from its SHA-256 in the manifest");
            }
        } catch (AccessDeniedException e) {
            add(findings, e);
        } catch (IOException e) {
            findings.add(trace.name() + "/" + f.name() + ": " + e.getMessage());
        }
    }

    /** Whether the manifest says of which rows the sums are; {@link #checkSnapshots} says whether they are right. */
    private static void checkBinding(StoredTrace trace, List<String> findings) {
        try {
            // Earlier versions kept curves alone, and named no rows.
            boolean areNamed = ManifestKey.SUMMED_ROWS.get(trace.manifest()) != null;
            if ((areNamed || trace.sums().areThere(Table.SNAPSHOTS))
                    && !trace.sums().areBound()) {
                findings.add(trace.name() + ": the stored sums belong to other rows");
            }
        } catch (IOException e) {
            add(findings, e);
        }
    }

    /** Whether region rows repeat what their snapshots say: who reads that table alone relies on it. */
    private static void checkRegionRows(StoredTrace trace, List<String> findings) {
        int id = Table.SNAPSHOTS.indexOf("snapshot_id");
        int count = Table.SNAPSHOTS.indexOf("regions");
        try (TraceSource.BatchCursor heads = trace.rows(Table.SNAPSHOTS);
                TraceSource.BatchCursor rows = new StoredTrace.RowCursor(trace, Table.REGIONS, RegionOwner.columns())) {
            Batch regions = null;
            int at = 0;
            for (Batch b = heads.next(); b != null; b = heads.next()) {
                for (int head = 0; head < b.rows(); head++) {
                    for (long i = 0; i < b.get(count, head); i++, at++) {
                        while (regions == null || at >= regions.rows()) {
                            regions = rows.next();
                            at = 0;
                            if (regions == null) {
                                return; // said by who reads the snapshots
                            }
                        }
                        if (!RegionOwner.is(regions, at, b, head)) {
                            findings.add(trace.name() + ": snapshot " + b.get(id, head) + ": row " + i
                                    + " of its regions says that it is of another");
                            return;
                        }
                    }
                }
            }
        } catch (IOException e) {
            add(findings, e);
        }
    }

    private static void checkWrites(StoredTrace trace, List<String> findings) {
        try {
            if (trace.rowCount(Table.WRITES) > 0) {
                Snapshot s = new Snapshot();
                // Not closed: the trace is not this method's.
                try (TraceSource.SnapshotCursor cursor = WrittenView.of(trace).snapshots(TraceQuery.ALL)) {
                    while (cursor.next(s)) {
                        // each is checked as it is read
                    }
                }
            }
        } catch (IOException e) {
            add(findings, e);
        }
    }

    /** Compares what is kept of sums over all snapshots with what its rows say. */
    private static void checkTraceSums(StoredTrace trace, TraceSums sums, List<String> findings) throws IOException {
        Map<Table, Batch> right = sums.rows();
        for (Table table : TraceSums.TABLES) {
            long kept = trace.rowCount(table);
            if (kept == 0) {
                continue;
            }
            Batch rows = right.getOrDefault(table, new Batch(table));
            long equal = equalRows(trace, rows);
            if (equal < kept || kept != rows.rows()) {
                findings.add(trace.name() + ": " + table.fileStem() + ": the stored sums do not match its regions"
                        + (rows.rows() > 0 ? ", from row " + equal + " on" : ""));
            }
        }
    }

    /** Number of leading rows of a table that equal these. */
    private static long equalRows(StoredTrace trace, Batch right) throws IOException {
        long at = 0;
        try (TraceSource.BatchCursor cursor = trace.rows(right.table())) {
            for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                for (int r = 0; r < b.rows(); r++, at++) {
                    for (int c = 0; c < right.table().columns().size(); c++) {
                        boolean isEqual = at < right.rows()
                                && (b.texts(c) == null
                                        ? b.get(c, r) == right.get(c, (int) at)
                                        : b.text(c, r).equals(right.text(c, (int) at)));
                        if (!isEqual) {
                            return at;
                        }
                    }
                }
            }
        }
        return at;
    }

    private static void checkSnapshots(StoredTrace trace, List<String> findings) {
        Snapshot s = new Snapshot();
        SnapshotSums sums = new SnapshotSums();
        boolean areSumsRight = true;
        TraceSums traceSums = new TraceSums(0);
        long expected = 0;
        long regions = 0;
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL);
                SummarizedSnapshots kept = SummarizedSnapshots.open(trace, TraceQuery.ALL)) {
            while (cursor.next(s)) {
                regions += s.regions;
                String place = trace.name() + ": snapshot " + s.id + ": ";
                traceSums.add(s);
                if (areSumsRight && kept.next() && kept.hasSums()) {
                    sums.of(s);
                    areSumsRight = sums.equalTo(kept.sums());
                    if (!areSumsRight) {
                        findings.add(place + "the stored sums do not match its regions");
                    }
                }
                if (s.id != expected++) {
                    findings.add(place + "expected number " + (expected - 1));
                    return;
                }
                for (int i = 0; i < s.regions; i++) {
                    if (s.start[i] == s.end[i] || Long.compareUnsigned(s.start[i], s.end[i] - 1) > 0) {
                        findings.add(place + "region " + i + " is empty or backwards");
                        return;
                    }
                    if (i > 0 && Long.compareUnsigned(s.start[i], s.end[i - 1]) < 0) {
                        findings.add(place + "region " + i + " overlaps the one before");
                        return;
                    }
                    if (s.nrAccesses[i] < 0) {
                        findings.add(place + "region " + i + " has " + s.nrAccesses[i] + " accesses");
                        return;
                    }
                }
            }
            checkTraceSums(trace, traceSums, findings);
            if (regions < trace.rowCount(Table.REGIONS)) {
                findings.add(trace.name() + ": regions: " + Units.count(trace.rowCount(Table.REGIONS) - regions, "row")
                        + " of no snapshot");
            }
        } catch (IOException e) {
            add(findings, e);
        }
    }

    /** Adds what a read failed on, once; of a file that may not be read the exception has no more than the name. */
    static void add(List<String> findings, IOException e) {
        String said =
                e instanceof AccessDeniedException denied ? denied.getFile() + ": permission denied" : e.getMessage();
        if (!findings.contains(said)) {
            findings.add(said);
        }
    }
}
