package org.damson.cli.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.damson.cli.command.Command;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.Shared;
import org.damson.cli.console.Console;
import org.damson.cli.input.TraceSeriesInput;
import org.damson.trace.Traces;

/** {@code damson index TRACE}: adds to a trace of an earlier version the sums that reports answer from. */
public final class IndexCommand implements Command {
    @Override
    public String name() {
        return "index";
    }

    @Override
    public String summary() {
        return "add to a trace, or those of a series, the sums that reports answer from without reading its rows";
    }

    @Override
    public String usage() {
        return "TRACE";
    }

    @Override
    public String example() {
        return "damson index old.damson";
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        Path path = Shared.trace(line);
        boolean isSeries = TraceSeriesInput.isSeries(path);
        List<Path> traces = isSeries ? TraceSeriesInput.parts(path) : List.of(path);
        List<String> indexed = new ArrayList<>();
        for (Path trace : traces) {
            String what;
            if (isSeries && TraceSeriesInput.isRecording(trace)) {
                what = trace + " is not sealed yet: it gets its sums then";
            } else if (index(trace)) {
                indexed.add(trace.toString());
                what = "added sums to " + trace;
            } else {
                what = trace + " has its sums already";
            }
            console.note(what);
        }
        if (console.isJson()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("traces", traces.stream().map(Path::toString).toList());
            json.put("indexed", indexed);
            Json.write(json, console.out());
        }
        return ExitCode.OK;
    }

    private static boolean index(Path trace) throws IOException {
        if (Files.isRegularFile(trace)) {
            throw new CommandFailedException(
                    ExitCode.INPUT,
                    trace
                            + ": not a trace directory: sums are added there; of a bundle, unpack it and bundle it again");
        }
        if (!Files.exists(trace)) {
            throw new NoSuchFileException(trace.toString());
        }
        return Traces.index(trace);
    }
}
