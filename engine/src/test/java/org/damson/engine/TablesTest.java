package org.damson.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.damson.api.Advice;
import org.damson.api.Comparison;
import org.damson.api.Report;
import org.damson.api.Selection;
import org.damson.api.Snapshot;
import org.damson.api.Trace;
import org.damson.api.TraceWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TablesTest {
    private static final long MIB = 1 << 20;
    /** With mappings and resident memory. */
    private static final Path RECORDED = Samples.TESTDATA.resolve("arm64/16k/damon.damson");

    private static final long BASE = 0x7000_0000_0000L;

    @TempDir
    Path dir;

    /** Four steps of 1 MiB, each in use for a second in turn, and in all samples of it. */
    private Path staircase() throws IOException {
        Path path = dir.resolve("staircase.damson");
        try (TraceWriter writer = TraceWriter.create(path, 5_000, 100_000)) {
            for (int n = 0; n < 40; n++) {
                Snapshot.Builder snapshot = Snapshot.builder(1).time(n * 100_000_000L, (n + 1) * 100_000_000L);
                for (int step = 0; step < 4; step++) {
                    int idle = n / 10 > step ? n - 10 * (step + 1) : n;
                    boolean isHot = n / 10 == step;
                    snapshot.region(BASE + step * MIB, BASE + (step + 1) * MIB, isHot ? 20 : 0, isHot ? n % 10 : idle);
                }
                writer.write(snapshot.build());
            }
        }
        return path;
    }

    @Test
    void cellsAreTheFiguresOfTheReport() throws IOException {
        try (Trace trace = Trace.open(staircase())) {
            Report.Table windows = trace.report(Report.Kind.WINDOWS).table("windows");
            int last = windows.rows() - 1;
            assertEquals(100_000_000L, windows.cell(0, "window_ns"));
            assertEquals(MIB, windows.cell(0, "mean_bytes"));
            assertEquals(4 * MIB, windows.cell(last, "mean_bytes"));
            assertEquals(100, windows.number(last, "percent_of_accessed"));
            // The second half of the trace knows two steps.
            Report.Table half = trace.report(Selection.ALL.time(2_000_000_000L, 4_000_000_000L), Report.Kind.WINDOWS)
                    .table("windows");
            assertEquals(2 * MIB, half.cell(half.rows() - 1, "mean_bytes"));
        }
    }

    @ParameterizedTest
    @EnumSource(Report.Kind.class)
    void everyReportHasTablesWhoseCellsAreWhatTheirColumnsSay(Report.Kind kind) throws IOException {
        try (Trace trace = Trace.open(RECORDED)) {
            Report report = trace.report(kind);
            assertEquals(kind, report.kind());
            Set<String> tables = new HashSet<>();
            long cells = 0;
            for (Report.Table table : report.tables()) {
                assertTrue(tables.add(table.name()), "two tables " + table.name());
                Set<String> columns = new HashSet<>();
                for (Report.Column column : table.columns()) {
                    assertTrue(columns.add(column.name()), table.name() + ": two columns " + column.name());
                    for (int row = 0; row < table.rows(); row++) {
                        Object cell = table.cell(row, column.name());
                        cells += cell == null ? 0 : 1;
                        boolean fits = cell == null
                                || (column.unit() == Report.Unit.TEXT
                                        ? cell instanceof String
                                        : cell instanceof Number);
                        assertTrue(fits, table.name() + "." + column.name() + ": " + cell);
                    }
                }
            }
            assertTrue(cells > 0, "nothing is known");
        }
    }

    @Test
    void whatIsNotThereIsNamed() throws IOException {
        try (Trace trace = Trace.open(staircase())) {
            Report report = trace.report(Report.Kind.OBJECTS);
            String said = assertThrows(IllegalArgumentException.class, () -> report.table("idle"))
                    .getMessage();
            assertTrue(said.startsWith("no table idle; there are objects"), said);
            Report.Table objects = report.table("objects");
            said = assertThrows(IllegalArgumentException.class, () -> objects.cell(0, "bytes"))
                    .getMessage();
            assertTrue(said.startsWith("no column bytes in table objects; there are target"), said);
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> objects.cell(objects.rows(), objects.columns().get(0).name()));
            String text = objects.columns().stream()
                    .filter(c -> c.unit() == Report.Unit.TEXT)
                    .findFirst()
                    .orElseThrow()
                    .name();
            assertThrows(IllegalArgumentException.class, () -> objects.number(0, text));
            assertFalse(report.tables().isEmpty());
        }
    }

    @Test
    void adviceAndComparisonsAreThoseOfTheCommands() throws IOException {
        try (Trace trace = Trace.open(staircase());
                Trace again = Trace.open(dir.resolve("staircase.damson"));
                Trace other = Trace.open(Samples.STAIRS)) {
            Comparison same = trace.compare(again, 0);
            assertEquals(Comparison.Verdict.SAME, same.verdict());
            assertEquals(0, same.workingSet().value());
            assertEquals(0, same.withoutCounterpart());
            Comparison different = trace.compare(other, 0.1);
            assertEquals(Comparison.Verdict.DIFFERENT, different.verdict());
            assertTrue(different.explanation().startsWith("different: "), different.explanation());
            assertThrows(IllegalArgumentException.class, () -> trace.compare(again, 1.5));
            assertThrows(IllegalArgumentException.class, () -> trace.compare(again, Double.NaN));

            List<Advice> advice = trace.advise();
            // Four seconds are too few to save anything by: it says so, and what to record instead.
            assertTrue(advice.stream().anyMatch(a -> a.kind() == Advice.Kind.RECORD), advice.toString());
            for (Advice a : advice) {
                assertFalse(a.text().isBlank());
                assertThrows(
                        UnsupportedOperationException.class, () -> a.numbers().clear());
            }
        }
    }
}
