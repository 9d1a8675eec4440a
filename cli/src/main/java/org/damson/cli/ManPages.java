package org.damson.cli;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Command;
import org.damson.cli.command.OutputFile;
import org.damson.cli.command.Outputs;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.VerbOption;
import org.damson.cli.command.Version;
import org.damson.cli.command.WorkDirectory;
import org.damson.cli.console.Console;
import org.damson.model.MissingCapabilityException;
import org.damson.model.Units;
import org.damson.model.text.NativeText;

/** Manual pages, {@code damson.1} and one for each command, from the definitions that {@code --help} prints. */
final class ManPages {
    private ManPages() {}

    /** Writes all pages into a directory, which is made if it is not there; all of them or, where that fails, none. */
    static void write(String directory, CommandLine line, Console console) throws IOException {
        Path to = NativeText.path(directory);
        Map<String, Body> pages = new LinkedHashMap<>();
        pages.put("damson", out -> overview(Commands.visible(), out));
        for (Command command : Commands.visible()) {
            pages.put(pageName(command), out -> describe(command, out));
        }
        Path above = to.toAbsolutePath();
        while (Files.notExists(above)) {
            above = above.getParent();
        }
        boolean isWritten = false;
        try {
            Files.createDirectories(to);
            for (String name : pages.keySet()) {
                Outputs.newFile(line, NativeText.of(file(to, name)));
            }
            write(to, pages, line.hasOption(Shared.FORCE), console);
            isWritten = true;
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(to, e);
        } finally {
            for (Path made = to.toAbsolutePath(); !isWritten && !made.equals(above); made = made.getParent()) {
                remove(made);
            }
        }
        console.note("wrote " + Units.count(pages.size(), "page") + " into " + directory);
    }

    /** Pages get their names when all of them are written: a disk may become full. */
    private static void write(Path to, Map<String, Body> pages, boolean mayReplace, Console console)
            throws IOException {
        List<Path> placed = new ArrayList<>();
        try (WorkDirectory work = WorkDirectory.beside(file(to, "damson"), "man")) {
            for (Map.Entry<String, Body> page : pages.entrySet()) {
                page(work.resolve(page.getKey()), page.getKey(), console, page.getValue());
            }
            for (String name : pages.keySet()) {
                Path part = work.resolve(name);
                if (mayReplace) {
                    Files.move(part, file(to, name), StandardCopyOption.ATOMIC_MOVE);
                } else {
                    Files.move(part, file(to, name));
                }
                placed.add(file(to, name));
            }
        } catch (IOException | RuntimeException e) {
            if (!mayReplace) {
                placed.forEach(ManPages::remove);
            }
            throw e;
        }
    }

    private static Path file(Path directory, String page) {
        return directory.resolve(page + ".1");
    }

    private static void remove(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            return; // the disk, which fails already, is what is told of
        }
    }

    private interface Body {
        void print(PrintWriter out);
    }

    private static void page(Path file, String name, Console console, Body body) throws IOException {
        OutputFile.writeQuietly(NativeText.of(file), false, console, stream -> {
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
