package org.damson.analyzer.damo.access;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.damo.DamoRecordFilter;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;

/** Figures of a snapshot and its regions, by the keywords that print them. Aggregations of 100 ms in 20 samples. */
final class SnapshotTextsTest {
    private static final long HIGH = 0xffff_8000_0000_0000L;

    private static MemoryTrace trace() {
        MemoryTrace t = new MemoryTrace();
        t.manifest.attrs =
                new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        t.snapshot(0, 0, 100).columns = Snapshot.HAS_AGE;
        return t;
    }

    /** 1 MiB in 10 samples for 0.4 s, 3 MiB in 5 samples just now, 4 MiB idle for 2 s. */
    private static MemoryTrace three() {
        MemoryTrace t = trace();
        Snapshot s = t.snapshots.get(0);
        s.add(HIGH, HIGH + MIB, 10, 4);
        s.add(HIGH + MIB, HIGH + 4 * MIB, 5, 0);
        s.add(HIGH + 4 * MIB, HIGH + 8 * MIB, 0, 20);
        return t;
    }

    private static String text(MemoryTrace t, Consumer<AccessOptions> set) throws IOException {
        AccessOptions o = new AccessOptions();
        for (String area : AccessOptions.AREAS) {
            o.set.put(area, "");
        }
        set.accept(o);
        StringBuilder b = new StringBuilder();
        AccessReport.write(DamoTrace.of(t, false), new DamoRecordFilter(false), o, b);
        return b.toString().stripTrailing();
    }

    private static String head(MemoryTrace t, String format) throws IOException {
        return text(t, o -> o.set.put("snapshot_head", format));
    }

    /** (1 x 10 + 3 x 5) MiB in a tenth of a second. */
    @Test
    void bandwidthIsBytesTimesSamplesOverTheInterval() throws IOException {
        assertEquals("250.000 MiB per second", head(three(), "<estimated memory bandwidth>"));
        assertEquals("0 B per second", head(trace(), "<estimated memory bandwidth>"));
    }

    /** 15 samples of 3 x 20; by bytes 25 of 8 x 20 MiB. */
    @Test
    void sharesOfSamplesCountRegionsOrBytes() throws IOException {
        assertEquals("25 %", head(three(), "<positive access samples ratio>"));
        assertEquals("15.625 % (25.000 MiB / 160.000 MiB) 5 ms 100 ms", head(three(), "<intervals tuning status>"));
        assertEquals("N/A", head(trace(), "<positive access samples ratio>"));
    }

    @Test
    void sizesTimesAndIntervals() throws IOException {
        assertEquals(
                "8.000 MiB 3 100 ms 0 ns 100 ms",
                head(three(), "<total bytes> <number of regions> <duration> <start time> <end time>"));
        assertEquals("sample 5 ms aggr 100 ms (max access hz 200)", head(three(), "<snapshot intervals>"));
    }

    /** 10 of 20 samples in 0.1 s are 100 a second; an age of 4 is 0.4 s; 50 % x 100 + 400,000 us x 100. */
    @Test
    void regionsInTheirUnits() throws IOException {
        String regions = text(three(), o -> {
            o.raw = true;
            o.set.put("region", "<index>:<access rate>:<access hz>:<age>:<temperature>");
        });
        assertEquals(
                """
                0  :50.000000:100.000000:400000       :40005000
                1  :25.000000:50.000000:0            :2500
                2  :0.000000:0.000000:2000000      :-200000000""",
                regions);
    }

    private static List<String> order(Consumer<AccessOptions> set) throws IOException {
        return text(three(), o -> {
                    o.raw = true;
                    o.set.put("region", "<size>");
                    set.accept(o);
                })
                .lines()
                .map(l -> Long.toString(Long.parseLong(l.strip()) / MIB))
                .toList();
    }

    @Test
    void regionsAreSortedByWhatIsAskedFor() throws IOException {
        assertEquals(List.of("1", "3", "4"), order(o -> {}));
        assertEquals(List.of("4", "3", "1"), order(o -> o.sortBy = List.of("access_rate")));
        assertEquals(List.of("3", "1", "4"), order(o -> o.sortBy = List.of("age")));
        assertEquals(List.of("4", "3", "1"), order(o -> {
            o.sortBy = List.of("size");
            o.sortDescending = java.util.Set.of("size");
        }));
        assertEquals(List.of("4", "3", "1"), order(o -> o.sortBy = List.of("temperature")));
    }

    private static String heatmap(MemoryTrace t, int width, boolean isStatic) throws IOException {
        return text(t, o -> {
                    o.raw = true;
                    o.heatmapWidth = width;
                    o.heatmapStatic = isStatic;
                    o.temperatureWeights = new long[] {0, 100, 0};
                    o.set.put("snapshot_head", "<heatmap>");
                })
                .replaceAll("\u001b\\[[0-9;]*m", "");
    }

    /** Eight columns of 1 MiB: 50, 25 and 0 %, by size; levels of (5,000 - 0) / 9 each for 1 MiB of 50 %. */
    @Test
    void aSnapshotsHeatmapHasALevelForEachColumn() throws IOException {
        MemoryTrace t = three();
        String[] lines = heatmap(t, 8, false).split("\n");
        assertEquals("94440000", lines[0]);
        assertEquals("# min/max temperatures: 0, " + 5000 + ", column size: " + MIB, lines[1].replace("-0", "0"));
    }

    /** Between two regions of 1 MiB lie 62: cut short where columns go by regions, dots where they go by addresses. */
    @Test
    void gapsAreCutShort() throws IOException {
        MemoryTrace t = trace();
        Snapshot s = t.snapshots.get(0);
        s.add(HIGH, HIGH + MIB, 20, 0);
        s.add(HIGH + 63 * MIB, HIGH + 64 * MIB, 10, 0);
        assertEquals("9[...]0", heatmap(t, 2, false).lines().findFirst().orElseThrow());
        assertEquals(
                "9" + ".".repeat(62) + "0",
                heatmap(t, 64, true).lines().findFirst().orElseThrow());
        assertEquals("n/a (no region)", heatmap(trace(), 8, false));
    }

    /** Lengths from 1 to 9 by age 0 to 8, in linear scale; one row. */
    @Test
    void boxesSpanTheLeastAndTheGreatest() throws IOException {
        MemoryTrace t = trace();
        Snapshot s = t.snapshots.get(0);
        for (int i = 0; i < 3; i++) {
            s.add(i * MIB, (i + 1) * MIB, 10 * i, 4 * i);
        }
        String boxes = text(t, o -> {
                    o.boxLength = new int[] {1, 9};
                    o.boxHeight = new int[] {1, 1};
                    o.boxLogscale = List.of(false, false, false);
                    o.set.put("region", "<box>");
                    o.set.put("snapshot_tail", "<region box description>");
                    o.raw = true;
                })
                .replaceAll("\u001b\\[[0-9;]*m", "");
        List<String> lines = boxes.lines().toList();
        assertEquals(List.of("|0|", "|44444|", "|999999999|"), lines.subList(0, 3));
        assertEquals("# length: age (represents [0, 800000]  with [1, 9] columns in linearscale)", lines.get(3));
    }

    /** Ages of 0.1, 1 and 10 s are as far apart in logarithms. */
    @Test
    void boxesInLogarithms() throws IOException {
        MemoryTrace t = trace();
        Snapshot s = t.snapshots.get(0);
        int age = 1;
        for (int i = 0; i < 3; i++, age *= 10) {
            s.add(i * MIB, (i + 1) * MIB, 5, age);
        }
        String boxes = text(t, o -> {
                    o.boxLength = new int[] {1, 10};
                    o.boxHeight = new int[] {1, 1};
                    o.set.put("region", "<box>");
                })
                .replaceAll("\u001b\\[[0-9;]*m", "");
        // One rate for all: the least colour. 1 + 9 / 2 columns, cut.
        assertEquals(List.of("|0|", "|00000|", "|0000000000|"), boxes.lines().toList());
    }
}
