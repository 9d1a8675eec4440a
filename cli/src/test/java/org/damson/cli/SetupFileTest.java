package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.damson.recorder.damon.DamonSetup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SetupFileTest {
    private static final String DAMO = "[{\"state\": null, \"pid\": \"173\", \"contexts\": [{\"ops\": \"paddr\","
            + " \"addr_unit\": \"1 B\", \"targets\": [{\"pid\": null, \"obsolete\": false, \"regions\":"
            + " [{\"start\": \"4,294,967,296\", \"end\": \"0x180000000\"}]}],"
            + " \"intervals\": {\"sample_us\": \"5 ms\", \"aggr_us\": \"200 ms\", \"ops_update_us\": \"1 s\","
            + " \"intervals_goal\": {\"access_bp\": \"4 %\", \"aggrs\": \"3\", \"min_sample_us\": \"5 ms\","
            + " \"max_sample_us\": \"10 s\"}}, \"nr_regions\": {\"min\": \"10\", \"max\": \"1,000\"},"
            + " \"schemes\": [{\"action\": \"pageout\", \"access_pattern\": {\"sz_bytes\": {\"min\": \"4.000 KiB\","
            + " \"max\": \"max\"}, \"nr_accesses\": {\"min\": \"0 %\", \"max\": \"0 %\"},"
            + " \"age\": {\"min\": \"2 s\", \"max\": \"max\"}}}]}]}]";

    @Test
    void damosKdamondsAreReadInItsUnits() {
        DamonSetup setup = SetupFile.parse(DAMO);
        assertEquals("paddr", setup.operations());
        assertEquals(200_000, setup.attrs().aggrUs());
        assertEquals(1000, setup.attrs().maxRegions());
        assertEquals(new DamonSetup.Goal(400, 3, 5_000, 10_000_000), setup.goal());
        assertEquals(
                List.of(new DamonSetup.Range(0x100000000L, 0x180000000L)),
                setup.targets().get(0).ranges());
        DamonSetup.Scheme scheme = setup.schemes().get(0);
        assertEquals("pageout", scheme.action());
        assertEquals(4096, scheme.sizeBytes().min());
        assertEquals(10, scheme.ages().min(), "2 s are ten aggregations");
    }

    @Test
    void yamlSaysTheSame() {
        DamonSetup setup = SetupFile.parse("kdamonds:\n- contexts:\n  - ops: vaddr\n    targets:\n    - pid: 42\n"
                + "    intervals: {sample_us: 10ms, aggr_us: 1s}\n");
        assertEquals(42, setup.targets().get(0).pid());
        assertEquals(10_000, setup.attrs().sampleUs());
        assertNull(setup.goal());
    }

    @Test
    void whatIsWrongIsNamed() {
        assertTrue(message("{\"contexts\": [{}, {}]}").contains("not 2"));
        assertTrue(message("{\"ops\": \"vadr\"}").contains("vadr"));
        assertTrue(message("{\"opps\": \"vaddr\"}").contains("opps"));
        assertTrue(message("{\"nr_regions\": {\"min\": 1}}").contains("3 regions"));
        assertTrue(message("- 1\n- 2\n").contains("not 2"));
    }

    private static String message(String text) {
        return assertThrows(IllegalArgumentException.class, () -> SetupFile.parse(text))
                .getMessage();
    }

    @Test
    void selectionsThatNameNobodyAreRefused(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("pid");
        Files.writeString(file, "none\n");
        CliRun noPid = CliRun.of("record", "-o", directory.resolve("t.damson"), "--pid-file", file);
        assertEquals(ExitCode.USAGE, noPid.exit());
        assertTrue(noPid.err().contains("holds no process id"), noPid.err());
        CliRun noName = CliRun.of("record", "-o", directory.resolve("t.damson"), "--name", "^no such program$");
        assertEquals(ExitCode.USAGE, noName.exit());
        CliRun noDamon = CliRun.of("record", "-o", directory.resolve("t.damson"), "--paddr");
        assertEquals(ExitCode.USAGE, noDamon.exit());
        assertTrue(noDamon.err().contains("--source damon"), noDamon.err());
    }
}
