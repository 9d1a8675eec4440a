package org.damson.analyzer.workingset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What damson recorded on arm64 kernels with pages of 4 and 16 KiB: three areas of 8 MiB, used by turns. */
final class Arm64RecordingsTest {
    private static final long AREA = 8 << 20;

    @ParameterizedTest
    @CsvSource({
        "4k/damon, 4096, 5000, 100000, 25, 539",
        "16k/damon, 16384, 5000, 100000, 39, 781",
        "4k/referenced, 4096, 100000, 1000000, 5, 110",
        "16k/referenced, 16384, 100000, 1000000, 4, 84"
    })
    void pagesIntervalsRegionsAndWorkingSetsAreTheMachines(
            String name, long page, long sampleUs, long aggrUs, int snapshots, int regions) throws IOException {
        try (TraceSource trace = Traces.open(Path.of("..", "testdata", "arm64", name + ".damson"))) {
            assertEquals("aarch64", ManifestKey.MACHINE.get(trace.manifest()));
            assertEquals(page, trace.manifest().pageBytes());
            assertEquals(page, OpenLoopOptions.of(trace.manifest()).minRegionBytes());
            assertEquals(sampleUs, trace.manifest().attrs.sampleUs());
            assertEquals(aggrUs, trace.manifest().attrs.aggrUs());
            assertEquals(regions, trace.rowCount(Table.REGIONS));
            List<long[]> areas = areas(trace);
            assertEquals(3, areas.size());
            double[] heat = new double[3];
            double others = heat(trace, page, areas, heat);
            for (double h : heat) {
                assertTrue(h > 0.1 * (others + heat[0] + heat[1] + heat[2]), name + ": " + h + " beside " + others);
            }
            WorkingSetResult r = WorkingSet.compute(trace, TraceQuery.ALL, WorkingSetOptions.DEFAULTS);
            assertEquals(snapshots, r.total().length());
            double mean = r.total().mean();
            assertTrue(AREA < mean && mean < 2 * AREA, name + ": " + mean);
        }
    }

    /** The mappings of the generator's areas. */
    private static List<long[]> areas(TraceSource trace) throws IOException {
        List<long[]> areas = new ArrayList<>();
        trace.forEachRow(Table.MAPPINGS, (rows, i) -> {
            long start = rows.get(Table.MAPPINGS.indexOf("start"), i);
            long end = rows.get(Table.MAPPINGS.indexOf("end"), i);
            if (end - start == AREA && areas.stream().noneMatch(a -> a[0] == start)) {
                areas.add(new long[] {start, end});
            }
        });
        return areas;
    }

    /** Heat times bytes of each area; returns what lies elsewhere. */
    private static double heat(TraceSource trace, long page, List<long[]> areas, double[] heat) throws IOException {
        double others = 0;
        Snapshot s = new Snapshot();
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            while (cursor.next(s)) {
                for (int i = 0; i < s.regions; i++) {
                    assertEquals(0, s.start[i] % page);
                    assertEquals(0, s.end[i] % page);
                    assertTrue(s.nrAccesses[i] <= s.maxNrAccesses());
                    others += (double) s.nrAccesses[i] * (s.end[i] - s.start[i]);
                    for (int a = 0; a < areas.size(); a++) {
                        long common = Math.min(areas.get(a)[1], s.end[i]) - Math.max(areas.get(a)[0], s.start[i]);
                        heat[a] += s.nrAccesses[i] * (double) Math.max(0, common);
                        others -= s.nrAccesses[i] * (double) Math.max(0, common);
                    }
                }
            }
        }
        return others;
    }
}
