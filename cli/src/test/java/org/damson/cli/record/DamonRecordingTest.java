package org.damson.cli.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.Options;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.cli.console.Console;
import org.damson.damon.setup.DamonSetup;
import org.damson.recorder.LiveConfig;
import org.damson.recorder.ring.RecorderConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamonRecordingTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private DamonSetup setup(String... args) throws Exception {
        Options options = new Options();
        DamonRecording.OPTIONS.forEach(options::addOption);
        DamonRecording.OWN_ONLY.forEach(options::addOption);
        options.addOption(RecordCommand.SAMPLE).addOption(RecordCommand.AGGR);
        CommandLine line = new DefaultParser().parse(options, args);
        LiveConfig config = new LiveConfig(
                Path.of("t.damson"), List.of(), List.of(), 0, 5_000, 200_000, 0.02, true, RecorderConfig.DEFAULTS);
        Console console = new Console(
                new ByteArrayOutputStream(), err, new ByteArrayInputStream(new byte[0]), Map.of(), false, false);
        return DamonRecording.setup(line, config, console);
    }

    private static long minAge(DamonSetup setup) {
        return setup.schemes()
                .get(0)
                .age()
                .inKernelUnits(setup.attrs().sampleUs(), setup.attrs().aggrUs())
                .min();
    }

    /** 2 s are 20 aggregations of the file's 100 ms, and 10 of the 200 ms that the option sets instead. */
    @Test
    void agesOfASetUpFileFollowTheAggregationIntervalOfTheOptions(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("setup.json");
        Files.writeString(
                file,
                "{\"intervals\": {\"aggr_us\": \"100 ms\"}, \"schemes\": [{\"action\": \"pageout\","
                        + " \"access_pattern\": {\"age\": {\"min\": \"2 s\", \"max\": \"max\"}}}]}");
        assertEquals(20, minAge(setup("--setup", file.toString())));
        assertEquals(10, minAge(setup("--setup", file.toString(), "--aggr", "200ms")));
    }

    @Test
    void whatStandsBesideTheSchemesOfAFileIsNamed(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("kdamonds.json");
        Files.writeString(
                file,
                "{\"kdamonds\": [{\"contexts\": [{\"ops\": \"paddr\", \"intervals\": {},"
                        + " \"schemes\": [{\"action\": \"stat\"}]}]}]}");
        assertEquals("vaddr", setup("--scheme", "@" + file).operations());
        String note = err.toString(StandardCharsets.UTF_8);
        assertTrue(note.contains("--scheme: not set up: ops, intervals; --setup takes a whole set-up"), note);
    }

    /** The kernel would ignore the process, and damson the node. */
    @Test
    void physicalMemoryIsRecordedOnlyWhereItIsAskedFor(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("setup.json");
        Files.writeString(file, "{\"ops\": \"paddr\"}");
        Path out = directory.resolve("t.damson");
        CliRun ofProcess = CliRun.of("record", "-o", out, "--source", "damon", "--setup", file, "--pid", "1");
        assertEquals(ExitCode.USAGE, ofProcess.exit());
        assertTrue(ofProcess.err().contains("--setup: ops paddr is physical memory"), ofProcess.err());
        for (List<String> other : List.of(List.of("--pid", "1"), List.of("--paddr", "--range", "0x1000..0x2000"))) {
            List<Object> words = new ArrayList<>(List.of("record", "-o", out, "--source", "damon", "--numa-node", "0"));
            words.addAll(other);
            CliRun node = CliRun.of(words.toArray());
            assertEquals(ExitCode.USAGE, node.exit());
            assertTrue(node.err().contains("--numa-node: requires --paddr, and excludes --range"), node.err());
        }
        assertTrue(Files.notExists(out));
    }

    @Test
    void selectionsThatNameNobodyAreRefused(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("pid");
        Files.writeString(file, "none\n");
        CliRun noPid = CliRun.of("record", "-o", directory.resolve("t.damson"), "--pid-file", file);
        assertEquals(ExitCode.USAGE, noPid.exit());
        assertTrue(noPid.err().contains("contains no process ID"), noPid.err());
        CliRun noName = CliRun.of("record", "-o", directory.resolve("t.damson"), "--name", "^no such program$");
        assertEquals(ExitCode.USAGE, noName.exit());
        CliRun noDamon = CliRun.of("record", "-o", directory.resolve("t.damson"), "--paddr");
        assertEquals(ExitCode.USAGE, noDamon.exit());
        assertTrue(noDamon.err().contains("--source damon"), noDamon.err());
    }
}
