package org.damson.cli.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.cli.command.Command;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.OptionFile;
import org.damson.cli.command.Outputs;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.Symbols;
import org.damson.cli.input.TraceFiles;
import org.damson.model.ManifestKey;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.text.NativeText;
import org.damson.symbols.SymbolOptions;
import org.damson.symbols.SymbolReport;
import org.damson.symbols.SymbolizedTrace;
import org.damson.symbols.Symbolizer;
import org.damson.trace.Traces;

/** {@code damson symbolize TRACE}: names of the functions in call stacks that are places in files so far. */
public final class SymbolizeCommand implements Command {
    private static final Option OUTPUT = Shared.output("TRACE", "output trace (default: TRACE itself gets the names)");
    private static final Option SYMFS =
            Shared.value(null, "symfs", "DIR", "root directory with the files of the recorded machine");
    private static final Option KALLSYMS =
            Shared.value(null, "kallsyms", "FILE", "copy of /proc/kallsyms of the recorded kernel, as root sees it");
    private static final Option PERF_MAPS = Shared.value(
            null, "perf-maps", "DIR", "directory with perf-PID.map files of the recorded processes (default: /tmp)");

    @Override
    public String name() {
        return "symbolize";
    }

    @Override
    public boolean carriesLosses() {
        return true;
    }

    @Override
    public String summary() {
        return "look up the functions of call stacks: ELF symbols, debug files, kallsyms, perf maps of JIT compilers";
    }

    @Override
    public String usage() {
        return "TRACE [-o TRACE] [--symfs DIR] [--kallsyms FILE] [--perf-maps DIR]";
    }

    @Override
    public String example() {
        return "damson symbolize run.damson";
    }

    @Override
    public Options options() {
        return Shared.of(OUTPUT, SYMFS, KALLSYMS, PERF_MAPS, Shared.OWNER);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        Path input = Shared.trace(line);
        boolean inPlace = !line.hasOption(OUTPUT);
        boolean isDirectory = Files.isDirectory(input, LinkOption.NOFOLLOW_LINKS) && !Inputs.isForeign(input);
        if (inPlace && !isDirectory && Files.exists(input)) {
            throw new UsageException(input + ": not a trace directory; give -o TRACE");
        }
        Path output = inPlace ? input : Outputs.newTrace(line, line.getOptionValue(OUTPUT));
        if (inPlace && Files.exists(input)) {
            Traces.requireReplaceable(input);
        }
        SymbolOptions options = options(line, console);
        SymbolReport report;
        boolean isWritten;
        try (TraceSource trace = Inputs.open(input, console)) {
            if (trace.rowCount(Table.STACKS) == 0) {
                throw new CommandFailedException(
                        ExitCode.INPUT,
                        trace.name()
                                + ": has no call stacks; record --stacks takes them, import reads those of perf record -g");
            }
            if (ManifestKey.REDACTED.get(trace.manifest()) != null) {
                throw new CommandFailedException(
                        ExitCode.INPUT, trace.name() + ": is redacted: it no longer contains the code places that ran");
            }
            SymbolizedTrace named = Symbolizer.symbolize(trace, options);
            report = named.report();
            isWritten = !inPlace || report.isNews();
            if (inPlace && isWritten) {
                Symbols.inPlace(named, output, line, console);
            } else if (isWritten) {
                try (TraceFiles.Creation creation = TraceFiles.Creation.ofCopy(line, console, output)) {
                    Symbols.write(named, TraceFiles.derived(named, "symbolize"), creation);
                }
            }
        }
        say(report, isWritten ? output : null, console);
        return report.isPartial() ? ExitCode.PARTIAL : ExitCode.OK;
    }

    private static SymbolOptions options(CommandLine line, Console console) {
        Path root = OptionFile.directory(line, SYMFS);
        Path cache = root != null ? root : Symbols.cache(console);
        Path kallsyms = line.hasOption(KALLSYMS) ? NativeText.path(line.getOptionValue(KALLSYMS)) : null;
        if (kallsyms != null && !Files.isRegularFile(kallsyms)) {
            throw new UsageException("--kallsyms " + kallsyms + ": no such file");
        }
        return SymbolOptions.of(root, kallsyms, OptionFile.directory(line, PERF_MAPS), cache);
    }

    private static void say(SymbolReport report, Path output, Console console) throws IOException {
        if (console.isJson()) {
            Json.write(json(report, output), console.out());
            return;
        }
        Symbols.print(report, console);
        if (output != null) {
            TraceFiles.announce(output, console);
        }
    }

    private static Map<String, Object> json(SymbolReport report, Path output) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("trace", output == null ? null : output.toString());
        json.put("places", report.places());
        json.put("named", report.named());
        json.put("placed", report.placed());
        json.put("lacking", report.lacking());
        json.put(
                "modules",
                report.modules().stream()
                        .map(m -> {
                            Map<String, Object> module = new LinkedHashMap<>();
                            module.put("module", NativeText.readable(m.name()));
                            module.put("build_id", NativeText.readable(m.buildId()));
                            module.put("places", m.places());
                            module.put("named", m.named());
                            module.put("from", m.from());
                            module.put("why_not", NativeText.readable(m.why()));
                            module.put("cut_short", m.isCutShort());
                            return module;
                        })
                        .toList());
        return json;
    }
}
