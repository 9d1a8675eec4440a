package org.damson.analyzer.fleet;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.TableReport.Column;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;

/**
 * What a question about many traces came to.
 *
 * @param troubles of single traces; they are in the tables too
 * @param isEmpty whether no trace counts
 * @param isKept whether what was asked for is there: a scheme that keeps its level, where one was looked for
 */
public record FleetResult(TableReport tables, List<Trouble> troubles, boolean isEmpty, boolean isKept) {
    /** Troubles as a table. */
    public static Section section(List<Trouble> troubles) {
        List<Object[]> rows = new ArrayList<>();
        for (Trouble t : troubles) {
            rows.add(new Object[] {t.path(), t.kind().text(), t.reason()});
        }
        return new Section(
                "troubles",
                "traces that are left out, there twice, or doubtful",
                List.of(
                        new Column("trace", "trace", Unit.TEXT),
                        new Column("is", "is", Unit.TEXT),
                        new Column("reason", "because", Unit.TEXT)),
                rows);
    }
}
