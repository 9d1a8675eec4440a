package org.damson.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
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
    public Options options() {
        return new Options();
    }

    @Override
    public int run(CommandLine line, Console console) {
        String shell = Shared.positionals(line, "bash, zsh or fish").get(0);
        switch (shell) {
            case "bash" -> bash(console.out());
            case "zsh" -> zsh(console.out());
            case "fish" -> FishCompletion.print(console.out());
            default ->
                throw new UsageException(
                        "no completion for '" + shell + "': expected one of " + String.join(", ", SHELLS));
        }
        return ExitCode.OK;
    }

    private static void bash(PrintStream out) {
        out.println("# damson completion for bash");
        out.println("_damson() {");
        out.println("    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]}");
        out.println("    COMPREPLY=()");
        out.println("    if [ \"$COMP_CWORD\" -eq 1 ]; then");
        out.println("        COMPREPLY=($(compgen -W '" + String.join(" ", Commands.verbs())
                + " --version --help' -- \"$cur\"))");
        out.println("        return");
        out.println("    fi");
        for (String verb : Commands.verbs()) {
            List<String> members = Commands.members(verb);
            if (!members.isEmpty()) {
                out.println("    if [ \"$verb\" = " + verb + " ]; then");
                out.println("        if [ \"$COMP_CWORD\" -eq 2 ]; then");
                out.println("            COMPREPLY=($(compgen -W '" + String.join(" ", members) + "' -- \"$cur\"))");
                out.println("            return");
                out.println("        fi");
                out.println("        verb=\"$verb ${COMP_WORDS[2]}\"");
                out.println("    fi");
            }
        }
        out.println("    case \"$verb:$prev\" in");
        for (Command command : Commands.visible()) {
            for (Option o : Shared.withCommon(command).getOptions()) {
                if (o.hasArg() && choices(o) != null) {
                    out.println("        '" + command.name() + ":--" + o.getLongOpt() + "'"
                            + (o.getOpt() == null ? "" : "|'" + command.name() + ":-" + o.getOpt() + "'")
                            + ") COMPREPLY=($(compgen -W '" + choices(o) + "' -- \"$cur\")); return ;;");
                }
            }
        }
        out.println("    esac");
        out.println("    if [[ $cur == -* ]]; then");
        out.println("        case \"$verb\" in");
        for (Command command : Commands.visible()) {
            out.println("            '" + command.name() + "') COMPREPLY=($(compgen -W '"
                    + String.join(" ", words(command)) + "' -- \"$cur\")) ;;");
        }
        out.println("        esac");
        out.println("        return");
        out.println("    fi");
        out.println("    case \"$verb\" in");
        for (String verb : Commands.verbs()) {
            if (!Commands.members(verb).isEmpty()) {
                out.println("        help) if [ \"$COMP_CWORD\" -eq 3 ] && [ \"$prev\" = " + verb + " ]; then");
                out.println("            COMPREPLY=($(compgen -W '" + String.join(" ", Commands.members(verb))
                        + "' -- \"$cur\"))");
                out.println("            return");
                out.println("        fi ;;&");
            }
        }
        out.println("        help) [ \"$COMP_CWORD\" -eq 2 ] && COMPREPLY=($(compgen -W '"
                + String.join(" ", Commands.verbs()) + "' -- \"$cur\")) ;;");
        out.println("        completion) COMPREPLY=($(compgen -W '" + String.join(" ", SHELLS) + "' -- \"$cur\")) ;;");
        out.println("        *) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$cur\")) ;;");
        out.println("    esac");
        out.println("}");
        out.println("complete -F _damson damson");
    }

    private static void zsh(PrintStream out) {
        out.println("#compdef damson");
        out.println("# damson completion for zsh");
        out.println("_damson() {");
        out.println("    local verb=${words[2]}");
        out.println("    if (( CURRENT == 2 )); then");
        out.println("        local -a verbs=(");
        for (String verb : Commands.verbs()) {
            Command command = Commands.byName(verb);
            String summary =
                    command == null ? "one of " + String.join(", ", Commands.members(verb)) : command.summary();
            out.println("            '" + verb + ":" + zshText(summary) + "'");
        }
        out.println("        )");
        out.println("        _describe verb verbs");
        out.println("        return");
        out.println("    fi");
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
        out.println("    case $verb in");
        for (Command command : Commands.visible()) {
            out.println("        '" + command.name() + "')");
            if (command.name().equals("help")) {
                zshHelp(out);
            }
            out.println("            _arguments -S \\");
            for (Option o : Shared.withCommon(command).getOptions()) {
                String description = "[" + zshText(o.getDescription()) + "]";
                String action = "";
                if (o.hasArg() && !o.hasOptionalArg()) {
                    String choices = choices(o);
                    action = ":"
                            + o.getArgName().toLowerCase(java.util.Locale.ROOT).replace(":", " ") + ":"
                            + (choices == null ? "_files" : "(" + choices + ")");
                }
                out.println("                '--" + o.getLongOpt() + description + action + "' \\");
                if (o.getOpt() != null) {
                    out.println("                '-" + o.getOpt() + description + action + "' \\");
                }
            }
            String rest =
                    switch (command.name()) {
                        case "help" -> "'1:verb:(" + String.join(" ", Commands.verbs()) + ")'";
                        case "completion" -> "'1:shell:(" + String.join(" ", SHELLS) + ")'";
                        default -> "'*:file:_files'";
                    };
            out.println("                " + rest + " ;;");
        }
        out.println("    esac");
        out.println("}");
        out.println("if [ \"$funcstack[1]\" = _damson ]; then _damson \"$@\"; else compdef _damson damson; fi");
    }

    /** What follows {@code help report}. */
    private static void zshHelp(PrintStream out) {
        for (String verb : Commands.verbs()) {
            if (!Commands.members(verb).isEmpty()) {
                out.println("            if (( CURRENT == 3 )) && [[ ${words[2]} == " + verb + " ]]; then");
                out.println("                compadd -- " + String.join(" ", Commands.members(verb)));
                out.println("                return");
                out.println("            fi");
            }
        }
    }

    /** The values an option lists, or a scheme begins with, space-separated; null if it takes anything. */
    static String choices(Option o) {
        if ("scheme".equals(o.getLongOpt())) {
            return String.join(" ", SchemeParser.firstWords());
        }
        String arg = o.getArgName();
        return arg != null && arg.indexOf('|') > 0 && arg.indexOf('[') < 0 ? arg.replace('|', ' ') : null;
    }

    private static List<String> words(Command command) {
        List<String> words = new ArrayList<>();
        for (Option o : Shared.withCommon(command).getOptions()) {
            words.add("--" + o.getLongOpt());
            if (o.getOpt() != null) {
                words.add("-" + o.getOpt());
            }
        }
        return words;
    }

    private static String zshText(String text) {
        return text.replace("'", "").replace("[", "(").replace("]", ")").replace(":", " ");
    }
}
