package org.damson.damon.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.damson.damon.scheme.Action;
import org.damson.damon.scheme.Range;
import org.damson.damon.scheme.Scheme;
import org.damson.model.InvalidInputException;
import org.junit.jupiter.api.Test;

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
        assertEquals(new DamonSetup.IntervalsGoal(400, 3, 5_000, 10_000_000), setup.goal());
        assertEquals(
                List.of(new DamonSetup.AddressRange(0x100000000L, 0x180000000L)),
                setup.targets().get(0).ranges());
        Scheme scheme = setup.schemes().get(0);
        assertEquals(Action.PAGEOUT, scheme.action());
        assertEquals(new Range(4096, Range.MAX, Range.Unit.BYTES), scheme.size());
        assertEquals(10, scheme.age().inKernelUnits(5_000, 200_000).min(), "2 s are ten aggregations");
        assertEquals(List.of(), scheme.unused());
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
        assertTrue(message("{\"pause\": true}").contains("pause is not set up"));
    }

    /** A mistyped key would leave the default in force without a word. */
    @Test
    void everyKeyThatIsNotOfASetUpIsNamed() {
        assertTrue(message("intervals: {sampel_us: 10ms}").contains("intervals has no 'sampel_us'"));
        assertTrue(message("nr_regions: {least: 10}").contains("nr_regions has no 'least'"));
        assertTrue(message("intervals: {intervals_goal: {aggr: 3}}").contains("intervals_goal has no 'aggr'"));
        assertTrue(message("targets: [{pdi: 42}]").contains("a target has no 'pdi'"));
        assertTrue(message("kdamonds: [{contexts: [{}], stat: on}]").contains("a kdamond has no 'stat'"));
        assertTrue(message("kdamonds: [{contexts: [{}], refresh_ms: 100}]").contains("refresh_ms is not set up"));
        assertTrue(message("targets: [{pid: 42, obsolete: true}]").contains("obsolete is not set up"));
    }

    /** Whatever a file holds, what is wrong with it is told as the user's, and nothing else is. */
    @Test
    void mutatedFilesAreReadOrRefused() {
        Random random = new Random(7);
        String words = "{}[]\":,.-+%e0919 \n\\u0000minmaxKms";
        int read = 0;
        for (int i = 0; i < 4_000; i++) {
            StringBuilder text = new StringBuilder(DAMO);
            for (int n = random.nextInt(4) + 1; n > 0; n--) {
                int at = random.nextInt(text.length());
                int end = Math.min(text.length(), at + random.nextInt(5));
                int from = random.nextInt(words.length() - 4);
                text.replace(at, end, words.substring(from, from + random.nextInt(5)));
            }
            try {
                SetupFile.parse(text.toString());
                read++;
            } catch (InvalidInputException e) {
                assertEquals(1, e.getMessage().lines().count(), e.getMessage());
            }
        }
        assertTrue(read > 50, read + " were read");
    }

    private static String message(String text) {
        return assertThrows(InvalidInputException.class, () -> SetupFile.parse(text))
                .getMessage();
    }
}
