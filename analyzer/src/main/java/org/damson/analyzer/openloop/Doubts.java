package org.damson.analyzer.openloop;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.memory.Pieces;
import org.damson.damon.scheme.Scheme;
import org.damson.model.Units;

/** What a recording leaves open about a simulation over it, gathered during the pass; one line each. */
final class Doubts {
    /** Regions are mappings, of which a part may have been touched; what DAMON would make regions of them is not known. */
    boolean partial;

    long lostRegions;
    boolean intervalsChanged;
    /** An apply interval ends between snapshots. */
    boolean undecidableTurn;

    /**
     * The lines.
     *
     * @param cutPlaces where schemes of the recording may have cut regions
     * @param cutByOthers whether schemes of this set may cut regions that others of it see
     * @param averaged whether pieces of memory were averaged
     */
    List<String> lines(
            List<Scheme> schemes,
            OpenLoopOptions options,
            RecordedCuts.Knowledge knowledge,
            long cutPlaces,
            boolean cutByOthers,
            boolean averaged) {
        List<String> lines = new ArrayList<>();
        if (partial) {
            lines.add(
                    "regions of this trace are mappings, and which part of one was touched is not recorded: counts are of"
                            + " mappings as a whole, memory is that of the bytes that were touched, the working set the least; nothing here is"
                            + " exact");
        }
        lines.addAll(NotSimulated.of(schemes, options.version()));
        if (lostRegions > 0) {
            lines.add(Units.count(lostRegions, "region", "is") + " missing from the recording and could not be tried");
        }
        cuts(lines, knowledge, cutPlaces, cutByOthers);
        if (intervalsChanged) {
            lines.add(
                    "the intervals change within the recording; bounds in time were converted with the first ones, as when a scheme is installed");
        }
        if (undecidableTurn) {
            lines.add(
                    "an apply interval is not a multiple of the aggregation interval: its turns fall between snapshots,"
                            + " and what they see is not decidable from this trace; turns at snapshots were simulated");
        }
        if (averaged) {
            lines.add("the memory fell into more than " + Pieces.MAX
                    + " different pieces; neighbours were averaged, and bounds of bytes out are those of averages");
        }
        return List.copyOf(lines);
    }

    private static void cuts(
            List<String> lines, RecordedCuts.Knowledge knowledge, long cutPlaces, boolean cutByOthers) {
        if (cutPlaces > 0) {
            lines.add("a scheme that ran while this was recorded may have cut regions at " + cutPlaces
                    + " places; a scheme that comes before it saw them whole: the bounds hold either");
        }
        if (knowledge == RecordedCuts.Knowledge.NOTHING) {
            lines.add("the trace does not record whether schemes with quotas or address filters ran and cut regions: "
                    + "nothing is called exact");
        }
        if (cutByOthers) {
            lines.add(
                    "schemes with quotas or address filters in this set cut regions, and the others see pieces: less of"
                            + " them, or some twice, of other sizes and number than recorded; bounds hold it, if pieces are accessed"
                            + " like the region they were cut from, and nothing that others may cut is called exact (if just these schemes"
                            + " ran while it was recorded, say --as-recorded)");
        }
    }
}
