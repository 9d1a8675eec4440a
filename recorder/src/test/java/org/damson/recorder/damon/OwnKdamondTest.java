package org.damson.recorder.damon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.damon.scheme.Action;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.setup.DamonSetup;
import org.damson.recorder.kernel.DamonUnavailableException;
import org.damson.recorder.kernel.FakeDamon;
import org.damson.recorder.kernel.Libc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OwnKdamondTest extends KdamondSetUp {
    private final List<String> lost = new ArrayList<>();

    private void start(OwnKdamond own) throws IOException {
        own.start((from, to, count, cause) -> lost.add(cause));
    }

    @ParameterizedTest
    @ValueSource(strings = {"6.12", "6.18"})
    void everythingIsPutBackAtTheEnd(String kernel) throws Exception {
        damon = fake(kernel, false);
        Map<String, String> before = damon.tree();
        try (OwnKdamondCloser own = closing(setUp(DamonSetup.DEFAULT, false, 1000L))) {
            start(own.own);
            assertEquals("on", value("state"));
            assertEquals("1000", value("contexts/0/targets/0/pid_target"));
            assertEquals("5000", value("contexts/0/monitoring_attrs/intervals/sample_us"));
            assertTrue(own.own.tick(8));
        }
        assertEquals(before, damon.tree());
        assertFalse(Files.exists(damon.run.resolve("changes")));
    }

    private record OwnKdamondCloser(OwnKdamond own) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            own.close();
        }
    }

    private static OwnKdamondCloser closing(OwnKdamond own) {
        return new OwnKdamondCloser(own);
    }

    @Test
    void stoppedKdamondsOfOthersGetTheirSettingsBack() throws Exception {
        damon.write(damon.kdamonds.resolve("nr_kdamonds"), "2");
        Path other = damon.kdamonds.resolve("1");
        damon.write(other.resolve("contexts/nr_contexts"), "1");
        damon.write(other.resolve("contexts/0/operations"), "paddr");
        damon.write(other.resolve("contexts/0/targets/nr_targets"), "1");
        damon.write(other.resolve("contexts/0/targets/0/regions/nr_regions"), "0");
        damon.write(other.resolve("contexts/0/schemes/nr_schemes"), "2");
        damon.write(other.resolve("contexts/0/schemes/1/action"), "pageout");
        Map<String, String> before = damon.tree();
        OwnKdamond own = setUp(DamonSetup.DEFAULT, false, 1000L);
        start(own);
        own.close();
        assertEquals(before, damon.tree());
    }

    @Test
    void aKdamondThatRunsIsNamedAndLeftAlone() throws Exception {
        othersRun("0");
        Map<String, String> before = damon.tree();
        DamonUnavailableException e =
                assertThrows(DamonUnavailableException.class, () -> setUp(DamonSetup.DEFAULT, true, 1000L));
        assertTrue(e.getMessage().contains("kdamond 0 of sysfs (thread 500)"), e.getMessage());
        assertTrue(e.getMessage().contains("--attach"), e.getMessage());
        assertEquals(before, damon.tree());
    }

    private void othersRun(String kdamond) throws IOException {
        damon.write(damon.kdamonds.resolve("nr_kdamonds"), "1");
        damon.write(damon.kdamonds.resolve(kdamond + "/contexts/nr_contexts"), "1");
        damon.write(damon.kdamonds.resolve(kdamond + "/contexts/0/targets/nr_targets"), "1");
        damon.write(damon.kdamonds.resolve(kdamond + "/contexts/0/targets/0/pid_target"), "3000");
        damon.write(damon.kdamonds.resolve(kdamond + "/state"), "on");
    }

    @Test
    void damonStatIsSuspendedOnlyWhenAskedAndPutBackOn() throws Exception {
        damon = fake("6.18", true);
        Map<String, String> before = damon.tree();
        DamonUnavailableException e =
                assertThrows(DamonUnavailableException.class, () -> setUp(DamonSetup.DEFAULT, false, 1000L));
        assertTrue(e.getMessage().contains("damon_stat"), e.getMessage());
        assertTrue(e.getMessage().contains("--suspend-damon-stat"), e.getMessage());
        assertEquals(before, damon.tree());
        OwnKdamond own = setUp(DamonSetup.DEFAULT, true, 1000L);
        start(own);
        assertEquals("N\n", Files.readString(damon.sys.resolve("module/damon_stat/parameters/enabled")));
        own.close();
        assertEquals(before, damon.tree());
    }

    /** Every step of set-up, start, commit and restoration, each killed before and right after it was done. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void killedAtAnyStepTheNextRunPutsEverythingBack(boolean stepIsDone) throws Exception {
        int steps = 0;
        for (boolean finished = false; !finished; steps++) {
            damon = fake("6.18", true);
            Map<String, String> before = damon.tree();
            damon.killAfter = steps;
            damon.killedStepIsDone = stepIsDone;
            try {
                OwnKdamond own = setUp(DamonSetup.DEFAULT, true, 1000L);
                start(own);
                damon.alive.add(1001L);
                own.tick(9);
                own.close();
                finished = true;
            } catch (FakeDamon.Killed e) {
                damon.died();
                Changes.undoLeft(damon, damon.sys, damon.run, () -> 7);
            }
            assertEquals(before, damon.tree(), "after " + steps + " steps");
            assertFalse(Files.exists(damon.run.resolve("changes")));
        }
        assertTrue(steps > 35, "only " + steps + " steps: nothing was killed");
    }

    @Test
    void whatAnotherHasTakenOverSinceIsLeftAlone() throws Exception {
        OwnKdamond dead = setUp(DamonSetup.DEFAULT, false, 1000L);
        start(dead);
        damon.died();
        // Somebody stops it and sets up his own.
        damon.write(damon.kdamonds.resolve("0/state"), "off");
        othersRun("0");
        Map<String, String> before = damon.tree();
        List<String> told = Changes.undoLeft(damon, damon.sys, damon.run, () -> 7);
        assertEquals(before, damon.tree());
        assertTrue(told.get(0).contains("left DAMON unchanged"), told.toString());
    }

    @Test
    void aKdamondStartedByAnotherBeforeTheDeadRecordersFirstWriteIsLeftAlone() throws Exception {
        // The journal says what was about to be written; it never was.
        damon.killAfter = 2;
        assertThrows(FakeDamon.Killed.class, () -> setUp(DamonSetup.DEFAULT, false, 1000L));
        damon.died();
        othersRun("0");
        Map<String, String> before = damon.tree();
        Changes.undoLeft(damon, damon.sys, damon.run, () -> 7);
        assertEquals(before, damon.tree());
    }

    @Test
    void aJournalOfAnotherBootIsVoid() throws Exception {
        setUp(DamonSetup.DEFAULT, false, 1000L);
        damon.died();
        damon.bootId = "boot-2";
        Map<String, String> before = damon.tree();
        assertEquals(List.of(), Changes.undoLeft(damon, damon.sys, damon.run, () -> 7));
        assertEquals(before, damon.tree());
        assertFalse(Files.exists(damon.run.resolve("changes")));
    }

    @Test
    void aJournalThatLeadsElsewhereIsNotFollowed() throws Exception {
        Path victim = damon.root.resolve("victim");
        Files.writeString(victim, "untouched");
        Files.createDirectories(damon.run);
        Files.writeString(
                damon.run.resolve("changes"),
                "boot\tboot-1\t1\nwas\t../victim\tchanged\nwas\tkernel/mm/damon/admin/kdamonds/../../../../../../victim"
                        + "\tchanged\nset\tkernel/mm/damon/admin/kdamonds/nr_kdamonds\t0\nsuspend\t../../victim\t\n");
        Map<String, String> before = damon.tree();
        Changes.undoLeft(damon, damon.sys, damon.run, () -> 7);
        assertEquals("untouched", Files.readString(victim));
        assertEquals(before, damon.tree());
    }

    @Test
    void aSecondRecorderIsRefusedAndNamesTheFirst() throws Exception {
        OwnKdamond first = setUp(DamonSetup.DEFAULT, false, 1000L);
        Map<String, String> during = damon.tree();
        DamonUnavailableException e =
                assertThrows(DamonUnavailableException.class, () -> setUp(DamonSetup.DEFAULT, false, 3000L));
        assertTrue(e.getMessage().contains("process " + ProcessHandle.current().pid()), e.getMessage());
        assertEquals(List.of(), Changes.undoLeft(damon, damon.sys, damon.run, () -> 7));
        assertEquals(during, damon.tree());
        first.close();
    }

    @Test
    void childrenAreAppendedAndTheDeadKeepTheirPlaces() throws Exception {
        OwnKdamond own = setUp(DamonSetup.DEFAULT, false, 1000L, 3000L);
        start(own);
        damon.alive.add(1001L);
        assertTrue(own.tick(10));
        assertEquals("1001", value("contexts/0/targets/2/pid_target"));
        damon.alive.remove(3000L);
        assertTrue(own.tick(20));
        assertTrue(own.isEnded(1, 21));
        assertFalse(own.isEnded(1, 20), "what DAMON said before it ended counts");
        damon.alive.add(1002L);
        assertTrue(own.tick(30));
        assertEquals("1000", value("contexts/0/targets/0/pid_target"));
        assertEquals("2", value("contexts/0/targets/1/pid_target"), "a place-holder without memory");
        assertEquals("1001", value("contexts/0/targets/2/pid_target"));
        assertEquals("1002", value("contexts/0/targets/3/pid_target"));
        Map<String, Object> facts = new LinkedHashMap<>();
        own.summarize(facts);
        assertTrue(
                facts.get("processes").toString().contains("pid=3000, name=p3000, from_ns=7, to_ns=20"),
                facts.toString());
        assertEquals(List.of(), lost);
        own.close();
    }

    @Test
    void theRecordingEndsWhenAllTargetsHave() throws Exception {
        OwnKdamond own = setUp(DamonSetup.DEFAULT, false, 1000L);
        start(own);
        assertTrue(own.tick(10));
        damon.alive.remove(1000L);
        assertFalse(own.tick(20));
        assertEquals(List.of(), lost, "an end is no loss");
        own.close();
    }

    @Test
    void aKdamondStoppedBySomebodyElseEndsTheRecordingAndIsReported() throws Exception {
        OwnKdamond own = setUp(DamonSetup.DEFAULT, false, 1000L);
        start(own);
        damon.write(damon.kdamonds.resolve("0/state"), "off");
        assertFalse(own.tick(10));
        assertEquals(List.of("the kdamond was stopped by another program"), lost);
        own.close();
    }

    @Test
    void aStateThatCannotBeReadIsReadAgainAndIsNoStop() throws Exception {
        OwnKdamond own = setUp(DamonSetup.DEFAULT, false, 1000L);
        start(own);
        damon.refusals.put(damon.kdamonds.resolve("0/state"), new int[] {Libc.EBUSY, 3});
        assertTrue(own.tick(10));
        Map<String, Object> facts = new LinkedHashMap<>();
        own.summarize(facts);
        assertFalse(facts.containsKey("state_not_read"), "it was read in the end: " + facts);
        for (int errno : new int[] {Libc.EBUSY, Libc.EIO}) {
            damon.refusals.put(damon.kdamonds.resolve("0/state"), new int[] {errno, Integer.MAX_VALUE});
            assertTrue(own.tick(20));
            own.summarize(facts);
            assertTrue(facts.get("state_not_read").toString().contains("(errno " + errno + ")"), facts.toString());
        }
        assertEquals(List.of(), lost);
        assertFalse(facts.containsKey("ended_by"), facts.toString());
        damon.refusals.clear();
        damon.write(damon.kdamonds.resolve("0/state"), "off");
        assertFalse(own.tick(30), "a stop is one all the same");
        own.close();
    }

    @Test
    void nobodysKdamondIsTakenWhileItsStateCannotBeRead() throws Exception {
        damon.write(damon.kdamonds.resolve("nr_kdamonds"), "1");
        Map<String, String> before = damon.tree();
        damon.refusals.put(damon.kdamonds.resolve("0/state"), new int[] {Libc.EIO, Integer.MAX_VALUE});
        IOException e = assertThrows(IOException.class, () -> setUp(DamonSetup.DEFAULT, false, 1000L));
        assertTrue(e.getMessage().contains("0/state"), e.getMessage());
        assertEquals(before, damon.tree());
    }

    @Test
    void whatADeadRecorderLeftIsToldAndUndoneOnlyByTheUndo() throws Exception {
        start(setUp(DamonSetup.DEFAULT, false, 1000L));
        assertEquals(List.of(), Changes.left(damon, damon.sys, damon.run), "its owner lives");
        damon.died();
        List<String> left = Changes.left(damon, damon.sys, damon.run);
        assertEquals(List.of("kdamond 0 is set up and runs (thread 500)"), left);
        // A thread id that cannot be read at once must not make ours somebody else's.
        damon.refusals.put(damon.kdamonds.resolve("0/pid"), new int[] {Libc.EBUSY, 2});
        damon.refusals.put(damon.kdamonds.resolve("0/state"), new int[] {Libc.EBUSY, 2});
        assertFalse(Changes.undoLeft(damon, damon.sys, damon.run, () -> 7).isEmpty());
        assertEquals(List.of(), Changes.left(damon, damon.sys, damon.run));
        assertEquals("0", damon.text(damon.kdamonds.resolve("nr_kdamonds")));
    }

    @Test
    void eventsOfOtherKdamondsAreNotRecorded() throws Exception {
        OwnKdamond own = setUp(DamonSetup.DEFAULT, false, 1000L);
        start(own);
        assertNull(own.of(77));
        assertEquals(0, own.of(500).number());
        own.close();
    }

    @Test
    void aProcessThatIsNotThereIsNamed() throws Exception {
        Map<String, String> before = damon.tree();
        IOException e = assertThrows(IOException.class, () -> setUp(DamonSetup.DEFAULT, false, 4711L));
        assertTrue(e.getMessage().contains("4711"), e.getMessage());
        assertEquals(before, damon.tree());
    }

    @Test
    void snapshotsAreTheTriedRegionsAtTheTimesAskedFor() throws Exception {
        DamonSetup setup = DamonSetup.DEFAULT.withSchemes(List.of(Scheme.of(Action.STAT)));
        OwnKdamond own = setUp(setup, false, 1000L);
        long[] nowNs = {1_000_000_000L};
        try (TriedRegionsSource source = new TriedRegionsSource(damon, own, 1_000, 2, () -> nowNs[0])) {
            source.targetsRun();
            for (int n = 0; n < 2; n++) {
                nowNs[0] += 1_000_000_000L;
                region(0, 0x1000, 0x3000, 7 + n, 2);
                region(1, 0x8000, 0x9000, 0, 40);
                org.damson.model.Snapshot s = new org.damson.model.Snapshot();
                assertTrue(source.next(s));
                assertEquals(2, s.regions);
                assertEquals(0x8000, s.start[1]);
                assertEquals(7 + n, s.nrAccesses[0]);
                assertEquals(40, s.age[1]);
                assertEquals(0, s.scheme);
                assertEquals(nowNs[0], s.endNs);
                assertEquals(100_000, s.aggrUs);
            }
            assertFalse(source.next(new org.damson.model.Snapshot()), "two were asked for");
            assertEquals(0, source.lostEvents());
        }
        assertTrue(damon.writes.contains("kernel/mm/damon/admin/kdamonds/0/state=update_schemes_tried_regions"));
        assertEquals("0\n", Files.readString(damon.kdamonds.resolve("nr_kdamonds")));
    }

    private void region(int number, long start, long end, int accesses, int age) throws IOException {
        Path dir = Files.createDirectories(damon.kdamonds.resolve("0/contexts/0/schemes/0/tried_regions/" + number));
        Files.writeString(dir.resolve("start"), start + "\n");
        Files.writeString(dir.resolve("end"), end + "\n");
        Files.writeString(dir.resolve("nr_accesses"), accesses + "\n");
        Files.writeString(dir.resolve("age"), age + "\n");
    }
}
