package org.damson.analyzer.damos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.analyzer.whatif.Recorded;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Randomly drawn {@code stat} schemes that Linux 6.12.94 really had while it recorded, and their simulation. */
final class RandomSchemesTest {
    private static final Path RECORDINGS = Path.of("..", "testdata");

    /** The recording's CSV has DAMON's own names: bounds of size, accesses and age, then the quota. */
    private static List<Scheme> schemes(String name) throws IOException {
        List<Scheme> schemes = new ArrayList<>();
        List<String> lines = Files.readAllLines(RECORDINGS.resolve(name).resolve("schemes.csv"));
        for (String line : lines.subList(1, lines.size())) {
            String[] f = line.split(",");
            String text = f[1] + " size=" + f[2] + ".." + f[3] + " access=" + f[4] + ".." + f[5] + " age=" + f[6]
                    + "aggr.." + f[7] + "aggr";
            if (!f[8].equals("0")) {
                text += " quotas/bytes=" + f[8] + " quotas/reset_interval_ms=" + f[9];
            }
            schemes.addAll(SchemeParser.parse(text));
        }
        return schemes;
    }

    /** Regions and bytes that the kernel tried, by scheme. */
    private static long[][] tried(TraceSource trace, int schemes) throws IOException {
        long[][] sums = new long[schemes][2];
        try (TraceSource.BatchCursor rows = trace.rows(Table.SCHEMES)) {
            for (Batch b; (b = rows.next()) != null; ) {
                for (int i = 0; i < b.rows(); i++) {
                    long[] sum = sums[(int) b.get(Table.SCHEMES.indexOf("scheme"), i)];
                    sum[0]++;
                    sum[1] += b.get(Table.SCHEMES.indexOf("end"), i) - b.get(Table.SCHEMES.indexOf("start"), i);
                }
            }
        }
        return sums;
    }

    /** The events of the recording, as text. */
    private static List<String> events(TraceSource trace) throws IOException {
        List<String> events = new ArrayList<>();
        trace.forEachRow(
                Table.SCHEMES,
                (b, i) -> events.add(b.get(Table.SCHEMES.indexOf("scheme"), i) + " "
                        + b.get(Table.SCHEMES.indexOf("start"), i) + "-" + b.get(Table.SCHEMES.indexOf("end"), i) + " "
                        + b.get(Table.SCHEMES.indexOf("nr_accesses"), i) + " "
                        + b.get(Table.SCHEMES.indexOf("age"), i)));
        return events;
    }

    private static OpenLoopResult simulate(TraceSource trace, List<Scheme> schemes) throws IOException {
        KernelVersion kernel = KernelVersion.V6_12;
        OpenLoopOptions options = new OpenLoopOptions(kernel, false, 4096, kernel);
        return OpenLoop.run(trace, TraceQuery.ALL, schemes, options, DamosHost.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stairs", "zigzag", "service"})
    void withoutQuotaTheyAreExact(String workload, @TempDir Path dir) throws IOException {
        String name = "damos-6.12/schemes/" + workload;
        List<Scheme> schemes = schemes(name);
        try (TraceSource trace = Recorded.open(dir, name + "/trace.txt.gz")) {
            long[][] kernel = tried(trace, schemes.size());
            OpenLoopResult r = simulate(trace, schemes);
            for (int k = 0; k < schemes.size(); k++) {
                OpenLoopResult.PerScheme s = r.schemes().get(k);
                assertEquals(kernel[k][0], s.stats().nrTried, "regions of scheme " + k);
                assertEquals(kernel[k][1], s.stats().szTried, "bytes of scheme " + k);
                assertTrue(r.isExact(s));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stairs", "zigzag", "service"})
    void withQuotasTheyAreWithinTheBounds(String workload, @TempDir Path dir) throws IOException {
        String name = "damos-6.12/quotas/" + workload;
        List<Scheme> schemes = schemes(name);
        try (TraceSource trace = Recorded.open(dir, name + "/trace.txt.gz")) {
            long[][] kernel = tried(trace, schemes.size());
            OpenLoopResult r = simulate(trace, schemes);
            for (int k = 0; k < schemes.size(); k++) {
                OpenLoopResult.PerScheme s = r.schemes().get(k);
                assertTrue(
                        s.szTriedMin() <= kernel[k][1] && kernel[k][1] <= s.szTriedMax(),
                        "scheme " + k + ": " + kernel[k][1] + " in " + s.szTriedMin() + ".." + s.szTriedMax());
                if (workload.equals("service") && k == 3) {
                    // Nearly all of it in the first half second, before 6.12 computes a quota.
                    assertEquals(kernel[k][1], s.stats().szTried, kernel[k][1] * 0.01);
                }
            }
        }
    }

    /**
     * Linux 7.2.12 joins regions once schemes were applied to them: twice it had applied them to two pieces of one. What
     * events tell is simulated one for one, and what they do not is bounded.
     */
    @ParameterizedTest
    @ValueSource(strings = {"stairs", "zigzag", "service"})
    void whatWasJoinedAfterwardsIsSimulatedAsSchemesSawIt(String workload, @TempDir Path dir) throws IOException {
        String name = "damos-7.2/schemes/" + workload;
        List<Scheme> schemes = schemes(name);
        try (TraceSource trace = Recorded.open(dir, name + "/trace.txt.gz")) {
            List<String> simulated = new ArrayList<>();
            OpenLoopResult r = OpenLoop.run(
                    trace,
                    TraceQuery.ALL,
                    schemes,
                    new OpenLoopOptions(KernelVersion.V7_2, false, 4096, KernelVersion.V7_2),
                    OutcomeOptions.DEFAULTS,
                    (scheme, target, start, end, nr, age) ->
                            simulated.add(scheme + " " + start + "-" + end + " " + nr + " " + age));
            assertEquals(events(trace), simulated);
            long[][] kernel = tried(trace, schemes.size());
            for (int k = 0; k < schemes.size(); k++) {
                assertWithin(k, r.schemes().get(k), kernel[k]);
            }
            if (workload.equals("stairs")) {
                OpenLoopResult.PerScheme hot = r.schemes().get(2);
                assertTrue(!r.isExact(hot) && hot.nrTriedMin() < hot.nrTriedMax(), "it saw two regions in two pieces");
            }
        }
    }

    /** Of a kernel that is not named, events show that it joins. */
    @Test
    void anotherKernelTakenForOneThatJoinsIsNeverCalledExact(@TempDir Path dir) throws IOException {
        String name = "damos-7.2/schemes/stairs";
        try (TraceSource trace = Recorded.open(dir, name + "/trace.txt.gz")) {
            OpenLoopResult r = OpenLoop.run(trace, TraceQuery.ALL, schemes(name), OpenLoopOptions.DEFAULTS);
            assertTrue(r.schemes().stream().noneMatch(r::isExact));
            assertTrue(
                    r.notes().stream().anyMatch(n -> n.contains("regions were joined")),
                    r.notes().toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stairs", "zigzag", "service"})
    void quotasWhoseCutsWereJoinedAgainAreWithinTheBounds(String workload, @TempDir Path dir) throws IOException {
        String name = "damos-7.2/quotas/" + workload;
        List<Scheme> schemes = schemes(name);
        KernelVersion kernel = KernelVersion.V7_2;
        OpenLoopOptions options = new OpenLoopOptions(kernel, false, 4096, kernel);
        try (TraceSource trace = Recorded.open(dir, name + "/trace.txt.gz")) {
            long[][] tried = tried(trace, schemes.size());
            OpenLoopResult recorded =
                    OpenLoop.run(trace, TraceQuery.ALL, schemes, options.withSchemesAsRecorded(), DamosHost.NONE);
            OpenLoopResult r = OpenLoop.run(trace, TraceQuery.ALL, schemes, options, DamosHost.NONE);
            for (int k = 0; k < schemes.size(); k++) {
                assertWithin(k, r.schemes().get(k), tried[k]);
                assertWithin(k, recorded.schemes().get(k), tried[k]);
            }
        }
    }

    private static void assertWithin(int k, OpenLoopResult.PerScheme s, long[] tried) {
        boolean holds = s.nrTriedMin() <= tried[0]
                && tried[0] <= s.nrTriedMax()
                && s.szTriedMin() <= tried[1]
                && tried[1] <= s.szTriedMax();
        assertTrue(
                holds,
                "scheme " + k + ": " + tried[0] + " in " + s.nrTriedMin() + ".." + s.nrTriedMax() + ", " + tried[1]
                        + " in " + s.szTriedMin() + ".." + s.szTriedMax());
    }

    /** Six schemes of Linux 6.12.117, two of which had a quota and cut what those before them saw whole. */
    @Test
    void besideSchemesWithQuotasTheyAreWithinBoundsThatAreNotCalledExact(@TempDir Path dir) throws IOException {
        List<Scheme> schemes = schemes("damos-6.12/quota-mix");
        long[][] truth = new long[schemes.size()][2];
        List<String> lines = Files.readAllLines(RECORDINGS.resolve("damos-6.12/quota-mix/truth.csv"));
        for (String line : lines.subList(1, lines.size())) {
            String[] f = line.split(",");
            truth[Integer.parseInt(f[0])] = new long[] {Long.parseLong(f[1]), Long.parseLong(f[2])};
        }
        try (TraceSource trace = Recorded.open(dir, "damos-6.12/quota-mix/trace.txt.gz")) {
            KernelVersion kernel = KernelVersion.V6_12_117;
            OpenLoopOptions options = new OpenLoopOptions(kernel, false, 4096, kernel).withSchemesAsRecorded();
            OpenLoopResult r = OpenLoop.run(trace, TraceQuery.ALL, schemes, options, DamosHost.NONE);
            for (int k = 0; k < schemes.size(); k++) {
                OpenLoopResult.PerScheme s = r.schemes().get(k);
                String told =
                        "scheme " + k + ": " + truth[k][0] + " in " + s.nrTriedMin() + ".." + s.nrTriedMax() + ", "
                                + truth[k][1] + " in " + s.szTriedMin() + ".." + s.szTriedMax() + ", likely "
                                + s.stats().szTried;
                boolean holds = s.nrTriedMin() <= truth[k][0]
                        && truth[k][0] <= s.nrTriedMax()
                        && s.szTriedMin() <= truth[k][1]
                        && truth[k][1] <= s.szTriedMax();
                assertTrue(holds, told);
                assertTrue(
                        s.szTriedMax() - s.szTriedMin() <= s.szTriedMax() / 10
                                || !s.scheme().quota().isNone()
                                || k == 2,
                        told);
            }
            assertTrue(r.schemes().stream().anyMatch(s -> !r.isExact(s)));
            assertTrue(
                    r.notes().stream().anyMatch(n -> n.contains("may have cut regions")),
                    r.notes().toString());
        }
    }
}
