package org.damson.api;

import java.util.List;

/**
 * The figures of a report as values: the tables that {@code damson report NAME} prints, and those too long to print.
 *
 * <pre>{@code
 * try (Trace trace = Trace.open(recording)) {
 *     Report.Table byLength = trace.report(Report.Kind.WINDOWS).table("windows");
 *     for (int row = 0; row < byLength.rows(); row++) {
 *         System.out.printf("within %.1f s: %.0f bytes%n",
 *                 byLength.number(row, "window_ns") / 1e9, byLength.number(row, "mean_bytes"));
 *     }
 * }
 * }</pre>
 *
 * @param tables the report's tables, the most important first; each has a unique name
 * @param notes what a reader has to know beside the figures, one line each
 */
public record Report(Kind kind, List<Table> tables, List<String> notes) {
    /** The reports that are tables; heat is a {@link Heatmap}, the working set a {@link WorkingSet}. */
    public enum Kind {
        /** Confidence bounds on the working set. */
        BOUNDS,
        /** Cold-age histogram, promotion rates and miss-ratio curve. */
        CURVES,
        /** Memory of the processes and of the system, by percentile. */
        FOOTPRINT,
        /** Targets, times and areas of addresses. */
        GUIDE,
        /** For how long memory has not been accessed. */
        IDLE,
        /** Hot and cold memory by mapping. */
        OBJECTS,
        /** Phases of a program's memory use. */
        PHASES,
        /** Working set and resident memory, and the gap between them. */
        SIZING,
        /** Memory and call stacks on one axis of time. */
        TIMELINE,
        /** Bytes accessed within windows of each length. */
        WINDOWS
    }

    /** Kind of the cells of a column. */
    public enum Unit {
        /** A {@link String}. */
        TEXT,
        COUNT,
        BYTES,
        /** Nanoseconds: a duration, or a time of the trace's clock or since its start as the name of the column and the notes say. */
        NS,
        /** 0 to 100; the name says of what. */
        PERCENT,
        PERCENT_PER_MINUTE,
        BYTES_PER_SECOND
    }

    /**
     * A column.
     *
     * @param name unique in its table, with its unit at its end
     */
    public record Column(String name, Unit unit) {}

    /** A table. */
    public interface Table {
        /** Its name in the report. */
        String name();

        /** Its columns, from left to right. */
        List<Column> columns();

        /** Number of its rows. */
        int rows();

        /**
         * A cell: a {@link String}, {@link Long}, {@link Double}, a {@link java.math.BigInteger} for a sum beyond a long, or null where
         * nothing is known.
         *
         * @throws IllegalArgumentException if it has no such column
         * @throws IndexOutOfBoundsException if it has no such row
         */
        Object cell(int row, String column);

        /**
         * A cell as a number, NaN if unknown.
         *
         * @throws IllegalArgumentException if it has no such column, or one of text
         * @throws IndexOutOfBoundsException if it has no such row
         */
        default double number(int row, String column) {
            Object cell = cell(row, column);
            if (cell instanceof String) {
                throw new IllegalArgumentException("column " + column + " of table " + name() + " is text");
            }
            return cell == null ? Double.NaN : ((Number) cell).doubleValue();
        }
    }

    /** Keeps copies of the lists. */
    public Report {
        tables = List.copyOf(tables);
        notes = List.copyOf(notes);
    }

    /**
     * One of its tables.
     *
     * @throws IllegalArgumentException if the report has no table of that name
     */
    public Table table(String name) {
        return table(tables, name);
    }

    static Table table(List<Table> tables, String name) {
        for (Table table : tables) {
            if (table.name().equals(name)) {
                return table;
            }
        }
        throw new IllegalArgumentException("no table " + name + "; there are "
                + String.join(", ", tables.stream().map(Table::name).toList()));
    }
}
