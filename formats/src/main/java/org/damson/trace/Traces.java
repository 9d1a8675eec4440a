package org.damson.trace;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/** Opens, creates and looks after traces on disk. */
public final class Traces {
    private Traces() {}

    /**
     * Opens a trace directory or {@code .damson.zip}. One that is being recorded, or whose recorder died, is read up to
     * its last whole journal batch; nothing is changed on disk.
     *
     * @throws TraceFormatException if it is no trace or a damaged one
     */
    public static TraceSource open(Path path) throws IOException {
        return new StoredTrace(path);
    }

    /**
     * Creates a trace directory.
     *
     * @param manifest facts of the trace; it lists no files yet
     * @throws FileAlreadyExistsException if anything has that name
     */
    public static TraceSink create(Path dir, Manifest manifest, WriterOptions options) throws IOException {
        return new DirectorySink(dir, manifest, options);
    }

    /** Reads everything there is and compares it with the manifest. Finds, never throws for damage. */
    public static VerifyReport verify(Path path) throws IOException {
        return Verification.verify(path);
    }

    /**
     * Seals what a dead recorder left: its journals become Parquet and the manifest says {@code recovered}.
     *
     * @throws IOException if a recorder still holds the trace
     */
    public static RecoverReport recover(Path dir) throws IOException {
        SafeFiles.requireDirectory(dir);
        try (FileChannel lock = DirectorySink.lock(dir)) {
            StoredTrace trace = new StoredTrace(dir);
            Manifest old = trace.manifest();
            if (old.state != Manifest.State.RECORDING || !lock.isOpen()) {
                return new RecoverReport(0, 0, "nothing to recover: the trace is " + old.state);
            }
            String note = "the recorder may have lost up to " + Units.duration(old.flushIntervalNs) + " before its end";
            Path part = dir.resolveSibling(dir.getFileName() + ".recovering");
            // Only a recover that was killed leaves these; the lock says that none is at work.
            deleteOwnFiles(SafeFiles.part(part));
            deleteOwnFiles(part);
            Manifest fresh = Manifests.read(dir.toString(), Manifests.write(old));
            fresh.files.clear();
            fresh.recording.put("recovery", note);
            // Run as root, it must not take the trace away from its user.
            String owner = Files.getOwner(dir, LinkOption.NOFOLLOW_LINKS).getName();
            DirectorySink sink = new DirectorySink(part, fresh, WriterOptions.BATCH.ownedBy(owner));
            try {
                copyAll(trace, TraceQuery.ALL, sink);
                sink.finish(Manifest.State.RECOVERED);
            } catch (IOException | RuntimeException e) {
                sink.abort();
                deleteOwnFiles(SafeFiles.part(part));
                throw e;
            }
            if (trace.incompleteRows() > 0) {
                note += "; " + trace.incompleteRows() + " rows of a snapshot that was not whole are left out";
            }
            if (trace.damage().tornBytes() > 0) {
                note += "; " + trace.damage().tornBytes() + " bytes of writes that were cut short are left out";
            }
            boolean isDamaged = !trace.damage().found().isEmpty();
            trace.close();
            Path aside = free(dir.resolveSibling(dir.getFileName() + ".unrecovered"));
            try {
                Files.move(dir, aside);
                try {
                    Files.move(part, dir);
                } catch (IOException e) {
                    Files.move(aside, dir);
                    throw e;
                }
            } catch (IOException e) {
                deleteOwnFiles(part);
                throw e;
            }
            if (isDamaged) {
                note += "; damaged: " + String.join("; ", trace.damage().found()) + "; the original is kept as "
                        + aside;
                return new RecoverReport(trace.journalRows(), trace.journalBatches(), note);
            }
            boolean gone;
            try {
                gone = deleteOwnFiles(aside);
            } catch (IOException e) {
                gone = false; // what counts, the recovered trace, is in its place
            }
            if (!gone) {
                note = note + "; what could not be deleted, or is not damson's, is left in " + aside;
            }
            return new RecoverReport(trace.journalRows(), trace.journalBatches(), note);
        }
    }

    /** This name, or the first of its kind that nothing has. */
    private static Path free(Path wanted) {
        Path free = wanted;
        for (int i = 2; Files.exists(free, LinkOption.NOFOLLOW_LINKS); i++) {
            free = wanted.resolveSibling(wanted.getFileName() + "-" + i);
        }
        return free;
    }

    /** Deletes what damson wrote into a trace directory, and the directory if that was all. Says whether it was. */
    private static boolean deleteOwnFiles(Path dir) throws IOException {
        if (!Files.isDirectory(dir, LinkOption.NOFOLLOW_LINKS)) {
            return true;
        }
        boolean all = true;
        try (var files = Files.list(dir)) {
            for (Path f : files.toList()) {
                boolean own = f.getFileName()
                                .toString()
                                .matches(
                                        "\\.lock|(manifest\\.json|[a-z_]+-[0-9]{6}\\.(parquet|arrows|index))(\\.part)?")
                        && !Files.isDirectory(f, LinkOption.NOFOLLOW_LINKS);
                if (own) {
                    Files.delete(f);
                }
                all &= own;
            }
        }
        if (all) {
            Files.delete(dir);
        }
        return all;
    }

    static void deleteTree(Path dir) throws IOException {
        try (var files = Files.list(dir)) {
            for (Path f : files.toList()) {
                Files.delete(f);
            }
        }
        Files.delete(dir);
    }

    /** Copies the part of a trace that {@code query} names: snapshots by all of it, other tables by time. */
    public static void copy(TraceSource from, TraceQuery query, TraceSink to) throws IOException {
        copyAll(from, query, to);
    }

    private static void copyAll(TraceSource from, TraceQuery query, TraceSink to) throws IOException {
        Snapshot s = new Snapshot();
        long fromNs = Long.MAX_VALUE;
        long toNs = Long.MIN_VALUE;
        try (TraceSource.SnapshotCursor cursor = from.snapshots(query)) {
            while (cursor.next(s)) {
                fromNs = Math.min(fromNs, s.startNs);
                toNs = Math.max(toNs, s.endNs);
                to.append(s);
            }
        }
        boolean whole = query.equals(TraceQuery.ALL);
        for (Table table : Table.values()) {
            boolean isMadeAnew = table == Table.SNAPSHOTS || table == Table.REGIONS || table.isDerived();
            if (isMadeAnew || (table == Table.DAMO && !whole)) {
                continue;
            }
            // State tables say what held before the cut as well; they are kept from the beginning.
            long lower = table == Table.MAPPINGS ? Long.MIN_VALUE : fromNs;
            copyRows(from, table, whole ? Long.MIN_VALUE : lower, whole ? Long.MAX_VALUE : toNs, to);
        }
    }

    private static void copyRows(TraceSource from, Table table, long fromNs, long toNs, TraceSink to)
            throws IOException {
        int time = new TimeRange(table).column();
        Batch kept = new Batch(table);
        int columns = table.columns().size();
        try (TraceSource.BatchCursor cursor = from.rows(table)) {
            for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                kept.clear();
                for (int r = 0; r < b.rows(); r++) {
                    if (time >= 0 && (b.get(time, r) < fromNs || b.get(time, r) > toNs)) {
                        continue;
                    }
                    int row = kept.addRow();
                    for (int c = 0; c < columns; c++) {
                        if (b.texts(c) != null) {
                            kept.set(c, row, b.text(c, r));
                        } else {
                            kept.set(c, row, b.get(c, r));
                        }
                    }
                }
                if (kept.rows() > 0) {
                    to.append(kept);
                }
            }
        }
    }

    /** Puts traces of one clock one after another, ordered by the end time of their snapshots. */
    public static void merge(List<TraceSource> from, TraceSink to) throws IOException {
        List<Object> damage = new ArrayList<>();
        for (TraceSource source : from) {
            if (source.manifest().recording.get(JournalDamage.KEY) instanceof List<?> lines) {
                damage.addAll(lines);
            }
        }
        if (!damage.isEmpty()) {
            to.manifest().recording.put(JournalDamage.KEY, damage);
        }
        List<TraceSource.SnapshotCursor> cursors = new ArrayList<>();
        Snapshot[] next = new Snapshot[from.size()];
        try {
            for (int i = 0; i < next.length; i++) {
                cursors.add(from.get(i).snapshots(TraceQuery.ALL));
                next[i] = new Snapshot();
                next[i] = cursors.get(i).next(next[i]) ? next[i] : null;
            }
            for (int i = earliest(next); i >= 0; i = earliest(next)) {
                to.append(next[i]);
                next[i] = cursors.get(i).next(next[i]) ? next[i] : null;
            }
        } finally {
            for (TraceSource.SnapshotCursor cursor : cursors) {
                cursor.close();
            }
        }
        for (Table table : Arrays.asList(Table.values())) {
            if (table != Table.SNAPSHOTS && table != Table.REGIONS && table != Table.DAMO && !table.isDerived()) {
                for (TraceSource source : from) {
                    copyRows(source, table, Long.MIN_VALUE, Long.MAX_VALUE, to);
                }
            }
        }
    }

    private static int earliest(Snapshot[] next) {
        int best = -1;
        for (int i = 0; i < next.length; i++) {
            if (next[i] != null && (best < 0 || next[i].endNs < next[best].endNs)) {
                best = i;
            }
        }
        return best;
    }

    /** {@link #bundle(Path, Path, String)} for whoever runs this. */
    public static void bundle(Path traceDir, Path zip) throws IOException {
        bundle(traceDir, zip, null);
    }

    /**
     * Writes a sealed trace directory as one zip of stored entries, which every command reads in place.
     *
     * @param owner user the zip shall belong to, null = whoever runs this
     */
    public static void bundle(Path traceDir, Path zip, String owner) throws IOException {
        SafeFiles.requireDirectory(traceDir);
        if (Files.exists(zip, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(zip.toString());
        }
        Manifest manifest;
        try (StoredTrace trace = new StoredTrace(traceDir)) {
            manifest = trace.manifest();
        }
        if (manifest.state == Manifest.State.RECORDING) {
            throw new TraceFormatException(
                    traceDir.toString(), "", "is still being recorded, or its recorder died: run damson recover first");
        }
        Path part = SafeFiles.part(zip);
        try (OutputStream file = new BufferedOutputStream(Channels.newOutputStream(SafeFiles.create(part)));
                ZipOutputStream out = new ZipOutputStream(file)) {
            out.setMethod(ZipOutputStream.STORED);
            out.setComment(ZipDigest.placeholder());
            store(out, traceDir.resolve(Manifests.NAME));
            for (Manifest.FileEntry f : manifest.files) {
                store(out, traceDir.resolve(f.name()));
            }
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(part);
            throw e;
        }
        try {
            ZipDigest.put(part);
            if (owner != null) {
                SafeFiles.giveTo(part, owner);
            }
            SafeFiles.publish(part, zip);
        } catch (IOException e) {
            Files.deleteIfExists(part);
            throw e;
        }
    }

    private static void store(ZipOutputStream out, Path file) throws IOException {
        CRC32 crc = new CRC32();
        byte[] buffer = new byte[1 << 16];
        long size = 0;
        try (var in = Channels.newInputStream(SafeFiles.open(file))) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                crc.update(buffer, 0, n);
                size += n;
            }
        }
        ZipEntry entry = new ZipEntry(file.getFileName().toString());
        entry.setSize(size);
        entry.setCompressedSize(size);
        entry.setCrc(crc.getValue());
        entry.setTime(315_532_800_000L);
        out.putNextEntry(entry);
        try (var in = Channels.newInputStream(SafeFiles.open(file))) {
            in.transferTo(out);
        }
        out.closeEntry();
    }
}
