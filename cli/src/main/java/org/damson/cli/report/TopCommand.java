package org.damson.cli.report;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.render.text.LiveView;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.console.TerminalSize;
import org.damson.cli.input.TraceSeriesInput;
import org.damson.model.TraceSource;
import org.damson.model.text.Printable;
import org.damson.trace.Traces;

/** {@code damson top TRACE}: what a trace that is being recorded says now, redrawn in place. */
public final class TopCommand implements Command {
    private static final Option INTERVAL = Shared.value(null, "interval", "TIME", "refresh interval (default 2s)");
    private static final Option ONCE = Shared.flag(null, "once", "print one screen and end");

    private static final String HOME = "\u001b[H";
    private static final String END_OF_LINE = "\u001b[K\r\n";
    private static final String CLEAR_BELOW = "\u001b[J";
    private static final String HIDE_CURSOR = "\u001b[?25l";
    private static final String SHOW_CURSOR = "\u001b[?25h";

    /** A trace changes while it is read; what cannot be read so often in turn is no such moment. */
    private static final int MAX_FAILURES = 5;

    @Override
    public String name() {
        return "top";
    }

    @Override
    public String summary() {
        return "watch a trace that is being recorded: working sets and the hottest memory, redrawn in place";
    }

    @Override
    public String usage() {
        return "TRACE [--interval TIME] [--once]";
    }

    @Override
    public String example() {
        return "damson top run.damson --once";
    }

    @Override
    public boolean endsBySignal() {
        return true;
    }

    @Override
    public Options options() {
        return Shared.of(INTERVAL, ONCE);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        Path path = Shared.trace(line);
        long intervalNs = line.hasOption(INTERVAL)
                ? Quantities.durationNs(INTERVAL, line.getOptionValue(INTERVAL))
                : 2_000_000_000L;
        if (intervalNs < 100_000_000) {
            throw new UsageException("--interval: 100ms or more");
        }
        if (console.isJson() || line.hasOption(ONCE) || !console.isTerminal()) {
            LiveView view = look(path);
            if (console.isJson()) {
                Json.write(view.json(), console.out());
            } else {
                view.lines("damson top: " + path.getFileName(), Integer.MAX_VALUE, 40)
                        .forEach(console.out()::println);
            }
            return ExitCode.OK;
        }
        return watch(path, intervalNs, console);
    }

    private static LiveView look(Path path) throws IOException {
        // Not Inputs: another tool's recording is not being recorded, and would be imported for every screen.
        try (TraceSource trace = Traces.open(TraceSeriesInput.newest(path))) {
            return LiveView.of(trace);
        }
    }

    /** Draws until the recording ends. Ctrl-C ends the process; the cursor comes back with it. */
    private static int watch(Path path, long intervalNs, Console console) throws Exception {
        PrintStream out = console.screen();
        Thread restore = new Thread(() -> {
            System.out.write(SHOW_CURSOR.getBytes(StandardCharsets.US_ASCII), 0, SHOW_CURSOR.length());
            System.out.flush();
        });
        LiveView view = look(path);
        Runtime.getRuntime().addShutdownHook(restore);
        out.print(HIDE_CURSOR + HOME + CLEAR_BELOW);
        int failures = 0;
        while (true) {
            TerminalSize size = TerminalSize.now();
            // One write per screen, every line over the old one: nothing is ever blank in between.
            out.print(frame(view.lines("damson top: " + path.getFileName(), size.columns(), size.rows() - 1)));
            out.flush();
            if (!view.isRecording()) {
                break;
            }
            TimeUnit.NANOSECONDS.sleep(intervalNs);
            try {
                view = look(path);
                failures = 0;
            } catch (IOException e) {
                if (++failures == MAX_FAILURES) {
                    throw e;
                }
            }
        }
        Runtime.getRuntime().removeShutdownHook(restore);
        out.print(SHOW_CURSOR);
        out.println("the recording has ended");
        return ExitCode.OK;
    }

    /** A screen that replaces the one before. */
    static String frame(List<String> lines) {
        StringBuilder b = new StringBuilder(HOME);
        lines.forEach(l -> b.append(Printable.line(l)).append(END_OF_LINE));
        return b.append(CLEAR_BELOW).toString();
    }
}
