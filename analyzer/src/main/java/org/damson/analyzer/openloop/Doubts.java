package org.damson.analyzer.openloop;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.memory.Pieces;
import org.damson.damon.scheme.Scheme;
import org.damson.model.Units;

/** What a recording leaves open about a simulation over it, gathered during the pass; one line each. */
final class Doubts {
    /** Regions are mappings, of which a part may have been touched; what DAMON would make regions of them is not known. */
    boolean partial;

    /** Targets of which the simulated kernel would have made other regions from some turn on. */
    long joins;

    /** Turns that are missing from the recording, as far as times tell. */
    long missedTurns;

    long lostRegions;
    /** Snapshots of what a scheme tried. */
    long ofSchemes;

    boolean intervalsChanged;
    /** An apply interval ends between snapshots. */
    boolean undecidableTurn;

    /**
     * The lines.
     *
     * @param cutByOthers whether schemes of this set may cut regions that others of it see
     * @param averaged whether pieces of memory were averaged
     */
    List<String> lines(
            List<Scheme> schemes,
            OpenLoopOptions options,
            RecordedCuts recorded,
            boolean cutByOthers,
            boolean averaged) {
        List<String> lines = new ArrayList<>();
        if (partial) {
            lines.add(OpenLoopResult.MAPPINGS);
        }
        lines.addAll(NotSimulated.of(schemes, options.version(), options.physical()));
        if (ofSchemes > 0) {
            lines.add(Curves.ofSchemesLeftOut(ofSchemes));
        }
        if (lostRegions > 0) {
            lines.add(Units.count(lostRegions, "region", "is") + " missing from the recording and could not be tried");
        }
        if (missedTurns > 0) {
            lines.add(Units.count(missedTurns, "turn", "is")
                    + " missing where the trace tells of losses: what was tried then is"
                    + " in the upper bounds as all of the memory");
        }
        cuts(lines, recorded, cutByOthers);
        joins(lines, recorded, options);
        // Those of mappings change with how late samples come, in every recording.
        if (intervalsChanged && !partial) {
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

    private static void cuts(List<String> lines, RecordedCuts recorded, boolean cutByOthers) {
        if (recorded.found() > 0) {
            lines.add("a scheme that ran while this was recorded may have cut regions at " + recorded.found()
                    + " places; a scheme that comes before it saw them whole: the bounds hold either");
        }
        if (recorded.knowledge() == RecordedCuts.Knowledge.NOTHING) {
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

    private void joins(List<String> lines, RecordedCuts recorded, OpenLoopOptions options) {
        if (recorded.isJoinedUnexpectedly()) {
            lines.add(
                    "events show that regions were joined after schemes were applied to them, as Linux 7.2 and later do: say"
                            + " --kernel; as " + options.version() + " nothing is called exact");
        }
        if (recorded.apart() > 0) {
            lines.add("schemes that ran while this was recorded may have seen "
                    + Units.count(recorded.apart(), "region")
                    + " in pieces, which the kernel joined before it told them: the bounds hold either"
                    + (recorded.knowledge() == RecordedCuts.Knowledge.NOTHING
                            ? ", if none of them had a quota or an address filter"
                            : ""));
        }
        if (joins > 0) {
            lines.add("Linux " + options.version()
                    + " joins neighbours of equal accesses and age after its schemes' turn, and"
                    + " had some to join here: from then on its regions would be others, by size and number, than those"
                    + " recorded; bounds hold it, if memory is accessed as recorded, and nothing is called exact");
        }
    }
}
