package org.damson.cli.whatif;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.analyzer.damos.KernelVersion;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.memory.Calibration;
import org.damson.analyzer.memory.CostModel;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.openloop.RecordedSchemes;
import org.damson.analyzer.tune.Tune;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Nearest;
import org.damson.cli.command.OptionFile;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.cli.report.Reports;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;
import org.damson.damon.scheme.UnknownWordException;
import org.damson.model.InvalidInputException;
import org.damson.model.Manifest.Source;
import org.damson.model.ManifestKey;
import org.damson.model.TraceSource;
import org.damson.model.text.NativeText;

/** What {@code simulate}, {@code tune} and {@code advise} have in common. */
public final class WhatIf {
    public static final Option SCHEME = Shared.repeatable(Shared.value(
            "s",
            "scheme",
            "SCHEME",
            "a scheme: 'pageout access=0..0 age=5s..max', damo's options, JSON, YAML or table, sysfs"
                    + " files, or @FILE; a preset: "
                    + String.join(", ", SchemeParser.presets())));
    static final Option KERNEL = Shared.expert(Shared.value(
            null,
            "kernel",
            String.join("|", KernelVersion.WORDS),
            "kernel version whose DAMOS to emulate (default: that of the recording, else 6.18)"));
    static final Option OPS = Shared.expert(Shared.value(
            null, "ops", "vaddr|paddr", "whether the trace has virtual or physical addresses (default vaddr)"));
    public static final Option COST = Shared.value(
            null,
            "cost",
            "MODEL",
            "cost of a refault: zram (default), zswap, nvme, cxl, or PAGE-IN,PAGE-OUT,SHARE THAT STAYS IN DRAM, "
                    + "as in 10us,15us,33%");
    static final Option CALIBRATE = Shared.expert(Shared.flag(
            null, "calibrate", "first measure, for a second, the cost of --cost zram, zswap or nvme on this machine"));
    static final Option LIMIT = Shared.value(
            null,
            "memory-limit",
            "SIZE",
            "memory limit of the program; beyond it the least recently used memory is paged out");
    static final Option FAST =
            Shared.value(null, "fast-tier", "SIZE", "capacity of the fast tier, for migrate_hot and migrate_cold");
    /** What all of them take. */
    static final Option[] COMMON = {KERNEL, OPS, COST, CALIBRATE, Reports.OUTPUT, Shared.TIME, Shared.TARGET};

    private WhatIf() {}

    /** All schemes that --scheme names, in order. */
    static List<Scheme> schemes(CommandLine line) throws IOException {
        Shared.required(line, SCHEME);
        List<Scheme> schemes = new ArrayList<>();
        for (String text : line.getOptionValues(SCHEME)) {
            schemes.addAll(parse(text));
        }
        return schemes;
    }

    /** The schemes of one --scheme: its text, or the file it names. */
    public static List<Scheme> parse(String text) throws IOException {
        String all = text(text);
        return words("--scheme", () -> SchemeParser.parse(all));
    }

    /** The text of one --scheme, which may stand in a file. */
    public static String text(String text) throws IOException {
        return text.startsWith("@") ? OptionFile.text("--scheme " + text, NativeText.path(text.substring(1))) : text;
    }

    /** What {@code parse} gives; what it cannot read becomes a usage error, with the nearest known word. */
    public static <T> T words(String option, Supplier<T> parse) {
        try {
            return parse.get();
        } catch (UnknownWordException e) {
            throw new UsageException(option + ": " + explain(e));
        } catch (InvalidInputException e) {
            throw new UsageException(option + ": " + e.getMessage());
        }
    }

    private static String explain(UnknownWordException e) {
        String nearest = Nearest.to(e.word(), e.known());
        return nearest == null ? e.getMessage() : e.getMessage() + " (did you mean '" + nearest + "'?)";
    }

    static OpenLoopOptions options(CommandLine line, TraceSource trace, Console console) {
        KernelVersion.Choice recordedBy = OpenLoopOptions.recordedBy(trace.manifest());
        KernelVersion.Choice choice = recordedBy;
        if (line.hasOption(KERNEL)) {
            String word = line.getOptionValue(KERNEL);
            words("--kernel", () -> KernelVersion.of(word));
            choice = KernelVersion.nearest(word);
        }
        if (choice != null && choice.note() != null) {
            console.note("note: " + choice.note());
        }
        KernelVersion version = choice == null ? KernelVersion.V6_18 : choice.version();
        boolean physical;
        if (line.hasOption(OPS)) {
            physical = Shared.choice(OPS, line.getOptionValue(OPS)).equals("paddr");
        } else {
            Object ops = ManifestKey.OPS.get(trace.manifest());
            physical = "paddr".equals(ops);
            // Referenced bits are those of a process's own addresses.
            if (ops == null && !Source.REFERENCED.is(trace.manifest())) {
                console.note(
                        "note: the trace does not say whether its addresses are virtual; treated as virtual (--ops paddr if not)");
            }
        }
        OpenLoopOptions recorded = OpenLoopOptions.of(trace.manifest());
        return new OpenLoopOptions(version, physical, recorded.minRegionBytes(), recorded.recordedBy());
    }

    static OutcomeOptions outcome(CommandLine line, Console console) throws IOException {
        CostModel cost =
                line.hasOption(COST) ? words("--cost", () -> CostModel.of(line.getOptionValue(COST))) : CostModel.ZRAM;
        if (line.hasOption(CALIBRATE)) {
            cost = calibrated(cost, console);
        }
        long limit = line.hasOption(LIMIT) ? Quantities.positiveBytes(LIMIT, line.getOptionValue(LIMIT)) : 0;
        long fast = line.hasOption(FAST) ? Quantities.positiveBytes(FAST, line.getOptionValue(FAST)) : 0;
        return new OutcomeOptions(cost, limit, fast);
    }

    private static CostModel calibrated(CostModel cost, Console console) throws IOException {
        try {
            Calibration.Result found = new Calibration(System::nanoTime).calibrate(cost);
            console.note(found.assumptions());
            return found.model();
        } catch (InvalidInputException e) {
            throw new CommandFailedException(ExitCode.CAPABILITY, "--calibrate: " + e.getMessage());
        }
    }

    /** Refuses a trace whose ages are not the workload's alone, and one that is too large. */
    static void refuseActing(TraceSource trace) throws IOException {
        try {
            RecordedSchemes.requireUndisturbed(trace);
        } catch (InvalidInputException e) {
            throw new CommandFailedException(ExitCode.INPUT, trace.name() + ": " + e.getMessage());
        }
    }

    /**
     * The recordings of these names, each with how to simulate over it.
     *
     * @param open receives what is opened; the caller closes it
     */
    static List<Tune.Subject> subjects(CommandLine line, Console console, List<String> names, List<TraceSource> open)
            throws IOException {
        List<Tune.Subject> subjects = new ArrayList<>();
        for (String name : names) {
            TraceSource trace = Inputs.open(NativeText.path(name), console);
            open.add(trace);
            refuseActing(trace);
            Inputs.caveats(trace, console);
            subjects.add(new Tune.Subject(trace, Shared.query(line, trace), options(line, trace, console)));
        }
        return subjects;
    }

    static void close(List<TraceSource> open) throws IOException {
        for (TraceSource t : open) {
            t.close();
        }
    }
}
