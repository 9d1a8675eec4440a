package org.damson.cli;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Command;
import org.damson.cli.command.OutputFile;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.VerbOption;
import org.damson.cli.command.Version;
import org.damson.cli.console.Console;
import org.damson.model.Units;
import org.damson.model.text.NativeText;

/** Manual pages, {@code damson.1} and one for each command, from the definitions that {@code --help} prints. */
final class ManPages {
    private ManPages() {}

    /** Writes all pages into a directory, which is made if it is not there. */
    static void write(String directory, boolean mayReplace, Console console) throws IOException {
        Path to = NativeText.path(directory);
        Files.createDirectories(to);
        List<Command> commands = Commands.visible();
        page(to, "damson", mayReplace, console, out -> overview(commands, out));
        for (Command command : commands) {
            page(to, pageName(command), mayReplace, console, out -> describe(command, out));
        }
        console.note("wrote " + Units.count(commands.size() + 1, "page") + " into " + directory);
    }

    private interface Body {
        void print(PrintWriter out);
    }

    private static void page(Path directory, String name, boolean mayReplace, Console console, Body body)
            throws IOException {
        OutputFile.writeQuietly(directory.resolve(name + ".1").toString(), mayReplace, console, stream -> {
            PrintWriter out = new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8));
            out.print(".TH " + name.toUpperCase(java.util.Locale.ROOT).replace("-", "\\-") + " 1 \"\" \"damson "
                    + Version.text() + "\" \"damson manual\"\n");
            // Lines of one long word cannot be stretched, which man --warnings complains about.
            out.print(".ad l\n");
            body.print(out);
            out.flush();
        });
    }

    static String pageName(Command command) {
        return "damson-" + command.name().replace(' ', '-');
    }

    private static void overview(List<Command> commands, PrintWriter out) {
        section("NAME", out);
        text("damson - record how programs touch their memory, replay it, and reason about it offline", out);
        section("SYNOPSIS", out);
        out.print(".B damson\n");
        text("VERB [ARGUMENTS] [--json] [--quiet]", out);
        section("COMMANDS", out);
        for (Command command : commands) {
            out.print(".TP\n.BR " + escape(pageName(command)) + " (1)\n");
            text(command.summary(), out);
        }
        section("TIMES, SIZES, PERCENTAGES", out);
        text(Quantities.RULE, out);
        section("EXIT STATUS", out);
        for (String[] status : HelpCommand.EXIT_CODES) {
            out.print(".TP\n.B " + status[0] + "\n");
            text(status[1], out);
        }
        section("FILES", out);
        out.print(".TP\n.I /etc/damson/record.conf\n");
        text("settings of the service damson-record, lines NAME=VALUE", out);
    }

    private static void describe(Command command, PrintWriter out) {
        section("NAME", out);
        text(pageName(command) + " - " + command.summary(), out);
        section("SYNOPSIS", out);
        out.print(".B damson " + escape(command.name()) + "\n");
        text(command.usage(), out);
        String inputs = HelpCommand.inputs(command);
        if (inputs != null) {
            section("DESCRIPTION", out);
            text(inputs, out);
        }
        section("OPTIONS", out);
        HelpCommand.grouped(command).forEach((heading, options) -> {
            if (heading != VerbOption.Heading.COMMON) {
                out.print(".SS " + escape(heading.title()) + "\n");
            }
            for (Option option : options) {
                out.print(".TP\n.B \""
                        + escape(HelpCommand.heading(option).strip()).replace("\"", "\\(dq") + "\"\n");
                text(HelpCommand.description(option), out);
            }
        });
        section("EXAMPLE", out);
        out.print(".nf\n");
        text(command.example(), out);
        out.print(".fi\n");
        section("SEE ALSO", out);
        out.print(".BR damson (1)\n");
    }

    private static void section(String name, PrintWriter out) {
        out.print(".SH " + name + "\n");
    }

    private static void text(String text, PrintWriter out) {
        if (!text.isEmpty()) {
            out.print(escape(text) + "\n");
        }
    }

    /** Text as roff prints it: nothing in it is a request, and a hyphen can be copied into a shell. */
    static String escape(String text) {
        String escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq");
        return (escaped.startsWith(".") ? "\\&" + escaped : escaped).replace("\n.", "\n\\&.");
    }
}
