package org.damson.analyzer.render.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.damson.analyzer.Samples;
import org.damson.analyzer.heatmap.Heatmap;
import org.damson.analyzer.heatmap.HeatmapOptions;
import org.damson.analyzer.heatmap.HeatmapResult;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

class TextReportsTest {
    @Test
    void levelsUseTheWholeRange() {
        assertEquals(-1, TextReports.level(Double.NaN, 1));
        assertEquals(0, TextReports.level(0, 1));
        assertEquals(1, TextReports.level(1e-9, 1));
        assertEquals(5, TextReports.level(0.5, 1));
        assertEquals(9, TextReports.level(1, 1));
        assertEquals(9, TextReports.level(0.003, 0.003));
        assertEquals(0, TextReports.level(0, 0));
    }

    @Test
    void stairsClimbFromLeftBelowToRightAbove() throws IOException {
        HeatmapResult r = Heatmap.compute(
                Samples.stairs(4, false, 0, 0x7f00_0000_0000L),
                TraceQuery.ALL,
                new HeatmapOptions(4, 4, HeatmapOptions.Scope.HOTTEST));
        String[] lines = TextReports.heatmap(r, false).split("\n");
        for (int row = 0; row < 4; row++) {
            String cells = lines[3 - row].substring(lines[3 - row].lastIndexOf(' ') + 1);
            for (int col = 0; col < 4; col++) {
                assertTrue(col == row ? cells.charAt(col) == '9' : cells.charAt(col) <= '1', cells);
            }
        }
        assertTrue(TextReports.heatmap(r, true).contains("\033[48;5;"));
    }
}
