package org.damson.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.model.Units;
import org.damson.trace.Traces;
import org.damson.trace.VerifyReport;

/** {@code damson verify TRACE}: checks every file against its digest and every row against the format's rules. */
final class VerifyCommand implements Command {
    @Override
    public String name() {
        return "verify";
    }

    @Override
    public String summary() {
        return "check a trace's files, digests and rows; exit 1 when something is wrong";
    }

    @Override
    public String usage() {
        return "TRACE";
    }

    @Override
    public String example() {
        return "damson verify run.damson";
    }

    @Override
    public Options options() {
        return new Options();
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        VerifyReport report = Traces.verify(Shared.trace(line));
        boolean good = report.findings().isEmpty();
        if (console.isJson()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("good", good);
            json.put("findings", report.findings());
            json.put("files", report.files());
            json.put("rows", report.rows());
            json.put("bytes", report.bytes());
            Json.write(json, console.out());
        } else {
            for (String finding : report.findings()) {
                console.out().println(finding);
            }
            console.out()
                    .println((good ? "good" : Units.count(report.findings().size()) + " findings") + ": "
                            + Units.count(report.files()) + " files, " + Units.count(report.rows()) + " rows, "
                            + Units.bytes(report.bytes()));
        }
        return good ? ExitCode.OK : ExitCode.FINDINGS;
    }
}
