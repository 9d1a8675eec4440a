package org.damson.cli;

import java.io.PrintStream;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;

/** {@code damson help [VERB]}: what there is, or one command in full. */
final class HelpCommand implements Command {
    private static final int WIDTH = 100;

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
        return "[VERB]";
    }

    @Override
    public String example() {
        return "damson help report wss";
    }

    @Override
    public Options options() {
        return new Options();
    }

    @Override
    public int run(CommandLine line, Console console) {
        List<String> words = line.getArgList();
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
        out.println(
                "Exit codes: 0 ok, 1 findings or beyond tolerance, 2 usage, 3 input invalid, 4 capability or permission");
        out.println("missing, 5 partial result, 6 comparison undecided, 70 fault of damson's own, 130 interrupted.");
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
        if (command.name().startsWith("report ")) {
            out.println(
                    "TRACE is a trace, its bundle, the directory of a rotated recording, or another tool's recording; "
                            + (command.usage().startsWith("TRACE...") ? "several are taken." : "one is taken."));
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
            wrap(
                    text,
                    o.getDescription()
                            + (Shared.isRepeatable(o) ? "; may be repeated" : "")
                            + (o.isRequired() ? " (required)" : ""),
                    widest + 4);
            out.println(text);
        }
        out.println();
        out.println("example: " + command.example());
    }

    private static String heading(Option o) {
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
