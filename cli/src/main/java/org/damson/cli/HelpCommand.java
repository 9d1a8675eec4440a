package org.damson.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.command.VerbOption;
import org.damson.cli.console.Console;

/** {@code damson help [VERB]}: what there is, or one command in full; {@code --man} writes it as manual pages. */
final class HelpCommand implements Command {
    /** Longer lines are hard to read, however wide a screen is. */
    private static final int MAX_WIDTH = 100;
    /** A name and value longer than this stand on a line of their own. */
    private static final int MAX_HEADING = 29;

    private static final Option MAN =
            Shared.written(Shared.value(null, "man", "DIR", "write a manual page for each command into DIR"));

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

    /** Where it is printed, and how wide. */
    private record Page(PrintStream out, int width) {
        static Page of(Console console) {
            return new Page(console.out(), Math.min(MAX_WIDTH, console.columns()));
        }
    }

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
            ManPages.write(line.getOptionValue(MAN), line, console);
            return ExitCode.OK;
        }
        if (words.isEmpty()) {
            overview(console);
            return ExitCode.OK;
        }
        if (words.size() == 1 && !Commands.members(words.get(0)).isEmpty()) {
            group(words.get(0), console);
            return ExitCode.OK;
        }
        Command command = Cli.find(words.toArray(new String[0]));
        int used = command.name().split(" ").length;
        if (words.size() > used) {
            throw new UsageException("unexpected argument '" + words.get(used) + "'");
        }
        describe(command, console);
        return ExitCode.OK;
    }

    void overview(Console console) {
        Page page = Page.of(console);
        PrintStream out = page.out;
        paragraph("damson records how programs touch their memory, replays it, and reasons about it offline.", 0, page);
        out.println();
        out.println("usage: damson VERB [ARGUMENTS] [--json] [--quiet]");
        out.println("       damson --version");
        out.println();
        list(Commands.visible(), page);
        out.println();
        out.println("damson help VERB explains one.");
        paragraph(Quantities.RULE, 0, page);
        paragraph(
                "Exit codes: "
                        + Arrays.stream(EXIT_CODES).map(c -> c[0] + " " + c[1]).collect(Collectors.joining(", ")) + ".",
                0,
                page);
    }

    /** What there is behind a verb that is followed by another word. */
    static void group(String verb, Console console) {
        Page page = Page.of(console);
        PrintStream out = page.out;
        out.println("usage: damson " + verb + " NAME [ARGUMENTS] [--json] [--quiet]");
        out.println();
        list(Commands.group(verb), page);
        out.println();
        out.println("damson help " + verb + " NAME explains one.");
    }

    private static void list(List<Command> commands, Page page) {
        for (Command command : commands) {
            StringBuilder text = new StringBuilder(String.format("  %-16s ", command.name()));
            wrap(text, command.summary(), 19, page.width);
            page.out.println(text);
        }
    }

    /** The options that most need stand on the first screen; those of damo and those for experts have headings below. */
    static void describe(Command command, Console console) {
        Page page = Page.of(console);
        PrintStream out = page.out;
        paragraph("damson " + command.name() + ": " + command.summary(), 4, page);
        out.println();
        paragraph("usage: damson " + command.name() + " " + command.usage(), 4, page);
        out.println("example: " + command.example());
        String inputs = inputs(command);
        if (inputs != null) {
            paragraph(inputs, 0, page);
        }
        for (Map.Entry<VerbOption.Heading, List<VerbOption>> group :
                grouped(command).entrySet()) {
            out.println();
            out.println(group.getKey().title() + ":");
            options(group.getValue(), page);
        }
    }

    private static void options(List<VerbOption> options, Page page) {
        int widest = 0;
        for (Option o : options) {
            widest = Math.max(widest, heading(o).length());
        }
        widest = Math.min(widest, MAX_HEADING);
        for (Option o : options) {
            String heading = heading(o);
            StringBuilder text = new StringBuilder("  ").append(heading);
            if (heading.length() > widest) {
                text.append(System.lineSeparator()).append(" ".repeat(widest + 4));
            } else {
                text.append(" ".repeat(widest - heading.length() + 2));
            }
            wrap(text, description(o), widest + 4, page.width);
            page.out.println(text);
        }
    }

    /** A command's options under their headings, in the order of both. */
    static Map<VerbOption.Heading, List<VerbOption>> grouped(Command command) {
        Map<VerbOption.Heading, List<VerbOption>> groups = new EnumMap<>(VerbOption.Heading.class);
        for (Option o : Shared.withCommon(command).getOptions()) {
            VerbOption option = (VerbOption) o;
            groups.computeIfAbsent(option.heading(), h -> new ArrayList<>()).add(option);
        }
        return groups;
    }

    /** Text with its further lines indented. */
    private static void paragraph(String text, int indent, Page page) {
        StringBuilder wrapped = new StringBuilder();
        wrap(wrapped, text, indent, page.width);
        page.out.println(wrapped);
    }

    /** What a report takes, or null for another command. */
    static String inputs(Command command) {
        if (!command.name().startsWith("report ")) {
            return null;
        }
        return "TRACE: a trace, bundle, directory of record --rotate, another tool's recording; "
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

    private static void wrap(StringBuilder to, String text, int indent, int width) {
        int column = indent;
        for (String word : text.split(" ")) {
            if (column > indent && column + word.length() > width) {
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
