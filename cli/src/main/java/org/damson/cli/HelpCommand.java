package org.damson.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;

/** {@code damson help [VERB]}: what there is, or one command in full; {@code --man} writes it as manual pages. */
final class HelpCommand implements Command {
    private static final int WIDTH = 100;
    private static final Option MAN =
            Shared.value(null, "man", "DIR", "write a manual page for each command into DIR, replacing those there");

    /** Exit status and what it says. */
    static final String[][] EXIT_CODES = {
        {"0", "ok"},
        {"1", "findings or beyond tolerance"},
        {"2", "usage"},
        {"3", "input invalid"},
        {"4", "capability or permission missing"},
        {"5", "partial result"},
        {"6", "comparison undecided"},
        {"70", "fault of damson's own"},
        {"130", "interrupted"},
    };

    @Override
    public String name() {
        return "help";
    }

    @Override
    public boolean hasJson() {
        return false;
    }

    @Override
    public String summary() {
        return "list the commands, or explain one";
    }

    @Override
    public String usage() {
        return "[VERB] | --man DIR";
    }

    @Override
    public String example() {
        return "damson help report wss";
    }

    @Override
    public Options options() {
        return Shared.of(MAN);
    }

    @Override
    public int run(CommandLine line, Console console) throws IOException {
        List<String> words = line.getArgList();
        if (line.hasOption(MAN)) {
            if (!words.isEmpty()) {
                throw new UsageException("--man writes the pages of all commands; it takes no VERB");
            }
            ManPages.write(line.getOptionValue(MAN), console);
            return ExitCode.OK;
        }
        if (words.isEmpty()) {
            overview(console.out());
            return ExitCode.OK;
        }
        if (words.size() == 1 && !Commands.group(words.get(0)).isEmpty()) {
            group(words.get(0), console.out());
            return ExitCode.OK;
        }
        Command command = Cli.find(words.toArray(new String[0]));
        int used = command.name().split(" ").length;
        if (words.size() > used) {
            throw new UsageException("unexpected argument '" + words.get(used) + "'");
        }
        describe(command, console.out());
        return ExitCode.OK;
    }

    void overview(PrintStream out) {
        out.println("damson records how programs touch their memory, replays it, and reasons about it offline.");
        out.println();
        out.println("usage: damson VERB [ARGUMENTS] [--json] [--quiet]");
        out.println("       damson --version");
        out.println();
        list(Commands.visible(), out);
        out.println();
        out.println("damson help VERB explains one.");
        StringBuilder codes = new StringBuilder();
        wrap(
                codes,
                "Exit codes: "
                        + Arrays.stream(EXIT_CODES).map(c -> c[0] + " " + c[1]).collect(Collectors.joining(", ")) + ".",
                0);
        out.println(codes);
    }

    /** What there is behind a verb that is followed by another word. */
    static void group(String verb, PrintStream out) {
        out.println("usage: damson " + verb + " NAME [ARGUMENTS] [--json] [--quiet]");
        out.println();
        list(Commands.group(verb), out);
        out.println();
        out.println("damson help " + verb + " NAME explains one.");
    }

    private static void list(List<Command> commands, PrintStream out) {
        for (Command command : commands) {
            out.printf("  %-16s %s%n", command.name(), command.summary());
        }
    }

    static void describe(Command command, PrintStream out) {
        out.println("damson " + command.name() + ": " + command.summary());
        out.println();
        out.println("usage: damson " + command.name() + " " + command.usage());
        String inputs = inputs(command);
        if (inputs != null) {
            out.println(inputs);
        }
        out.println();
        Options options = Shared.withCommon(command);
        int widest = 0;
        for (Option o : options.getOptions()) {
            widest = Math.max(widest, heading(o).length());
        }
        widest = Math.min(widest, 38);
        for (Option o : options.getOptions()) {
            String heading = heading(o);
            StringBuilder text = new StringBuilder("  ").append(heading);
            if (heading.length() > widest) {
                text.append(System.lineSeparator()).append(" ".repeat(widest + 4));
            } else {
                text.append(" ".repeat(widest - heading.length() + 2));
            }
            wrap(text, description(o), widest + 4);
            out.println(text);
        }
        out.println();
        out.println("example: " + command.example());
    }

    /** What a report takes, or null for another command. */
    static String inputs(Command command) {
        if (!command.name().startsWith("report ")) {
            return null;
        }
        return "TRACE is a trace, its bundle, the directory of a rotated recording, or another tool's recording; "
                + (command.usage().startsWith("TRACE...") ? "several are taken." : "one is taken.");
    }

    static String description(Option o) {
        return o.getDescription()
                + (Shared.isRepeatable(o) ? "; may be repeated" : "")
                + (o.isRequired() ? " (required)" : "");
    }

    static String heading(Option o) {
        String dashes = o.getOpt() == null ? "    --" : "-" + o.getOpt() + ", --";
        return dashes
                + o.getLongOpt()
                + (o.hasOptionalArg() ? "[=" + o.getArgName() + "]" : o.hasArg() ? " " + o.getArgName() : "");
    }

    private static void wrap(StringBuilder to, String text, int indent) {
        int column = indent;
        for (String word : text.split(" ")) {
            if (column + word.length() > WIDTH) {
                to.setLength(to.length() - 1);
                to.append(System.lineSeparator()).append(" ".repeat(indent));
                column = indent;
            }
            to.append(word).append(' ');
            column += word.length() + 1;
        }
        to.setLength(to.length() - 1);
    }
}
