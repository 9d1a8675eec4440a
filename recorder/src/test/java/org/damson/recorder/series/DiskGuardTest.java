package org.damson.recorder.series;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.junit.jupiter.api.Test;

class DiskGuardTest {
    private static final long LIMIT = 100 << 20;

    /** Keeps rows as text; fails to flush with what it is given. */
    private static final class MemorySink implements TraceSink {
        final List<Long> snapshots = new ArrayList<>();
        final List<String> rows = new ArrayList<>();
        IOException failure;
        int flushes;
        boolean closed;

        @Override
        public Manifest manifest() {
            return new Manifest();
        }

        @Override
        public void append(Snapshot s) {
            snapshots.add(s.endNs);
        }

        @Override
        public void append(Batch b) {
            for (int r = 0; r < b.rows(); r++) {
                StringBuilder row = new StringBuilder(b.table().fileStem());
                for (int c = 0; c < b.table().columns().size(); c++) {
                    row.append(' ').append(b.texts(c) == null ? Long.toString(b.get(c, r)) : b.text(c, r));
                }
                rows.add(row.toString());
            }
        }

        @Override
        public void flush() throws IOException {
            if (failure != null) {
                throw failure;
            }
            flushes++;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private final MemorySink sink = new MemorySink();
    private final List<String> notices = new ArrayList<>();
    private long freeBytes = 2 * LIMIT;
    private long usedBytes;
    private long nowNs;

    private DiskGuard guard(long minFreeBytes, long maxUsedBytes) {
        DiskGuard.Room room = new DiskGuard.Room() {
            @Override
            public long freeBytes() {
                return freeBytes;
            }

            @Override
            public long usedBytes() {
                return usedBytes;
            }
        };
        return new DiskGuard(sink, room, minFreeBytes, maxUsedBytes, () -> nowNs, notices::add);
    }

    private void snapshots(DiskGuard guard, int n) throws IOException {
        Snapshot s = new Snapshot();
        for (int i = 0; i < n; i++) {
            s.endNs = ++nowNs;
            guard.append(s);
        }
    }

    private static Batch mapping(long timeNs, long start, int gone) {
        Batch b = new Batch(Table.MAPPINGS);
        b.add(timeNs, 7, start, start + 4096, "rw-p", "", gone);
        return b;
    }

    @Test
    void gapOfAFullDiskIsCountedAndRecordingGoesOn() throws IOException {
        DiskGuard guard = guard(LIMIT, 0);
        snapshots(guard, 3);
        guard.flush();
        freeBytes = LIMIT - 1;
        guard.flush();
        assertTrue(guard.isPaused());
        snapshots(guard, 5);
        Batch memory = new Batch(Table.MEMORY);
        memory.add(nowNs, 0, "counter", 1);
        memory.add(nowNs, 0, "counter", 2);
        guard.append(memory);
        guard.flush();
        freeBytes = LIMIT; // room again, but not yet enough to go on
        guard.flush();
        assertTrue(guard.isPaused());
        freeBytes = LIMIT + LIMIT / 10;
        guard.flush();
        assertFalse(guard.isPaused());
        snapshots(guard, 2);
        assertEquals(List.of(1L, 2L, 3L, 9L, 10L), sink.snapshots);
        assertEquals(
                List.of(
                        "losses 3 8 recorder 5 snapshots: less than 100 MiB free",
                        "losses 3 8 recorder 2 rows of other tables: less than 100 MiB free"),
                sink.rows);
        assertEquals(5, guard.discardedSnapshots());
        assertEquals(2, guard.discardedRows());
        assertEquals(2, notices.size());
    }

    @Test
    void writeThatFindsNoSpacePausesInsteadOfFailing() throws IOException {
        DiskGuard guard = guard(0, 0);
        sink.failure = new IOException("cannot write", new IOException("No space left on device"));
        snapshots(guard, 1);
        guard.flush();
        assertTrue(guard.isPaused());
        snapshots(guard, 1);
        guard.flush(); // there seems to be room, but writing fails still
        assertTrue(guard.isPaused());
        sink.failure = null;
        guard.flush();
        assertFalse(guard.isPaused());
        assertEquals(List.of(1L), sink.snapshots);
        assertEquals(List.of("losses 1 2 recorder 1 snapshots: the disk is full"), sink.rows);
    }

    @Test
    void otherFailuresEndTheRecording() {
        DiskGuard guard = guard(LIMIT, 0);
        sink.failure = new IOException("Input/output error");
        assertThrows(IOException.class, guard::flush);
        assertFalse(guard.isPaused());
    }

    @Test
    void failureOnADiskWithoutRoomIsAFullDiskWhateverItsWords() throws IOException {
        DiskGuard guard = guard(0, 0);
        sink.failure = new IOException("Auf dem Gerät ist kein Speicherplatz mehr verfügbar");
        freeBytes = 4096;
        guard.flush();
        assertTrue(guard.isPaused());
    }

    @Test
    void recordingTakesNoMoreThanItMay() throws IOException {
        DiskGuard guard = guard(0, LIMIT);
        usedBytes = LIMIT - 1;
        guard.flush();
        assertFalse(guard.isPaused());
        usedBytes = LIMIT;
        guard.flush();
        assertTrue(guard.isPaused());
        assertEquals(List.of("recording pauses: the recording takes the 100 MiB it may"), notices);
        usedBytes = LIMIT / 2;
        guard.flush();
        assertFalse(guard.isPaused());
    }

    @Test
    void mappingsThatChangedWhilePausedAreSaidAfterwards() throws IOException {
        DiskGuard guard = guard(LIMIT, 0);
        guard.append(mapping(1, 0x1000, 0));
        guard.append(mapping(1, 0x2000, 0));
        freeBytes = 0;
        guard.flush();
        guard.append(mapping(2, 0x1000, 1));
        guard.append(mapping(2, 0x3000, 0));
        guard.append(mapping(2, 0x4000, 0));
        guard.append(mapping(3, 0x4000, 1));
        sink.rows.clear();
        freeBytes = 2 * LIMIT;
        nowNs = 10;
        guard.flush();
        assertEquals(List.of("mappings 10 7 12288 16384 rw-p  0", "mappings 10 7 4096 8192 rw-p  1"), sink.rows);
    }

    @Test
    void gapIsSaidWhenRecordingEndsInIt() throws IOException {
        DiskGuard guard = guard(LIMIT, 0);
        freeBytes = 0;
        guard.flush();
        snapshots(guard, 4);
        guard.close();
        assertTrue(sink.closed);
        assertEquals(List.of("losses 0 4 recorder 4 snapshots: less than 100 MiB free"), sink.rows);
    }
}
