package org.damson.recorder.referenced;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.model.MissingCapabilityException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClearRefsTest {
    private final List<String> notices = new ArrayList<>();
    private final List<String> written = new ArrayList<>();

    /** Refuses to flush, as a kernel would. */
    private ClearRefs refusing(TlbFlush policy, String reason) {
        return new ClearRefs(policy, policy != TlbFlush.NEVER, notices::add, (file, command) -> {
            written.add(file + " " + command);
            if (command == '4') {
                throw new IOException(reason);
            }
        });
    }

    @Test
    void realProcessesAreClearedAndFlushed() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "60").start();
        try {
            ClearRefs refs = new ClearRefs(TlbFlush.AUTO, true, notices::add, ClearRefs::write);
            refs.clear(sleep.pid());
            assertEquals(1, refs.flushes());
            assertEquals(List.of(), notices);
            assertTrue(sleep.isAlive());
        } finally {
            sleep.destroyForcibly().waitFor();
        }
        ClearRefs refs = new ClearRefs(TlbFlush.ALWAYS, true, notices::add, ClearRefs::write);
        refs.clear(sleep.pid()); // gone: no error, no flush
        assertEquals(0, refs.flushes() + refs.failedFlushes());
    }

    @Test
    void neverMeansNever() throws IOException {
        refusing(TlbFlush.NEVER, "Invalid argument").clear(7);
        assertEquals(List.of("/proc/7/clear_refs 1"), written);
    }

    @Test
    void aKernelThatCannotFlushIsNamedOnceAndAskedNoMore() throws IOException {
        ClearRefs refs = refusing(TlbFlush.AUTO, "Invalid argument");
        refs.clear(7);
        refs.clear(7);
        assertFalse(refs.isFlushing());
        assertEquals(1, refs.failedFlushes());
        assertEquals(1, notices.size());
        assertTrue(
                notices.get(0).contains("process 7") && notices.get(0).contains("Invalid argument"), notices::toString);
        assertEquals(List.of("/proc/7/clear_refs 1", "/proc/7/clear_refs 4", "/proc/7/clear_refs 1"), written);
    }

    @Test
    void refusedFlushesAreCountedAndRecordingGoesOn() throws IOException {
        ClearRefs refs = refusing(TlbFlush.AUTO, "Operation not permitted");
        refs.clear(7);
        refs.clear(8);
        assertTrue(refs.isFlushing());
        assertEquals(2, refs.failedFlushes());
        assertEquals(1, notices.size(), "said once");
    }

    @Test
    void alwaysFailsInOneLineWhereTheKernelRefuses() {
        IOException e = assertThrows(IOException.class, () -> refusing(TlbFlush.ALWAYS, "Invalid argument")
                .clear(7));
        assertTrue(e.getMessage().contains("process 7") && !e.getMessage().contains("\n"), e.getMessage());
    }

    @Test
    void aTargetThatDiesBetweenClearAndFlushIsNoLoss() throws IOException {
        ClearRefs refs = refusing(TlbFlush.ALWAYS, "No such process");
        refs.clear(7);
        ClearRefs vanished = new ClearRefs(TlbFlush.ALWAYS, true, notices::add, (file, command) -> {
            if (command == '4') {
                throw new FileNotFoundException(file + " (No such file or directory)");
            }
        });
        vanished.clear(7);
        assertEquals(0, refs.failedFlushes() + vanished.failedFlushes());
        assertEquals(List.of(), notices);
    }

    @Test
    void clearRefsThatMayNotBeWrittenIsSaidInOneLine() {
        ClearRefs refs = new ClearRefs(TlbFlush.AUTO, true, notices::add, (file, command) -> {
            throw new FileNotFoundException(file + " (Permission denied)");
        });
        IOException e = assertThrows(IOException.class, () -> refs.clear(7));
        assertTrue(e.getMessage().startsWith("process 7: not permitted"), e.getMessage());
    }

    @Test
    void aKernelWithoutTheFileIsNotTakenForAProcessThatHasEnded(@TempDir Path proc) throws IOException {
        Files.createDirectory(proc.resolve("7"));
        ClearRefs refs = new ClearRefs(TlbFlush.AUTO, true, notices::add, ClearRefs::write, proc.toString());
        MissingCapabilityException e = assertThrows(MissingCapabilityException.class, () -> refs.clear(7));
        assertTrue(e.getMessage().startsWith("process 7: this kernel does not tell"), e.getMessage());
        refs.clear(8); // has ended
    }
}
