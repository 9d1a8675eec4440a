package org.damson.cli.report;

import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.analyzer.render.picture.PictureForm;
import org.damson.analyzer.render.picture.ReportPicture;
import org.damson.analyzer.render.text.MatrixReports;
import org.damson.analyzer.workingset.Evaluation;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.model.TraceSource;
import org.damson.model.text.NativeText;

/** {@code damson report matrix TRACE...}: many runs side by side. */
public final class MatrixCommand implements Command {
    private static final List<String> FORMS = List.of("txt", "csv", "json", "png", "svg", "pdf");

    @Override
    public String name() {
        return "report matrix";
    }

    @Override
    public String summary() {
        return "many runs in one table: runtime, system used, rss, working set, kdamond CPU, faults, pressure";
    }

    @Override
    public String usage() {
        return "TRACE... [--output FILE.{txt,csv,json,png,svg,pdf}]";
    }

    @Override
    public String example() {
        return "damson report matrix before.damson after.damson --output matrix.csv";
    }

    @Override
    public Options options() {
        return Shared.of(Reports.OUTPUT);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        List<String> names = line.getArgList();
        if (names.isEmpty()) {
            throw new UsageException("missing TRACE");
        }
        String form = Reports.form(line, console, FORMS);
        Evaluation evaluation = new Evaluation();
        for (String name : names) {
            try (TraceSource trace = Inputs.open(NativeText.path(name), console)) {
                evaluation.add(name, trace);
                Inputs.caveats(trace, console);
            }
        }
        Reports.write(line, console, out -> {
            switch (form) {
                case "png", "svg", "pdf" -> ReportPicture.matrix(evaluation, PictureForm.of(form), out);
                case "csv" -> Reports.text(out, t -> MatrixReports.csv(evaluation.rows(), t));
                case "json" -> Json.write(MatrixReports.json(evaluation.rows()), out);
                default -> Reports.text(out, t -> t.append(MatrixReports.text(evaluation.rows())));
            }
        });
        return ExitCode.OK;
    }
}
