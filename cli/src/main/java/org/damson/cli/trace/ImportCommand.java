package org.damson.cli.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
import org.damson.cli.command.Version;
import org.damson.cli.console.Console;
import org.damson.cli.input.CurvesOption;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.LabelOption;
import org.damson.cli.input.Symbols;
import org.damson.cli.input.TraceFiles;
import org.damson.exchange.Importers;
import org.damson.exchange.build.ImportOptions;
import org.damson.exchange.build.ImportReport;
import org.damson.exchange.build.SinkFactory;
import org.damson.model.MonitoringAttrs;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.text.NativeText;
import org.damson.symbols.UserStackUnwinder;
import org.damson.trace.Traces;

/** {@code damson import FILE}: another tool's recording as a trace. */
public final class ImportCommand implements Command {
    private static final Option OUTPUT =
            Shared.output("TRACE", "output trace (default: the input's name with .damson)");
    private static final Option INTERVALS = Shared.value(
            null,
            "intervals",
            "SAMPLE,AGGR[,UPDATE]",
            "DAMON's intervals of the recording, as in 5ms,100ms,1s, if the file does not state them");
    private static final Option MAPS = Shared.repeatable(Shared.value(
            null,
            "maps",
            "[PID=]FILE",
            "a copy of /proc/PID/maps, so that memory has names; PID may be left out where there is one target"));
    private static final Option VMAS = Shared.value(
            null, "vmas", "FILE", "mappings as damo record --vmas writes them; RECORDING.vmas is found without it");
    private static final Option UNWIND = Shared.value(
            null,
            "unwind",
            "auto|never",
            "user stacks copied by perf record --call-graph dwarf: unwind them by the files on this machine "
                    + "(auto, default), or leave them out (never)");
    private static final Option SYMFS =
            Shared.value(null, "symfs", "DIR", "root directory with the files of the recorded machine, for --unwind");

    @Override
    public String name() {
        return "import";
    }

    @Override
    public String summary() {
        return "read a recording of perf, trace-cmd, tracefs or damo into a trace";
    }

    @Override
    public String usage() {
        return "FILE|- [-o TRACE] [--intervals SAMPLE,AGGR[,UPDATE]] [--maps [PID=]FILE] [--vmas FILE] [--unwind auto|never] [--symfs DIR] [--curves]";
    }

    @Override
    public String example() {
        return "damson import damon.data -o run.damson";
    }

    @Override
    public Options options() {
        return Shared.of(
                OUTPUT, INTERVALS, MAPS, VMAS, UNWIND, SYMFS, CurvesOption.CURVES, LabelOption.LABEL, Shared.OWNER);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        String input = Shared.positionals(line, "FILE").get(0);
        boolean standardInput = input.equals("-");
        if (standardInput && !line.hasOption(OUTPUT)) {
            throw new UsageException("reading standard input needs -o TRACE");
        }
        MonitoringAttrs intervals = Shared.intervals(line, INTERVALS);
        if (!standardInput) {
            refuseTrace(NativeText.path(input));
        }
        Path output = Outputs.newTrace(line, line.hasOption(OUTPUT) ? line.getOptionValue(OUTPUT) : defaultName(input));
        Path root = OptionFile.directory(line, SYMFS);
        LabelOption.require(line);
        ImportReport report;
        boolean isCutShort;
        try (UserStackUnwinder unwinder = isUnwound(line)
                        ? Symbols.unwinder(root, standardInput ? null : NativeText.path(input), console)
                        : null;
                TraceFiles.Creation creation = TraceFiles.Creation.of(line, console, output)) {
            ImportOptions options = new ImportOptions(
                    intervals,
                    maps(line),
                    line.hasOption(VMAS) ? file("--vmas", line.getOptionValue(VMAS)) : null,
                    unwinder);
            SinkFactory sinks = console.progress().counting(manifest -> {
                manifest.toolVersion = Version.text();
                LabelOption.addTo(manifest, line);
                return creation.open(manifest);
            });
            report = standardInput
                    ? Importers.importStream("standard input", console.in(), options, sinks)
                    : Importers.importFile(NativeText.path(input), options, sinks);
            creation.keep();
            isCutShort = unwinder != null && unwinder.isCutShort();
        }
        say(report, input, output, console);
        return report.lost() > 0 || isCutShort ? ExitCode.PARTIAL : ExitCode.OK;
    }

    /** There is nothing to be read into a trace of what is one. */
    private static void refuseTrace(Path input) throws IOException {
        boolean isTrace = Files.exists(input.resolve("manifest.json"));
        boolean isBundle = Files.isRegularFile(input) && !Inputs.isForeign(input);
        if (isTrace || isBundle) {
            throw new CommandFailedException(
                    ExitCode.INPUT,
                    input + ": " + (isTrace ? "is a trace already" : "a zip, as bundles are")
                            + ": the other verbs read it as it is");
        }
    }

    private static boolean isUnwound(CommandLine line) {
        String how = line.getOptionValue(UNWIND, "auto");
        if (!how.equals("auto") && !how.equals("never")) {
            throw new UsageException("--unwind " + how + ": auto or never");
        }
        return how.equals("auto");
    }

    private static Path file(String option, String name) {
        return OptionFile.noDirectory(option + " " + name, NativeText.path(name));
    }

    private static List<ImportOptions.Maps> maps(CommandLine line) {
        List<ImportOptions.Maps> maps = new ArrayList<>();
        for (String text : line.hasOption(MAPS) ? line.getOptionValues(MAPS) : new String[0]) {
            int equals = text.indexOf('=');
            boolean named = equals > 0 && text.substring(0, equals).matches("[1-9]\\d{0,9}");
            maps.add(new ImportOptions.Maps(
                    named ? Long.parseLong(text.substring(0, equals)) : 0,
                    file("--maps", named ? text.substring(equals + 1) : text)));
        }
        if (maps.stream().map(ImportOptions.Maps::pid).distinct().count() < maps.size()) {
            throw new UsageException("--maps: several for one process; give each with its PID, as in --maps 12=FILE");
        }
        return maps;
    }

    private static void say(ImportReport report, String input, Path output, Console console) throws IOException {
        MonitoringAttrs attrs;
        try (TraceSource trace = Traces.open(output)) {
            attrs = trace.manifest().attrs;
        }
        if (console.isJson()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("trace", output.toString());
            json.put("format", report.format());
            json.put("snapshots", report.snapshots());
            json.put("regions", report.regions());
            json.put("lost", report.lost());
            json.put("notes", report.notes());
            json.put("intervals_origin", attrs.origin().name().toLowerCase(Locale.ROOT));
            Json.write(json, console.out());
            return;
        }
        String read = report.format() + ": " + Units.count(report.snapshots(), "snapshot") + ", "
                + Units.count(report.regions(), "region")
                + (report.lost() > 0 ? ", LOST " + Units.count(report.lost()) : "");
        if (report.lost() > 0) {
            console.partial(read);
        } else {
            console.note(read);
        }
        Inputs.notes(report, input, console);
        TraceFiles.announce(output, console);
    }

    private static String defaultName(String input) {
        String name = NativeText.path(input).getFileName().toString();
        name = name.replaceFirst("\\.(gz|zst)$", "");
        int dot = name.lastIndexOf('.');
        return (dot > 0 ? name.substring(0, dot) : name) + ".damson";
    }
}
