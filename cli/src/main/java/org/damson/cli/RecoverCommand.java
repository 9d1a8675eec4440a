package org.damson.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.model.Units;
import org.damson.trace.RecoverReport;
import org.damson.trace.Traces;

/** {@code damson recover TRACE}: seals what a recorder that died left behind. */
final class RecoverCommand implements Command {
    @Override
    public String name() {
        return "recover";
    }

    @Override
    public String summary() {
        return "seal a trace whose recorder died; keeps everything that was flushed";
    }

    @Override
    public String usage() {
        return "TRACE";
    }

    @Override
    public String example() {
        return "damson recover crashed.damson";
    }

    @Override
    public Options options() {
        return new Options();
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        Path trace = Shared.trace(line);
        RecoverReport report = Traces.recover(trace);
        boolean lost = report.lostNote() != null && !report.lostNote().isEmpty();
        if (console.isJson()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("rows_recovered", report.rowsRecovered());
            json.put("journal_files", report.batches());
            json.put("lost", lost ? report.lostNote() : null);
            Json.write(json, console.out());
        } else {
            console.out()
                    .println("recovered " + Units.count(report.rowsRecovered()) + " rows in "
                            + Units.count(report.batches()) + " journal files of " + trace);
            if (lost) {
                console.out().println("lost: " + report.lostNote());
            }
        }
        return ExitCode.OK;
    }
}
