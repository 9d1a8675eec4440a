package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.io.TempDir;

/** Traces that were sealed, and what killed recorders leave. */
abstract class StoredTraces {
    @TempDir
    Path dir;

    static void fill(TraceSink sink, int snapshots) throws IOException {
        Snapshot s = new Snapshot();
        for (int i = 0; i < snapshots; i++) {
            s.clear();
            s.startNs = i * 10L;
            s.endNs = s.startNs + 10;
            s.columns = Snapshot.HAS_AGE;
            s.add(4096, 8192, i, i);
            s.add(8192, 16384, 1, i);
            sink.append(s);
        }
    }

    /** The same place, without waiting for the disk. */
    static Path unsynced(Path path) {
        return new FaultyFiles(FaultyFiles.Fault.IO_ERROR).path(path);
    }

    Path sealed(String name) throws IOException {
        Path path = dir.resolve(name);
        try (TraceSink sink = Traces.create(unsynced(path), new Manifest(), WriterOptions.BATCH)) {
            fill(sink, 4);
        }
        return path;
    }

    /** What a killed recorder leaves: three flushed batches, no lock. */
    Path dead(String name) throws IOException {
        Path live = dir.resolve(name + "-live");
        Path dead = Files.createDirectory(dir.resolve(name));
        try (TraceSink sink = Traces.create(unsynced(live), new Manifest(), WriterOptions.LIVE)) {
            for (int i = 0; i < 3; i++) {
                fill(sink, 2);
                sink.flush();
            }
            for (Path f : list(live)) {
                if (!f.getFileName().toString().equals(".lock")) {
                    Files.copy(f, dead.resolve(f.getFileName()));
                }
            }
        }
        Traces.deleteTree(live);
        return dead;
    }

    static List<Path> list(Path dir) throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.sorted().toList();
        }
    }

    static List<Long> read(Path path) throws IOException {
        List<Long> found = new ArrayList<>();
        Snapshot s = new Snapshot();
        try (TraceSource trace = Traces.open(path);
                TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            while (cursor.next(s)) {
                found.add(s.id);
                assertEquals(2, s.regions);
                assertEquals(4096, s.start[0]);
                assertEquals(16384, s.end[1]);
            }
        }
        return found;
    }

    /** Reads; damage may be refused in one line, but what is given must be whole snapshots from the beginning. */
    static boolean isRefused(Path path, List<Long> whole, String place) throws IOException {
        try {
            List<Long> found = read(path);
            assertEquals(whole.subList(0, found.size()), found, place);
            return false;
        } catch (TraceFormatException e) {
            assertEquals(1, e.getMessage().lines().count(), place);
            assertFalse(e.getMessage().contains("Exception"), place + ": " + e.getMessage());
            return true;
        }
    }
}
