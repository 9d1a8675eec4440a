package org.damson.analyzer.render.table;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.model.Units;
import org.damson.model.text.CsvText;
import org.damson.model.text.Printable;

/**
 * A report made of tables, the same content as text, CSV and JSON.
 *
 * @param sections the tables, for people those first that say most; CSV gives the last, the most detailed
 * @param notes what a reader has to know beside them
 */
public record TableReport(List<Section> sections, List<String> notes) {
    /** Unit of the numbers of a column, which decides their form in text. JSON and CSV give them unchanged. */
    public enum Unit {
        TEXT,
        COUNT,
        BYTES,
        NS,
        PERCENT,
        PERCENT_PER_MINUTE,
        BYTES_PER_SECOND
    }

    /**
     * A column.
     *
     * @param name in JSON and CSV, with its unit
     * @param heading in text
     */
    public record Column(String name, String heading, Unit unit) {}

    /**
     * A table.
     *
     * @param name in JSON
     * @param title its line above the text; null for a table that is too long for text
     * @param rows cells are a String, a Long, a BigInteger where a sum may be greater, a Double, or null where nothing is known
     */
    public record Section(String name, String title, List<Column> columns, List<Object[]> rows) {}

    /**
     * One report over several traces: their tables below each other, with the trace's name in front of each row.
     *
     * @param reports by the name of the trace, all of one kind
     */
    public static TableReport together(Map<String, TableReport> reports) {
        Map<String, Section> sections = new LinkedHashMap<>();
        Set<String> notes = new LinkedHashSet<>();
        reports.forEach((name, report) -> {
            for (Section s : report.sections) {
                List<Column> columns = new ArrayList<>(List.of(new Column("trace", "trace", Unit.TEXT)));
                columns.addAll(s.columns);
                // Tables of one name with other columns stay apart.
                Section whole = sections.computeIfAbsent(
                        s.name + columns, k -> new Section(s.name, s.title, columns, new ArrayList<>()));
                for (Object[] row : s.rows) {
                    Object[] named = new Object[row.length + 1];
                    named[0] = name;
                    System.arraycopy(row, 0, named, 1, row.length);
                    whole.rows.add(named);
                }
            }
            for (String note : report.notes) {
                notes.add(name + ": " + note);
            }
        });
        return new TableReport(List.copyOf(sections.values()), List.copyOf(notes));
    }

    /** Aligned columns, every line ended. */
    public String text() {
        StringBuilder b = new StringBuilder();
        for (Section s : sections) {
            if (s.title() != null && !s.rows().isEmpty()) {
                text(b, s);
            }
        }
        for (String note : notes) {
            b.append("# ").append(Printable.line(note)).append('\n');
        }
        return b.toString();
    }

    private static void text(StringBuilder b, Section s) {
        List<String[]> lines = new ArrayList<>();
        String[] head = new String[s.columns().size()];
        for (int c = 0; c < head.length; c++) {
            head[c] = s.columns().get(c).heading();
        }
        lines.add(head);
        for (Object[] row : s.rows()) {
            String[] line = new String[head.length];
            for (int c = 0; c < head.length; c++) {
                line[c] = cell(row[c], s.columns().get(c).unit());
            }
            lines.add(line);
        }
        int[] width = new int[head.length];
        for (String[] line : lines) {
            for (int c = 0; c < head.length; c++) {
                width[c] = Math.max(width[c], line[c].length());
            }
        }
        b.append("# ").append(s.title()).append('\n');
        for (String[] line : lines) {
            StringBuilder l = new StringBuilder(line == head ? "# " : "  ");
            for (int c = 0; c < head.length; c++) {
                boolean left = s.columns().get(c).unit() == Unit.TEXT;
                l.append(c == 0 ? "" : "  ").append(left ? line[c] : " ".repeat(width[c] - line[c].length()) + line[c]);
                l.append(left ? " ".repeat(width[c] - line[c].length()) : "");
            }
            b.append(l.toString().stripTrailing()).append('\n');
        }
    }

    /** A cell for people, on one line. */
    public static String cell(Object value, Unit unit) {
        if (value == null) {
            return "-";
        }
        if (value instanceof BigInteger n) {
            return n.bitLength() < Long.SIZE ? cell(n.longValue(), unit) : beyondALong(n, unit);
        }
        return switch (unit) {
            case TEXT -> Printable.line(value.toString());
            case COUNT ->
                value instanceof Double d ? String.format(Units.NUMBERS, "%,.1f", d) : Units.count((Long) value);
            case BYTES -> Units.bytes((Long) whole(value, unit));
            case NS -> Units.duration(((Number) value).longValue());
            case PERCENT -> String.format(Units.NUMBERS, "%.1f %%", ((Number) value).doubleValue());
            case PERCENT_PER_MINUTE -> String.format(Units.NUMBERS, "%.3f %%/min", ((Number) value).doubleValue());
            case BYTES_PER_SECOND -> Units.bytes((Long) whole(value, unit)) + "/s";
        };
    }

    private static String beyondALong(BigInteger n, Unit unit) {
        return unit == Unit.BYTES
                ? String.format(Units.NUMBERS, "%,.3f EiB", n.doubleValue() / 0x1p60)
                : String.format(Units.NUMBERS, "%,d", n);
    }

    /** A cell for machines: bytes, and bytes a second, as integers, to the nearest; everything else as it is. */
    public static Object whole(Object cell, Unit unit) {
        boolean bytes = unit == Unit.BYTES || unit == Unit.BYTES_PER_SECOND;
        return bytes && cell instanceof Double d && Double.isFinite(d) ? (Object) Math.round(d) : cell;
    }

    /** The last table, with a header line; nothing where nothing is known. */
    public void csv(Appendable out) throws IOException {
        Section s = sections.get(sections.size() - 1);
        String comma = "";
        for (Column c : s.columns()) {
            out.append(comma).append(c.name());
            comma = ",";
        }
        out.append('\n');
        for (Object[] row : s.rows()) {
            comma = "";
            for (int c = 0; c < row.length; c++) {
                Object cell = whole(row[c], s.columns().get(c).unit());
                out.append(comma).append(cell == null ? "" : CsvText.cell(cell.toString()));
                comma = ",";
            }
            out.append('\n');
        }
    }

    /** One object: an array of objects per table, and the notes. The stream is left open. */
    public void json(OutputStream out) throws IOException {
        JsonGenerator g = new JsonFactory().createGenerator(out);
        g.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        g.writeStartObject();
        for (Section s : sections) {
            g.writeArrayFieldStart(s.name());
            for (Object[] row : s.rows()) {
                g.writeStartObject();
                for (int c = 0; c < row.length; c++) {
                    g.writeFieldName(s.columns().get(c).name());
                    number(g, whole(row[c], s.columns().get(c).unit()));
                }
                g.writeEndObject();
            }
            g.writeEndArray();
        }
        g.writeArrayFieldStart("notes");
        for (String note : notes) {
            g.writeString(note);
        }
        g.writeEndArray();
        g.writeEndObject();
        g.writeRaw('\n');
        g.close();
    }

    private static void number(JsonGenerator g, Object cell) throws IOException {
        if (cell == null || cell instanceof Double d && !Double.isFinite(d)) {
            g.writeNull();
        } else if (cell instanceof Long n) {
            g.writeNumber(n);
        } else if (cell instanceof BigInteger n) {
            g.writeNumber(n);
        } else if (cell instanceof Double d) {
            g.writeNumber(d);
        } else {
            g.writeString(cell.toString());
        }
    }
}
