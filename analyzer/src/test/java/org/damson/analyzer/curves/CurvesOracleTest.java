package org.damson.analyzer.curves;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.curves.Curves.Point;
import org.damson.analyzer.memory.Outcome;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Curves against a count page by page, over random traces: of DAMON's regions, and of mappings touched in part. */
final class CurvesOracleTest {
    private static final int PAGES = 40;
    private static final long PAGE = 1 << 20;
    private static final int ROUNDS = 150;

    /** What is counted of one page, or of one mapping: every figure by its definition, none by a histogram. */
    private static final class Oracle {
        final boolean partial;
        double ns;
        long untilNs = Long.MIN_VALUE;
        double warm;
        double undecided;
        double touched;
        double residentBytes = Double.POSITIVE_INFINITY;
        /** By age: byte nanoseconds, all and what was touched before; bytes that came back: least, likely, most. */
        final TreeMap<Long, double[]> byAge = new TreeMap<>();
        /** By accesses in percent of samples: byte nanoseconds, and bytes times accesses. */
        final TreeMap<Integer, double[]> byHeat = new TreeMap<>();

        Oracle(boolean partial) {
            this.partial = partial;
        }

        void time(Snapshot s) {
            ns += Math.max(0, s.endNs - Math.max(s.startNs, untilNs));
            untilNs = Math.max(untilNs, s.endNs);
        }

        double[] at(long age) {
            return byAge.computeIfAbsent(age, a -> new double[5]);
        }

        private double from(long age, int what) {
            return byAge.tailMap(age, true).values().stream()
                    .mapToDouble(v -> v[what])
                    .sum();
        }

        private double mean(double byteNs) {
            return Math.min(residentBytes, byteNs / ns);
        }

        double workingSet(long aggrUs) {
            long until = Outcome.WORKING_SET_S * 1_000_000L / aggrUs;
            return mean(warm
                    + byAge.headMap(until).values().stream()
                            .mapToDouble(v -> v[1])
                            .sum());
        }

        double dramByHeat(double share) {
            double all = byHeat.values().stream().mapToDouble(v -> v[1]).sum();
            double rest = all * share;
            double sum = 0;
            for (double[] v : byHeat.descendingMap().values()) {
                double taken = v[1] <= 0 ? 0 : Math.min(1, Math.max(0, rest) / v[1]);
                sum += v[0] * taken;
                rest -= v[1];
            }
            return mean(sum);
        }

        double dramByAge(double share) {
            List<Long> ages = new ArrayList<>(byAge.keySet());
            ages.add(ages.isEmpty() ? 1 : ages.get(ages.size() - 1) + 1);
            ages.add(0, 0L);
            for (long age : ages) {
                if (touched <= 0 || 1 - from(age, 3) / touched >= share) {
                    return mean(warm + from(0, 1) - from(age, 1));
                }
            }
            return Double.NaN;
        }

        void compare(Curves c, long aggrUs, double slack, String which) {
            double seconds = ns / 1e9;
            assertEquals(seconds, c.seconds(), 1e-6, which + ": seconds");
            assertEquals(workingSet(aggrUs), c.workingSet(), slack, which + ": touched within 120 s");
            assertEquals(mean(undecided), c.undecidedBytes(), slack, which + ": undecided");
            assertEquals(mean(warm + from(0, 1) + undecided), c.touchedBytes(), slack, which + ": touched");
            for (long age : new long[] {0, 1, 2, 3, 7, 12, 20, 30, 1000}) {
                Point p = c.at(age);
                String what = which + ", age " + age;
                assertEquals(mean(from(age, 1)), p.cold().likely(), slack, what + ": cold");
                assertEquals(mean(from(age, 0) + undecided), p.cold().most(), slack, what + ": cold, all");
                assertEquals(from(age, 2) / seconds, p.back().least(), slack / seconds, what + ": back, least");
                assertEquals(from(age, 3) / seconds, p.back().likely(), slack / seconds, what + ": back");
                assertEquals(from(age, 4) / seconds, p.back().most(), slack / seconds, what + ": back, most");
                double hits = touched <= 0 ? 1 : Math.max(0, 1 - from(age, 3) / touched);
                assertEquals(hits, p.hitShare(), 1e-4, what + ": hits");
                double ws = workingSet(aggrUs);
                double promotion = ws <= 0 ? 0 : from(age, 3) / seconds * 60 / ws * 100;
                assertEquals(promotion, p.promotionPercentPerMinute(), promotion * 1e-4 + 1e-4, what + ": promotion");
            }
            for (double share : new double[] {0.1131, 0.5073, 0.9534, 0.9876}) {
                assertEquals(dramByHeat(share), c.dramByHeat(share), slack, which + ": by heat " + share);
                assertEquals(dramByAge(share), c.dramByAge(share), slack, which + ": by age " + share);
            }
        }
    }

    /** A target's pages as the last snapshot showed them. */
    private static final class Target {
        final boolean[] mapped = new boolean[PAGES];
        final int[] nr = new int[PAGES];
        /** Accesses and age in the last snapshot; -1: it was not there. */
        final int[] nrBefore = new int[PAGES];

        final long[] ageBefore = new long[PAGES];
        final boolean[] touched = new boolean[PAGES];
        /** Of mappings: bytes known to have been touched; where they begin. */
        final long[] known = new long[PAGES];

        Target() {
            java.util.Arrays.fill(nrBefore, -1);
        }

        /** Memory comes and goes, and changes its accesses. */
        void step(Random random, int samples) {
            for (int n = random.nextInt(3); n > 0; n--) {
                int from = random.nextInt(PAGES);
                int to = Math.min(PAGES, from + 1 + random.nextInt(12));
                boolean is = random.nextInt(4) > 0;
                java.util.Arrays.fill(mapped, from, to, is);
            }
            for (int n = random.nextInt(5); n > 0; n--) {
                int from = random.nextInt(PAGES);
                int to = Math.min(PAGES, from + 1 + random.nextInt(8));
                java.util.Arrays.fill(nr, from, to, random.nextBoolean() ? 0 : random.nextInt(samples + 1));
            }
        }

        /** Cuts what is mapped into regions of equal accesses, now and then finer than needed. */
        void fill(Snapshot s, Random random) {
            for (int i = 0, next; i < PAGES; i = next) {
                next = i + 1;
                if (!mapped[i]) {
                    continue;
                }
                while (next < PAGES && mapped[next] && nr[next] == nr[i] && random.nextInt(6) > 0) {
                    next++;
                }
                int age = random.nextInt(8) == 0 ? 500 + random.nextInt(500) : random.nextInt(25);
                s.add(i * PAGE, next * PAGE, nr[i], age);
            }
        }

        void count(Snapshot s, Oracle o) {
            double ns = s.endNs - s.startNs;
            int samples = s.maxNrAccesses();
            boolean[] there = new boolean[PAGES];
            boolean[] hit = new boolean[PAGES];
            for (int r = 0; r < s.regions; r++) {
                for (int i = (int) (s.start[r] / PAGE); i < s.end[r] / PAGE; i++) {
                    there[i] = true;
                    if (s.nrAccesses[r] == 0) {
                        o.at(s.age[r])[0] += PAGE * ns;
                        o.at(s.age[r])[1] += touched[i] ? PAGE * ns : 0;
                    } else {
                        hit[i] = true;
                        double same = s.nrAccesses[r] / (double) samples;
                        double others = 1 - Math.pow(1 - same, samples);
                        o.warm += PAGE * ns;
                        o.touched += PAGE * others;
                        double[] heat = o.byHeat.computeIfAbsent((int) Math.round(same * 100), k -> new double[2]);
                        heat[0] += PAGE * ns;
                        heat[1] += (double) PAGE * s.nrAccesses[r];
                        if (nrBefore[i] == 0) {
                            double[] back = o.at(ageBefore[i]);
                            back[2] += PAGE * same;
                            back[3] += PAGE * others;
                            back[4] += PAGE;
                        }
                    }
                }
            }
            for (int i = 0; i < PAGES; i++) {
                // What is not there any more is gone; what comes at its place is other memory.
                touched[i] = there[i] && (touched[i] || hit[i]);
                nrBefore[i] = -1;
            }
            remember(s);
        }

        private void remember(Snapshot s) {
            for (int r = 0; r < s.regions; r++) {
                for (int i = (int) (s.start[r] / PAGE); i < s.end[r] / PAGE; i++) {
                    nrBefore[i] = s.nrAccesses[r];
                    ageBefore[i] = s.age[r];
                }
            }
        }

        /** Mappings of four pages each; of one in use some bytes are touched, in some samples none. */
        void fillMappings(Snapshot s, Random random) {
            s.columns |= Snapshot.HAS_REFERENCED;
            for (int i = 0; i + 4 <= PAGES; i += 4) {
                if (!mapped[i]) {
                    continue;
                }
                s.add(i * PAGE, (i + 4) * PAGE, nr[i], random.nextInt(25));
                s.reserve(s.regions);
                long most = nr[i] == 0 ? 0 : random.nextInt(5) * PAGE;
                s.referencedMin[s.regions - 1] = 0;
                s.referencedMean[s.regions - 1] = most * 2 / 3;
                s.referencedMax[s.regions - 1] = most;
            }
        }

        void countMappings(Snapshot s, Oracle o) {
            double ns = s.endNs - s.startNs;
            long[] knownNow = new long[PAGES];
            for (int r = 0; r < s.regions; r++) {
                int i = (int) (s.start[r] / PAGE);
                long size = 4 * PAGE;
                long hit = s.nrAccesses[r] == 0 ? 0 : s.referencedMax[r];
                knownNow[i] = Math.max(known[i], hit);
                if (s.nrAccesses[r] == 0) {
                    o.at(s.age[r])[0] += size * ns;
                    o.at(s.age[r])[1] += knownNow[i] * ns;
                    continue;
                }
                o.warm += hit * ns;
                o.undecided += (knownNow[i] - hit) * ns;
                o.touched += hit;
                double[] heat = o.byHeat.computeIfAbsent(100, k -> new double[2]);
                heat[0] += hit * ns;
                heat[1] += (double) s.referencedMean[r] * s.maxNrAccesses();
                if (nrBefore[i] == 0) {
                    double[] back = o.at(ageBefore[i]);
                    back[2] += Math.max(0, Math.min(known[i], hit - (size - known[i])));
                    back[3] += Math.min(known[i], hit);
                    back[4] += size;
                }
            }
            System.arraycopy(knownNow, 0, known, 0, PAGES);
            java.util.Arrays.fill(nrBefore, -1);
            remember(s);
        }
    }

    private static void round(long seed, boolean partial) throws Exception {
        Random random = new Random(seed);
        MemoryTrace trace = new MemoryTrace();
        if (partial) {
            trace.manifest.source = Manifest.Source.REFERENCED.text();
        }
        int samples = new int[] {20, 5, 1, 50}[random.nextInt(4)];
        long aggrMs = random.nextBoolean() ? 100 : 10_000;
        List<Target> targets = new ArrayList<>();
        for (int t = 1 + random.nextInt(3); t > 0; t--) {
            targets.add(new Target());
        }
        Oracle whole = new Oracle(partial);
        List<Oracle> slices = new ArrayList<>();
        int perSlice = 7;
        for (int round = 0; round < ROUNDS; round++) {
            while (slices.size() <= round / perSlice) {
                slices.add(new Oracle(partial));
            }
            for (int t = 0; t < targets.size(); t++) {
                Target target = targets.get(t);
                target.step(random, samples);
                // A target may come later than the others, and end before them.
                if (t > 0 && (round < 10 * t || round > ROUNDS - 20 * t)) {
                    continue;
                }
                Snapshot s = trace.snapshot(t, round * aggrMs, (round + 1) * aggrMs);
                s.aggrUs = aggrMs * 1000;
                s.sampleUs = s.aggrUs / samples;
                s.columns = Snapshot.HAS_AGE;
                if (partial) {
                    target.fillMappings(s, random);
                } else {
                    target.fill(s, random);
                }
                whole.time(s);
                slices.get(round / perSlice).time(s);
                // What came back is counted once, from one state of the target: into both.
                Oracle one = new Oracle(partial);
                if (partial) {
                    target.countMappings(s, one);
                } else {
                    target.count(s, one);
                }
                add(whole, one);
                add(slices.get(round / perSlice), one);
            }
        }
        if (partial && random.nextBoolean()) {
            whole.residentBytes = (1 + random.nextInt(30)) * PAGE;
            trace.resident(7, 0, (long) whole.residentBytes);
            slices.forEach(o -> o.residentBytes = whole.residentBytes);
        }
        long aggrUs = aggrMs * 1000;
        List<Curves> found = Curves.of(trace, TraceQuery.ALL, 0);
        assertEquals(1, found.size());
        whole.compare(found.get(0), aggrUs, PAGE * 1e-3, "seed " + seed);
        List<Curves> sliced = Curves.of(trace, TraceQuery.ALL, perSlice * aggrMs * MemoryTrace.MS);
        for (int i = 0; i < sliced.size(); i++) {
            slices.get(i).compare(sliced.get(i), aggrUs, PAGE * 1e-3, "seed " + seed + " slice " + i);
        }
        assertTrue(found.get(0).workingSetMost() >= found.get(0).workingSet());
    }

    private static void add(Oracle to, Oracle o) {
        to.warm += o.warm;
        to.undecided += o.undecided;
        to.touched += o.touched;
        o.byAge.forEach((age, v) -> {
            for (int k = 0; k < v.length; k++) {
                to.at(age)[k] += v[k];
            }
        });
        o.byHeat.forEach((heat, v) -> {
            double[] sum = to.byHeat.computeIfAbsent(heat, k -> new double[2]);
            sum[0] += v[0];
            sum[1] += v[1];
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyFigureIsThatOfItsPages(boolean partial) throws Exception {
        for (long seed = 0; seed < 40; seed++) {
            round(seed, partial);
        }
    }
}
