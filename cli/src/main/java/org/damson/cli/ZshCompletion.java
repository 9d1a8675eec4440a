package org.damson.cli;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Command;
import org.damson.cli.command.Shared;

/** The completion script for zsh. */
final class ZshCompletion {
    private ZshCompletion() {}

    static void print(PrintStream out) {
        out.println("#compdef damson");
        out.println("# damson completion for zsh");
        out.println("_damson() {");
        out.println("    local verb=${words[2]}");
        firstWords(out);
        secondWords(out);
        out.println("    case $verb in");
        for (Command command : Commands.visible()) {
            out.println("        '" + command.name() + "')");
            if (command.name().equals("help")) {
                help(out);
            }
            out.println("            _arguments -S \\");
            Shared.withCommon(command).getOptions().forEach(o -> option(o, out));
            String rest =
                    switch (command.name()) {
                        case "help" -> "'1:verb:(" + String.join(" ", Commands.verbs()) + ")'";
                        case "completion" -> "'1:shell:(" + String.join(" ", CompletionCommand.SHELLS) + ")'";
                        default -> command.takesCommand() ? "'*::command: _normal'" : "'*:file:_files'";
                    };
            out.println("                " + rest + " ;;");
        }
        out.println("    esac");
        out.println("}");
        out.println("if [ \"$funcstack[1]\" = _damson ]; then _damson \"$@\"; else compdef _damson damson; fi");
    }

    /** What follows {@code help report}. */
    private static void help(PrintStream out) {
        for (String verb : Commands.verbs()) {
            if (!Commands.members(verb).isEmpty()) {
                out.println("            if (( CURRENT == 3 )) && [[ ${words[2]} == " + verb + " ]]; then");
                out.println("                compadd -- " + String.join(" ", Commands.members(verb)));
                out.println("                return");
                out.println("            fi");
            }
        }
    }

    private static void firstWords(PrintStream out) {
        out.println("    if (( CURRENT == 2 )); then");
        out.println("        local -a verbs=(");
        for (String verb : Commands.verbs()) {
            out.println("            '" + verb + ":" + text(Commands.summary(verb)) + "'");
        }
        out.println("        )");
        out.println("        _describe verb verbs");
        out.println("        return");
        out.println("    fi");
    }

    /** The second word of verbs of two, which is then taken as part of the verb. */
    private static void secondWords(PrintStream out) {
        out.println("    local skip=2");
        for (String verb : Commands.verbs()) {
            List<String> members = Commands.members(verb);
            if (!members.isEmpty()) {
                out.println("    if [[ $verb == " + verb + " ]]; then");
                out.println("        if (( CURRENT == 3 )); then");
                out.println("            compadd -- " + String.join(" ", members));
                out.println("            return");
                out.println("        fi");
                out.println("        verb=\"$verb ${words[3]}\"; skip=3");
                out.println("    fi");
            }
        }
        out.println("    shift $((skip - 1)) words");
        out.println("    (( CURRENT -= skip - 1 ))");
    }

    private static void option(Option o, PrintStream out) {
        String description = "[" + text(o.getDescription()) + "]";
        String action = "";
        if (o.hasArg()) {
            String choices = CompletionCommand.choices(o);
            action = (o.hasOptionalArg() ? "::" : ":")
                    + text(o.getArgName().toLowerCase(Locale.ROOT)) + ":"
                    + (choices != null ? "(" + choices + ")" : o.hasOptionalArg() ? " " : "_files");
        }
        // An optional value stands in the same word; any other there or in the next.
        String value = o.hasOptionalArg() ? "=-" : o.hasArg() ? "=" : "";
        String names = o.getOpt() == null ? "" : "-" + o.getOpt() + " ";
        // What was given is offered again only if it may be repeated.
        String before = Shared.isRepeatable(o) ? "*" : "(" + names + "--" + o.getLongOpt() + ")";
        out.println("                '" + before + "--" + o.getLongOpt() + value + description + action + "' \\");
        if (o.getOpt() != null) {
            out.println("                '" + before + "-" + o.getOpt() + description + action + "' \\");
        }
    }

    private static String text(String text) {
        return text.replace("'", "").replace("[", "(").replace("]", ")").replace(":", " ");
    }
}
