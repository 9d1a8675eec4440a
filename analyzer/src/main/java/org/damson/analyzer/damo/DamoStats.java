package org.damson.analyzer.damo;

/** Statistics of a scheme, as the kernel names them. */
public record DamoStats(
        Num nrTried,
        Num szTried,
        Num nrApplied,
        Num szApplied,
        Num szOpsFilterPassed,
        Num qtExceeds,
        Num nrSnapshots,
        Num maxNrSnapshots) {
    public String text(boolean raw) {
        return String.join(
                "\n",
                "tried " + DamoText.nr(nrTried, raw) + " times (" + DamoText.sz(szTried, raw) + ")",
                "applied " + DamoText.nr(nrApplied, raw) + " times (" + DamoText.sz(szApplied, raw) + ")",
                DamoText.sz(szOpsFilterPassed, raw) + " passed filters",
                "quota exceeded " + DamoText.nr(qtExceeds, raw) + " times",
                DamoText.sz(szOpsFilterPassed, raw),
                "tried " + DamoText.nr(nrSnapshots, raw) + " snapshots (max " + DamoText.nr(maxNrSnapshots, raw) + ")");
    }
}
