package org.damson.analyzer.fleet.report;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** Traces put together: their figures side by side, and their curves added up. */
final class ReportSums implements Serializable {
    private static final long serialVersionUID = 1L;

    private final ArrayList<TraceFigures> figures = new ArrayList<>();
    private final CurveSums curves = new CurveSums();

    ReportSums add(ReportValue value) {
        figures.add(value.figures());
        if (value.curves() != null) {
            curves.add(value.curves());
        }
        return this;
    }

    ReportSums join(ReportSums other) {
        figures.addAll(other.figures);
        curves.join(other.curves);
        return this;
    }

    /** In {@link TraceFigures#ORDER}. */
    List<TraceFigures> figures() {
        figures.sort(TraceFigures.ORDER);
        return figures;
    }

    CurveSums curves() {
        return curves;
    }
}
