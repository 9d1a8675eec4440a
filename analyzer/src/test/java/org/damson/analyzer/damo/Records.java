package org.damson.analyzer.damo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Records of damo's, as tests make them. */
final class Records {
    /** 5 ms, 100 ms, 1 s: twenty samples. */
    static final DamoIntervals INTERVALS = intervals(5_000, 100_000);

    private Records() {}

    static DamoIntervals intervals(long sampleUs, long aggrUs) {
        return new DamoIntervals(Num.of(sampleUs), Num.of(aggrUs), Num.of(1_000_000), DamoIntervals.Goal.NONE);
    }

    static DamoRegion region(long start, long end, long samples, long age) {
        DamoRegion r = new DamoRegion(Num.of(start), Num.of(end));
        r.samples = Num.of(samples);
        r.age = Num.of(age);
        return r;
    }

    static DamoSnapshot snapshot(long startMs, long endMs, DamoRegion... regions) {
        DamoSnapshot s = new DamoSnapshot(Num.of(startMs * 1_000_000), Num.of(endMs * 1_000_000));
        s.regions = new ArrayList<>(List.of(regions));
        s.updateTotalBytes();
        return s;
    }

    static DamoRecord record(DamoIntervals intervals, DamoSnapshot... snapshots) {
        return new DamoRecord(Num.ZERO, Num.ZERO, null, Num.ZERO, intervals, List.of(), "test", visitor -> {
            for (DamoSnapshot s : snapshots) {
                visitor.visit(s);
            }
        });
    }

    static List<DamoSnapshot> snapshots(DamoRecord record) throws IOException {
        List<DamoSnapshot> all = new ArrayList<>();
        record.forEach(all::add);
        return all;
    }

    /** Bounds and samples of regions, as {@code 0-4096:5}. */
    static List<String> texts(DamoSnapshot s) {
        return s.regions.stream()
                .map(r -> r.start + "-" + r.end + ":" + r.samples)
                .toList();
    }
}
