package org.damson.analyzer.page;

import java.io.IOException;
import java.util.List;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.openloop.RecordedSchemes;
import org.damson.model.InvalidInputException;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * How much is idle for how long, and what comes back.
 *
 * @param points empty if there are none
 * @param notes what is to be known beside them, as {@code report curves} says it
 * @param reason why there are none; null if there are
 */
public record PageCurves(List<Curves.Point> points, boolean isPartial, List<String> notes, String reason) {
    private static final int POINTS = 64;

    /** Counting more rows than this, where they are not stored with the trace, takes longer than the rest of the page. */
    private static final long MAX_ROWS = 8_000_000;

    static PageCurves of(TraceSource trace, TraceQuery query) throws IOException {
        List<String> acting = RecordedSchemes.acting(trace);
        if (!acting.isEmpty()) {
            return none(acting.get(0) + " acted while this was recorded and reset ages");
        }
        if (trace.rowCount(Table.CURVES) == 0 && trace.rowCount(Table.REGIONS) > MAX_ROWS) {
            return none("the trace is long; damson report curves computes them");
        }
        try {
            Curves all = Curves.empty();
            Curves.of(trace, query, 0).forEach(all::add);
            if (all.regions() == 0) {
                return none("no regions");
            }
            List<Curves.Point> points = all.points(POINTS);
            // The scale is logarithmic: a line is from one age to another.
            boolean isLine = points.stream().filter(p -> p.ageUs() > 0).count() > 1;
            return isLine
                    ? new PageCurves(points, all.isPartial(), all.notes(trace, query), null)
                    : none("no region was idle for longer than one interval");
        } catch (InvalidInputException e) {
            return none(PageTexts.shown(e.getMessage()));
        }
    }

    private static PageCurves none(String reason) {
        return new PageCurves(List.of(), false, List.of(), reason);
    }
}
