package org.damson.analyzer.openloop;

import java.util.List;
import org.damson.analyzer.damos.KernelVersion;
import org.damson.analyzer.damos.SchemeStats;
import org.damson.analyzer.memory.Outcome;
import org.damson.damon.scheme.Scheme;

/**
 * What schemes would have done over a recording.
 *
 * @param version the kernel simulated
 * @param fromNs start of the first snapshot, the trace's clock
 * @param toNs end of the last one
 * @param turns aggregations at which schemes had their turn
 * @param regionUpdates regions looked at
 * @param lostRegions regions missing from the recording; each could have been tried
 * @param schemes one per scheme, in order
 * @param notes what makes the numbers less than exact, or is not simulated, one line each
 * @param cutsKnown whether the trace records if schemes cut regions, or a kernel joined them, while it was recorded; if not,
 *     nothing is exact
 * @param outcome what became of memory and time; null if it was not asked for
 */
public record OpenLoopResult(
        KernelVersion version,
        long fromNs,
        long toNs,
        long turns,
        long regionUpdates,
        long lostRegions,
        List<PerScheme> schemes,
        List<String> notes,
        boolean cutsKnown,
        Outcome outcome) {
    /** What every result is: no forecast. */
    public static final String SCOPE =
            "bounds what the schemes would have done in this recording; another run of the program differs; only "
                    + "repeated recordings show by how much";

    /** The note on a recording of referenced bits. */
    public static final String MAPPINGS =
            "regions of this trace are mappings, and which part of one was touched is not recorded: counts are of"
                    + " mappings as a whole, memory is that of the bytes that were touched, the working set the least; nothing here is"
                    + " exact";

    /** Whether the recording decides everything that a scheme tried. */
    public boolean isExact(PerScheme s) {
        return cutsKnown && !s.isCut() && s.isExact();
    }

    /**
     * One scheme.
     *
     * @param stats the kernel's counters in the most likely course
     * @param szTriedMin least bytes tried in any course the recording allows
     * @param szTriedMax most
     * @param nrTriedMin least regions tried
     * @param nrTriedMax most
     * @param szAppliedMin least bytes the action was done to
     * @param szAppliedMax most
     * @param isCut whether this one may see other regions than were recorded, as other schemes of the set cut them or the
     *     kernel would have joined them: nothing is exact
     */
    public record PerScheme(
            Scheme scheme,
            SchemeStats stats,
            long szTriedMin,
            long szTriedMax,
            long nrTriedMin,
            long nrTriedMax,
            long szAppliedMin,
            long szAppliedMax,
            boolean isCut) {
        /** Whether the lower and the upper bound are the same. */
        public boolean isExact() {
            return szTriedMin == szTriedMax && nrTriedMin == nrTriedMax;
        }

        /** Bytes the recording cannot decide on. */
        public long undecidedBytes() {
            return szTriedMax - szTriedMin;
        }
    }
}
