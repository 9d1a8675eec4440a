package org.damson.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a script that compares two builds gets. */
final class CompareCommandTest {
    private static final long MIB = 1 << 20;

    @TempDir
    Path dir;

    /** {@code snapshots} of a working set of about {@code mib}, at addresses of its own. */
    private Path trace(String name, int snapshots, long mib, double spread) throws IOException {
        Path path = dir.resolve(name);
        Random random = new Random(name.hashCode());
        long base = 0x7000_0000_0000L + Math.abs(name.hashCode()) * 4096L;
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            for (int n = 0; n < snapshots; n++) {
                Snapshot s = new Snapshot();
                s.startNs = n * 100_000_000L;
                s.endNs = s.startNs + 100_000_000L;
                s.sampleUs = 5_000;
                s.aggrUs = 100_000;
                long hot = (long) (mib * MIB * (1 + spread * (2 * random.nextDouble() - 1))) & -4096;
                s.add(base, base + hot, 20, 0);
                s.add(base + hot, base + 512 * MIB, 0, 0);
                sink.append(s);
            }
        }
        return path;
    }

    @Test
    void bothAreDrawnIntoOnePictureBesideTheVerdict() throws IOException {
        Path a = trace("a.damson", 20, 64, 0.05);
        Path b = trace("b.damson", 20, 64, 0.05);
        Path picture = dir.resolve("both.png");
        CliRun run = compare(a, b, "--tolerance", "0.9", "--output", picture).expect(ExitCode.OK);
        assertTrue(run.out().contains("verdict: same"), run.out());
        assertTrue(ImageIO.read(picture.toFile()).getWidth() > 1000);
        long bytes = Files.size(picture);
        compare(a, b, "--output", picture).expect(ExitCode.USAGE);
        assertEquals(bytes, Files.size(picture));
        run = compare(a, b, "--output", dir.resolve("both.csv")).expect(ExitCode.USAGE);
        assertTrue(run.err().contains("the name must end in .png, .svg, .pdf"), run.err());
    }

    @Test
    void theVerdictIsTheExitCode() throws IOException {
        Path before = trace("before.damson", 100, 64, 0.05);
        Path alike = trace("alike.damson", 100, 64, 0.05);
        Path grown = trace("grown.damson", 100, 80, 0.05);
        Path brief = trace("brief.damson", 5, 64, 0.05);
        Object[] bySize = {"--by", "working-set", "--tolerance", "0.1"};
        compare(before, alike, bySize).expect(ExitCode.OK);
        CliRun run = compare(before, grown, bySize).expect(ExitCode.FINDINGS);
        assertTrue(run.out().contains("verdict: different: working-set distance 0.19"), run.out());
        assertTrue(run.out().contains("\n# 1 area mapped; B lags by "), run.out());
        assertTrue(run.out().lines().anyMatch(l -> l.matches(" +mean .*\\+1[567]\\.\\d+ MiB  \\(\\+1.*")), run.out());
        run = compare(before, brief, bySize).expect(ExitCode.UNDECIDED);
        assertTrue(run.out().contains("verdict: undecided: working-set distance"), run.out());
    }

    @Test
    void jsonHasTheVerdictAndTheIntervals() throws IOException {
        Path before = trace("before.damson", 100, 64, 0.05);
        Path grown = trace("grown.damson", 100, 80, 0.05);
        CliRun run = compare(before, grown, "--json", "--seed", "9", "--tolerance", "0.05")
                .expect(ExitCode.FINDINGS);
        for (String part : new String[] {
            "\"verdict\":\"different\"",
            "\"seed\":9",
            "\"basis\":\"all\"",
            "\"working_set_distance_low\":0.",
            "\"of\":\"mean\"",
            "\"difference_low_bytes\":"
        }) {
            assertTrue(run.out().contains(part), part + " in " + run.out());
        }
    }

    @Test
    void theToleranceCanComeFromRepeatedRecordings() throws IOException {
        Path a = trace("before.damson", 100, 64, 0.05);
        Path again = trace("again.damson", 100, 66, 0.05);
        Path third = trace("third.damson", 100, 68, 0.05);
        Path grown = trace("grown.damson", 100, 80, 0.05);
        Path within = trace("within.damson", 100, 66, 0.05);
        // 64 and 68 differ by 6 %: up to 8 % is noise.
        Object[] repeated = {"--by", "working-set", "--repeated", again, "--repeated", third};
        CliRun run = compare(a, within, repeated).expect(ExitCode.OK);
        assertTrue(run.err().contains("note: tolerance 0.07") || run.err().contains("note: tolerance 0.08"), run.err());
        compare(a, grown, repeated).expect(ExitCode.FINDINGS);
        compare(a, grown, "--repeated", again, "--tolerance", "0.1").expect(ExitCode.USAGE);
    }

    @Test
    void whatItIsJudgedByMustBeKnown() throws IOException {
        Path a = trace("before.damson", 10, 64, 0.05);
        CliRun run = compare(a, a, "--by", "working-sets").expect(ExitCode.USAGE);
        assertTrue(run.err().contains("did you mean 'working-set'"), run.err());
        compare(a, a, "--seed", "x").expect(ExitCode.USAGE);
        compare(a, a, "--tolerance", "1.5").expect(ExitCode.USAGE);
    }

    private static CliRun compare(Path a, Path b, Object... options) {
        Object[] all = new Object[3 + options.length];
        all[0] = "compare";
        all[1] = a;
        all[2] = b;
        System.arraycopy(options, 0, all, 3, options.length);
        return CliRun.of(all);
    }
}
