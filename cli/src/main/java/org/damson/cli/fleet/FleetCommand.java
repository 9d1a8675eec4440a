package org.damson.cli.fleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.analyzer.fleet.FleetEngine;
import org.damson.analyzer.fleet.FleetResult;
import org.damson.analyzer.fleet.FleetSelection;
import org.damson.analyzer.fleet.Trouble;
import org.damson.analyzer.render.fleet.FleetService;
import org.damson.analyzer.render.page.TablesPage;
import org.damson.analyzer.render.table.TableReport;
import org.damson.cli.command.Command;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.report.Reports;
import org.damson.model.InvalidInputException;
import org.damson.model.Units;
import org.damson.model.text.NativeText;
import org.damson.model.text.Printable;

/**
 * What the verbs over many traces have in common: which traces, where the work is done, and where the answer goes.
 *
 * @param <R> what the verb works out
 */
abstract class FleetCommand<R extends FleetResult> implements Command {
    private static final List<String> FORMS = List.of("txt", "csv", "json", "html", Reports.DIRECTORY);
    private static final Option WHERE = Shared.repeatable(Shared.value(
            null, "where", "KEY=VALUE", "only traces with this label or partition directory, as service=web"));
    private static final Option MASTER = Shared.expert(Shared.value(
            null, "master", "URL", "Spark cluster, as spark://host:7077; default: the processors of this machine"));
    private static final Option CONF = Shared.expert(Shared.repeatable(Shared.value(
            null, "conf", "KEY=VALUE", "Spark setting, as spark.executor.memory=2g; overrides the defaults")));

    /** Of verbs that add up. */
    static final Option BY = Shared.value(null, "by", "all|service|day|host", "how to group traces (default all)");

    /** What all of them take. */
    static final Option[] COMMON = {WHERE, MASTER, CONF, Reports.OUTPUT};

    /** A question, once its options are understood. */
    interface Question<R> {
        R ask(FleetEngine engine, FleetSelection traces) throws IOException;
    }

    /**
     * Understands the command's own options.
     *
     * @param form of the result
     */
    abstract Question<R> question(CommandLine line, String form) throws IOException;

    /** The result as tables. */
    abstract TableReport tables(CommandLine line, R result);

    @Override
    public String usage() {
        return "DIR... [--where KEY=VALUE] [--output FILE.{" + String.join(",", FORMS) + "}]";
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        String form = Reports.form(line, console, FORMS);
        if (line.getArgList().isEmpty()) {
            throw new UsageException("missing DIR");
        }
        TreeMap<String, String> where = pairs(line, WHERE);
        SortedMap<String, String> settings = settings(line);
        Question<R> question = question(line, form);
        if (form.equals(Reports.DIRECTORY)) {
            requireNewDirectory(line);
        }
        R result;
        try (FleetService engine = provider().open(line.getOptionValue(MASTER), settings)) {
            FleetSelection traces = engine.find(line.getArgList(), where);
            if (traces.traces().isEmpty() && traces.troubles().isEmpty()) {
                throw new CommandFailedException(
                        ExitCode.INPUT,
                        String.join(", ", line.getArgList()) + ": no traces (NAME.damson) or bundles (NAME.damson.zip)"
                                + (where.isEmpty() ? "" : " of these labels"));
            }
            result = ask(question, engine, traces);
            if (result.isEmpty()) {
                print(result, console);
                throw new CommandFailedException(
                        ExitCode.INPUT,
                        String.join(", ", line.getArgList()) + ": of "
                                + Units.count(traces.traces().size(), "trace")
                                + (where.isEmpty() ? " none can be read" : " none counts"));
            }
            TableReport tables = tables(line, result);
            List<String> notes = Stream.concat(tables.notes().stream(), result.notes().stream())
                    .toList();
            write(line, console, form, new TableReport(tables.sections(), notes), engine);
            Reports.notes(form, notes, console);
        }
        print(result, console);
        return !result.isKept() ? ExitCode.FINDINGS : result.troubles().isEmpty() ? ExitCode.OK : ExitCode.PARTIAL;
    }

    private static void print(FleetResult result, Console console) {
        for (Trouble t : result.troubles()) {
            console.partial(Printable.line(t.path() + ": " + t.kind().text() + ": " + t.reason()));
        }
    }

    private R ask(Question<R> question, FleetEngine engine, FleetSelection traces) throws IOException {
        try {
            return question.ask(engine, traces);
        } catch (InvalidInputException e) {
            throw new CommandFailedException(ExitCode.INPUT, e.getMessage());
        }
    }

    private static FleetService.Provider provider() {
        try {
            return ServiceLoader.load(FleetService.Provider.class)
                    .findFirst()
                    .orElseThrow(
                            () -> new CommandFailedException(
                                    ExitCode.CAPABILITY,
                                    "the fleet verbs run on Apache Spark, which this installation does not have: the package"
                                            + " damson-fleet has it, or damson-fleet-VERSION.tar.gz unpacked over the archive"));
        } catch (ServiceConfigurationError e) {
            throw new CommandFailedException(
                    ExitCode.CAPABILITY,
                    "fleet/ beside damson.jar is of another version or not whole: " + e.getMessage());
        }
    }

    private void write(CommandLine line, Console console, String form, TableReport tables, FleetService engine)
            throws IOException {
        switch (form) {
            case Reports.DIRECTORY -> {
                String output = line.getOptionValue(Reports.OUTPUT);
                TableReport.Section last =
                        tables.sections().get(tables.sections().size() - 1);
                engine.writeParquet(last, output, line.hasOption(Shared.FORCE));
                console.note("wrote " + output);
            }
            case "html" ->
                Reports.write(
                        line, console, out -> Reports.text(out, t -> TablesPage.write(tables, "damson " + name(), t)));
            default -> Reports.write(line, console, out -> Reports.table(tables, form, out));
        }
    }

    /** A result that is a directory: what is there is replaced only if it is such a one. */
    private static void requireNewDirectory(CommandLine line) throws IOException {
        String name = line.getOptionValue(Reports.OUTPUT);
        if (name.contains("://")) {
            return;
        }
        Path path = NativeText.path(name);
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!isParquet(path)) {
            throw new UsageException(
                    name + " exists already and is not a directory of Parquet files: it is not replaced");
        }
        if (!line.hasOption(Shared.FORCE)) {
            throw new UsageException(name + " exists already; --force replaces it");
        }
    }

    private static boolean isParquet(Path path) throws IOException {
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (Stream<Path> files = Files.list(path)) {
            return files.allMatch(f -> f.getFileName().toString().matches("_SUCCESS|\\.?.*\\.crc|part-.*\\.parquet"));
        }
    }

    /** What Spark does not know it would take and leave alone. */
    private static SortedMap<String, String> settings(CommandLine line) {
        SortedMap<String, String> settings = pairs(line, CONF);
        for (String key : settings.keySet()) {
            if (!key.startsWith("spark.") || key.equals("spark.master")) {
                throw new UsageException("--conf: " + key
                        + (key.equals("spark.master")
                                ? " is what --master gives"
                                : " is not a setting of Spark, whose names begin with spark."));
            }
        }
        return settings;
    }

    static TreeMap<String, String> pairs(CommandLine line, Option option) {
        TreeMap<String, String> pairs = new TreeMap<>();
        for (String text : line.hasOption(option) ? line.getOptionValues(option) : new String[0]) {
            int equals = text.indexOf('=');
            if (equals < 1) {
                throw new UsageException("--" + option.getLongOpt() + ": '" + text + "' is not KEY=VALUE");
            }
            if (pairs.put(text.substring(0, equals), text.substring(equals + 1)) != null) {
                throw new UsageException(
                        "--" + option.getLongOpt() + ": " + text.substring(0, equals) + " is given twice");
            }
        }
        return pairs;
    }
}
