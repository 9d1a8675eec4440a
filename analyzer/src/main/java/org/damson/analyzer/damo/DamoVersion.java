package org.damson.analyzer.damo;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.model.InvalidInputException;

/**
 * A release of damo whose prints can be asked for: 3.2.0 to 3.2.9 and 3.3.0 to 3.3.8. Reports print the same in all of them but
 * for what the methods tell.
 *
 * @param minor 2 or 3
 * @param patch the last number
 */
public record DamoVersion(int minor, int patch) {
    private static final Pattern FORM = Pattern.compile("3\\.(2\\.[0-9]|3\\.[0-8])");

    /** What is printed where no version is said. */
    public static final DamoVersion USUAL = new DamoVersion(3, 0);

    public static final DamoVersion NEWEST = new DamoVersion(3, 8);

    /** @throws InvalidInputException if this is no such release */
    public static DamoVersion of(String text) {
        Matcher m = FORM.matcher(text);
        if (!m.matches()) {
            throw new InvalidInputException("'" + text + "': expected a version from 3.2.0 to " + NEWEST);
        }
        return new DamoVersion(text.charAt(2) - '0', text.charAt(4) - '0');
    }

    private boolean isFrom(int ofMinor, int ofPatch) {
        return minor > ofMinor || minor == ofMinor && patch >= ofPatch;
    }

    /** Whether {@code report access} knows the keyword of probe hits. */
    public boolean knowsProbeHits() {
        return isFrom(2, 3);
    }

    /** Whether the heatmap of one snapshot of several has its name before it. */
    public boolean namesHeatmaps() {
        return isFrom(2, 9);
    }

    /** Whether the filters of a scheme are told also in a snapshot's head that the user or a style gave. */
    public boolean tellsFiltersInGivenHeads() {
        return !isFrom(2, 9);
    }

    /** Whether {@code report access} shows probe hits unasked. */
    public boolean showsProbeHits() {
        return isFrom(3, 0);
    }

    /** Whether heatmaps count a region's age no further back than the snapshot before ends. */
    public boolean clipsAges() {
        return isFrom(3, 1);
    }

    /** Whether {@code report access} heads the columns of probe hits, and tells the scheme's statistics where it had filters. */
    public boolean headsProbeHits() {
        return isFrom(3, 2);
    }

    /** Whether a kdamond or context that a recording does not number is the first. */
    public boolean takesUnknownForFirst() {
        return isFrom(3, 6);
    }

    @Override
    public String toString() {
        return "3." + minor + "." + patch;
    }
}
