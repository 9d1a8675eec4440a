package org.damson.cli.whatif;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.analyzer.page.Page;
import org.damson.analyzer.page.PageWhatIf;
import org.damson.analyzer.render.page.HtmlPage;
import org.damson.cli.command.Command;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.input.InfoLines;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.ProbeOption;
import org.damson.cli.input.TraceFacts;
import org.damson.cli.report.Reports;
import org.damson.model.InvalidInputException;
import org.damson.model.TraceSource;

/** {@code damson report html TRACE}: one page to look into a trace with, that needs no network. */
public final class HtmlCommand implements Command {
    @Override
    public String name() {
        return "report html";
    }

    @Override
    public boolean hasJson() {
        return false;
    }

    @Override
    public String summary() {
        return "one self-contained page: working set, heatmap and call stacks to zoom into";
    }

    @Override
    public String usage() {
        return "TRACE [--output FILE.html] [--scheme SCHEME...] [--time A..B] [--address A..B] [--target N]";
    }

    @Override
    public String example() {
        return "damson report html run.damson --output run.html";
    }

    @Override
    public Options options() {
        return Shared.of(
                Reports.OUTPUT,
                ProbeOption.PROBE,
                Shared.TIME,
                Shared.ADDRESS,
                Shared.TARGET,
                Shared.SNAPSHOTS,
                WhatIf.SCHEME,
                WhatIf.KERNEL,
                WhatIf.OPS,
                WhatIf.COST);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        Reports.form(line, console, List.of("html"));
        Path path = Shared.trace(line);
        if (!line.hasOption(WhatIf.SCHEME)) {
            for (var option : List.of(WhatIf.KERNEL, WhatIf.OPS, WhatIf.COST)) {
                if (line.hasOption(option)) {
                    throw new UsageException("--" + option.getLongOpt() + " requires --scheme");
                }
            }
        }
        if (line.hasOption(WhatIf.SCHEME)) {
            ProbeOption.refuse(line, "--scheme");
        }
        try (TraceSource trace = ProbeOption.open(line, path, console)) {
            Page page = page(line, trace, path, console);
            Inputs.caveats(trace, console);
            Reports.write(line, console, out -> HtmlPage.write(page, out));
        }
        return ExitCode.OK;
    }

    private static Page page(CommandLine line, TraceSource trace, Path path, Console console) throws IOException {
        PageWhatIf.Question question = null;
        if (line.hasOption(WhatIf.SCHEME)) {
            WhatIf.refuseActing(trace);
            question = new PageWhatIf.Question(
                    WhatIf.schemes(line), WhatIf.options(line, trace, console), WhatIf.outcome(line, console));
        }
        // A page is for others: they see the name of the trace, not where it was.
        String name = path.getFileName().toString();
        String title = line.hasOption(ProbeOption.PROBE)
                ? name + ", hits of probe " + line.getOptionValue(ProbeOption.PROBE)
                : name;
        List<Map.Entry<String, String>> facts = new ArrayList<>(InfoLines.of(TraceFacts.of(trace, path), name));
        try {
            return Page.compute(
                    trace, Shared.query(line, trace), new Page.About(title, facts, Inputs.remarks(trace)), question);
        } catch (InvalidInputException e) {
            throw new CommandFailedException(ExitCode.INPUT, e.getMessage());
        }
    }
}
