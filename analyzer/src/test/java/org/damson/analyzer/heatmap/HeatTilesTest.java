package org.damson.analyzer.heatmap;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Random;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.Samples;
import org.damson.analyzer.scan.Scan;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

final class HeatTilesTest {
    private record Tiles(TileLayout layout, HeatTiles heat) {}

    private static Tiles of(MemoryTrace trace) throws IOException {
        GuideResult guide = TraceGuide.compute(trace, TraceQuery.ALL);
        TileLayout layout = TileLayout.of(trace, TraceQuery.ALL, guide);
        return new Tiles(layout, HeatTiles.compute(trace, TraceQuery.ALL, guide, layout));
    }

    private static int code(HeatTiles t, int level, int col, int row) {
        return t.levels().get(level)[col * t.rowsOf(level) + row] & 0xff;
    }

    @Test
    void everyHeatIsWithinTheErrorOfItsCode() {
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            double heat = Math.pow(10, -HeatTiles.DECADES * random.nextDouble());
            double shown = HeatTiles.heat(HeatTiles.code(heat));
            assertTrue(Math.abs(shown / heat - 1) <= HeatTiles.ERROR * 1.0001, heat + " " + shown);
        }
        assertTrue(HeatTiles.ERROR < 0.024, "what documents say");
        assertEquals(HeatTiles.NO_HEAT, HeatTiles.code(0));
        assertEquals(1, HeatTiles.code(1e-9), "seldom is not never");
        assertEquals(HeatTiles.CODES, HeatTiles.code(1));
        assertEquals(1, HeatTiles.heat(HeatTiles.CODES), 1e-12);
    }

    /** Each level says what a grid of its size, summed anew, says. */
    @Test
    void levelsAreMeansOfTheSameSums() throws IOException {
        Random random = new Random(11);
        MemoryTrace trace = new MemoryTrace();
        for (int i = 0; i < 300; i++) {
            Snapshot s = trace.snapshot(0, i * 100 + random.nextInt(20), i * 100 + 100);
            long at = 0;
            while (at < 64 * MIB) {
                long end = Math.min(64 * MIB, at + (1 + random.nextInt(900)) * 4096L);
                if (random.nextInt(8) > 0) {
                    s.add(at, end, random.nextInt(21), 0);
                }
                at = end;
            }
        }
        Tiles tiles = of(trace);
        HeatTiles t = tiles.heat();
        assertEquals(512, t.cols());
        assertEquals(1024, t.rows());
        assertTrue(t.levels().size() > 4);
        for (int level = 0; level < t.levels().size(); level++) {
            HeatGrid grid = new HeatGrid(
                    tiles.layout().layout(),
                    t.fromNs(),
                    t.fromNs() + t.colNs() * t.cols(),
                    t.colsOf(level),
                    t.rowsOf(level));
            Scan.scan(trace, TraceQuery.ALL, grid);
            double[] means = grid.means();
            for (int i = 0; i < means.length; i++) {
                int code = code(t, level, i % grid.cols, i / grid.cols);
                if (Double.isNaN(means[i])) {
                    assertEquals(HeatTiles.NOT_MONITORED, code);
                } else if (means[i] < 1e-9) {
                    assertTrue(code <= 1, means[i] + " " + code);
                } else {
                    assertEquals(means[i], HeatTiles.heat(code), Math.max(1e-5, means[i] * HeatTiles.ERROR * 1.01));
                }
            }
        }
    }

    /** 32 MiB of which 4 KiB times 2048 in the middle are in use: the rest is there, but short. */
    @Test
    void whatIsHardlyAccessedTakesLittleOfTheAxis() throws IOException {
        MemoryTrace trace = new MemoryTrace();
        for (int i = 0; i < 40; i++) {
            Snapshot s = trace.snapshot(0, i * 100, i * 100 + 100);
            s.add(0, 1024 * MIB, 0, 0);
            s.add(1024 * MIB, 1032 * MIB, 20, 0);
            s.add(1032 * MIB, 4096 * MIB, 0, 0);
        }
        TileLayout layout = of(trace).layout();
        assertEquals(3, layout.lanes().size());
        assertFalse(layout.lanes().get(0).isUsed());
        assertTrue(layout.lanes().get(1).isUsed());
        assertTrue(layout.lanes().get(1).rows() >= 0.8 * layout.rows(), layout.toString());
        assertEquals(0, layout.lanes().get(0).start());
        assertEquals(4096 * MIB, layout.lanes().get(2).end());
        assertTrue(layout.lanes().get(1).start() <= 1024 * MIB
                && layout.lanes().get(1).end() >= 1032 * MIB);
        int row = 0;
        for (int i = 0; i < 3; i++) {
            TileLayout.Lane lane = layout.lanes().get(i);
            assertEquals(row, lane.firstRow());
            assertEquals(0, lane.rows() % TileLayout.UNIT);
            assertEquals(i == 0 ? 0 : layout.lanes().get(i - 1).end(), lane.start(), "no address is left out");
            row += lane.rows();
        }
        assertEquals(layout.rows(), row);
    }

    /** More areas than an axis can show: the hottest are there, and the others are counted. */
    @Test
    void whatFindsNoPlaceIsCounted() throws IOException {
        MemoryTrace trace = new MemoryTrace();
        Snapshot s = trace.snapshot(0, 0, 100);
        for (int i = 0; i < 100; i++) {
            s.add(i * 1024 * MIB, i * 1024 * MIB + MIB, i % 10 == 0 ? 20 : 0, 0);
        }
        TileLayout layout = of(trace).layout();
        assertEquals(32, layout.lanes().size());
        assertEquals(68, layout.leftOut());
        assertEquals(68.0 * MIB, layout.leftOutBytes());
        assertEquals(0, layout.leftOutHeatShare(), 1e-12);
        assertEquals(
                10,
                layout.lanes().stream()
                        .filter(l -> l.start() % (10 * 1024 * MIB) == 0)
                        .count(),
                layout.toString());
    }

    @Test
    void aTraceOfNothingHasNoLanes() throws IOException {
        Tiles tiles = of(new MemoryTrace());
        assertEquals(0, tiles.layout().lanes().size());
        assertTrue(tiles.heat().rows() > 0);
    }

    @Test
    void threeSnapshotsAreAsTheHeatmapHasThem() throws IOException {
        Tiles tiles = of(Samples.three());
        HeatTiles t = tiles.heat();
        int last = (int) ((1_250_000_000L - t.fromNs()) / t.colNs());
        assertEquals(0.25, HeatTiles.heat(code(t, 0, last, 0)), 0.25 * HeatTiles.ERROR);
        assertEquals(HeatTiles.CODES, code(t, 0, 0, 0));
    }
}
