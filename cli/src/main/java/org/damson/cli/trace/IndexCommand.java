package org.damson.cli.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.Shared;
import org.damson.cli.command.WorkDirectory;
import org.damson.cli.console.Console;
import org.damson.cli.input.CurvesOption;
import org.damson.cli.input.TraceSeriesInput;
import org.damson.trace.Traces;
import org.damson.trace.files.SafeFiles;

/** {@code damson index TRACE}: adds to a trace of an earlier version the sums that reports answer from. */
public final class IndexCommand implements Command {
    @Override
    public String name() {
        return "index";
    }

    @Override
    public String summary() {
        return "add sums to a trace, bundle or series, so that reports need not read its rows";
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
    public Options options() {
        return Shared.of(CurvesOption.CURVES);
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
                what = trace + " is not sealed yet; it gets its sums when it is sealed";
            } else if (index(trace, line, console)) {
                indexed.add(trace.toString());
                what = "added sums to " + trace;
            } else {
                what = trace + " already has its sums";
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

    private static boolean index(Path trace, CommandLine line, Console console) throws IOException {
        Traces.Derivation curves = source -> CurvesOption.rows(source, line, console);
        if (!Files.isRegularFile(trace)) {
            if (!Files.exists(trace)) {
                throw new NoSuchFileException(trace.toString());
            }
            return Traces.index(trace, curves);
        }
        Path bundle = trace.toRealPath();
        try (WorkDirectory work = WorkDirectory.beside(bundle, "index")) {
            Path unpacked = work.resolve("unpacked.damson");
            Traces.unpack(bundle, unpacked);
            if (!Traces.index(unpacked, curves)) {
                return false;
            }
            // Run as root, it must not take the bundle away from its user.
            UserPrincipal owner = Files.getOwner(bundle);
            boolean isOthers = !owner.equals(Files.getOwner(unpacked));
            // What is there stays until the new one is whole.
            Path fresh = work.resolve("bundle.zip");
            Traces.bundle(unpacked, fresh, isOthers ? owner.getName() : null);
            SafeFiles.publish(fresh, bundle);
            return true;
        }
    }
}
