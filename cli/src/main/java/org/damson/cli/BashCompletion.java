package org.damson.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Command;
import org.damson.cli.command.Shared;

/** The completion script for bash. */
final class BashCompletion {
    private BashCompletion() {}

    static void print(PrintStream out) {
        out.println("# damson completion for bash");
        out.println("_damson() {");
        out.println("    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]} i");
        out.println("    COMPREPLY=()");
        out.println("    # of --name=value bash makes three words");
        out.println(
                "    if [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD-2]}; elif [ \"$cur\" = = ]; then cur=; fi");
        out.println("    if [ \"$COMP_CWORD\" -eq 1 ]; then");
        out.println("        COMPREPLY=($(compgen -W '" + String.join(" ", Commands.verbs())
                + " --version --help' -- \"$cur\"))");
        out.println("        return");
        out.println("    fi");
        secondWords(out);
        command(out);
        values(out);
        options(out);
        words(out);
        out.println("}");
        out.println("# where it offers nothing, bash completes names of files, those with blanks too");
        out.println("complete -o default -F _damson damson");
    }

    /** Behind {@code --} there are no options: where a verb takes a command, its name comes first. */
    private static void command(PrintStream out) {
        String verbs = Commands.visible().stream()
                .filter(Command::takesCommand)
                .map(c -> "'" + c.name() + ":1'")
                .collect(Collectors.joining("|"));
        out.println("    for ((i = 2; i < COMP_CWORD; i++)); do");
        out.println("        if [ \"${COMP_WORDS[i]}\" = -- ]; then");
        out.println("            case \"$verb:$((COMP_CWORD - i))\" in");
        out.println("                " + verbs + ") COMPREPLY=($(compgen -c -- \"$cur\")) ;;");
        out.println("            esac");
        out.println("            return");
        out.println("        fi");
        out.println("    done");
    }

    /** The second word of verbs of two. */
    private static void secondWords(PrintStream out) {
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
    }

    /** Values of the option before the cursor that takes one of a few. */
    private static void values(PrintStream out) {
        out.println("    case \"$verb:$prev\" in");
        for (Command command : Commands.visible()) {
            for (Option o : Shared.withCommon(command).getOptions()) {
                if (o.hasArg() && CompletionCommand.choices(o) != null) {
                    out.println("        '" + command.name() + ":--" + o.getLongOpt() + "'"
                            + (o.getOpt() == null ? "" : "|'" + command.name() + ":-" + o.getOpt() + "'")
                            + ") COMPREPLY=($(compgen -W '" + CompletionCommand.choices(o)
                            + "' -- \"$cur\")); return ;;");
                }
            }
        }
        out.println("    esac");
    }

    private static void options(PrintStream out) {
        out.println("    if [[ $cur == -* ]]; then");
        out.println("        case \"$verb\" in");
        for (Command command : Commands.visible()) {
            out.println("            '" + command.name() + "') COMPREPLY=($(compgen -W '"
                    + String.join(" ", options(command)) + "' -- \"$cur\")) ;;");
        }
        out.println("        esac");
        out.println("        return");
        out.println("    fi");
    }

    /** What is not an option: verbs, shells. */
    private static void words(PrintStream out) {
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
        out.println("        completion) COMPREPLY=($(compgen -W '" + String.join(" ", CompletionCommand.SHELLS)
                + "' -- \"$cur\")) ;;");
        out.println("    esac");
    }

    private static List<String> options(Command command) {
        List<String> all = new ArrayList<>();
        for (Option o : Shared.withCommon(command).getOptions()) {
            all.add("--" + o.getLongOpt());
            if (o.getOpt() != null) {
                all.add("-" + o.getOpt());
            }
        }
        return all;
    }
}
