package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ages and times at the ends of what there can be. */
final class OddTimesTest {
    @TempDir
    Path dir;

    /** Ages that fill their 32 bits, and snapshots without a length, in SQL as in the reports. */
    @Test
    void agesAtTheirGreatestAndSnapshotsOfNoLengthHaveAnswersInSql() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            text.append(String.format(
                    Locale.ROOT,
                    "kdamond.0-7 [000] ..... 1.%d00000: damon_aggregated: target_id=0 nr_regions=1 4096-12288: 0 4294967295\n",
                    i));
        }
        Path trace = dir.resolve("t.damson");
        CliRun.of("import", Files.writeString(dir.resolve("recording.txt"), text), "-o", trace)
                .expect(ExitCode.OK);
        String idle = CliRun.of("sql", trace, "-c", "select max(idle_s) from heat", "--csv")
                .expect(ExitCode.OK)
                .out();
        // No longer than the recording: its first snapshot is taken to have begun one interval before it ended.
        assertTrue(idle.endsWith("\n1\n"), idle);
        CliRun.of("sql", trace, "-c", "select * from idle_at_least(0.5)").expect(ExitCode.OK);
        Path empty = Files.writeString(
                dir.resolve("moment.data"),
                """
                [{"kdamond_idx": 0, "context_idx": 0, "intervals": {"sample_us": "5000", "aggr_us": "100000",
                  "ops_update_us": "1000000"}, "scheme_idx": null, "target_id": 0, "scheme_filters": [],
                  "snapshots": [{"start_time": "1000000000", "end_time": "1000000000", "total_bytes": "4096",
                  "regions": [{"start": "4096", "end": "8192", "nr_accesses": {"samples": 3, "percent": null},
                  "age": {"usec": null, "aggr_intervals": "1"}}]}]}]
                """);
        String hottest = CliRun.of("sql", empty, "-c", "select * from hottest(3)")
                .expect(ExitCode.OK)
                .out();
        assertFalse(hottest.contains("NaN"), hottest);
    }

    /** A recording whose clock was set back tells two snapshots of one time. */
    @Test
    void snapshotsOfOneTargetThatOverlapInTimeAreCounted() throws IOException {
        StringBuilder text =
                new StringBuilder("[{\"kdamond_idx\": 0, \"context_idx\": 0, \"intervals\": {\"sample_us\": \"5000\","
                        + " \"aggr_us\": \"100000\", \"ops_update_us\": \"1000000\"}, \"scheme_idx\": null, \"target_id\": 0,"
                        + " \"scheme_filters\": [], \"snapshots\": [");
        for (int i = 0; i < 10; i++) {
            long fromMs = 10_000 + 100L * i - (i < 5 ? 0 : 330);
            text.append(i > 0 ? ", " : "")
                    .append(String.format(
                            Locale.ROOT,
                            "{\"start_time\": \"%d\", \"end_time\": \"%d\", \"regions\": [{\"start\": \"4096\", \"end\": \"8192\","
                                    + " \"nr_accesses\": {\"samples\": 3, \"percent\": null}, \"age\": {\"usec\": null,"
                                    + " \"aggr_intervals\": \"1\"}}]}",
                            fromMs * 1_000_000,
                            (fromMs + 100) * 1_000_000));
        }
        Path file =
                Files.writeString(dir.resolve("back.data"), text.append("]}]").toString());
        CliRun run = CliRun.of("import", file, "-o", dir.resolve("back.damson")).expect(ExitCode.OK);
        // Three of before the clock was set back begin 70 ms before one of after it ends.
        assertTrue(
                run.err().contains("3 snapshots begin before the middle of the one before of the same target"),
                run.err());
    }
}
