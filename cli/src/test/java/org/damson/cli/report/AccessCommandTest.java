package org.damson.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.Test;

/** {@code report access} where it differs from damo on purpose, and its own forms. */
final class AccessCommandTest {
    private static final Path PAGES = recording("pages");
    private static final Path IDLE = recording("all-idle");

    private static Path recording(String name) {
        return CliRun.testdata().resolve("damo/recordings/" + name + ".damo");
    }

    private static CliRun access(Object... args) {
        Object[] all = new Object[args.length + 2];
        all[0] = "report";
        all[1] = "access";
        System.arraycopy(args, 0, all, 2, args.length);
        return CliRun.of(all).expect(ExitCode.OK);
    }

    @Test
    void aBareAgeIsSeconds() {
        // Regions of 10 s (100 aggregations of 100 ms) and of more than a day.
        String[] filter = {"--age", "11", "max"};
        String ours = access(IDLE, "--snapshot-idx", "0", "0", filter[0], filter[1], filter[2])
                .out();
        assertFalse(ours.contains("\n1 "), ours);
        // damo takes it for microseconds, and keeps both.
        String theirs = access(IDLE, "--snapshot-idx", "0", "0", filter[0], filter[1], filter[2], "--damo-compat")
                .out();
        assertTrue(theirs.contains("\n1 "), theirs);
    }

    @Test
    void totalsCountWhatTheFilterLeaves() {
        // Of three pages one was accessed in every sample.
        Object[] filtered = {PAGES, "--snapshot-idx", "2", "2", "--access-rate", "96", "100", "--total-sz-only"};
        assertTrue(access(filtered).out().startsWith("4.000 KiB\n"));
        Object[] compat = Arrays.copyOf(filtered, filtered.length + 1);
        compat[filtered.length] = "--damo-compat";
        assertTrue(access(compat).out().startsWith("12.000 KiB\n"));
    }

    @Test
    void ratesAreNotCutToWholePercents() throws IOException {
        JsonNode json = new ObjectMapper()
                .readTree(access("--json", PAGES, "--snapshot-idx", "2", "2").outBytes());
        JsonNode regions = json.get("records").get(0).get("snapshots").get(0).get("regions");
        assertEquals(3, regions.size());
        assertEquals("0x1000", regions.get(0).get("start").asText());
        assertEquals(100.0, regions.get(0).get("percent").asDouble());
        assertEquals(95.0, regions.get(1).get("percent").asDouble());
        assertEquals(700_000, regions.get(1).get("age_us").asLong());
        assertEquals("0x800000000000", regions.get(2).get("start").asText());
    }

    @Test
    void coloursAreForTerminals() {
        assertFalse(access(PAGES).out().contains("\u001b"));
        // damo always colours.
        assertTrue(access(PAGES, "--damo-compat").out().contains("\u001b"));
    }

    @Test
    void assumedIntervalsAnswerWithANoteAndDamoRefuses() {
        Path text = CliRun.testdata().resolve("stairs/tracefs.txt.gz");
        CliRun ours = access(text, "--snapshot-idx", "30", "30", "--style", "cold");
        assertTrue(ours.out().contains("access 80 hz"), ours.out());
        assertTrue(ours.err().contains("assumed"), ours.err());
        CliRun.of("report", "access", text, "--damo-compat").expect(ExitCode.INPUT);
    }

    @Test
    void wrongValuesAreNamedWithWhatIsKnown() {
        CliRun style =
                CliRun.of("report", "access", PAGES, "--style", "hottest").expect(ExitCode.USAGE);
        assertEquals(1, style.err().lines().count(), style.err());
        assertTrue(style.err().contains("hot"), style.err());
        CliRun size =
                CliRun.of("report", "access", PAGES, "--sz-region", "4Q", "max").expect(ExitCode.USAGE);
        assertEquals(1, size.err().lines().count(), size.err());
        CliRun key = CliRun.of("report", "access", PAGES, "--sort-regions-by", "heat")
                .expect(ExitCode.USAGE);
        assertTrue(key.err().contains("temperature"), key.err());
    }

    @Test
    void regionsOfEverySnapshotCount() {
        Path one = recording("one-snapshot");
        assertTrue(CliRun.of("report", "regions", one).expect(ExitCode.OK).out().contains("\n100\t7"));
        assertTrue(CliRun.of("report", "regions", one, "--damo-compat")
                .expect(ExitCode.OK)
                .out()
                .contains("no snapshot"));
    }

    @Test
    void refusesAWordNextToAKeyword() {
        CliRun format = CliRun.of("report", "access", PAGES, "--format", "set", "region", "<sise>");
        assertEquals(ExitCode.USAGE, format.exit());
        assertTrue(format.err().contains("unknown <sise> (did you mean <size>?)"), format.err());
        // What is like none of them is the user's own text.
        assertTrue(
                access(PAGES, "--format", "set", "region", "<xyzzy>\\n").out().contains("<xyzzy>"));
    }

    @Test
    void saysThatFiltersLeaveNothing() {
        CliRun none = access(PAGES, "--snapshot-idx", "500", "502");
        assertTrue(none.err().contains("note: nothing passes --snapshot-idx 500 502"), none.err());
        assertFalse(access(PAGES, "--snapshot-idx", "0", "502").err().contains("nothing passes"));
        CliRun reversed = CliRun.of("report", "access", PAGES, "--snapshot-idx", "5", "2");
        assertEquals(ExitCode.USAGE, reversed.exit());
        assertTrue(reversed.err().contains("--snapshot-idx 5 2: the range ends before it starts"), reversed.err());
    }

    @Test
    void showsASchemesPassesOverTheRegionsWhereNothingElseIsRecorded() throws IOException {
        Path scheme = CliRun.testdata().resolve("damo/drawn/a-15.txt");
        CliRun ours = access("--json", scheme);
        JsonNode snapshots = new ObjectMapper()
                .readTree(ours.outBytes())
                .get("records")
                .get(0)
                .get("snapshots");
        assertEquals(2, snapshots.size());
        for (JsonNode s : snapshots) {
            long last = -1;
            for (JsonNode r : s.get("regions")) {
                long start = Long.decode(r.get("start").asText());
                assertTrue(start > last, "regions of one pass ascend");
                last = start;
            }
        }
        assertTrue(ours.err().contains("only regions that schemes were about to be applied to"), ours.err());
    }

    @Test
    void namesTheDirectoryThatIsNotThere() {
        CliRun run = CliRun.of("report", "wss", PAGES, "--output", "/nonexistent/x.csv");
        assertEquals(ExitCode.INPUT, run.exit());
        assertEquals("damson: /nonexistent: no such file or directory\n", run.err());
    }
}
