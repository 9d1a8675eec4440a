package org.damson.analyzer.render.text;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.damson.analyzer.workingset.Evaluation;
import org.damson.model.Units;
import org.damson.model.text.CsvText;
import org.damson.model.text.Printable;

/** Runs beside each other, as text, CSV and JSON. */
public final class MatrixReports {
    private MatrixReports() {}

    /** A table for people; from the second row on with the change against the first. */
    public static String text(List<Evaluation.Row> rows) {
        List<List<String>> lines = new ArrayList<>();
        List<String> titles = new ArrayList<>(List.of("# trace"));
        for (Evaluation.Column c : Evaluation.Column.values()) {
            titles.add(c.title);
        }
        lines.add(titles);
        for (Evaluation.Row row : rows) {
            List<String> cells = new ArrayList<>(List.of(Printable.line(row.name())));
            for (Evaluation.Column c : Evaluation.Column.values()) {
                cells.add(Double.isNaN(row.get(c)) ? "-" : text(c.unit, row.get(c)));
            }
            lines.add(cells);
        }
        for (int i = 1; i < rows.size(); i++) {
            List<String> cells =
                    new ArrayList<>(List.of("# " + Printable.line(rows.get(i).name()) + " against the first"));
            for (Evaluation.Column c : Evaluation.Column.values()) {
                double change = change(rows.get(0).get(c), rows.get(i).get(c));
                cells.add(Double.isNaN(change) ? "-" : String.format(Locale.ROOT, "%+.1f %%", change));
            }
            lines.add(cells);
        }
        return aligned(lines);
    }

    /** Percent; NaN where there is nothing to compare with. */
    private static double change(double first, double value) {
        return first == 0 ? Double.NaN : 100 * (value - first) / first;
    }

    private static String text(Evaluation.Unit unit, double value) {
        return switch (unit) {
            case SECONDS -> String.format(Locale.ROOT, "%.2f s", value);
            case BYTES -> Units.bytes(Math.round(value));
            case PERCENT -> String.format(Locale.ROOT, "%.2f %%", value);
            case COUNT -> Units.count(Math.round(value));
        };
    }

    private static String aligned(List<List<String>> lines) {
        int columns = lines.get(0).size();
        int[] widths = new int[columns];
        for (List<String> cells : lines) {
            for (int c = 0; c < columns; c++) {
                widths[c] = Math.max(widths[c], cells.get(c).length());
            }
        }
        StringBuilder b = new StringBuilder();
        for (List<String> cells : lines) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < columns; c++) {
                String pad = " ".repeat(widths[c] - cells.get(c).length());
                line.append(c == 0 ? cells.get(c) + pad : "  " + pad + cells.get(c));
            }
            b.append(line.toString().stripTrailing()).append('\n');
        }
        return b.toString();
    }

    /** One line per trace; cells that a trace does not record are empty. */
    public static void csv(List<Evaluation.Row> rows, Appendable out) throws IOException {
        out.append("trace");
        for (Evaluation.Column c : Evaluation.Column.values()) {
            out.append(',').append(c.key());
        }
        out.append('\n');
        for (Evaluation.Row row : rows) {
            String name = row.name();
            out.append(CsvText.cell(name));
            for (Evaluation.Column c : Evaluation.Column.values()) {
                out.append(',').append(Double.isNaN(row.get(c)) ? "" : plain(c, row.get(c)));
            }
            out.append('\n');
        }
    }

    private static String plain(Evaluation.Column c, double value) {
        return c.unit == Evaluation.Unit.BYTES || c.unit == Evaluation.Unit.COUNT
                ? Long.toString(Math.round(value))
                : String.format(Locale.ROOT, "%.6f", value);
    }

    /** One map per trace; null is what a trace does not record. */
    public static List<Map<String, Object>> json(List<Evaluation.Row> rows) {
        List<Map<String, Object>> list = new ArrayList<>();
        for (Evaluation.Row row : rows) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("trace", row.name());
            for (Evaluation.Column c : Evaluation.Column.values()) {
                double value = row.get(c);
                boolean whole = c.unit == Evaluation.Unit.BYTES || c.unit == Evaluation.Unit.COUNT;
                map.put(c.key(), Double.isNaN(value) ? null : whole ? (Object) Math.round(value) : (Object) value);
            }
            list.add(map);
        }
        return list;
    }
}
