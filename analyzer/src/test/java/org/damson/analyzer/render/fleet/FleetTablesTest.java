package org.damson.analyzer.render.fleet;

import static org.damson.analyzer.whatif.Made.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.fleet.Trouble;
import org.damson.analyzer.fleet.report.FleetCurvesResult;
import org.damson.analyzer.fleet.report.Level;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.whatif.Made;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables over many traces, of results that are worked out by hand: each value under its name. */
final class FleetTablesTest {
    @TempDir
    Path dir;

    private static Object cell(Section s, int row, String column) {
        for (int c = 0; c < s.columns().size(); c++) {
            if (s.columns().get(c).name().equals(column)) {
                return s.rows().get(row)[c];
            }
        }
        throw new AssertionError("no column " + column);
    }

    private static Section section(TableReport report, String name) {
        return report.sections().stream()
                .filter(s -> s.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** 4 MiB hot for 200 ms, idle for so many aggregations of 100 ms, hot for 100 ms. */
    private Curves curves(String name, int idle) throws IOException {
        try (TraceSource t =
                new Made(dir, name).turns(2, 20).turns(idle, 0).turns(1, 20).open()) {
            return Curves.of(t, TraceQuery.ALL, 0).get(0);
        }
    }

    /** Two traces of one service: 1.8 s, of which 4 MiB are idle for 1.2 s; they come back twice. */
    @Test
    void curvesOfAServiceAreThoseOfItsTracesTogether() throws IOException {
        Curves web = Curves.empty().add(curves("a", 4)).add(curves("b", 8));
        FleetCurvesResult one = new FleetCurvesResult(
                Level.SERVICE,
                List.of(new FleetCurvesResult.Sum(List.of("web"), 100_000, web)),
                List.of(new Trouble("x.damson", Trouble.Kind.DUPLICATE, "the same as y.damson")),
                false);
        TableReport report = FleetCurvesTable.of(one);
        Section totals = section(report, "totals");
        assertEquals("web", cell(totals, 0, "service"));
        assertEquals(100_000L, cell(totals, 0, "aggr_us"));
        assertEquals(1.8, (double) cell(totals, 0, "seconds"), 1e-9);
        assertEquals(18L, cell(totals, 0, "regions"));
        assertEquals(4.0 * MIB, (double) cell(totals, 0, "touched_bytes"), 1);
        Section points = section(report, "points");
        assertNotNull(points.title(), "one group has its points in text, too");
        assertEquals(8, points.rows().size(), "idle for 0 to 700 ms");
        for (int age = 0; age < 8; age++) {
            int cold = Math.max(0, 4 - age) + 8 - age;
            assertEquals(age * 100_000_000L, cell(points, age, "min_age_ns"));
            assertEquals(4.0 * MIB * cold / 18, (double) cell(points, age, "cold_bytes"), 1, "age " + age);
            double back = age < 4 ? 2 : 1;
            assertEquals(4 * MIB * back / 1.8, (double) cell(points, age, "back_bytes_per_second"), 1, "age " + age);
            assertEquals(6000 * back / 1.8, (double) cell(points, age, "back_percent_per_minute"), 1e-6, "age " + age);
            assertEquals(100 * (1 - back / 6), (double) cell(points, age, "hit_percent"), 1e-6, "age " + age);
        }
        Section troubles = section(report, "troubles");
        assertEquals("x.damson", cell(troubles, 0, "trace"));
        assertEquals("duplicate", cell(troubles, 0, "is"));
        assertEquals("the same as y.damson", cell(troubles, 0, "reason"));
        assertTrue(
                report.notes().get(0).startsWith("means over time of one trace"),
                report.notes().get(0));
    }

    /** Points of several groups are too many for text; each has its group in front. */
    @Test
    void pointsOfSeveralGroupsAreInFilesAlone() throws IOException {
        TableReport report = FleetCurvesTable.of(new FleetCurvesResult(
                Level.SERVICE,
                List.of(
                        new FleetCurvesResult.Sum(List.of("db"), 100_000, curves("a", 4)),
                        new FleetCurvesResult.Sum(List.of("web"), 100_000, curves("b", 8))),
                List.of(),
                false));
        Section points = section(report, "points");
        assertNull(points.title());
        assertEquals(12, points.rows().size());
        assertEquals("db", cell(points, 3, "service"));
        assertEquals("web", cell(points, 4, "service"));
        assertEquals(4.0 * MIB * 8 / 11, (double) cell(points, 4, "cold_bytes"), 1);
    }
}
