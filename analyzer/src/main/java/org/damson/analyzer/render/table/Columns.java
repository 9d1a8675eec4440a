package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.damson.analyzer.render.table.TableReport.Column;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;

/**
 * The columns of a table: each has its name, heading and unit beside what it shows of a row, so that they cannot come apart.
 *
 * @param <R> what a row shows
 */
public final class Columns<R> {
    private final List<Column> columns = new ArrayList<>();
    private final List<Function<? super R, ?>> cells = new ArrayList<>();

    /**
     * Adds a column.
     *
     * @param cell what {@link Section} takes, or an Integer
     * @return this
     */
    public Columns<R> add(String name, String heading, Unit unit, Function<? super R, ?> cell) {
        columns.add(new Column(name, heading, unit));
        cells.add(cell);
        return this;
    }

    /**
     * Adds the columns of a part of the row.
     *
     * @param part null where there is none: its cells are then empty
     * @return this
     */
    public <P> Columns<R> addAll(Columns<P> others, Function<? super R, ? extends P> part) {
        columns.addAll(others.columns);
        for (Function<? super P, ?> cell : others.cells) {
            cells.add(row -> {
                P of = part.apply(row);
                return of == null ? null : cell.apply(of);
            });
        }
        return this;
    }

    /**
     * A table of these columns.
     *
     * @param title null for a table that is too long for text
     */
    public Section section(String name, String title, Iterable<? extends R> rows) {
        List<Object[]> filled = new ArrayList<>();
        for (R row : rows) {
            Object[] line = new Object[cells.size()];
            for (int c = 0; c < line.length; c++) {
                Object cell = cells.get(c).apply(row);
                line[c] = cell instanceof Integer n ? (Object) n.longValue() : cell;
            }
            filled.add(line);
        }
        return new Section(name, title, List.copyOf(columns), filled);
    }
}
