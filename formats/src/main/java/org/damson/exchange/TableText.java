package org.damson.exchange;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.damson.model.Batch;
import org.damson.model.Column;
import org.damson.model.ColumnType;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.text.CsvText;

/** The rows of any table as lines of text, numbers as stored. Streams batch by batch. */
final class TableText {
    private TableText() {}

    /** RFC 4180 with a heading, lines ended by a line feed. A column that the trace leaves out is empty. */
    static void csv(TraceSource trace, Table table, OutputStream out) throws IOException {
        List<Column> columns = table.columns();
        StringBuilder lines = new StringBuilder();
        for (Column column : columns) {
            lines.append(lines.isEmpty() ? "" : ",").append(column.name());
        }
        lines.append('\n');
        try (TraceSource.BatchCursor cursor = trace.rows(table)) {
            for (Batch b; (b = cursor.next()) != null; ) {
                for (int row = 0; row < b.rows(); row++) {
                    for (int c = 0; c < columns.size(); c++) {
                        if (c > 0) {
                            lines.append(',');
                        }
                        if (columns.get(c).type() == ColumnType.STRING) {
                            lines.append(CsvText.cell(b.text(c, row)));
                        } else if (b.isPresent(c)) {
                            lines.append(b.get(c, row));
                        }
                    }
                    lines.append('\n');
                    flushIfLong(lines, out);
                }
            }
        }
        flush(lines, out);
    }

    /** One object per row; a column that the trace leaves out is left out. */
    static void jsonLines(TraceSource trace, Table table, OutputStream out) throws IOException {
        List<Column> columns = table.columns();
        StringBuilder lines = new StringBuilder();
        try (TraceSource.BatchCursor cursor = trace.rows(table)) {
            for (Batch b; (b = cursor.next()) != null; ) {
                for (int row = 0; row < b.rows(); row++) {
                    char separator = '{';
                    for (int c = 0; c < columns.size(); c++) {
                        if (!b.isPresent(c)) {
                            continue;
                        }
                        lines.append(separator)
                                .append('"')
                                .append(columns.get(c).name())
                                .append("\":");
                        separator = ',';
                        if (columns.get(c).type() == ColumnType.STRING) {
                            lines.append('"')
                                    .append(JsonStringEncoder.getInstance().quoteAsString(b.text(c, row)))
                                    .append('"');
                        } else {
                            lines.append(b.get(c, row));
                        }
                    }
                    lines.append("}\n");
                    flushIfLong(lines, out);
                }
            }
        }
        flush(lines, out);
    }

    private static void flushIfLong(StringBuilder lines, OutputStream out) throws IOException {
        if (lines.length() > 1 << 16) {
            flush(lines, out);
        }
    }

    private static void flush(StringBuilder lines, OutputStream out) throws IOException {
        out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
        lines.setLength(0);
    }
}
