package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.damson.cli.command.ExitCode;
import org.damson.model.ManifestKey;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels of traces, and verbs over many traces where their module is missing. */
final class LabelTest {
    private static final Path DAMO = CliRun.testdata().resolve("zigzag-damo/damon.data");

    @TempDir
    Path dir;

    private static List<?> labels(Path trace) throws Exception {
        try (TraceSource t = Traces.open(trace)) {
            return ManifestKey.LABELS.list(t.manifest());
        }
    }

    @Test
    void labelsStandInTheManifestByTheirKeysAndAreNotRedactedButLeftOut() throws Exception {
        Path trace = dir.resolve("t.damson");
        CliRun.of("import", DAMO, "-o", trace, "--label", "service=web=1 é", "--label", "host=w1")
                .expect(ExitCode.OK);
        assertEquals(List.of("host=w1", "service=web=1 é"), labels(trace));
        assertTrue(CliRun.of("info", trace).expect(ExitCode.OK).out().contains("service=web=1 é"));
        Path part = dir.resolve("part.damson");
        CliRun.of("slice", trace, "-o", part, "--snapshots", "0..3").expect(ExitCode.OK);
        assertEquals(labels(trace), labels(part));
        Path bundle = dir.resolve("b.damson.zip");
        CliRun.of("bundle", trace, "--redact", "-o", bundle).expect(ExitCode.OK);
        assertEquals(List.of(), labels(bundle));
    }

    @Test
    void aRecordingHasLabelsToo() throws Exception {
        Path trace = dir.resolve("r.damson");
        CliRun.of("record", "-o", trace, "--aggr", "200ms", "--label", "service=sleep", "--", "sleep", "0.5")
                .expect(ExitCode.OK);
        assertEquals(List.of("service=sleep"), labels(trace));
    }

    @Test
    void whatIsNoLabelIsRefusedBeforeAnythingIsDone() {
        for (String bad : List.of("web", "=web", "service=", "a-b=c", "k=" + "v".repeat(300))) {
            CliRun run = CliRun.of("import", DAMO, "-o", dir.resolve("t.damson"), "--label=" + bad)
                    .expect(ExitCode.USAGE);
            assertTrue(run.err().contains("--label: "), run.err());
        }
        CliRun twice = CliRun.of("record", "--label", "a=1", "--label", "a=2", "--", "true")
                .expect(ExitCode.USAGE);
        assertTrue(twice.err().contains("--label: a is given twice"), twice.err());
    }

    /** This module is complete without the engine of the fleet verbs: they say what is missing. */
    @Test
    void fleetVerbsSayWhatIsMissing() {
        for (String verb : List.of("report", "curves")) {
            CliRun run = CliRun.of("fleet", verb, dir).expect(ExitCode.CAPABILITY);
            assertTrue(run.err().contains("run on Apache Spark, which this installation does not have"), run.err());
            assertEquals(1, run.err().lines().count());
        }
        CliRun.of("fleet", "tune", dir, "--scheme", "stat", "--vary", "min_age=1s", "--keep", "100")
                .expect(ExitCode.USAGE);
        CliRun.of("fleet", "curves", dir, "--by", "colour").expect(ExitCode.USAGE);
        CliRun.of("fleet", "report").expect(ExitCode.USAGE);
    }
}
