package org.damson.cli.replay;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.damson.analyzer.compare.Behaviour;
import org.damson.analyzer.compare.CompareOptions;
import org.damson.analyzer.compare.Fidelity;
import org.damson.analyzer.compare.NoiseFloor;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.cli.report.CompareCommand;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.replayer.ReplayPlan;
import org.damson.replayer.ReplayReport;

/** Measures originals and recordings of their replays, and compares them: the same for a trace at hand and for a capsule. */
final class ReplayJudge {
    /** Recordings of one program, each of which is compared with each other one. */
    private static final int MAX_ORIGINALS = 32;

    private ReplayJudge() {}

    /** What --tolerance says, which is of no use where nothing is compared. */
    static CompareOptions tolerance(CommandLine line) {
        if (!line.hasOption(ReplayCommand.VERIFY) && !line.hasOption(ReplayCommand.CHECK)) {
            PlanOptions.requireAbsent(line, "requires --verify or --check", CompareCommand.TOLERANCE);
        }
        return CompareCommand.compareOptions(line);
    }

    /** What the part of a trace that a plan plays did, in the places of the plan, at the size of the plan. */
    static Behaviour original(TraceSource trace, ReplayPlan plan, CompareOptions options) throws IOException {
        TraceQuery time = TraceQuery.ALL.time(plan.startNs(), plan.endNs());
        return Behaviour.of(trace, time, ReplayPlace.originals(plan), options)
                .withAccesses(trace, time)
                .scaled(plan.options().memoryScale());
    }

    /**
     * Compares the recording of a replay with its original.
     *
     * @param report how the replay went; null if the recording was given
     * @param original what the original did in {@code originals}
     * @param originals the places in the original
     * @param filledBytes memory that the replay fills
     * @param time of the recording that is the replay's
     * @param areas the places in the recording
     * @param noise null if there were no two originals
     */
    static ReplayVerdict judge(
            ReplayReport report,
            Behaviour original,
            List<Area> originals,
            long filledBytes,
            TraceSource recording,
            TraceQuery time,
            List<Area> areas,
            NoiseFloor noise,
            CompareOptions options)
            throws IOException {
        double[] units =
                originals.stream().mapToDouble(a -> Scan.bytes(a.sizeBytes())).toArray();
        List<CompareOptions.AreaPair> map = new ArrayList<>();
        for (int i = 0; i < areas.size(); i++) {
            map.add(new CompareOptions.AreaPair(originals.get(i), areas.get(i)));
        }
        Behaviour replay = Behaviour.of(recording, time, areas, units, options).withAccesses(recording, time);
        List<String> notes = new ArrayList<>();
        String resident = ReplayVerdict.residentNote(original, filledBytes);
        if (resident != null) {
            notes.add(resident);
        }
        Fidelity fidelity = Fidelity.of(resident == null ? original : original.withoutResident(), replay, map, options);
        if (fidelity.compare().hasNothingInCommon()) {
            notes.add(
                    "no access of the recording lies in the memory that the plan plays: it is no recording of its replay");
        }
        if (Double.isNaN(fidelity.transitionTimes())) {
            notes.add("transition times are not judged: phases change too little to be found in each recording");
        }
        if (noise != null) {
            for (String name : fidelity.distances().keySet()) {
                if (!noise.distances().containsKey(name)) {
                    notes.add(name + " is not judged: it is unknown from the recordings of the original");
                }
            }
        }
        double accessed = replay.mappedHeat() * replay.meanHotBytes() * (time.toNs() - time.fromNs());
        return new ReplayVerdict(report, fidelity, noise, notes, accessed, Double.NaN);
    }

    /** How far recordings of one program are apart, each from each; null of one alone. */
    static NoiseFloor noise(List<Path> originals, CompareOptions options, Console console) throws IOException {
        if (originals.size() > MAX_ORIGINALS) {
            throw new UsageException(
                    "at most " + MAX_ORIGINALS + " recordings of one program, not " + originals.size());
        }
        List<Fidelity> pairs = new ArrayList<>();
        for (int i = 0; i < originals.size(); i++) {
            for (int j = i + 1; j < originals.size(); j++) {
                try (TraceSource a = Inputs.open(originals.get(i), console);
                        TraceSource b = Inputs.open(originals.get(j), console)) {
                    pairs.add(Fidelity.of(a, TraceQuery.ALL, b, TraceQuery.ALL, options));
                }
            }
        }
        return pairs.isEmpty() ? null : NoiseFloor.of(originals.size(), pairs);
    }
}
