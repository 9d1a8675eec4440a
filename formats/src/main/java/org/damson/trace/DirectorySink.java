package org.damson.trace;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MissingCapabilityException;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.model.summary.HeatSums;
import org.damson.model.summary.SnapshotSums;
import org.damson.model.summary.TraceSums;
import org.damson.trace.files.Columns;
import org.damson.trace.files.Leftovers;
import org.damson.trace.files.SafeFiles;
import org.damson.trace.files.TraceLock;
import org.damson.trace.journal.SegmentJournals;
import org.damson.trace.parquet.ZstdCodecs;

/**
 * Writes a trace directory. Rows gather in one batch per table; {@link #flush} moves them to the journal of the segment; a
 * full segment goes to a background thread that writes its Parquet files from the journals, publishes them in the manifest
 * and only then deletes its journals, while the next segment already fills.
 */
final class DirectorySink implements TraceSink {
    /** Rows of a live trace that gather in memory at most; the others are in journals. */
    private static final int GATHERED_ROWS = 1 << 15;

    /** A trace of fewer regions keeps no sums: it is read in no time, and they would be a tenth of it. */
    private static final long MIN_SUMMED_REGIONS = 1 << 12;

    /** Tables that rows of others refer to. */
    private static final List<Table> PROMISED = List.of(Table.REGIONS, Table.FRAMES, Table.STACKS);

    private final Path target;
    private final Path dir;
    /** What is sealed already. */
    final SealedTables sealed;

    private final Manifest manifest;
    private final WriterOptions options;
    private final FileChannel lockFile;
    private final SegmentSealer sealer;
    private final ExecutorService syncer = Executors.newSingleThreadExecutor(r -> {
        Thread t = new Thread(r, "damson-sync");
        t.setDaemon(true);
        return t;
    });

    private volatile IOException syncFailure;
    private Future<?> syncing = CompletableFuture.completedFuture(null);
    private Map<Table, Batch> segment = new EnumMap<>(Table.class);
    private final Map<Table, Integer> journalled = new EnumMap<>(Table.class);
    private final String journalsOf = UUID.randomUUID().toString();
    private int segmentNumber;
    private SegmentJournals journals;
    private long segmentStartNs = System.nanoTime();
    private long lastSyncNs = System.nanoTime();
    private long nextSnapshotId;
    private final SnapshotSums sums = new SnapshotSums();
    private final TraceSums traceSums;
    private final long leastSummed;
    private boolean[] sumColumns = SnapshotSums.present(0);
    private boolean closed;
    private boolean isShort;
    private Manifest.State endState = Manifest.State.SEALED;

    DirectorySink(Path target, Manifest manifest, WriterOptions options) throws IOException {
        this(target, manifest, options, MIN_SUMMED_REGIONS, HeatSums.MIN_REGIONS);
    }

    /** A sink that stores sums even of short traces, so that tests need no long ones. */
    DirectorySink(Path target, Manifest manifest, WriterOptions options, long leastSummed, long leastRegions)
            throws IOException {
        if (!manifest.files.isEmpty()) {
            // They would be looked for in the new directory, at the end, in vain.
            throw new IllegalArgumentException(
                    "the manifest of the new trace " + target + " already lists " + manifest.files.size()
                            + " files, such as " + manifest.files.get(0).name());
        }
        this.target = target;
        this.manifest = manifest;
        this.leastSummed = leastSummed;
        traceSums = new TraceSums(leastRegions);
        ManifestKey.SUMMED_ROWS.remove(manifest.recording);
        if (options.live()) {
            ManifestKey.JOURNALS.put(manifest, journalsOf);
        } else {
            ManifestKey.JOURNALS.remove(manifest.recording);
        }
        this.options = options;
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(target.toString());
        }
        dir = options.live() ? target : Leftovers.newPart(target);
        sealed = new SealedTables(dir, manifest);
        sealer = new SegmentSealer(dir, sealed, options.live());
        journals = new SegmentJournals(dir, journalsOf, segmentNumber);
        if (options.live()) {
            SegmentJournals.warm();
        }
        ZstdCodecs.require();
        SafeFiles.createDirectory(dir);
        FileChannel locked = null;
        try {
            locked = TraceLock.take(dir);
            manifest.state = Manifest.State.RECORDING;
            manifest.flushIntervalNs = options.flushNs();
            sealed.writeManifest();
        } catch (IOException e) {
            if (locked != null) {
                locked.close();
            }
            Path written = dir.resolve(Manifests.NAME);
            for (Path file : List.of(dir.resolve(TraceLock.NAME), SafeFiles.part(written), written, dir)) {
                Files.deleteIfExists(file);
            }
            throw MissingCapabilityException.whileWriting(target, e);
        }
        lockFile = locked;
    }

    @Override
    public Manifest manifest() {
        return manifest;
    }

    @Override
    public void append(Snapshot s) throws IOException {
        try {
            s.id = nextSnapshotId++;
            // One without regions has no columns of its own.
            sumColumns = s.regions == 0 ? sumColumns : SnapshotSums.present(s.columns);
            batchFor(Table.SNAPSHOTS, sumColumns); // before its regions, so that these are in no earlier segment
            Batch regions = batchFor(Table.REGIONS, s.regions == 0 ? null : SnapshotRows.presence(s));
            SnapshotRows.regions(regions, s);
            SnapshotRows.snapshot(batchFor(Table.SNAPSHOTS, sumColumns), s, sums);
            traceSums.add(s);
            rollIfFull();
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(dir, e);
        }
    }

    @Override
    public void append(Batch rows) throws IOException {
        if (rows.table() == Table.REGIONS || rows.table() == Table.SNAPSHOTS) {
            throw new IllegalArgumentException("regions and snapshots are appended as Snapshot");
        }
        try {
            batchFor(rows.table(), rows.rows() == 0 ? null : rows.present()).append(rows);
            rollIfFull();
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(dir, e);
        }
    }

    /** The batch that gathers rows of this table. Other optional columns than before start a new segment. */
    private Batch batchFor(Table table, boolean[] present) throws IOException {
        Batch batch = segment.computeIfAbsent(table, Batch::new);
        if (present != null && !Arrays.equals(batch.present(), present)) {
            if (rows(table) > 0) {
                rollSegment();
                batch = segment.computeIfAbsent(table, Batch::new);
            }
            for (int c = 0; c < present.length; c++) {
                batch.setPresent(c, present[c]);
            }
        }
        return batch;
    }

    /** Rows of the segment, whether in a journal yet or not. */
    private int rows(Table table) {
        return segment.get(table).rows() - journalled.getOrDefault(table, 0) + journals.rows(table);
    }

    private void rollIfFull() throws IOException {
        boolean many = false;
        for (Map.Entry<Table, Batch> e : segment.entrySet()) {
            many |= e.getValue().rows() >= GATHERED_ROWS;
            if (rows(e.getKey()) >= options.segmentRows()) {
                rollSegment();
                return;
            }
        }
        if (System.nanoTime() - segmentStartNs >= options.segmentNs()) {
            rollSegment();
        } else if (many && options.live()) {
            journal();
        }
    }

    @Override
    public void flush() throws IOException {
        if (!options.live() || closed) {
            return;
        }
        try {
            write();
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(dir, e);
        }
    }

    private void write() throws IOException {
        rollIfFull();
        journal();
        IOException failed = syncFailure;
        if (failed != null) {
            syncFailure = null;
            // Another sync of the same files would succeed and prove nothing. Sealing reads and writes all of it anew.
            rollSegment();
            throw failed;
        }
        long nowNs = System.nanoTime();
        if (nowNs - lastSyncNs >= options.syncNs() && syncing.isDone()) {
            lastSyncNs = nowNs;
            SegmentJournals open = journals;
            // In the background: a slow disk must not keep rows from the operating system.
            syncing = syncer.submit(() -> sync(open));
        }
    }

    private void sync(SegmentJournals open) {
        try {
            open.force();
        } catch (ClosedChannelException sealed) {
            return; // its segment was full meanwhile; sealing syncs it
        } catch (IOException e) {
            syncFailure = e;
        }
    }

    /** Moves all rows to the journals. */
    private void journal() throws IOException {
        // A snapshot row in the journal promises that its regions are there, a sample that its stack and frames are.
        for (Table promised : PROMISED) {
            journal(promised);
        }
        for (Table table : segment.keySet()) {
            journal(table);
        }
    }

    private void journal(Table table) throws IOException {
        Batch batch = segment.get(table);
        if (batch == null || batch.rows() == 0) {
            return;
        }
        int done = journalled.getOrDefault(table, 0);
        while (done < batch.rows()) {
            done = journals.append(batch, done, batch.rows());
            journalled.put(table, done);
        }
        batch.clear();
        journalled.remove(table);
    }

    /** Hands the segment to the sealer. The journals hold all of it before that, so nothing is ever without a copy. */
    private void rollSegment() throws IOException {
        if (segment.keySet().stream().allMatch(table -> rows(table) == 0)) {
            segmentStartNs = System.nanoTime();
            return;
        }
        Map<Table, Columns> rows = new EnumMap<>(Table.class);
        if (options.live()) {
            journal();
            rows.putAll(journals.written());
        } else {
            segment.forEach((table, batch) -> rows.put(table, Columns.of(batch)));
            segment = new EnumMap<>(Table.class);
        }
        if (isShort) {
            rows.computeIfPresent(Table.SNAPSHOTS, (table, heads) -> Columns.only(heads, SnapshotSums.heads()));
        }
        int number = segmentNumber++;
        SegmentJournals open = journals;
        journals = new SegmentJournals(dir, journalsOf, segmentNumber);
        segmentStartNs = System.nanoTime();
        sealer.add(number, rows, open);
    }

    /** The state that the manifest shall end in, {@code SEALED} unless this is called. */
    void endAs(Manifest.State state) {
        endState = state;
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            seal(endState);
            if (!dir.equals(target)) {
                Files.move(dir, target, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            if (!options.live()) {
                sealer.abort(); // what is not complete gets no name, nor takes room until the next process finds it
                Traces.deleteTree(dir, e);
            }
            throw MissingCapabilityException.whileWriting(dir, e);
        }
    }

    private void seal(Manifest.State state) throws IOException {
        try {
            isShort = segmentNumber == 0 && (segment.get(Table.REGIONS) == null || rows(Table.REGIONS) < leastSummed);
            rollSegment();
            sealer.finish();
            if (options.live()) {
                sealed.mergeIfThereIsRoom();
            } else {
                sealed.merge();
            }
            manifest.state = state;
            ManifestKey.JOURNALS.remove(manifest.recording);
            if (!isShort) {
                keepSums();
                KeptSums.bind(manifest);
            }
            sealed.writeManifest();
            if (options.owner() != null) {
                giveTo(options.owner());
            }
        } finally {
            sealer.shutdown();
            syncer.shutdown();
            try {
                journals.close(); // there are some only after a failure
            } finally {
                lockFile.close();
                Files.deleteIfExists(dir.resolve(TraceLock.NAME));
            }
        }
    }

    /** Sums only save time: without room for them a recording goes without. */
    private void keepSums() throws IOException {
        try {
            List<Manifest.FileEntry> made = sealed.write(traceSums, 0);
            synchronized (manifest) {
                manifest.files.addAll(made);
            }
        } catch (IOException e) {
            if (!options.live()) {
                throw e;
            }
        }
    }

    @Override
    public void abort() throws IOException {
        if (closed) {
            return;
        }
        if (options.live()) {
            close();
            return;
        }
        closed = true;
        sealer.abort();
        lockFile.close();
        Traces.deleteTree(dir);
    }

    private void giveTo(String user) throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            for (Path file : files.toList()) {
                SafeFiles.giveTo(file, user);
            }
        }
        SafeFiles.giveTo(dir, user);
    }
}
