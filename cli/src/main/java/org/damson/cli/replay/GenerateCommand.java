package org.damson.cli.replay;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.NativeTools;
import org.damson.cli.command.Outputs;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.command.VerbOption;
import org.damson.cli.command.WorkDirectory;
import org.damson.cli.console.Children;
import org.damson.cli.console.Console;
import org.damson.model.text.NativeText;

/** {@code damson generate CONFIG}: runs a synthetic access pattern. */
public final class GenerateCommand implements Command {
    private static final Option SEED = Shared.value(null, "seed", "N", "seed of the random accesses");
    private static final Option REPEAT = Shared.value(null, "repeat", "N", "run all phases N times");
    private static final Option LOG =
            Shared.written(Shared.value(null, "log", "FILE", "write the ground truth: what was touched when"));
    private static final Option CHECK = Shared.flag(null, "check", "only check the configuration");

    @Override
    public String name() {
        return "generate";
    }

    @Override
    public boolean hasJson() {
        return false;
    }

    @Override
    public String summary() {
        return "run a synthetic access pattern from a masim-like configuration, or a replay plan";
    }

    @Override
    public String usage() {
        return "CONFIG|PLAN [--seed N] [--repeat N] [--log FILE] [--threads N] [--cpus LIST] [--numa POLICY:NODES] [--jitter SEED] [--check]";
    }

    @Override
    public String example() {
        return "damson generate stairs.cfg --seed 1";
    }

    @Override
    public Options options() {
        Options all = Shared.of(SEED, REPEAT, LOG, CHECK);
        Shared.add(all, VerbOption.Heading.EXPERT, PlayArguments.ALL);
        return all;
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        String config = Shared.positionals(line, "CONFIG").get(0);
        if (NativeText.readable(config).equals(config)) {
            return run(line, config, console);
        }
        // Another program gets names from Java as text only: one that is not a text has another here.
        try (WorkDirectory work = WorkDirectory.create("generate")) {
            Path link = work.resolve(NativeText.readable(config).replace('/', '_'));
            Files.createSymbolicLink(link, NativeText.path(config).toAbsolutePath());
            return run(line, link.toString(), console);
        }
    }

    private static int run(CommandLine line, String config, Console console) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(NativeTools.accessgen().toString());
        boolean plan = PlanFile.is(Path.of(config));
        if (line.hasOption(CHECK)) {
            String why = "cannot be used with --check, which runs nothing";
            PlanOptions.requireAbsent(line, why, SEED, REPEAT, LOG);
            PlanOptions.requireAbsent(line, why, PlayArguments.ALL.toArray(Option[]::new));
        }
        command.add(line.hasOption(CHECK) ? "check" : plan ? "plan" : "run");
        if (!line.hasOption(CHECK)) {
            if (line.hasOption(PlayArguments.JITTER) && !plan) {
                throw new UsageException(
                        "--jitter requires a plan; the random accesses of a configuration take --seed");
            }
            command.addAll(PlayArguments.of(line).arguments());
            for (Option o : List.of(SEED, REPEAT)) {
                if (line.hasOption(o) && plan) {
                    throw new UsageException(
                            "--" + o.getLongOpt() + " cannot be used with a plan, which is played as it is");
                }
                if (line.hasOption(o)) {
                    command.add("--" + o.getLongOpt());
                    command.add(Long.toString(Quantities.count(o, line.getOptionValue(o))));
                }
            }
        }
        // A name that looks like an option stays a name.
        String file = config.startsWith("-") ? Path.of(".", config).toString() : config;
        return line.hasOption(LOG)
                ? logged(command, Outputs.newFile(line, line.getOptionValue(LOG)), file, console)
                : run(command, List.of(file), console);
    }

    private static int run(List<String> command, List<String> more, Console console) throws Exception {
        return Children.run(Stream.concat(command.stream(), more.stream()).toList(), console);
    }

    /** What is there stays until the new log is whole. */
    private static int logged(List<String> command, Path log, String config, Console console) throws Exception {
        boolean isText = Path.of(log.toString()).equals(log);
        if (isText && !Files.exists(log, LinkOption.NOFOLLOW_LINKS)) {
            int code = run(command, List.of("--log", log.toString(), config), console);
            if (code == ExitCode.CAPABILITY) {
                Files.deleteIfExists(log); // part of one, for want of room
            }
            return code;
        }
        try (WorkDirectory work = WorkDirectory.beside(log, "replace")) {
            Path fresh = work.resolve("log");
            int code = run(command, List.of("--log", fresh.toString(), config), console);
            if (code == ExitCode.OK) {
                Files.move(fresh, log, StandardCopyOption.ATOMIC_MOVE);
            }
            return code;
        }
    }
}
