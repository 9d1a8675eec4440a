package org.damson.analyzer.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.damson.model.InvalidInputException;
import org.junit.jupiter.api.Test;

final class VariableTest {
    @Test
    void valuesAreInTheUnitOfTheParameter() {
        assertEquals(
                List.of(1_000_000L, 2_000_000L), Variable.of("min_age=2s,1s,2s").values());
        assertEquals(List.of(1L << 20), Variable.of("min_size=1M").values());
        assertEquals(List.of(0L, 7L), Variable.of("max_access=7,0").values());
        assertEquals(List.of(10L, 250L), Variable.of("quota_ms=10ms,250ms").values());
        assertEquals(new Variable(3, "quota_bytes", List.of(4096L)), Variable.of("3:quota_bytes=4K"));
    }

    @Test
    void rangesHaveBothEndsWhereTheStepsMeetThem() {
        assertEquals(List.of(0L, 4096L, 8192L), Variable.of("min_size=0..8K/4K").values());
        assertEquals(
                List.of(0L, 4096L, 8192L), Variable.of("min_size=0..12287/4K").values());
        assertEquals(
                List.of(4096L, 8192L, 16384L),
                Variable.of("min_size=4K..16K/*2").values());
        assertEquals(
                List.of(4096L, 6144L, 9216L, 13824L),
                Variable.of("min_size=4K..16K/*1.5").values());
        assertEquals(List.of(5L), Variable.of("min_access=5..5/1").values());
    }

    /** Ends beyond what a double has as whole numbers: no value is above the end, none is missed. */
    @Test
    void noValueIsBeyondTheEnd() {
        assertEquals(
                List.of(0L, 1L << 40),
                Variable.of("min_size=0..2199023255551/1T").values());
        assertEquals(
                List.of(0L, 1L << 40, 2L << 40),
                Variable.of("min_size=0..2199023255552/1T").values());
        long odd = (1L << 60) + 1;
        assertEquals(
                List.of(odd, odd + 1, odd + 2),
                Variable.of("min_size=" + odd + ".." + (odd + 2) + "/1").values());
        // A power that is above the end by less than doubles are sure of is the end.
        List<Long> powers = Variable.of("min_size=1000..999999999999999/*10").values();
        assertEquals(999_999_999_999_999L, powers.get(powers.size() - 1));
        SplittableRandom random = new SplittableRandom(95);
        for (int round = 0; round < 300; round++) {
            long from = random.nextLong(1L << random.nextInt(1, 61));
            long step = 1 + random.nextLong(1L << random.nextInt(1, 58));
            long to = from + step * random.nextInt(20) + random.nextLong(step);
            List<Long> expected = new ArrayList<>();
            for (long v = from; v <= to; v += step) {
                expected.add(v);
            }
            assertEquals(
                    expected,
                    Variable.of("min_size=" + from + ".." + to + "/" + step).values());
        }
        for (int round = 0; round < 300; round++) {
            long from = 1 + random.nextLong(1L << 30);
            long to = from + random.nextLong(1L << random.nextInt(1, 61));
            List<Long> values =
                    Variable.of("min_size=" + from + ".." + to + "/*1.7").values();
            assertEquals(from, values.get(0));
            long last = values.get(values.size() - 1);
            assertTrue(last <= to && last * 1.7 > to * (1 - 1e-9) - 2, from + ".." + to + ": " + last);
        }
    }

    @Test
    void whatIsNoRangeIsRefused() {
        for (String wrong : List.of(
                "min_age",
                "age=1s",
                "min_age=",
                "min_age=1s..2s",
                "min_age=2s..1s/1s",
                "min_age=1s..2s/0s",
                "min_size=0..8K/*2",
                "min_size=4K..8K/*1",
                "min_size=4K..8K/*x",
                "min_size=0..10001/1",
                "max_access=-1",
                "max_access=1K")) {
            assertThrows(InvalidInputException.class, () -> Variable.of(wrong), wrong);
        }
        assertEquals(10_001, Variable.of("min_size=0..10000/1").values().size());
    }

    private static Tune.Point point(Double cost, Double gain) {
        Map<String, Double> measured = cost == null ? Map.of() : Map.of("cost", cost, "gain", gain);
        return new Tune.Point(List.of(), measured, true, 0);
    }

    /** Less cost and more gain is better; equal points do not beat one another; what was not measured is no point. */
    @Test
    void theFrontIsWhatNothingBeats() {
        Map<String, Boolean> axes = Map.of("cost", false, "gain", true);
        Tune.Point cheap = point(1.0, 1.0);
        Tune.Point same = point(1.0, 1.0);
        Tune.Point good = point(5.0, 9.0);
        Tune.Point beaten = point(5.0, 8.0);
        Tune.Point dear = point(6.0, 9.0);
        Tune.Point none = point(null, null);
        assertEquals(List.of(cheap, same, good), ParetoFront.of(List.of(none, cheap, beaten, same, dear, good), axes));
        assertEquals(List.of(), ParetoFront.of(List.of(none), axes));
        // Of one axis alone, all of the best.
        assertEquals(List.of(good, dear), ParetoFront.of(List.of(good, cheap, dear), Map.of("gain", true)));
    }

    /** No point of the front is beaten, and each that is not in it is: by one of the front. */
    @Test
    void theFrontBeatsAllOthers() {
        SplittableRandom random = new SplittableRandom(96);
        Map<String, Boolean> axes = Map.of("cost", false, "gain", true);
        for (int round = 0; round < 100; round++) {
            List<Tune.Point> all = new ArrayList<>();
            for (int i = random.nextInt(25); i > 0; i--) {
                all.add(point((double) random.nextInt(6), (double) random.nextInt(6)));
            }
            List<Tune.Point> front = ParetoFront.of(all, axes);
            for (Tune.Point p : all) {
                double gainForItsCost = front.stream()
                        .filter(q -> q.measured().get("cost") <= p.measured().get("cost"))
                        .mapToDouble(q -> q.measured().get("gain"))
                        .max()
                        .orElseThrow();
                double costForItsGain = front.stream()
                        .filter(q -> q.measured().get("gain") >= p.measured().get("gain"))
                        .mapToDouble(q -> q.measured().get("cost"))
                        .min()
                        .orElseThrow();
                boolean isBest = gainForItsCost == p.measured().get("gain")
                        && costForItsGain == p.measured().get("cost");
                assertEquals(isBest, front.contains(p), "round " + round);
            }
        }
    }
}
