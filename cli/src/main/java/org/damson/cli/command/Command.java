package org.damson.cli.command;

import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.cli.console.Console;

/** One verb. Everything help and completion say comes from here. */
public interface Command {
    /** The verb as typed; two words for members of a group, such as {@code report wss}. */
    String name();

    /** One line: what it is for. */
    String summary();

    /** What follows the verb, as in {@code TRACE [OPTIONS]}. */
    String usage();

    /** A complete command line that works as written, given files of these names. */
    String example();

    /** The command's own options; {@code --quiet}, {@code --help} and, if it has it, {@code --json} are added to all. */
    default Options options() {
        return new Options();
    }

    /** Does it and returns the exit code. */
    int run(CommandLine line, Console console) throws Exception;

    /** Whether the words that are not options are a command to run: it may have options of its own. */
    default boolean takesCommand() {
        return false;
    }

    /** Whether a signal is a way for it to end, and it says itself what came of it. */
    default boolean endsBySignal() {
        return false;
    }

    /**
     * Whether what it gives says what is missing of a trace, as the trace does: it then ends with 0, where others end with
     * {@link ExitCode#PARTIAL}.
     */
    default boolean carriesLosses() {
        return false;
    }

    /** Whether help and completion leave it out. */
    default boolean isHidden() {
        return false;
    }

    /** Whether it has {@code --json}: what prints no result, or text alone, has not. */
    default boolean hasJson() {
        return true;
    }
}
