package org.damson.cli;

import java.io.PrintStream;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Command;
import org.damson.cli.command.Shared;

/** The completion script for fish. */
final class FishCompletion {
    private FishCompletion() {}

    static void print(PrintStream out) {
        out.println("# damson completion for fish");
        out.println("# whether the words before the cursor begin with these");
        out.println("function __damson_at");
        out.println("    set -l words (commandline -opc)");
        out.println("    for i in (seq (count $argv))");
        out.println("        test \"$words[$(math $i + 1)]\" = $argv[$i]; or return 1");
        out.println("    end");
        out.println("end");
        out.println("# whether there are just so many of them");
        out.println("function __damson_words");
        out.println("    test (count (commandline -opc)) -eq $argv[1]");
        out.println("end");
        out.println("complete -c damson -f -n '__damson_words 1' -l version -l help");
        for (String verb : Commands.verbs()) {
            out.println(
                    "complete -c damson -f -n '__damson_words 1' -a " + verb + " -d " + quoted(Commands.summary(verb)));
            for (Command member : Commands.group(verb)) {
                out.println("complete -c damson -f -n '__damson_words 2; and __damson_at " + verb + "' -a "
                        + member.name().substring(verb.length() + 1) + " -d " + quoted(member.summary()));
            }
        }
        out.println("complete -c damson -f -n '__damson_words 2; and __damson_at help' -a '"
                + String.join(" ", Commands.verbs()) + "'");
        for (String verb : Commands.verbs()) {
            if (!Commands.members(verb).isEmpty()) {
                out.println("complete -c damson -f -n '__damson_words 3; and __damson_at help " + verb + "' -a '"
                        + String.join(" ", Commands.members(verb)) + "'");
            }
        }
        out.println("complete -c damson -f -n '__damson_at completion' -a '"
                + String.join(" ", CompletionCommand.SHELLS) + "'");
        for (Command command : Commands.visible()) {
            for (Option o : Shared.withCommon(command).getOptions()) {
                option(command, o, out);
            }
        }
    }

    private static void option(Command command, Option o, PrintStream out) {
        StringBuilder line = new StringBuilder("complete -c damson -n '__damson_at " + command.name() + "'");
        line.append(" -l ").append(o.getLongOpt());
        if (o.getOpt() != null) {
            line.append(" -s ").append(o.getOpt());
        }
        if (o.hasArg() && !o.hasOptionalArg()) {
            String choices = CompletionCommand.choices(o);
            line.append(choices == null ? " -r -F" : " -x -a '" + choices + "'");
        }
        out.println(line.append(" -d ").append(quoted(o.getDescription())));
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
