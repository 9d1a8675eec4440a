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
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MissingCapabilityException;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.files.Leftovers;
import org.damson.trace.files.RowsInOrder;
import org.damson.trace.files.SafeFiles;
import org.damson.trace.files.SnapshotsInOrder;
import org.damson.trace.files.TimeRange;
import org.damson.trace.files.TraceLock;
import org.damson.trace.files.ZipDigest;
import org.damson.trace.written.WrittenPart;

/** Opens, creates, verifies and recovers traces on disk. */
public final class Traces {
    private static final List<Table> STACK_TABLES = List.of(Table.SAMPLES, Table.STACKS, Table.FRAMES);

    private Traces() {}

    /**
     * Opens a trace directory or {@code .damson.zip}. One that is being recorded, or whose recorder died, is read up to
     * its last whole journal batch; nothing is changed on disk. If a recovery was killed while its result took the place of
     * the trace, that result is read.
     *
     * @throws TraceFormatException if it is not a trace or a damaged one
     */
    public static TraceSource open(Path path) throws IOException {
        return new StoredTrace(Recovery.placeOf(path));
    }

    /**
     * The traces of a series, a directory that holds them as {@code NAME.damson}, by their names. One in the middle of a killed
     * recovery is there under other names and counts too: it opens, and is recovered, by its own.
     */
    public static List<Path> inSeries(Path series) throws IOException {
        try (Stream<Path> all = Files.list(series)) {
            return all.map(Recovery::traceOf)
                    .filter(p -> p.getFileName().toString().endsWith(".damson"))
                    .filter(p -> Files.isDirectory(Recovery.placeOf(p), LinkOption.NOFOLLOW_LINKS))
                    .distinct()
                    .sorted()
                    .toList();
        }
    }

    /** Whether a recorder died here before its trace had a manifest, and so before its first row. */
    public static boolean isUnborn(Path dir) throws IOException {
        if (!Files.isDirectory(dir, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        List<String> begun = List.of(TraceLock.NAME, Manifests.NAME + ".part");
        try (Stream<Path> files = Files.list(dir)) {
            return files.allMatch(f -> begun.contains(f.getFileName().toString()));
        }
    }

    /**
     * Removes what a recorder of this user left that died before its trace had a manifest: nothing is lost with it.
     *
     * @return whether it was that, and is gone
     */
    public static boolean removeUnborn(Path dir) throws IOException {
        if (!isUnborn(dir) || !Leftovers.isOwn(dir)) {
            return false;
        }
        try (FileChannel held = TraceLock.take(dir)) {
            if (!held.isOpen() || !isUnborn(dir)) {
                return false;
            }
            for (Path file : List.of(dir.resolve(Manifests.NAME + ".part"), dir.resolve(TraceLock.NAME), dir)) {
                Files.deleteIfExists(file);
            }
            return true;
        } catch (IOException somebodys) {
            return false; // a recorder that has just begun, or another's directory
        }
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

    /** The same; a trace of so many regions keeps all sums, however short it is. */
    static TraceSink createSummed(Path dir, Manifest manifest, WriterOptions options, long leastRegions)
            throws IOException {
        return new DirectorySink(dir, manifest, options, leastRegions, leastRegions);
    }

    /** Reads everything there is and compares it with the manifest. Finds, never throws for damage. */
    public static VerifyReport verify(Path path) throws IOException {
        return Verification.verify(Recovery.placeOf(path));
    }

    /**
     * Seals what a dead recorder left: its journals become Parquet and the manifest says {@code recovered}. What a killed
     * recovery of this trace left is finished.
     *
     * @throws IOException if a recorder still holds the trace
     */
    public static RecoverReport recover(Path dir) throws IOException {
        return recover(dir, UnaryOperator.identity());
    }

    /** The same; {@code around} gives the sink that rows go through on their way into the new trace, and may add some. */
    public static RecoverReport recover(Path dir, UnaryOperator<TraceSink> around) throws IOException {
        return Recovery.recover(dir, around);
    }

    /** Works the rows of a derived table out from those of a trace. */
    public interface Derivation {
        /** The rows; null if the trace is to have none. */
        Batch rows(TraceSource trace) throws IOException;
    }

    /** {@link #index(Path, Derivation)} without curves. */
    public static boolean index(Path dir) throws IOException {
        return index(dir, trace -> null);
    }

    /**
     * Adds to a sealed trace directory what is derived from its rows, where an earlier version wrote it without: the sums that
     * reports answer from, and curves.
     *
     * @param curves of {@link Table#CURVES}
     * @return whether anything was missing
     * @throws TraceFormatException if it is being recorded, or has tables of a newer version
     */
    public static boolean index(Path dir, Derivation curves) throws IOException {
        return Indexing.index(Recovery.placeOf(dir), curves);
    }

    /** Copies the files of a trace in a zip into a directory, as they are. */
    public static void unpack(Path zip, Path dir) throws IOException {
        try (StoredTrace trace = new StoredTrace(zip)) {
            SafeFiles.createDirectory(dir);
            List<String> names = new ArrayList<>(List.of(Manifests.NAME));
            trace.manifest().files.forEach(f -> names.add(f.name()));
            names.addAll(trace.manifest().unknownFiles.keySet());
            for (String name : names) {
                try (FileChannel to = SafeFiles.create(dir.resolve(name))) {
                    trace.storage().copy(name, to);
                }
            }
        }
    }

    /**
     * Refuses what is not a sealed or abandoned trace directory.
     *
     * @throws TraceFormatException naming what is there instead
     */
    public static void requireReplaceable(Path dir) throws IOException {
        Recovery.requireReplaceable(dir);
    }

    /** Puts the trace {@code whole} in the place of {@code dir}, which is removed; both on one file system. */
    public static void replace(Path whole, Path dir) throws IOException {
        Recovery.replace(whole, dir);
    }

    /** The same after a failure, which stays what is told. */
    static void deleteTree(Path dir, IOException why) {
        try {
            deleteTree(dir);
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    /** Finishes a {@link #replace} by this user that was killed: the name is of one of the two traces, and nothing else is left. */
    public static void finishReplacing(Path dir) throws IOException {
        Recovery.finishReplacing(dir);
    }

    static void deleteTree(Path dir) throws IOException {
        try (var files = Files.list(dir)) {
            for (Path f : files.toList()) {
                Files.delete(f);
            }
        }
        Files.delete(dir);
    }

    /**
     * Copies the part of a trace that {@code query} names: its snapshots whole; what was read at a moment, by the query's time,
     * as reports read it; and what tells of a span, by the time of these snapshots.
     */
    public static void copy(TraceSource from, TraceQuery query, TraceSink to) throws IOException {
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
            boolean isOfMoments = whole || table.isOfMoments();
            boolean isToTheEnd = isOfMoments && query.toNs() == Long.MAX_VALUE;
            // State tables say what held before the cut as well; they are kept from the beginning.
            long lower = table.isState() ? Long.MIN_VALUE : isOfMoments ? query.fromNs() : fromNs;
            long upper = isOfMoments ? query.toNs() - 1 : toNs;
            upper = table.isState() ? Math.max(upper, toNs) : upper;
            copyRows(from, table, query, lower, isToTheEnd ? Long.MAX_VALUE : upper, to);
        }
    }

    private static void copyRows(TraceSource from, Table table, TraceQuery query, long fromNs, long toNs, TraceSink to)
            throws IOException {
        TimeRange times = new TimeRange(table);
        Batch kept = new Batch(table);
        try (TraceSource.BatchCursor cursor = from.rows(table)) {
            for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                kept.clear();
                kept.setPresentAs(b);
                for (int r = 0; r < b.rows(); r++) {
                    boolean isIn = table == Table.WRITES
                            ? WrittenPart.isWanted(b, r, query) && WrittenPart.isWithin(b, r, fromNs, toNs)
                            : times.meets(b, r, fromNs, toNs);
                    if (!isIn) {
                        continue;
                    }
                    int row = kept.addRow(b, r);
                    if (table == Table.WRITES) {
                        WrittenPart.cut(kept, row, query);
                    }
                }
                if (kept.rows() > 0) {
                    to.append(kept);
                }
            }
        }
    }

    /**
     * Puts traces of one clock one after another, ordered by the end time of their snapshots. What is the same in several, as the
     * snapshot that two slices share, is taken once.
     */
    public static void merge(List<TraceSource> from, TraceSink to) throws IOException {
        List<Object> damage = new ArrayList<>();
        for (TraceSource source : from) {
            damage.addAll(ManifestKey.DAMAGE.list(source.manifest()));
        }
        if (!damage.isEmpty()) {
            ManifestKey.DAMAGE.put(to.manifest(), damage);
        }
        SnapshotsInOrder.copy(from, to);
        int withStacks = 0;
        for (TraceSource source : from) {
            withStacks += source.rowCount(Table.SAMPLES) > 0 ? 1 : 0;
        }
        boolean areNumberedAnew = withStacks > 1;
        if (areNumberedAnew) {
            MergedStacks stacks = new MergedStacks(to);
            for (TraceSource source : from) {
                stacks.add(source);
            }
        }
        for (Table table : Arrays.asList(Table.values())) {
            boolean isMerged = areNumberedAnew && STACK_TABLES.contains(table);
            if (table != Table.SNAPSHOTS
                    && table != Table.REGIONS
                    && table != Table.DAMO
                    && !table.isDerived()
                    && !isMerged) {
                RowsInOrder.copy(from, table, to);
            }
        }
    }

    /** {@link #bundle(Path, Path, String)}, owned by the user of this process. */
    public static void bundle(Path traceDir, Path zip) throws IOException {
        bundle(traceDir, zip, null);
    }

    /**
     * Writes a sealed trace directory as one zip of stored entries, which every command reads in place.
     *
     * @param owner owner of the zip, null = the user of this process
     */
    public static void bundle(Path trace, Path zip, String owner) throws IOException {
        Path traceDir = Recovery.placeOf(trace);
        SafeFiles.requireDirectory(traceDir);
        if (Files.exists(zip, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(zip.toString());
        }
        Manifest manifest;
        try (StoredTrace opened = new StoredTrace(traceDir)) {
            manifest = opened.manifest();
        }
        if (manifest.state == Manifest.State.RECORDING) {
            throw new TraceFormatException(
                    traceDir.toString(), "", "is still being recorded, or its recorder died: run damson recover first");
        }
        Path part = Leftovers.newPart(zip);
        try (OutputStream file = new WritingStream(
                        part, new BufferedOutputStream(Channels.newOutputStream(SafeFiles.create(part))));
                ZipOutputStream out = new ZipOutputStream(file)) {
            out.setMethod(ZipOutputStream.STORED);
            out.setComment(ZipDigest.placeholder());
            store(out, traceDir.resolve(Manifests.NAME));
            for (Manifest.FileEntry f : manifest.files) {
                store(out, traceDir.resolve(f.name()));
            }
            for (String unknown : manifest.unknownFiles.keySet()) {
                store(out, traceDir.resolve(unknown));
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
            throw MissingCapabilityException.whileWriting(zip, e);
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
