package org.damson.analyzer.fleet.report;

import java.io.Serializable;
import org.damson.analyzer.curves.PackedCurves;

/**
 * What one trace gives to reports.
 *
 * @param curves null if it tells none
 */
record ReportValue(TraceFigures figures, PackedCurves curves) implements Serializable {
    private static final long serialVersionUID = 1L;
}
