package org.damson.recorder.referenced;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that is running already, whose first sample would cost more than the budget has at the start. */
final class FirstSampleTest {
    /** What a page is assumed to cost, 10 us, times this is what the budget has at the start. */
    private static final int PAGES = 1000;

    @TempDir
    Path proc;

    private final long pid = ProcessHandle.current().pid();

    private ReferencedSource source(int pages, LongSupplier clock) throws IOException {
        Path dir = Files.createDirectories(proc.resolve(String.valueOf(pid)));
        String size = pages * 4 + " kB\n";
        Files.writeString(
                dir.resolve("smaps"),
                "100000-" + Integer.toHexString(0x100000 + pages * 4096) + " rw-p 00000000 00:00 0\nSize: " + size
                        + "Rss: " + size + "Referenced: " + size + "VmFlags: rd wr mr ac\n");
        Files.writeString(dir.resolve("clear_refs"), "");
        OverheadBudget budget = new OverheadBudget(TlbFlush.ALWAYS, 0.02, SelfTest.NONE);
        return new ReferencedSource(
                new ReferencedConfig(List.of(pid), 1_000, 1_000, 1, false, budget), clock, () -> 0, proc);
    }

    /** It begins when the budget allows it, 5 ms later, however long the machine has been up: it waited an eighth of that time. */
    @Test
    @Timeout(60)
    void aFirstSampleThatIsHeldBackIsTakenWhenTheBudgetAllows() throws Exception {
        long upNs = 1_000_000_000_000_000L;
        try (ReferencedSource source = source(PAGES + 10, () -> System.nanoTime() + upNs)) {
            source.arm();
            assertTrue(source.next(new Snapshot()));
        }
    }

    /** 10 s at 10 us a page, at 2 % some 510 s. */
    @Test
    void aRecordingThatEndsBeforeSaysHowLongItTakes() throws IOException {
        try (ReferencedSource source = source(1_000_000 + PAGES, () -> 7)) {
            List<String> said = new ArrayList<>();
            source.tellTo(said::add);
            source.arm();
            said.clear();
            source.summarize(new Manifest());
            assertEquals(
                    List.of(
                            "no sample was taken: a slowdown of at most 2.0 % allows the first one 8 m 30 s after the beginning, as"
                                    + " much memory as these processes have touched; record for longer, or with a larger"
                                    + " --max-slowdown"),
                    said);
        }
    }
}
