package org.damson.trace;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.Units;
import org.damson.trace.files.Leftovers;
import org.damson.trace.files.SafeFiles;
import org.damson.trace.files.TraceLock;

/**
 * Seals what a dead recorder left. The result is written whole to {@code NAME.recovering}; then {@code NAME} becomes
 * {@code NAME.replaced} and the result {@code NAME}; then the original goes, or is kept as {@code NAME.unrecovered}. From
 * these names the next recovery tells where one was killed, and finishes it.
 */
final class Recovery {
    private static final String RESULT = ".recovering";
    private static final String ORIGINAL = ".replaced";

    private final Path dir;
    private final Path result;
    private final Path original;
    private final List<String> notes = new ArrayList<>();
    private UnaryOperator<TraceSink> around = UnaryOperator.identity();

    private Recovery(Path dir) {
        this.dir = dir;
        result = sibling(dir, RESULT);
        original = sibling(dir, ORIGINAL);
    }

    /** Location of the trace of this name: a different one only if a recovery was killed between its two renames. */
    static Path placeOf(Path dir) {
        if (dir.getFileName() == null || Files.exists(dir, LinkOption.NOFOLLOW_LINKS)) {
            return dir;
        }
        Recovery killed = new Recovery(dir);
        if (!isDirectory(killed.original)) {
            return dir;
        }
        return killed.isWritten() ? killed.result : killed.original;
    }

    /** The name of the trace that was put aside under this one; what was not is itself. */
    static Path traceOf(Path path) {
        String name = path.getFileName().toString();
        return name.endsWith(ORIGINAL)
                ? path.resolveSibling(name.substring(0, name.length() - ORIGINAL.length()))
                : path;
    }

    /** Whether the result is there; in a directory where others write too, one of theirs is not it. */
    private boolean isWritten() {
        try {
            return isDirectory(result)
                    && Files.getOwner(result, LinkOption.NOFOLLOW_LINKS)
                            .equals(Files.getOwner(original, LinkOption.NOFOLLOW_LINKS));
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Refuses to go on where what lies under the names of a recovery is not of one user: who else may write there has put it
     * there, and it would be moved or removed with the rights of whoever recovers.
     */
    private void requireOneOwner() throws IOException {
        Path first = null;
        for (Path path : List.of(dir, original, result)) {
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            }
            first = first == null ? path : first;
            String owner = Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).getName();
            String expected = Files.getOwner(first, LinkOption.NOFOLLOW_LINKS).getName();
            if (!owner.equals(expected)) {
                throw new TraceFormatException(
                        path.toString(),
                        "",
                        "belongs to " + owner + ", and " + first + " to " + expected
                                + ": not of one recovery; move away what is not yours");
            }
        }
    }

    /** @throws IOException if this is not a trace, or somebody holds it, or a recovery of it was killed */
    static void requireReplaceable(Path dir) throws IOException {
        Recovery killed = new Recovery(dir);
        String why = !isDirectory(dir) || !Files.isRegularFile(dir.resolve(Manifests.NAME), LinkOption.NOFOLLOW_LINKS)
                ? "not a trace: it is not replaced"
                : TraceLock.isHeld(dir)
                        ? "is being recorded: it is not replaced"
                        : Files.exists(killed.original, LinkOption.NOFOLLOW_LINKS)
                                        || Files.exists(killed.result, LinkOption.NOFOLLOW_LINKS)
                                ? "a recovery of it was killed: run damson recover first"
                                : null;
        if (why != null) {
            throw new TraceFormatException(dir.toString(), "", why);
        }
    }

    /** Finishes a {@link #replace} by this user that was killed: the name is of one of the two traces, and nothing else is left. */
    static void finishReplacing(Path dir) throws IOException {
        Recovery killed = new Recovery(dir);
        if (isDirectory(killed.original) && Leftovers.isOwn(killed.original)) {
            killed.requireOneOwner();
            killed.finishKilled();
        }
    }

    /** Puts a whole trace in the place of another, by the renames of a recovery: when killed, one of the two is read. */
    static void replace(Path whole, Path dir) throws IOException {
        requireReplaceable(dir);
        Recovery names = new Recovery(dir);
        SafeFiles.rename(dir, names.original);
        try {
            SafeFiles.rename(whole, dir);
        } catch (IOException e) {
            SafeFiles.rename(names.original, dir);
            throw e;
        }
        names.putAway(false);
    }

    /** @throws IOException if a recorder, or another recovery, holds the trace */
    static RecoverReport recover(Path dir, UnaryOperator<TraceSink> around) throws IOException {
        Recovery recovery = new Recovery(dir);
        recovery.around = around;
        recovery.requireOneOwner();
        recovery.finishKilled();
        SafeFiles.requireDirectory(dir);
        Path lockFile = dir.resolve(TraceLock.NAME);
        boolean isNew = !Files.exists(lockFile, LinkOption.NOFOLLOW_LINKS);
        try (FileChannel lock = TraceLock.take(dir)) {
            try {
                StoredTrace trace = new StoredTrace(dir);
                if (trace.manifest().state != Manifest.State.RECORDING || !lock.isOpen()) {
                    return recovery.report(0, 0);
                }
                return recovery.recover(trace);
            } finally {
                if (isNew) {
                    Files.deleteIfExists(lockFile); // a trace that is not recovered stays as it was
                }
            }
        }
    }

    private RecoverReport recover(StoredTrace trace) throws IOException {
        String note = lost(trace.manifest().flushIntervalNs);
        notes.add(note);
        List<String> damage = damage(trace);
        try (trace) {
            write(trace, note, damage);
        }
        if (trace.incompleteRows() > 0) {
            notes.add("left out: " + Units.count(trace.incompleteRows(), "row") + " of an incomplete snapshot");
        }
        if (trace.damage().tornBytes() > 0) {
            notes.add(
                    "left out: " + Units.count(trace.damage().tornBytes(), "byte") + " of writes that were cut short");
        }
        replace();
        if (!damage.isEmpty()) {
            notes.add("damaged: " + String.join("; ", damage));
        }
        putAway(!damage.isEmpty());
        return report(trace.journalRows(), trace.journalBatches());
    }

    /** No bound: a busy machine may let a recorder flush later, and who took its power is not known from a trace. */
    private static String lost(long flushNs) {
        return "what the recorder had not written out is lost: about the last " + Units.duration(flushNs)
                + " before its end, about the last " + Units.duration(flushNs + WriterOptions.LIVE.syncNs())
                + " if the machine lost its power";
    }

    private RecoverReport report(long rows, long batches) {
        return new RecoverReport(rows, batches, String.join("; ", notes));
    }

    /** Damage in the journals, and sealed files that differ from the manifest; one line each. */
    private static List<String> damage(StoredTrace trace) throws IOException {
        List<String> damage = new ArrayList<>(trace.damage().found());
        for (Manifest.FileEntry f : trace.manifest().files) {
            if (!trace.storage().sha256(f.name()).equals(f.sha256())) {
                damage.add(f.name() + ": content differs from its SHA-256 in the manifest");
            }
        }
        return damage;
    }

    private void write(StoredTrace trace, String note, List<String> damage) throws IOException {
        Path part = Leftovers.partOf(result);
        // Only a recovery that failed or was killed leaves these; the lock says that none is at work.
        deleteOwnFiles(part);
        deleteOwnFiles(result);
        Manifest fresh = Manifests.read(dir.toString(), Manifests.write(trace.manifest()));
        fresh.files.clear();
        ManifestKey.RECOVERY.put(fresh, note);
        if (!damage.isEmpty()) {
            ManifestKey.DAMAGE.put(fresh, damage);
        }
        // Run as root, it must not take the trace away from its user.
        String owner = Files.getOwner(dir, LinkOption.NOFOLLOW_LINKS).getName();
        DirectorySink store = new DirectorySink(result, fresh, WriterOptions.BATCH.ownedBy(owner));
        store.endAs(Manifest.State.RECOVERED);
        TraceSink sink = around.apply(store);
        try {
            Traces.copy(trace, TraceQuery.ALL, sink);
            sink.close();
        } catch (IOException | RuntimeException e) {
            sink.abort();
            deleteOwnFiles(part);
            throw e;
        }
    }

    private void replace() throws IOException {
        try {
            SafeFiles.rename(dir, original);
            try {
                SafeFiles.rename(result, dir);
            } catch (IOException e) {
                SafeFiles.rename(original, dir);
                throw e;
            }
        } catch (IOException e) {
            if (isDirectory(dir)) {
                deleteOwnFiles(result);
            }
            throw e;
        }
    }

    /** Finishes what a killed recovery began: the result in its place, the original away. */
    private void finishKilled() throws IOException {
        if (!isDirectory(original)) {
            return;
        }
        try (FileChannel lock = TraceLock.take(original)) {
            boolean isNameFree = !Files.exists(dir, LinkOption.NOFOLLOW_LINKS);
            boolean isWritten = isWritten();
            if (isNameFree && !isWritten && lock.isOpen()) {
                SafeFiles.rename(original, dir);
                return;
            }
            boolean kept = !isNameFree && isWritten; // somebody has put another trace there: the original recovers anew
            if (isNameFree) {
                SafeFiles.rename(result, dir);
            }
            notes.add("finished a recovery that was killed");
            putAway(kept || isDamaged());
            if (kept) {
                deleteOwnFiles(result);
            }
        }
    }

    /** Whether a checksum of the original fails. One without a manifest was being deleted, so it was not. */
    private boolean isDamaged() throws IOException {
        if (!Files.exists(original.resolve(Manifests.NAME), LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (StoredTrace trace = new StoredTrace(original)) {
            return !damage(trace).isEmpty();
        } catch (TraceFormatException e) {
            return true;
        }
    }

    /** Deletes the original, or keeps it if it is wanted, holds what is not damson's, or cannot be deleted. */
    private void putAway(boolean keep) {
        Path kept = original;
        try {
            if (!keep) {
                SafeFiles.sync(original); // the new names must outlive a loss of power before the old rows go
                if (deleteOwnFiles(original)) {
                    return;
                }
            }
        } catch (IOException e) {
            notes.add("cannot delete " + original + ": " + e.getMessage());
        }
        try {
            kept = free(sibling(dir, ".unrecovered"));
            SafeFiles.rename(original, kept);
            Files.deleteIfExists(kept.resolve(TraceLock.NAME));
        } catch (IOException e) {
            kept = original; // what counts, the recovered trace, is in its place
        }
        notes.add(
                keep
                        ? "the original is kept as " + kept
                        : "what could not be deleted, or is not damson's, is left in " + kept);
    }

    private static Path sibling(Path path, String ending) {
        return path.resolveSibling(path.getFileName() + ending);
    }

    private static boolean isDirectory(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** This name, or the first of its kind that nothing has. */
    private static Path free(Path wanted) {
        Path free = wanted;
        for (int i = 2; Files.exists(free, LinkOption.NOFOLLOW_LINKS); i++) {
            free = sibling(wanted, "-" + i);
        }
        return free;
    }

    /**
     * Deletes what damson wrote into a trace directory, and the directory if that was all. Says whether it was. The manifest
     * goes first: what has none is not a trace any more.
     */
    private static boolean deleteOwnFiles(Path dir) throws IOException {
        if (!isDirectory(dir)) {
            return true;
        }
        boolean all = true;
        try (var files = Files.list(dir)) {
            List<Path> ordered = files.sorted(Comparator.comparing((Path f) -> !f.endsWith(Manifests.NAME)))
                    .toList();
            for (Path f : ordered) {
                boolean own = f.getFileName()
                                .toString()
                                .matches(
                                        "\\.lock|(manifest\\.json|[a-z_]+-[0-9]{6}\\.(parquet|arrows|index))(\\.part)?")
                        && !isDirectory(f);
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
}
