package org.damson.cli;

import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.damon.scheme.SchemeParser;

/** {@code damson completion bash|zsh|fish}: a completion script, made from the same definitions as the parser. */
final class CompletionCommand implements Command {
    static final List<String> SHELLS = List.of("bash", "zsh", "fish");

    @Override
    public String name() {
        return "completion";
    }

    @Override
    public boolean hasJson() {
        return false;
    }

    @Override
    public String summary() {
        return "print the completion script for a shell";
    }

    @Override
    public String usage() {
        return String.join("|", SHELLS);
    }

    @Override
    public String example() {
        return "damson completion bash > /etc/bash_completion.d/damson";
    }

    @Override
    public int run(CommandLine line, Console console) {
        String shell = Shared.positionals(line, "bash, zsh or fish").get(0);
        switch (shell) {
            case "bash" -> BashCompletion.print(console.out());
            case "zsh" -> ZshCompletion.print(console.out());
            case "fish" -> FishCompletion.print(console.out());
            default ->
                throw new UsageException(
                        "no completion for '" + shell + "': expected one of " + String.join(", ", SHELLS));
        }
        return ExitCode.OK;
    }

    /** The values an option lists, or a scheme begins with, space-separated; null if it takes anything. */
    static String choices(Option o) {
        if ("scheme".equals(o.getLongOpt())) {
            return String.join(" ", SchemeParser.firstWords());
        }
        String arg = o.getArgName();
        return arg != null && arg.indexOf('|') > 0 && arg.indexOf('[') < 0 ? arg.replace('|', ' ') : null;
    }
}
