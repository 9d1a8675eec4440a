package org.damson.analyzer.fleet.report;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.curves.PackedCurves;
import org.damson.analyzer.fleet.FleetTrace;
import org.damson.analyzer.fleet.Origin;
import org.damson.model.InvalidInputException;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

/** What many traces are together, from figures of each that are whole numbers. */
final class GroupFiguresTest {
    private static final long S = 1_000_000_000L;
    private static final FleetTrace WHERE = new FleetTrace("/fleet/host=web1/a.damson");

    /** A trace of a host: mean working set over some seconds, and of one target touched, recent, cold and back. */
    private static TraceFigures of(String host, long seconds, double wss, long p95, double... ages) {
        double t = ages.length == 0 ? 0 : seconds;
        double[] a = ages.length == 0 ? new double[4] : ages;
        Origin origin = new Origin("web", host, "2026-11-30");
        return new TraceFigures(
                host + seconds,
                origin,
                10,
                100,
                seconds * S,
                wss,
                1,
                p95,
                3,
                4,
                t,
                a[0] * t,
                a[1] * t,
                a[2] * t,
                a[3],
                false);
    }

    private static GroupFigures group(TraceFigures... figures) {
        ReportSums sums = new ReportSums();
        for (TraceFigures f : figures) {
            sums.add(new ReportValue(f, null));
        }
        return GroupFigures.of(sums);
    }

    /** A mean of a machine's memory and of a process is told of, of each host that has both. */
    @Test
    void recordingsOfTheMachineAndOfProcessesAreTold() {
        Origin origin = new Origin("web", "a", "2026-11-30");
        TraceFigures machine = new TraceFigures("m", origin, 1, 1, S, 900, 1, 1, 1, 1, 0, 0, 0, 0, 0, true);
        TraceFigures other = new TraceFigures(
                "n", new Origin("web", "b", "2026-11-30"), 1, 1, S, 900, 1, 1, 1, 1, 0, 0, 0, 0, 0, true);
        assertEquals(0, group(of("a", 1, 100, 7), other).mixedHosts());
        GroupFigures both = group(machine, of("a", 1, 100, 7), other);
        assertEquals(1, both.mixedHosts());
        FleetReportResult.Group host = new FleetReportResult.Group(Level.HOST, List.of("web", "a"), both);
        FleetReportResult result = new FleetReportResult(List.of(host), false, List.of());
        assertEquals(1, result.notes().size());
        assertTrue(
                result.notes().get(0).startsWith("1 host (the first: web a) with"),
                result.notes().get(0));
    }

    /** Host a: 100 for 1 s and 400 for 2 s are 300 on average; host b 500. Sum 800; the median of two is 400. */
    @Test
    void aHostIsItsTracesByTheirTime() {
        GroupFigures g = group(of("a", 1, 100, 7), of("a", 2, 400, 9), of("b", 9, 500, 8));
        assertEquals(3, g.traces());
        assertEquals(2, g.hosts());
        assertEquals(12 * S, g.recordedNs());
        assertEquals(800, g.wssTotal(), 1e-9);
        assertArrayEquals(new double[] {400, 480, 496, 500}, g.wssOfHosts(), 1e-9);
        assertArrayEquals(new long[] {1, 9, 3, 4}, g.wssOverTime());
        assertNull(g.idleNs());
        assertNull(g.promotionOfHosts());
        assertEquals(0, g.coldPercent());
    }

    /** Touched 1,000 and cold 400; of it 20 bytes came back in 10 s, of a working set of 500: 120 a minute are 24 %. */
    @Test
    void coldAndPromotedAreMeansOverTime() {
        GroupFigures g = group(of("a", 10, 1, 1, 1000, 500, 400, 20), of("b", 5, 1, 1));
        assertEquals(1000, g.touchedTotal(), 1e-9);
        assertEquals(400, g.coldTotal(), 1e-9);
        assertEquals(40, g.coldPercent(), 1e-9);
        // The host without ages has no part in the percentiles.
        assertArrayEquals(new double[] {24, 24, 24, 24}, g.promotionOfHosts(), 1e-9);
        assertNotNull(g.idleNs());
    }

    /** Of the same name in two services, hosts are two. */
    @Test
    void hostsAreToldApartByTheirService() {
        TraceFigures web = of("a", 1, 100, 1);
        TraceFigures db =
                new TraceFigures("x", new Origin("db", "a", "-"), 1, 1, S, 50, 1, 1, 1, 1, 0, 0, 0, 0, 0, false);
        GroupFigures g = group(web, db);
        assertEquals(2, g.hosts());
        assertEquals(150, g.wssTotal());
    }

    /** A trace of no length still counts. */
    @Test
    void aLoneSnapshotHasAWeight() {
        GroupFigures g = group(of("a", 0, 100, 1), of("a", 0, 300, 1));
        assertEquals(200, g.wssTotal());
        assertEquals(0, group().hosts());
    }

    @Test
    void levelsNameTheirGroups() {
        Origin o = new Origin("web", "h1", "2026-11-30");
        assertEquals(List.of(), Level.FLEET.values(Level.FLEET.group(o)));
        assertEquals(List.of("web", "h1", "2026-11-30"), Level.HOST_DAY.values(Level.HOST_DAY.group(o)));
        assertEquals(List.of("", "h"), Level.HOST.values(Level.HOST.group(new Origin("", "h", ""))));
        for (Level a : Level.values()) {
            for (Level b : Level.values()) {
                assertEquals(a == b, a.has(b.group(o)), a + " and " + b);
            }
        }
        assertEquals(Level.DAY, Level.of("Day"));
        assertThrows(InvalidInputException.class, () -> Level.of("month"));
    }

    /** 1 MiB in use for 300 s and 3 MiB idle since; aggregations of 1 s. */
    private static MemoryTrace trace(long aggrUs, int parts) {
        MemoryTrace t = new MemoryTrace();
        t.manifest.attrs =
                new MonitoringAttrs(aggrUs / 20, aggrUs, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        for (int n = 0; n < 300 / parts; n++) {
            Snapshot s = t.snapshot(0, n * aggrUs / 1000, (n + 1) * aggrUs / 1000);
            s.sampleUs = aggrUs / 20;
            s.aggrUs = aggrUs;
            s.columns = Snapshot.HAS_AGE;
            s.add(0, MIB, 20, n);
            s.add(MIB, 4 * MIB, n == 0 ? 20 : 0, Math.max(0, n - 1));
        }
        return t;
    }

    /** Of 300 s the 3 MiB are idle for 120 s or more in the last 180 or so: and 4 MiB are touched all the time. */
    @Test
    void figuresOfATraceAreThoseOfItsReports() throws IOException {
        List<String> doubts = new ArrayList<>();
        MemoryTrace t = trace(1_000_000, 1);
        Curves curves = TraceFigures.curves(t, doubts::add);
        TraceFigures f = TraceFigures.of(WHERE, t, curves, doubts::add);
        assertEquals(300 * S, f.recordedNs());
        assertEquals(300, f.snapshots());
        assertEquals((4 + 299.0) / 300 * MIB, f.wssMean(), 1e-6);
        assertEquals(MIB, f.wssP50());
        assertEquals(4 * MIB, f.wssMax());
        assertEquals(300, f.coveredSeconds(), 1e-9);
        assertEquals(4.0 * MIB * 300, f.touchedByteS(), 4.0 * MIB * 2);
        assertEquals(3.0 * MIB * 180, f.coldByteS(), 3.0 * MIB * 2);
        assertEquals(0, f.backBytes());
        assertEquals("web1", f.origin().host());
        assertEquals(List.of(), doubts);
    }

    @Test
    void whatATraceDoesNotTellIsADoubt() throws IOException {
        List<String> doubts = new ArrayList<>();
        MemoryTrace t = new MemoryTrace();
        Snapshot s = t.snapshot(0, 0, 100);
        s.add(0, MIB, 1, 0);
        s.lost = 2;
        assertNull(TraceFigures.curves(t, doubts::add));
        assertEquals(0, TraceFigures.of(WHERE, t, null, doubts::add).coveredSeconds());
        assertEquals(
                List.of(
                        "no ages or no intervals: its idle memory does not count",
                        "2 regions were lost; sizes are too small by that"),
                doubts);
    }

    private static PackedCurves packed(long aggrUs, int parts) throws IOException {
        Curves all = Curves.empty();
        Curves.of(trace(aggrUs, parts), TraceQuery.ALL, 0).forEach(all::add);
        return PackedCurves.of(all);
    }

    private static List<String> texts(CurveSums sums) {
        List<String> texts = new ArrayList<>();
        sums.byInterval()
                .forEach((us, c) -> texts.add(us + ": " + c.regions() + " " + c.seconds() + " " + c.touchedBytes() + " "
                        + c.workingSet() + " " + c.dramByAge(0.95)));
        return texts;
    }

    /** In any order, joined in any way, and through another process: the same sums, one for each interval. */
    @Test
    void curvesAddUpInAnyOrder() throws Exception {
        List<PackedCurves> all = new ArrayList<>();
        for (int parts = 1; parts <= 4; parts++) {
            all.add(packed(1_000_000, parts));
            all.add(packed(100_000, parts));
        }
        all.add(packed(200_000, 3)); // alone
        CurveSums expected = new CurveSums();
        all.forEach(expected::add);
        assertEquals(
                List.of(100_000L, 200_000L, 1_000_000L),
                List.copyOf(expected.byInterval().keySet()));
        // 300, 150, 100 and 75 snapshots of two regions.
        assertEquals(1250, expected.byInterval().get(100_000L).regions());
        for (int seed = 0; seed < 20; seed++) {
            Collections.shuffle(all, new Random(seed));
            CurveSums left = new CurveSums();
            CurveSums right = new CurveSums();
            for (int i = 0; i < all.size(); i++) {
                (i < seed % 10 ? left : right).add(all.get(i));
            }
            CurveSums joined = copy(left).join(copy(right));
            assertEquals(texts(expected), texts(joined), "seed " + seed);
            assertEquals(texts(expected), texts(copy(joined)), "seed " + seed);
        }
        assertTrue(new CurveSums().byInterval().isEmpty());
    }

    private static CurveSums copy(CurveSums sums) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(sums);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (CurveSums) in.readObject();
        }
    }
}
