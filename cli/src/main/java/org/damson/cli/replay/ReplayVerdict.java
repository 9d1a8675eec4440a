package org.damson.cli.replay;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.damson.analyzer.compare.Behaviour;
import org.damson.analyzer.compare.Fidelity;
import org.damson.analyzer.compare.NoiseFloor;
import org.damson.analyzer.render.text.JsonReports;
import org.damson.analyzer.render.text.TextReports;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.report.CompareCommand;
import org.damson.model.Units;
import org.damson.replayer.PlanOutline;
import org.damson.replayer.ReplayReport;

/**
 * What {@code replay --verify} and {@code --check} come to: by the distance to the original, judged by that of its recordings from
 * one another, else by a tolerance; without a recording by the touches made.
 *
 * @param report how the replay went; null if a recording of it was given
 * @param fidelity its recording against the original; null if it was not recorded as the original was
 * @param noise how far recordings of the original are apart; null if no two were given
 * @param notes what was not judged, and why
 * @param accessedByteNs heat of the recording in the places of the plan, bytes x ns; NaN if not known
 * @param plannedByteNs what the plan touches, bytes x ns; NaN if not known
 */
record ReplayVerdict(
        ReplayReport report,
        Fidelity fidelity,
        NoiseFloor noise,
        List<String> notes,
        double accessedByteNs,
        double plannedByteNs) {
    /** Share of the intended touches below which a replay that cannot be compared has failed. */
    static final double ENOUGH = 0.95;

    /** Share of what was resident that a replay has to fill if both sizes are to be alike. */
    private static final double FILLED = 0.9;

    /** Nobody knows what of its touches was seen. */
    ReplayVerdict(ReplayReport report, Fidelity fidelity, NoiseFloor noise, List<String> notes) {
        this(report, fidelity, noise, notes, Double.NaN, Double.NaN);
    }

    /** The same for the replay of a plan. */
    ReplayVerdict of(Path plan) throws IOException {
        return new ReplayVerdict(report, fidelity, noise, notes, accessedByteNs, PlanOutline.touchedByteNs(plan));
    }

    /**
     * Share of what was touched that the recording has as accessed, by bytes and time, 0..1; NaN if not known. Of a region partly
     * touched its samples see as large a share, so that the sum is what was touched, but for what was not seen.
     */
    double seen() {
        double touched = plannedByteNs * (report == null ? 1 : report.achieved());
        return touched > 0 ? Math.min(1, accessedByteNs / touched) : Double.NaN;
    }

    /** Why the resident size of a replay cannot be that of its original; null if it can, or nobody knows. */
    static String residentNote(Behaviour original, double filledBytes) {
        return !(filledBytes < FILLED * original.residentBytes())
                ? null
                : "resident size is not judged: of " + Units.bytes((long) original.residentBytes())
                        + " in the original the replay fills " + Units.bytes((long) filledBytes)
                        + ", what was accessed at some time";
    }

    boolean isGood() {
        return exitCode() == ExitCode.OK;
    }

    int exitCode() {
        if (fidelity == null) {
            return report.achieved() >= ENOUGH ? ExitCode.OK : ExitCode.FINDINGS;
        }
        int code = noise == null
                ? CompareCommand.exitCode(fidelity.compare())
                : measures().stream().allMatch(Fidelity.Measure::isWithin) ? ExitCode.OK : ExitCode.FINDINGS;
        return code == ExitCode.FINDINGS && isShort() ? ExitCode.UNDECIDED : code;
    }

    /** Whether the machine did not keep up, so that a difference says nothing about the plan. */
    private boolean isShort() {
        return report != null && report.achieved() < ENOUGH;
    }

    private List<Fidelity.Measure> measures() {
        return fidelity.against(noise);
    }

    void print(PrintStream out) {
        if (fidelity == null) {
            out.printf(
                    Locale.ROOT,
                    "verdict: %s, %.2f %% of the intended touches were made (%.0f %% are enough)%n",
                    isGood() ? "replayed" : "not replayed",
                    100 * report.achieved(),
                    100 * ENOUGH);
            return;
        }
        out.println();
        out.println("The trace (A) and the recording of its replay (B):");
        String compared = TextReports.compare(fidelity.compare());
        int verdict = compared.lastIndexOf("verdict: ");
        out.print(compared.substring(0, verdict));
        out.println("# transitions: " + transitions(fidelity.transitions()) + " in A, "
                + transitions(fidelity.transitionsOfOther()) + " in B, percent of the time");
        if (!Double.isNaN(fidelity.residentDistance())) {
            out.println("# resident: " + Units.bytes((long) fidelity.residentA()) + " in A, "
                    + Units.bytes((long) fidelity.residentB()) + " in B");
        }
        if (!Double.isNaN(seen())) {
            out.printf(Locale.ROOT, "# seen: %.1f %% of what the replay touched, by bytes and time%n", 100 * seen());
        }
        notes.forEach(note -> out.println("# " + note));
        if (noise == null) {
            fidelity.distances().forEach((name, value) -> out.printf(Locale.ROOT, "# %-24s %.4f%n", name, value));
            out.println("# no recordings of the original to take a noise floor from: judged by the tolerance");
            String text = compared.substring(verdict).strip();
            boolean isOverruled = exitCode() != CompareCommand.exitCode(fidelity.compare());
            out.println((isOverruled ? text.replaceFirst(": ", ": undecided: ") : text) + shortfall());
            return;
        }
        printMeasures(out);
    }

    /** What is added to a verdict that would be another if the machine had kept up. */
    private String shortfall() {
        return exitCode() == ExitCode.UNDECIDED && isShort()
                ? String.format(
                        Locale.ROOT,
                        ", but only %.2f %% of the touches were made: the machine did not keep up",
                        100 * report.achieved())
                : "";
    }

    private void printMeasures(PrintStream out) {
        out.printf("%-24s %10s %14s %8s%n", "# distance", "of replay", "of originals", "times");
        for (Fidelity.Measure m : measures()) {
            out.printf(
                    Locale.ROOT,
                    "%-24s %10.4f %14.4f %8.2f%s%n",
                    m.name(),
                    m.value(),
                    m.noise(),
                    m.times(),
                    m.isWithin() ? "" : "  beyond");
        }
        out.printf(
                Locale.ROOT,
                "verdict: %s, %d of %d distances within %.1f times the greatest of %d originals (less than %.2f counts as that)%s%n",
                switch (exitCode()) {
                    case ExitCode.OK -> "within the noise";
                    case ExitCode.UNDECIDED -> "undecided";
                    default -> "beyond the noise";
                },
                measures().stream().filter(Fidelity.Measure::isWithin).count(),
                measures().size(),
                Fidelity.MAX_TIMES_NOISE,
                noise.recordings(),
                Fidelity.MIN_NOISE,
                shortfall());
    }

    private static String transitions(List<Double> times) {
        return times.isEmpty()
                ? "none"
                : times.stream()
                        .map(t -> String.format(Locale.ROOT, "%.0f", 100 * t))
                        .collect(Collectors.joining(" "));
    }

    void addTo(Map<String, Object> json) throws IOException {
        json.put("verified", isGood());
        if (fidelity == null) {
            return;
        }
        json.put("undecided", exitCode() == ExitCode.UNDECIDED);
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        JsonReports.compare(fidelity.compare(), text);
        json.put("compare", new Json.Raw(text.toString(StandardCharsets.UTF_8).strip()));
        Map<String, Object> distances = new LinkedHashMap<>();
        distances.put("earth_movers", fidelity.earthMovers());
        distances.put("nr_accesses", fidelity.accesses());
        if (!Double.isNaN(fidelity.ages())) {
            distances.put("age", fidelity.ages());
        }
        if (!Double.isNaN(fidelity.transitionTimes())) {
            distances.put("transition_times", fidelity.transitionTimes());
        }
        json.put("fidelity", distances);
        json.put("transitions", fidelity.transitions());
        json.put("transitions_of_replay", fidelity.transitionsOfOther());
        if (!Double.isNaN(seen())) {
            json.put("seen_share", seen());
        }
        json.put("not_judged", notes);
        if (noise != null) {
            List<Map<String, Object>> all = new ArrayList<>();
            for (Fidelity.Measure m : measures()) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("distance", m.name());
                one.put("replay", m.value());
                one.put("originals", m.noise());
                one.put("within", m.isWithin());
                all.add(one);
            }
            json.put("against_noise", all);
        }
    }
}
