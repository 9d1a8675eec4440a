package org.damson.cli.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.cli.input.TraceFiles;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a plan cannot have of a trace, or takes for granted of it, is said. */
final class PlanNotesTest {
    private static final long A = 0x7f0000000000L;

    @TempDir
    Path dir;

    /** A page and, 1 GiB further, a mebibyte, accessed in 18 of 20 samples. */
    private Path trace(Consumer<Manifest> facts) throws IOException {
        Path path = dir.resolve("t.damson");
        Manifest m = new Manifest();
        m.source = Manifest.Source.DAMON.text();
        facts.accept(m);
        TraceFiles.create(path, m, sink -> {
            for (int i = 0; i < 10; i++) {
                Snapshot s = new Snapshot();
                s.startNs = 1_000_000_000L + i * 100_000_000L;
                s.endNs = s.startNs + 100_000_000L;
                s.sampleUs = 5_000;
                s.aggrUs = 100_000;
                s.add(A, A + 0x1000, 18, 0);
                s.add(A + (1 << 30), A + (1 << 30) + (1 << 20), 18, 0);
                sink.append(s);
            }
        });
        return path;
    }

    private static CliRun plan(Path trace, String... options) {
        Object[] words = new Object[options.length + 3];
        words[0] = "replay";
        words[1] = trace;
        words[2] = "--plan-only";
        System.arraycopy(options, 0, words, 3, options.length);
        return CliRun.of(words);
    }

    private static void says(CliRun run, String what) {
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().contains(what), run.err());
    }

    @Test
    void whatIsScaledAwayIsCountedAndWhereNothingIsLeftThatIsRefused() throws IOException {
        Path trace = trace(m -> {});
        CliRun half = plan(trace, "--scale-memory", "0.5", "--seen", "1").expect(ExitCode.OK);
        says(half, "note: 1 accessed range left out: of memory scaled by 0.5 no page of 4 KiB of it is left");
        assertTrue(half.out().contains(" 512K "), half.out());
        for (String factor : List.of("1e-9", "0.003")) {
            CliRun none = plan(trace, "--scale-memory", factor, "--seen", "1").expect(ExitCode.INPUT);
            says(none, "of no accessed range is a page of 4 KiB left, nothing to replay");
            assertFalse(none.out().contains("process"), none.out());
        }
        assertEquals(
                "",
                plan(trace, "--scale-memory", "2", "--seen", "1")
                        .expect(ExitCode.OK)
                        .err());
    }

    @Test
    void physicalMemoryIsNoProcess() throws IOException {
        Path trace = trace(m -> ManifestKey.OPS.put(m, "paddr"));
        says(
                plan(trace, "--seen", "1").expect(ExitCode.OK),
                "is of physical memory: accesses of all processes and of the kernel are replayed as those of one process");
    }

    @Test
    void whatTheRecorderMayNotHaveSeenIsSaidBetweenBounds() throws IOException {
        Path trace = trace(m -> {});
        CliRun unsaid = plan(trace).expect(ExitCode.OK);
        says(unsaid, "the busiest memory was accessed in 90.0 % of the samples");
        assertTrue(unsaid.err().contains("(--seen, from 0.900 to 1)"), unsaid.err());
        assertTrue(unsaid.out().contains("touch 0x7f0000000000 4K 18\n"), unsaid.out());
        CliRun busiest = plan(trace, "--seen", "busiest").expect(ExitCode.OK);
        assertTrue(busiest.out().contains("touch 0x7f0000000000 4K 20\n"), busiest.out());
    }

    @Test
    void withoutACertificateNothingIsTakenFromIt() throws IOException {
        says(
                plan(trace(m -> {}), "--seen", "certified").expect(ExitCode.USAGE),
                "carries no certificate; recordings do after damson certify on their machine");
    }

    @Test
    void aCertificateSaysWhatIsSeen() throws IOException {
        Path trace = trace(m -> ManifestKey.ACCURACY_DETECTION.put(m, 0.95));
        CliRun run = plan(trace, "--seen", "certified").expect(ExitCode.OK);
        says(run, "95.0 % of the accesses are taken to be seen, as the trace's certificate has it");
        // 18 of 0.95 are 18.9: in 18 slices or in 19, by chance.
        assertTrue(run.out().contains("touch 0x7f0000000000 4K 19\n"), run.out());
    }

    @Test
    void onlyAReplayThatIsComparedIsMeasured() throws IOException {
        Path trace = trace(m -> {});
        says(
                plan(trace, "--seen", "measured").expect(ExitCode.USAGE),
                "--seen measured requires --verify, which records the first replay and the second");
        says(
                CliRun.of("replay", trace, "--verify", "--seen", "measured").expect(ExitCode.USAGE),
                "--seen measured: only a replay that is recorded in the same way as its original can be measured");
        says(
                CliRun.of("capsule", trace, "-o", dir.resolve("x.zip"), "--seen", "measured")
                        .expect(ExitCode.USAGE),
                "--seen measured");
    }
}
