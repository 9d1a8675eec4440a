package org.damson.analyzer.advise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.advise.Advice.Kind;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

/**
 * The gains that advice claims, against a count block by block over random workloads: blocks are in use, or idle, or unmapped, as a
 * whole, so that what is out at each moment is known without a model of shares.
 */
final class AdvisedGainsTest {
    private static final int TURNS = 700;
    private static final long TURN_MS = 100;
    private static final double LIMIT = 0.2;
    private static final int SAMPLES = 20;

    /** A block of memory: in use, idle or unmapped in each turn. */
    private record Block(long target, long start, long bytes, char[] use) {
        @Override
        public String toString() {
            StringBuilder b = new StringBuilder(Long.toHexString(start) + "+" + (bytes >> 20) + "M:");
            for (int from = 0, to; from < use.length; from = to) {
                to = from;
                while (to < use.length && use[to] == use[from]) {
                    to++;
                }
                b.append(' ').append(to - from).append(use[from]);
            }
            return b.toString();
        }

        boolean isMapped(int turn) {
            return use[turn] != '-';
        }

        boolean isUsed(int turn) {
            return use[turn] == 'x';
        }

        /** Aggregations since its use changed. */
        int age(int turn) {
            int since = turn;
            while (since > 0 && use[since - 1] == use[turn]) {
                since--;
            }
            return turn - since;
        }
    }

    /** What paging out does, block by block. */
    private static final class Course {
        double outMean;
        double outAtEnd;
        double refaulted;
        double touchedMean;
        double workingSet;

        double promotion() {
            return workingSet <= 0 ? 0 : 100 * refaulted / (TURNS * TURN_MS / 60e3) / workingSet;
        }
    }

    private static Course course(List<Block> blocks, int minAge) {
        Course c = new Course();
        boolean[] out = new boolean[blocks.size()];
        boolean[] known = new boolean[blocks.size()];
        long second = -1;
        int seconds = 0;
        for (int turn = 0; turn < TURNS; turn++) {
            double nowOut = 0;
            double nowKnown = 0;
            for (int b = 0; b < out.length; b++) {
                Block block = blocks.get(b);
                if (!block.isMapped(turn)) {
                    out[b] = false;
                    known[b] = false;
                } else if (block.isUsed(turn)) {
                    c.refaulted += out[b] ? block.bytes : 0;
                    out[b] = false;
                    known[b] = true;
                } else if (block.age(turn) >= minAge) {
                    out[b] = known[b];
                }
                nowOut += out[b] ? block.bytes : 0;
                nowKnown += known[b] ? block.bytes : 0;
            }
            c.outMean += nowOut / TURNS;
            c.touchedMean += nowKnown / TURNS;
            c.outAtEnd = nowOut;
            long at = (turn + 1) * TURN_MS / 1000;
            if (at != second) {
                second = at;
                seconds++;
                c.workingSet += nowKnown;
            }
        }
        c.workingSet /= seconds;
        return c;
    }

    /** @param kinds those below 2 leave nothing idle for long */
    private static char[] use(Random random, int kinds) {
        char[] use = new char[TURNS];
        java.util.Arrays.fill(use, '.');
        switch (random.nextInt(kinds)) {
            case 0 -> java.util.Arrays.fill(use, 'x');
            case 2 -> java.util.Arrays.fill(use, 0, 10 + random.nextInt(200), 'x');
            case 1 -> {
                int period = 5 + random.nextInt(200);
                int busy = 1 + random.nextInt(period);
                for (int t = 0; t < TURNS; t++) {
                    use[t] = t % period < busy ? 'x' : '.';
                }
            }
            case 3 -> {
                // Filled, left, and unmapped.
                int gone = 200 + random.nextInt(TURNS - 200);
                java.util.Arrays.fill(use, 0, 1 + random.nextInt(100), 'x');
                java.util.Arrays.fill(use, gone, TURNS, '-');
            }
            case 4 -> {
                // Other memory comes where some was unmapped: what was out of the first is no refault of the second.
                int gone = 150 + random.nextInt(150);
                int again = gone + 20 + random.nextInt(100);
                java.util.Arrays.fill(use, 0, 50, 'x');
                java.util.Arrays.fill(use, gone, again, '-');
                java.util.Arrays.fill(use, again, again + 1 + random.nextInt(100), 'x');
            }
            case 5 -> {
                int used = random.nextInt(TURNS - 100);
                java.util.Arrays.fill(use, used, used + 1 + random.nextInt(99), 'x');
            }
            default -> {
                // never used
            }
        }
        return use;
    }

    private static List<Block> blocks(Random random) {
        List<Block> blocks = new ArrayList<>();
        int kinds = random.nextInt(3) == 0 ? 2 : 7;
        for (int target = 0, n = 1 + random.nextInt(2); target < n; target++) {
            long at = 1L << 30;
            for (int i = 2 + random.nextInt(6); i > 0; i--) {
                long bytes = (2 + 2 * random.nextInt(16)) * MemoryTrace.MIB;
                // Of each target something stays.
                char[] use = use(random, kinds);
                if (i == 1) {
                    java.util.Arrays.fill(use, random.nextBoolean() ? 'x' : '.');
                }
                blocks.add(new Block(target, at, bytes, use));
                at += bytes + (random.nextInt(4) == 0 ? MemoryTrace.MIB << 6 : 0);
            }
        }
        return blocks;
    }

    private static MemoryTrace trace(List<Block> blocks) {
        MemoryTrace trace = new MemoryTrace();
        List<Long> targets = blocks.stream().map(Block::target).distinct().toList();
        for (int turn = 0; turn < TURNS; turn++) {
            for (long target : targets) {
                Snapshot s = trace.snapshot(target, turn * TURN_MS, (turn + 1) * TURN_MS);
                s.columns = Snapshot.HAS_AGE;
                for (Block b : blocks) {
                    if (b.target == target && b.isMapped(turn)) {
                        s.add(b.start, b.start + b.bytes, b.isUsed(turn) ? SAMPLES : 0, b.age(turn));
                    }
                }
            }
        }
        return trace;
    }

    @Test
    void pagingOutGainsWhatIsOutOfEachBlockAndTheBestAgeIsTaken() throws Exception {
        int advised = 0;
        int nothing = 0;
        for (int seed = 0; seed < 60; seed++) {
            List<Block> blocks = blocks(new Random(seed));
            MemoryTrace trace = trace(blocks);
            Curves curves = Curves.of(trace, TraceQuery.ALL, 0).get(0);
            double touched = course(blocks, TURNS).touchedMean;
            assertEquals(touched, curves.touchedBytes(), 1, "seed " + seed);
            Course best = null;
            for (Curves.Point p : curves.points(40)) {
                Course c = course(blocks, (int) p.ageAggrs());
                boolean isTried = p.ageUs() >= 100_000 && p.ageUs() <= TURNS * TURN_MS * 1000 / 2;
                if (isTried && c.promotion() <= LIMIT && (best == null || c.outMean > best.outMean)) {
                    best = c;
                }
            }
            List<Advice> all = Advisor.advise(trace, TraceQuery.ALL, OpenLoopOptions.DEFAULTS, OutcomeOptions.DEFAULTS);
            String text = "seed " + seed + "\n" + all.stream().map(Advice::text).collect(Collectors.joining("\n"));
            List<Advice> reclaim =
                    all.stream().filter(a -> a.kind() == Kind.RECLAIM).toList();
            boolean isWorth = best != null && touched > 0 && best.outMean >= 0.1 * touched;
            assertEquals(
                    isWorth ? 1 : 0, reclaim.size(), text + "\n" + (best == null ? "no age" : best.outMean / touched));
            if (isWorth) {
                Advice a = reclaim.get(0);
                assertEquals(best.outMean, a.gain().done(), best.outMean * 1e-4 + 1, text);
                int age = (int) ((Long) a.numbers().get("min_age_us") / (TURN_MS * 1000));
                Course c = course(blocks, age);
                assertEquals(c.outMean, a.gain().done(), c.outMean * 1e-4 + 1, text);
                assertEquals(
                        c.refaulted / (TURNS * TURN_MS / 1e3),
                        (Long) a.numbers().get("refaulted_bytes_per_s"),
                        c.refaulted * 1e-4 + 1,
                        text);
                assertEquals(c.promotion(), (Double) a.numbers().get("promotion_percent_per_minute"), 1e-3, text);
                advised++;
            }
            nothing += isWorth ? 0 : 1;
            ranges(all, blocks, text);
        }
        assertTrue(advised >= 15 && nothing >= 10, advised + " advised, " + nothing + " times nothing");
    }

    /** What {@code MADV_PAGEOUT} of a range leaves out at the end, whenever the range was idle for so long. */
    private static void ranges(List<Advice> all, List<Block> blocks, String text) {
        for (Advice a : all) {
            if (a.kind() != Kind.PAGEOUT) {
                continue;
            }
            long start = address(a, "start");
            long end = address(a, "end");
            long target = (Long) a.numbers().get("target");
            double idleTurns = (Long) a.numbers().get("after_idle_ns") / (TURN_MS * 1e6);
            double out = 0;
            int idle = 0;
            boolean isOut = false;
            List<Block> within = blocks.stream()
                    .filter(b -> b.target == target && b.start < end && start < b.start + b.bytes)
                    .toList();
            boolean[] known = new boolean[within.size()];
            boolean[] gone = new boolean[within.size()];
            for (int turn = 0; turn < TURNS; turn++) {
                int now = turn;
                boolean used = within.stream().anyMatch(b -> b.isUsed(now));
                idle = used ? 0 : idle + 1;
                isOut &= !used;
                for (int b = 0; b < known.length; b++) {
                    boolean is = within.get(b).isMapped(turn);
                    known[b] = is && (known[b] || within.get(b).isUsed(turn));
                    gone[b] = is && gone[b] && !within.get(b).isUsed(turn);
                }
                if (!isOut && idle >= idleTurns) {
                    isOut = true;
                    System.arraycopy(known, 0, gone, 0, known.length);
                }
            }
            for (int b = 0; b < gone.length; b++) {
                Block block = within.get(b);
                long part = Math.min(end, block.start + block.bytes) - Math.max(start, block.start);
                out += gone[b] ? part : 0;
            }
            assertEquals(out, a.gain().done(), 1, a.text() + "\n" + text + "\n" + within);
        }
    }

    private static long address(Advice a, String name) {
        return Long.parseUnsignedLong(a.numbers().get(name).toString().replaceFirst("^0x", ""), 16);
    }
}
