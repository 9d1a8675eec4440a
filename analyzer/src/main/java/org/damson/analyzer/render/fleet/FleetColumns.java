package org.damson.analyzer.render.fleet;

import java.util.List;
import java.util.function.Function;
import org.damson.analyzer.fleet.Trouble;
import org.damson.analyzer.fleet.report.Level;
import org.damson.analyzer.render.table.Columns;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;

/** Columns that several tables over many traces have. */
final class FleetColumns {
    private static final Columns<Trouble> TROUBLES = new Columns<Trouble>()
            .add("trace", "trace", Unit.TEXT, Trouble::path)
            .add("is", "is", Unit.TEXT, t -> t.kind().text())
            .add("reason", "because", Unit.TEXT, Trouble::reason);

    private FleetColumns() {}

    /** Name of a group: a column for each key of its level. */
    static <R> Columns<R> keys(Level level, Function<R, List<String>> keys) {
        Columns<R> columns = new Columns<>();
        for (int i = 0; i < level.keys.size(); i++) {
            int key = i;
            columns.add(level.keys.get(i), level.keys.get(i), Unit.TEXT, row -> keys.apply(row)
                    .get(key));
        }
        return columns;
    }

    static Section troubles(List<Trouble> troubles) {
        return TROUBLES.section("troubles", "traces that are left out, duplicated, or doubtful", troubles);
    }
}
