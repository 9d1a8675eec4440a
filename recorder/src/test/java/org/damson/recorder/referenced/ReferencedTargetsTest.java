package org.damson.recorder.referenced;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What touched pages are expected to cost, from files as the kernel writes them in place of {@code /proc}. */
final class ReferencedTargetsTest {
    private static final double PAGE_NS = SelfTest.ASSUMED_PAGE_NS;

    @TempDir
    Path proc;

    private final long pid = ProcessHandle.current().pid();

    private void smaps(int residentPages, int referencedPages) throws Exception {
        Path dir = Files.createDirectories(proc.resolve(String.valueOf(pid)));
        Files.writeString(
                dir.resolve("smaps"),
                "100000-200000 rw-p 00000000 00:00 0\nRss: " + residentPages * 4 + " kB\nReferenced: "
                        + referencedPages * 4 + " kB\nVmFlags: rd wr mr ac\n");
    }

    @Test
    void whatIsExpectedUntilTheNextLookGrowsWithTimeUpToWhatIsResident() throws Exception {
        smaps(100, 16);
        OverheadBudget budget = new OverheadBudget(TlbFlush.ALWAYS, 0.02, SelfTest.NONE);
        ReferencedConfig config = new ReferencedConfig(List.of(pid), 5_000, 20_000, 1, false, budget, false);
        ClearRefs clearRefs = new ClearRefs(TlbFlush.ALWAYS, true, line -> {}, ClearRefs::write, proc.toString());
        PaceReport report = new PaceReport(config, clearRefs, new SamplePacer(budget, 0), line -> {});
        ReferencedTargets targets = new ReferencedTargets(config, report, proc);
        assertEquals(16 * PAGE_NS, targets.touchedNs());

        targets.expectTouched(1.5);
        assertEquals(24 * PAGE_NS, targets.touchedNs());
        targets.expectTouched(10);
        assertEquals(100 * PAGE_NS, targets.touchedNs());

        smaps(100, 20);
        targets.look();
        assertEquals(20 * PAGE_NS, targets.touchedNs());
    }
}
