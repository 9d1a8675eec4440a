package org.damson.analyzer.heatmap;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.Samples;
import org.damson.analyzer.scan.Area;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

class TraceGuideTest {
    private static List<Area> areas(MemoryTrace t) throws IOException {
        return TraceGuide.compute(t, TraceQuery.ALL).targets().get(0).areas();
    }

    @Test
    void addressZeroIsAnAddress() throws IOException {
        List<Area> areas = areas(Samples.three());
        assertEquals(1, areas.size());
        assertEquals(0, areas.get(0).start());
        assertEquals(16 * MIB, areas.get(0).end());
        double want = 0.2 * MIB * (4 + 2 + 0.5);
        assertEquals(want, areas.get(0).heatByteSeconds(), 1);
    }

    @Test
    void gapThatALaterSnapshotCoversIsNoGap() throws IOException {
        MemoryTrace t = new MemoryTrace();
        Snapshot s = t.snapshot(0, 0, 100);
        s.add(0, MIB, 0, 0);
        s.add(2 * MIB, 3 * MIB, 0, 0);
        s.add(9 * MIB, 10 * MIB, 0, 0);
        t.snapshot(0, 100, 200).add(MIB, 2 * MIB, 0, 0);
        List<Area> areas = areas(t);
        assertEquals(2, areas.size());
        assertEquals(3 * MIB, areas.get(0).end());
        assertEquals(9 * MIB, areas.get(1).start());
    }

    @Test
    void addressesAreUnsignedUpToTheLast() throws IOException {
        MemoryTrace t = new MemoryTrace();
        Snapshot s = t.snapshot(0, 0, 100);
        s.add(4096, 8192, 0, 0);
        s.add(0x7fff_ffff_ffff_f000L, 0x8000_0000_0000_1000L, 20, 0);
        s.add(-4096, 0, 0, 0);
        List<Area> areas = areas(t);
        assertEquals(3, areas.size());
        assertEquals(4096, areas.get(0).start());
        assertEquals(8192, areas.get(1).sizeBytes());
        assertEquals(4096, areas.get(2).sizeBytes());
        assertEquals(0, areas.get(2).end());
    }
}
