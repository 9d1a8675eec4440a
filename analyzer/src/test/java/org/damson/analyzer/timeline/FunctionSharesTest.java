package org.damson.analyzer.timeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.damson.analyzer.MemoryTrace;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.stacks.Frame;
import org.damson.model.stacks.StackReader;
import org.junit.jupiter.api.Test;

final class FunctionSharesTest {
    private static void stack(MemoryTrace t, long stack, String... leafFirst) {
        for (int depth = 0; depth < leafFirst.length; depth++) {
            long frame = 100 * stack + depth;
            t.row(Table.STACKS, stack, depth, frame);
            t.row(Table.FRAMES, frame, leafFirst[depth], "/lib/x/" + leafFirst[depth] + ".so", "", 0L);
        }
    }

    private static void sample(MemoryTrace t, long ns, int pid, String event, long stack) {
        t.row(Table.SAMPLES, ns, pid, pid, 0, event, 0L, 1L, stack);
    }

    private static FunctionShares of(MemoryTrace t) throws IOException {
        return FunctionShares.of(StackReader.read(t, Long.MIN_VALUE, Long.MAX_VALUE));
    }

    private static List<String> texts(List<FunctionShares.Share> shares) {
        return shares.stream()
                .map(s -> s.function() + " " + s.self() + "/" + s.total() + "/" + s.all())
                .toList();
    }

    /** Recursion counts once a sample; ties are in the order of names; the end of the time is not in it. */
    @Test
    void functionsRanThemselvesOrByWhatTheyCalled() throws IOException {
        MemoryTrace t = new MemoryTrace();
        stack(t, 1, "f", "main");
        stack(t, 2, "g", "f", "f", "main");
        stack(t, 3, "main");
        long[][] samples = {{10, 1}, {20, 2}, {30, 2}, {40, 3}, {50, 1}, {60, 1}};
        for (long[] s : samples) {
            sample(t, s[0], 7, "cpu-clock", s[1]);
        }
        sample(t, 25, 7, "page-faults", 3);
        FunctionShares shares = of(t);
        assertEquals(List.of("f (f.so) 2/4/5", "g (g.so) 2/2/5", "main (main.so) 1/5/5"), texts(shares.top(10, 60, 9)));
        assertEquals(List.of("f (f.so) 2/4/5"), texts(shares.top(10, 60, 1)));
        assertEquals(List.of("g (g.so) 2/2/2"), texts(shares.top(11, 31, 9)));
        assertEquals(List.of(), shares.top(61, 1000, 9));
        assertEquals(6, shares.count());
        assertEquals(1, shares.others());
        assertEquals("cpu-clock", shares.event());
        assertEquals(Set.of(7), shares.pids());
    }

    /** A clock counts before what is more frequent; of page faults only where there is nothing else. */
    @Test
    void oneEventIsCounted() throws IOException {
        MemoryTrace t = new MemoryTrace();
        stack(t, 1, "f");
        for (int i = 0; i < 5; i++) {
            sample(t, i, 7, "page-faults", 1);
        }
        assertEquals("page-faults", of(t).event());
        sample(t, 6, 7, "cycles:u", 1);
        assertEquals("cycles:u", of(t).event());
        sample(t, 7, 7, "cycles:u", 1);
        sample(t, 8, 7, "task-clock:u", 1);
        FunctionShares shares = of(t);
        assertEquals("task-clock:u", shares.event());
        assertTrue(shares.isCounted(7));
        assertFalse(shares.isCounted(6));
    }

    @Test
    void codeWithoutASymbolIsNamedByItsPlace() {
        assertEquals("f (b.so)", FunctionShares.name(new Frame("f", "/a/b.so", "", 4)));
        assertEquals("f", FunctionShares.name(new Frame("f", "", "", 4)));
        assertEquals("b.so+0x40", FunctionShares.name(new Frame("", "/a/b.so", "", 64)));
        assertEquals("[unknown] at 0x40", FunctionShares.name(new Frame("", "", "", 64)));
    }

    /** 0 to 100 in four steps of 25: the step of a sample is the one it begins in. */
    @Test
    void samplesOverTimeAreInEqualSteps() throws IOException {
        MemoryTrace t = new MemoryTrace();
        stack(t, 1, "f");
        stack(t, 2, "g");
        stack(t, 3, "h");
        long[][] samples = {{-1, 1}, {0, 1}, {24, 1}, {25, 2}, {49, 3}, {75, 1}, {99, 3}, {100, 1}};
        for (long[] s : samples) {
            sample(t, s[0], 7, "cpu-clock", s[1]);
        }
        long[][] counts = of(t).overTime(0, 100, 4, List.of("g (g.so)", "f (f.so)"));
        assertArrayEquals(new long[] {0, 1, 0, 0}, counts[0]);
        assertArrayEquals(new long[] {2, 0, 0, 1}, counts[1]);
        assertArrayEquals(new long[] {0, 1, 0, 1}, counts[2]); // all others
    }

    /** Times at either end of what a long holds, as a damaged trace may have them. */
    @Test
    void timesFarApartAreNoNegativeStep() throws IOException {
        MemoryTrace t = new MemoryTrace();
        stack(t, 1, "f");
        sample(t, Long.MIN_VALUE, 7, "cpu-clock", 1);
        sample(t, Long.MAX_VALUE - 1, 7, "cpu-clock", 1);
        long[][] counts = of(t).overTime(Long.MIN_VALUE, Long.MAX_VALUE, 10, List.of());
        assertArrayEquals(new long[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 1}, counts[0]);
    }

    /** Every sample is looked at. */
    @Test
    void sharesAreThoseOfANaiveCount() throws IOException {
        SplittableRandom random = new SplittableRandom(71);
        for (int round = 0; round < 60; round++) {
            MemoryTrace t = new MemoryTrace();
            List<String[]> stacks = new ArrayList<>();
            for (int s = 0; s < 6; s++) {
                String[] frames = new String[1 + random.nextInt(4)];
                for (int f = 0; f < frames.length; f++) {
                    frames[f] = "abcd".substring(random.nextInt(4)).substring(0, 1);
                }
                stacks.add(frames);
                stack(t, s, frames);
            }
            long from = random.nextInt(30);
            long to = from + random.nextInt(60);
            TreeMap<String, long[]> counts = new TreeMap<>();
            long all = 0;
            for (int i = 1 + random.nextInt(50); i > 0; i--) {
                long ns = random.nextInt(100);
                int stack = random.nextInt(6);
                sample(t, ns, 7, "cpu-clock", stack);
                if (ns >= from && ns < to) {
                    all++;
                    counts.computeIfAbsent(stacks.get(stack)[0], k -> new long[2])[0]++;
                    for (String f : Set.copyOf(List.of(stacks.get(stack)))) {
                        counts.computeIfAbsent(f, k -> new long[2])[1]++;
                    }
                }
            }
            long counted = all;
            List<String> expected = counts.entrySet().stream()
                    .filter(e -> e.getValue()[0] > 0)
                    .sorted((x, y) -> Long.compare(y.getValue()[0], x.getValue()[0])) // stable: names stay in order
                    .map(e -> e.getKey() + " (" + e.getKey() + ".so) " + e.getValue()[0] + "/" + e.getValue()[1] + "/"
                            + counted)
                    .toList();
            assertEquals(expected, texts(of(t).top(from, to, 99)), "round " + round);
        }
    }

    @Test
    void aTraceOfStacksAloneIsATimeline() throws IOException {
        MemoryTrace t = new MemoryTrace();
        stack(t, 1, "f");
        sample(t, 30, 7, "cpu-clock", 1);
        sample(t, 90, 7, "cpu-clock", 1);
        Timeline line = Timeline.compute(t, TraceQuery.ALL);
        assertEquals(30, line.fromNs());
        assertEquals(91, line.toNs());
        assertEquals(List.of(), line.phases());
        assertEquals(0, line.outside());
        Timeline none = Timeline.compute(new MemoryTrace(), TraceQuery.ALL);
        assertEquals(0, none.toNs());
        assertNull(none.functions());
    }

    /** Snapshots from 100 to 300 ms; of samples at 99, 100, 299 and 300 ms two are outside. */
    @Test
    void samplesBeyondTheSnapshotsAreOutside() throws IOException {
        MemoryTrace t = new MemoryTrace();
        stack(t, 1, "f");
        long ms = MemoryTrace.MS;
        for (long at : new long[] {99, 100, 299, 300}) {
            sample(t, at * ms, 7, "cpu-clock", 1);
        }
        sample(t, 400 * ms, 7, "page-faults", 1); // not counted
        t.snapshot(0, 100, 200).add(0, 4096, 5, 0);
        t.snapshot(0, 200, 300).add(0, 4096, 5, 0);
        Timeline line = Timeline.compute(t, TraceQuery.ALL);
        assertEquals(2, line.outside());
        assertEquals(99 * ms, line.fromNs());
        assertEquals(400 * ms + 1, line.toNs());
        assertEquals(1, line.phases().size());
        assertEquals(4096, line.phases().get(0).workingSetBytes());
    }
}
