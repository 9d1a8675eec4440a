package org.damson.analyzer.certificate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.damson.analyzer.MemoryTrace;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.junit.jupiter.api.Test;

/** Scores, touched parts and windows worked out by hand. */
final class TallyTest {
    /** 1 s of 100 recorded where 80 were touched, 3 s of 100 where it may have been 90 to 120: 20 off of 80 + 300. */
    @Test
    void theWorkingSetErrorIsItsDistanceFromWhatMayBeTrue() {
        Tally t = new Tally("a");
        t.snapshot(1, 100, 80, 80);
        t.snapshot(3, 100, 90, 120);
        Score s = t.score();
        assertEquals(2, s.snapshots());
        assertEquals(95, s.meanWorkingSetBytes(), 1e-12);
        assertEquals(20 / 380.0, s.workingSetError(), 1e-12);
        // Not known are 30 of 120 for 3 s, of 80 + 360 at most.
        assertEquals(90 / 440.0, s.notKnown(), 1e-12);
    }

    /** Recorded heat 1, 0.5 and 0 of 10 byte seconds each, true 1, 0 and 0.5: common 10 of 15 and 15. */
    @Test
    void f1IsTheShareOfHeatInCommon() {
        Tally t = new Tally("a");
        t.snapshot(1, 1, 1, 1);
        t.bytes(10, 1, 1);
        t.bytes(10, 0.5, 0);
        t.bytes(10, 0, 0.5);
        t.place(15, 15);
        Score s = t.score();
        assertEquals(20 / 30.0, s.f1(), 1e-12);
        // Means 0.5, squares 1.25 / 3 less 0.25 = 1/6; product 1 / 3 less 0.25 = 1/12.
        assertEquals(0.5, s.correlation(), 1e-9);
        assertEquals(1, s.detection());
    }

    /** What was recorded at a place beyond what was touched there makes up for nothing elsewhere. */
    @Test
    void detectionCountsPlaceByPlace() {
        Tally t = new Tally("a");
        t.snapshot(1, 1, 1, 1);
        t.bytes(10, 1, 1);
        t.place(50, 4);
        t.place(1, 6);
        assertEquals(0.5, t.score().detection(), 1e-12);
    }

    /** Of 10 touched, 4 lie in a region that could reach 0.95 at best, 6 in one that mixes hot and cold. */
    @Test
    void regionsThatMixLeaveThePlaceUndecided() {
        Tally t = new Tally("a");
        t.snapshot(1, 1, 1, 1);
        t.bytes(10, 1, 1);
        t.region(3.8, 4);
        t.region(3, 6);
        t.region(0, 0);
        Score s = t.score();
        assertEquals(0.6, s.undecided(), 1e-12);
        assertEquals(0.68, s.bestF1(), 1e-12);
        assertFalse(s.isPlaceDecided());
    }

    @Test
    void whatThereIsNothingToJudgeByIsNotANumber() {
        Score s = new Tally("a").score();
        for (double d : new double[] {s.workingSetError(), s.f1(), s.correlation(), s.detection(), s.bestF1()}) {
            assertTrue(Double.isNaN(d));
        }
        assertEquals(0, s.notKnown());
        assertEquals("only 0 snapshots: too few to judge", s.fault());
        assertEquals(
                "only 1 snapshot: too few to judge", score(1, 0, 1, 1, 1, 0).fault());
    }

    private static Score score(int n, double error, double f1, double detection, double bestF1, double notKnown) {
        return new Score("a", n, 1, error, f1, 0, detection, 0, bestF1, notKnown);
    }

    /** Limits hold at equality; where regions could not tell the place, F1 is not judged. */
    @Test
    void theFirstFaultIsTold() {
        assertTrue(score(2, 0.05, 0.95, 1, 1, 0.25).passes());
        assertTrue(score(2, 0.05, 0.5, 1, 0.94, 0).passes());
        assertEquals(
                "hot memory is reported at the wrong place or time",
                score(2, 0.05, 0.949, 1, 1, 0).fault());
        assertEquals(
                "hot memory is reported at the wrong place or time",
                score(2, 0, Double.NaN, 1, 1, 0).fault());
        assertEquals(
                "10.0 % of the touched memory was not detected",
                score(2, 0.06, 1, 0.9, 1, 0).fault());
        assertEquals(
                "the working set is 6.0 % off", score(2, 0.06, 1, 0.96, 1, 0).fault());
        assertEquals(
                "the working set is - off", score(2, Double.NaN, 1, 1, 1, 0).fault());
        assertTrue(score(2, 0, 1, 1, 1, 0.26).fault().startsWith("the program was denied its processor: when 26.0 %"));
    }

    /** 8 pages in turn by 4 KiB: so many accesses, so many pages; by 1 KiB a page for four; at random 8 (1 - e^-(n/8)). */
    @Test
    void differentPagesAmongAccesses() {
        TouchedPart.Kind inTurn = new TouchedPart.Kind(0, 32768, 4096, false, 4096);
        assertEquals(8, inTurn.pages());
        assertEquals(3, inTurn.distinct(3));
        assertEquals(8, inTurn.distinct(100));
        TouchedPart.Kind fine = new TouchedPart.Kind(0, 32768, 1024, false, 4096);
        assertEquals(8, fine.pages());
        assertEquals(2, fine.distinct(8));
        TouchedPart.Kind coarse = new TouchedPart.Kind(0, 32768 + 1, 8192, false, 4096);
        assertEquals(5, coarse.pages()); // every other one
        assertEquals(5, coarse.distinct(7));
        TouchedPart.Kind random = new TouchedPart.Kind(0, 32768, 64, true, 4096);
        assertEquals(8 * (1 - Math.exp(-0.5)), random.distinct(4), 1e-12);
        assertEquals(0, random.distinct(0));
    }

    private static double bytes(TouchedPart p, double from, double to, boolean most) {
        return p.touchedBytes(List.of(new Window(from, to, from - 5, to + 5)), most);
    }

    /** Rows of 40 ns are spread over their time in a window of 100 ns: half of one, and another whole. */
    @Test
    void accessesOfARowAreSpreadOverItsTime() {
        TouchedPart p = new TouchedPart(new TouchedPart.Kind(0, 1 << 20, 4096, false, 4096));
        p.add(0, 40, 8);
        p.add(40, 80, 4);
        p.add(200, 240, 16);
        assertEquals((4 + 4) * 4096, bytes(p, 20, 120, false));
        // At most the window is from 15 to 125: five eighths of the first.
        assertEquals((5 + 4) * 4096, bytes(p, 20, 120, true));
        assertEquals(0, bytes(p, 80, 180, false));
        assertEquals(8 * 4096, bytes(p, 220, 320, false));
        assertThrows(InvalidInputException.class, () -> p.add(239, 300, 1));
    }

    /** A row of 60 ns, more than half a window: nobody knows when its accesses were. */
    @Test
    void accessesOfALongRowMayBeInAWindowOrNot() {
        TouchedPart p = new TouchedPart(new TouchedPart.Kind(0, 1 << 20, 4096, false, 4096));
        p.add(0, 60, 6);
        assertEquals(0, bytes(p, 30, 130, false));
        assertEquals(6 * 4096, bytes(p, 30, 130, true));
        assertEquals(6 * 4096, bytes(p, -10, 90, false)); // all of it lies within
    }

    @Test
    void windowsAreTheMeanOfTheSamples() {
        TouchedPart p = new TouchedPart(new TouchedPart.Kind(0, 1 << 20, 4096, false, 4096));
        p.add(0, 10, 2);
        p.add(100, 110, 6);
        assertEquals(4 * 4096, p.touchedBytes(Window.spread(0, 200, 50, 2), false));
        assertEquals(
                List.of(new Window(1000, 1020, 1000, 1020), new Window(1100, 1120, 1100, 1120)),
                Window.spread(1000, 1200, 20, 2));
    }

    /** From 100 to 200 ns, cleared for 10 and read for 20: certain from 110 to 180. */
    @Test
    void samplesAreCertainBetweenClearingAndReading() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.row(Table.SAMPLING, 100L, 200L, 10L, 20L);
        t.row(Table.SAMPLING, 300L, 320L, 15L, 50L); // reading took longer than there was time
        t.row(Table.SAMPLING, 900L, 950L, -1L, -1L);
        SampleTimes times = SampleTimes.of(t);
        Snapshot s = new Snapshot();
        s.startNs = 100;
        s.endNs = 900;
        s.sampleUs = 5;
        s.aggrUs = 10;
        assertEquals(List.of(new Window(110, 180, 100, 200), new Window(315, 315, 300, 320)), times.of(s, 1));
        s.startNs = 900;
        s.endNs = 1000;
        assertEquals(List.of(new Window(900, 950, 900, 950)), times.of(s, 1));
        s.startNs = 1000;
        s.endNs = 1200;
        assertEquals(Window.spread(1000, 1200, 7, 2), times.of(s, 7)); // nothing is told: as many as the intervals say
    }

    /** Over all patterns there are figures only if all could be judged. */
    @Test
    void aSummaryKeepsWhatFactsHold() {
        Score good = score(2, 0.01234, 1, 1, 1, 0);
        Score few = score(1, 0, 1, 1, 1, 0);
        AccuracySummary all = AccuracySummary.of(List.of(good, score(3, 0.5, 1, 1, 0.5, 0)), good);
        assertEquals(
                "1 of 2 patterns pass; WSS error 1.2 %, F1 1.000, correlation 0.000, detection 100.0 %; place not decided in 1",
                all.line());
        AccuracySummary back = AccuracySummary.from(all.facts());
        assertEquals(0.0123, back.workingSetError());
        assertEquals(all.passed(), back.passed());
        AccuracySummary part = AccuracySummary.of(List.of(good, few), good);
        assertEquals("1 of 2 patterns pass; WSS error -, F1 -, correlation -, detection -", part.line());
        assertTrue(Double.isNaN(AccuracySummary.from(part.facts()).f1()));
        assertEquals(null, AccuracySummary.from(java.util.Map.of()));
        assertArrayEquals(
                new String[] {"-", "12.3 %"},
                new String[] {AccuracySummary.percent(Double.NaN), AccuracySummary.percent(0.1234)});
    }
}
