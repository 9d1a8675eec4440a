package org.damson.cli.sql;

import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.cli.command.Json;
import org.damson.model.text.CsvText;
import org.damson.model.text.Printable;

/** Prints a result row by row: as a table, as CSV, or as one JSON object a line. */
final class SqlPrinter {
    /** How a result is printed. */
    enum Form {
        TABLE,
        CSV,
        JSON
    }

    /** Rows that are held back to find the widths of a table's columns; later rows may stick out. */
    private static final int MEASURED_ROWS = 1000;

    private static final int WIDEST = 120;

    private final Form form;
    private final PrintStream out;

    SqlPrinter(Form form, PrintStream out) {
        this.form = form;
        this.out = out;
    }

    void print(ResultSet rows) throws SQLException, IOException {
        ResultSetMetaData columns = rows.getMetaData();
        String[] names = new String[columns.getColumnCount()];
        for (int c = 0; c < names.length; c++) {
            names[c] = columns.getColumnLabel(c + 1);
        }
        switch (form) {
            case JSON -> json(names, rows);
            case CSV -> csv(names, rows);
            case TABLE -> table(names, rows);
        }
        out.flush();
    }

    private void json(String[] names, ResultSet rows) throws SQLException, IOException {
        Map<String, Object> object = new LinkedHashMap<>();
        while (rows.next()) {
            object.clear();
            for (int c = 0; c < names.length; c++) {
                Object value = rows.getObject(c + 1);
                boolean plain = value instanceof Number || value instanceof Boolean;
                object.put(names[c], value == null || plain ? widened(value) : text(value));
            }
            Json.write(object, out);
        }
    }

    private static Object widened(Object value) {
        if (value instanceof Float f) {
            return f.doubleValue();
        }
        return value instanceof Byte b ? (Object) b.longValue() : value;
    }

    private void csv(String[] names, ResultSet rows) throws SQLException {
        String[] cells = names.clone();
        do {
            for (int c = 0; c < cells.length; c++) {
                out.print(c == 0 ? "" : ",");
                out.print(CsvText.cell(cells[c]));
            }
            out.print('\n');
        } while (next(rows, cells));
    }

    private static boolean next(ResultSet rows, String[] cells) throws SQLException {
        if (!rows.next()) {
            return false;
        }
        for (int c = 0; c < cells.length; c++) {
            Object value = rows.getObject(c + 1);
            cells[c] = value == null ? "" : text(value);
        }
        return true;
    }

    private void table(String[] names, ResultSet rows) throws SQLException {
        boolean[] right = new boolean[names.length];
        for (int c = 0; c < names.length; c++) {
            right[c] = isNumeric(rows.getMetaData().getColumnClassName(c + 1));
        }
        int[] widths = new int[names.length];
        List<String[]> held = new ArrayList<>();
        held.add(names);
        String[] cells = new String[names.length];
        while (held.size() <= MEASURED_ROWS && next(rows, cells)) {
            held.add(cells.clone());
        }
        for (String[] row : held) {
            for (int c = 0; c < widths.length; c++) {
                widths[c] = Math.max(
                        widths[c], Math.min(WIDEST, Printable.line(row[c]).length()));
            }
        }
        for (int r = 0; r < held.size(); r++) {
            line(held.get(r), widths, right);
            if (r == 0) {
                rule(widths);
            }
        }
        while (next(rows, cells)) {
            line(cells, widths, right);
        }
    }

    private static boolean isNumeric(String className) {
        try {
            Class<?> type = Class.forName(className);
            return Number.class.isAssignableFrom(type) || type.isPrimitive() && type != boolean.class;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private void line(String[] cells, int[] widths, boolean[] right) {
        StringBuilder b = new StringBuilder();
        for (int c = 0; c < cells.length; c++) {
            String cell = Printable.line(cells[c]);
            String space = " ".repeat(Math.max(0, widths[c] - cell.length()));
            b.append(c == 0 ? "" : "  ").append(right[c] ? space + cell : cell + space);
        }
        out.println(b.toString().stripTrailing());
    }

    private void rule(int[] widths) {
        StringBuilder b = new StringBuilder();
        for (int c = 0; c < widths.length; c++) {
            b.append(c == 0 ? "" : "  ").append("-".repeat(widths[c]));
        }
        out.println(b);
    }

    private static String text(Object value) {
        if (value instanceof Double || value instanceof Float) {
            double d = ((Number) value).doubleValue();
            if (d == Math.rint(d) && Math.abs(d) < 1e15) {
                return String.valueOf((long) d);
            }
            return Double.isFinite(d)
                    ? new BigDecimal(d)
                            .round(new java.math.MathContext(10))
                            .stripTrailingZeros()
                            .toPlainString()
                    : String.valueOf(d);
        }
        if (value instanceof BigDecimal || value instanceof BigInteger) {
            return value instanceof BigDecimal d ? d.toPlainString() : value.toString();
        }
        return value.toString();
    }
}
