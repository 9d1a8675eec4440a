package org.damson.cli.replay;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.damson.analyzer.compare.Fidelity;
import org.damson.analyzer.render.text.JsonReports;
import org.damson.analyzer.render.text.TextReports;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.report.CompareCommand;
import org.damson.model.Units;
import org.damson.replayer.ReplayReport;

/**
 * What {@code replay --verify} comes to: by the distance to the original, judged by a tolerance, or by that of another recording
 * of the original; without a recording by the touches made.
 *
 * @param report how the replay went
 * @param fidelity its recording against the original; null if it was not recorded as the original was
 * @param noise another recording of the original against it; null if none was given
 */
record ReplayVerdict(ReplayReport report, Fidelity fidelity, Fidelity noise) {
    /** Share of the intended touches below which a replay that cannot be compared has failed. */
    static final double ENOUGH = 0.95;

    boolean isGood() {
        if (fidelity == null) {
            return report.achieved() >= ENOUGH;
        }
        return noise != null
                ? measures().stream().allMatch(Fidelity.Measure::isWithin)
                : fidelity.compare().same();
    }

    int exitCode() {
        if (isGood()) {
            return ExitCode.OK;
        }
        return fidelity == null || noise != null ? ExitCode.FINDINGS : CompareCommand.exitCode(fidelity.compare());
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
        out.print(noise == null ? compared : compared.substring(0, compared.lastIndexOf("verdict: ")));
        if (!Double.isNaN(fidelity.rssA()) && !Double.isNaN(fidelity.rssB())) {
            out.println("# resident: " + Units.bytes((long) fidelity.rssA()) + " in A, "
                    + Units.bytes((long) fidelity.rssB()) + " in B, where what was not accessed is not resident");
        }
        if (noise == null) {
            out.printf(
                    Locale.ROOT,
                    "# earth mover's distance %.4f, nr_accesses distance %.4f%s%n",
                    fidelity.earthMovers(),
                    fidelity.accesses(),
                    Double.isNaN(fidelity.ages())
                            ? ""
                            : String.format(Locale.ROOT, ", age distance %.4f", fidelity.ages()));
            return;
        }
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
                "verdict: %s, %d of %d distances within %.1f times that of two originals (less than %.2f counts as that)%n",
                isGood() ? "within the noise" : "beyond the noise",
                measures().stream().filter(Fidelity.Measure::isWithin).count(),
                measures().size(),
                Fidelity.MAX_TIMES_NOISE,
                Fidelity.LEAST_NOISE);
    }

    void addTo(Map<String, Object> json) throws IOException {
        json.put("verified", isGood());
        if (fidelity == null) {
            return;
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        JsonReports.compare(fidelity.compare(), text);
        json.put("compare", new Json.Raw(text.toString(StandardCharsets.UTF_8).strip()));
        Map<String, Object> distances = new LinkedHashMap<>();
        distances.put("earth_movers", fidelity.earthMovers());
        distances.put("nr_accesses", fidelity.accesses());
        if (!Double.isNaN(fidelity.ages())) {
            distances.put("age", fidelity.ages());
        }
        json.put("fidelity", distances);
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
