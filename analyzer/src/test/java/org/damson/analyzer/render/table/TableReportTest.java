package org.damson.analyzer.render.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.junit.jupiter.api.Test;

final class TableReportTest {
    private record Inner(long ns) {}

    private record Row(String name, int count, Double bytes, Inner inner) {}

    private static final Columns<Row> COLUMNS = new Columns<Row>()
            .add("name", "name", Unit.TEXT, Row::name)
            .add("count", "count", Unit.COUNT, Row::count)
            .add("size_bytes", "size", Unit.BYTES, Row::bytes)
            .addAll(new Columns<Inner>().add("idle_ns", "idle", Unit.NS, Inner::ns), Row::inner);

    private static TableReport report(Row... rows) {
        return new TableReport(
                List.of(COLUMNS.section("rows", "some rows", List.of(rows))), List.of("a note\nof two lines"));
    }

    private static final TableReport TWO =
            report(new Row("heap", 1234, 1536.4, new Inner(2_000_000_000L)), new Row("=1+1", 5, null, null));

    @Test
    void numbersAreAlignedRightAndTextLeft() {
        assertEquals(
                """
                # some rows
                # name  count     size  idle
                  heap  1,234  1.5 KiB   2 s
                  =1+1      5        -     -
                # a note of two lines
                """,
                TWO.text());
        assertEquals("# a note of two lines\n", report().text());
    }

    /** Bytes are whole; what a spreadsheet would compute has an apostrophe in front; nothing where nothing is known. */
    @Test
    void csvHasTheNumbersAsTheyAre() throws IOException {
        StringBuilder csv = new StringBuilder();
        TWO.csv(csv);
        assertEquals("name,count,size_bytes,idle_ns\nheap,1234,1536,2000000000\n'=1+1,5,,\n", csv.toString());
    }

    @Test
    void jsonHasNamesAndNulls() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TWO.json(out);
        assertEquals(
                "{\"rows\":[{\"name\":\"heap\",\"count\":1234,\"size_bytes\":1536,\"idle_ns\":2000000000},"
                        + "{\"name\":\"=1+1\",\"count\":5,\"size_bytes\":null,\"idle_ns\":null}],"
                        + "\"notes\":[\"a note\\nof two lines\"]}",
                out.toString(StandardCharsets.UTF_8).replaceAll("\\s*([{}\\[\\]:,])\\s*", "$1"));
    }

    /** Several traces make one table, with the name of the trace in front; tables of other columns stay apart. */
    @Test
    void reportsOfSeveralTracesAreOneTable() throws IOException {
        Map<String, TableReport> reports = new LinkedHashMap<>();
        reports.put("a", report(new Row("x", 1, 1.0, null)));
        reports.put("b", report(new Row("y", 2, 2.0, null)));
        reports.put(
                "c",
                new TableReport(
                        List.of(new Columns<String>()
                                .add("other", "other", Unit.TEXT, s -> s)
                                .section("rows", "some rows", List.of("z"))),
                        List.of()));
        TableReport all = TableReport.together(reports);
        assertEquals(2, all.sections().size());
        assertEquals(2, all.sections().get(0).rows().size());
        assertEquals("b", all.sections().get(0).rows().get(1)[0]);
        assertEquals("y", all.sections().get(0).rows().get(1)[1]);
        assertEquals(List.of("a: a note\nof two lines", "b: a note\nof two lines"), all.notes());
        StringBuilder csv = new StringBuilder();
        all.csv(csv);
        assertEquals("trace,other\nc,z\n", csv.toString());
    }

    @Test
    void aCellIsShownByItsUnit() {
        assertEquals("-", TableReport.cell(null, Unit.BYTES));
        assertEquals("1,234.5", TableReport.cell(1234.5, Unit.COUNT));
        assertEquals("12.3 %", TableReport.cell(12.345, Unit.PERCENT));
        assertEquals("0.123 %/min", TableReport.cell(0.1234, Unit.PERCENT_PER_MINUTE));
        assertEquals("2 KiB/s", TableReport.cell(2048.4, Unit.BYTES_PER_SECOND));
        assertEquals("16.000 EiB", TableReport.cell(BigInteger.ONE.shiftLeft(64), Unit.BYTES));
        assertEquals("18,446,744,073,709,551,616", TableReport.cell(BigInteger.ONE.shiftLeft(64), Unit.COUNT));
        assertEquals("1 KiB", TableReport.cell(BigInteger.valueOf(1024), Unit.BYTES));
    }
}
