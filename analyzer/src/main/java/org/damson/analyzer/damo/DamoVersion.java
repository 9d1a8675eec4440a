package org.damson.analyzer.damo;

import org.damson.model.InvalidInputException;

/**
 * A release of damo whose prints can be asked for: 3.3.0 to 3.3.8, of which the last number tells them apart. Reports that 3.3.0
 * has print the same in all of them but for what the methods tell.
 *
 * @param patch the last number, 0..8
 */
public record DamoVersion(int patch) {
    private static final int NEWEST = 8;

    /** The one that all reports are checked against. */
    public static final DamoVersion OLDEST = new DamoVersion(0);

    /** @throws InvalidInputException if this is no such release */
    public static DamoVersion of(String text) {
        if (!text.matches("3\\.3\\.[0-" + NEWEST + "]")) {
            throw new InvalidInputException("'" + text + "': expected a version from 3.3.0 to 3.3." + NEWEST);
        }
        return new DamoVersion(text.charAt(text.length() - 1) - '0');
    }

    /** Whether heatmaps count a region's age no further back than the snapshot before ends. */
    public boolean clipsAges() {
        return patch >= 1;
    }

    /** Whether {@code report access} heads the columns of probe hits, and tells the scheme's statistics where it had filters. */
    public boolean headsProbeHits() {
        return patch >= 2;
    }

    @Override
    public String toString() {
        return "3.3." + patch;
    }
}
