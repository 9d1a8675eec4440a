package org.damson.cli.report;

import java.nio.file.Path;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.analyzer.render.picture.PictureForm;
import org.damson.analyzer.render.picture.TimelinePicture;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.TimelineTable;
import org.damson.analyzer.timeline.Timeline;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Shared;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.ProbeOption;
import org.damson.model.TraceSource;

/** {@code damson report timeline TRACE}: memory and call stacks on one axis of time. */
public final class TimelineCommand implements Command {
    private static final List<String> FORMS = List.of("txt", "csv", "json", "png", "svg", "pdf");

    @Override
    public String name() {
        return "report timeline";
    }

    @Override
    public String summary() {
        return "working set, heatmap and call stacks on one time axis, with phases and the top functions of each";
    }

    @Override
    public String usage() {
        return "TRACE [--output FILE.{" + String.join(",", FORMS) + "}] [--time A..B] [--address A..B] [--target N]";
    }

    @Override
    public String example() {
        return "damson report timeline run.damson --output timeline.png";
    }

    @Override
    public Options options() {
        return Shared.of(Reports.OUTPUT, ProbeOption.PROBE, Shared.TIME, Shared.ADDRESS, Shared.TARGET);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        String form = Reports.form(line, console, FORMS);
        Path path = Shared.trace(line);
        try (TraceSource trace = ProbeOption.open(line, path, console)) {
            Timeline timeline = Timeline.compute(trace, Shared.query(line, trace));
            TableReport tables = TimelineTable.of(timeline);
            Inputs.caveats(trace, console);
            Reports.notes(form, tables.notes(), console);
            Reports.write(line, console, out -> {
                if (Reports.isPicture(form)) {
                    String name = path.getFileName().toString();
                    TimelinePicture.write(timeline, name, PictureForm.of(form), out);
                } else {
                    Reports.table(tables, form, out);
                }
            });
        }
        return ExitCode.OK;
    }
}
