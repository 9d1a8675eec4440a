package org.damson.cli.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.damo.DamoExpectations;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.cli.command.Command;
import org.damson.cli.command.DamoOptions;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.TraceSeriesInput;
import org.damson.model.InvalidInputException;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.text.Printable;
import org.damson.trace.Traces;
import org.damson.trace.VerifyReport;

/**
 * {@code damson verify TRACE}: checks every file against its digest and every row against the format's rules; with
 * {@code --expect} whether what was recorded is within bounds.
 */
public final class VerifyCommand implements Command {
    private static final Option EXPECT =
            Shared.flag(null, "expect", "also check the snapshots: span, number of regions, access counts");
    private static final Option AGGR = DamoOptions.several(
            2, "aggr", "MIN MAX", "span of a snapshot (its aggregation interval, a quarter more or less)");
    private static final Option REGIONS =
            DamoOptions.several(2, "nr-regions", "MIN MAX", "regions of a snapshot (any number)");
    private static final Option ACCESSES =
            DamoOptions.several(2, "nr-accesses", "MIN MAX", "accesses of a region (what the intervals allow)");
    private static final Option ALLOW = DamoOptions.value(
            "allow-error", "PERCENT", "percentage of snapshots that may miss --aggr and --nr-regions (2)");
    private static final Option BOUNDARY = DamoOptions.several(
            Option.UNLIMITED_VALUES,
            "regions-boundary",
            "START-END...",
            "addresses in which regions must lie (default: any)");

    @Override
    public String name() {
        return "verify";
    }

    @Override
    public boolean carriesLosses() {
        return true;
    }

    @Override
    public String summary() {
        return "check a trace's files, digests and rows, and with --expect its content; exit 1 on findings";
    }

    @Override
    public String usage() {
        return "TRACE [--expect [--aggr MIN MAX] [--nr-regions MIN MAX] [--nr-accesses MIN MAX]]";
    }

    @Override
    public String example() {
        return "damson verify run.damson";
    }

    @Override
    public Options options() {
        return Shared.of(EXPECT, AGGR, REGIONS, ACCESSES, ALLOW, BOUNDARY, DamoOptions.COMPAT);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        Path path = Shared.trace(line);
        DamoExpectations expectations = expectations(line);
        if (line.hasOption(DamoOptions.COMPAT)) {
            try (TraceSource trace = Inputs.open(path, console, true)) {
                String finding = expectations.damoFinding(DamoTrace.of(trace));
                if (finding != null) {
                    console.out().println(finding);
                }
                return finding == null ? ExitCode.OK : ExitCode.FINDINGS;
            }
        }
        // Another tool's recording has no digests: it is checked by being read.
        VerifyReport report = expectations != null && Inputs.isForeign(path)
                ? new VerifyReport(List.of(), List.of(), 0, 0, 0)
                : verify(path);
        List<String> findings = new ArrayList<>(report.findings());
        if (expectations != null && findings.isEmpty()) {
            try (TraceSource trace = Inputs.open(path, console)) {
                findings.addAll(expectations.findings(DamoTrace.of(trace, false)));
            }
        }
        boolean good = findings.isEmpty();
        if (console.isJson()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("good", good);
            json.put("findings", findings);
            json.put("notes", report.notes());
            json.put("files", report.files());
            json.put("rows", report.rows());
            json.put("bytes", report.bytes());
            Json.write(json, console.out());
        } else {
            for (String finding : findings) {
                console.out().println(Printable.line(finding));
            }
            for (String note : report.notes()) {
                console.out().println("note: " + Printable.line(note));
            }
            console.out()
                    .println((good ? "good" : Units.count(findings.size(), "finding")) + ": "
                            + Units.count(report.files(), "file") + ", " + Units.count(report.rows(), "row") + ", "
                            + Units.bytes(report.bytes()));
        }
        return good ? ExitCode.OK : ExitCode.FINDINGS;
    }

    /** A trace, or each of a series. */
    private static VerifyReport verify(Path path) throws IOException {
        if (!TraceSeriesInput.isSeries(path)) {
            return verifyOne(path);
        }
        List<String> findings = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        long files = 0;
        long rows = 0;
        long bytes = 0;
        for (Path part : TraceSeriesInput.parts(path)) {
            VerifyReport report = verifyOne(part);
            findings.addAll(report.findings());
            report.notes().forEach(note -> notes.add(part + ": " + note));
            files += report.files();
            rows += report.rows();
            bytes += report.bytes();
        }
        return new VerifyReport(findings, notes, files, rows, bytes);
    }

    /** With its curves, which are worked out anew where all else is good. */
    private static VerifyReport verifyOne(Path path) throws IOException {
        VerifyReport report = Traces.verify(path);
        if (!report.findings().isEmpty()) {
            return report;
        }
        try (TraceSource trace = Traces.open(path)) {
            String finding = Curves.finding(trace);
            return finding.isEmpty()
                    ? report
                    : new VerifyReport(List.of(finding), report.notes(), report.files(), report.rows(), report.bytes());
        }
    }

    /** Null if none are asked for. */
    private static DamoExpectations expectations(CommandLine line) {
        if (!line.hasOption(EXPECT)) {
            for (Option o : List.of(AGGR, REGIONS, ACCESSES, ALLOW, BOUNDARY, DamoOptions.COMPAT)) {
                if (line.hasOption(o)) {
                    throw new UsageException("--" + o.getLongOpt() + " requires --expect");
                }
            }
            return null;
        }
        DamoExpectations e = new DamoExpectations();
        DamoOptions.each(line, AGGR, v -> e.aggrUs = bounds(Quantities.damoUs(v.get(0)), Quantities.damoUs(v.get(1))));
        DamoOptions.each(line, REGIONS, v -> e.regions = bounds(v));
        DamoOptions.each(line, ACCESSES, v -> e.accesses = bounds(v));
        if (line.hasOption(ALLOW)) {
            e.allowedPercent = Quantities.percent(ALLOW, line.getOptionValue(ALLOW));
        }
        DamoOptions.each(line, BOUNDARY, v -> v.forEach(b -> e.boundaries.add(boundary(b))));
        return e;
    }

    private static DamoExpectations.Bounds bounds(List<String> values) {
        return bounds(DamoOptions.whole(values.get(0)), DamoOptions.whole(values.get(1)));
    }

    private static DamoExpectations.Bounds bounds(long least, long most) {
        DamoExpectations.Bounds b = new DamoExpectations.Bounds(least, most);
        if (b.least() > b.most()) {
            throw new InvalidInputException("the minimum is above the maximum");
        }
        return b;
    }

    private static DamoExpectations.Boundary boundary(String text) {
        String[] ends = text.split("-");
        if (ends.length != 2) {
            throw new InvalidInputException("'" + text + "' is not START-END");
        }
        return new DamoExpectations.Boundary(
                Quantities.address(BOUNDARY, ends[0]), Quantities.address(BOUNDARY, ends[1]));
    }
}
