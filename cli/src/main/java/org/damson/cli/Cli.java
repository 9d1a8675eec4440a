package org.damson.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.MissingArgumentException;
import org.apache.commons.cli.MissingOptionException;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;
import org.apache.commons.cli.UnrecognizedOptionException;

/** Finds the command, parses its options, runs it, and turns whatever goes wrong into one line and an exit code. */
final class Cli {
    private Cli() {}

    static int run(String[] args, Console console) {
        int code;
        try {
            code = dispatch(args, console);
            console.out().flush();
        } catch (Throwable t) {
            code = explain(t, console);
        }
        return code;
    }

    private static int dispatch(String[] args, Console console) throws Exception {
        if (args.length == 0) {
            new HelpCommand().overview(console.err());
            return ExitCode.USAGE;
        }
        switch (args[0]) {
            case "--version", "-V" -> {
                console.out().println("damson " + Version.text());
                return ExitCode.OK;
            }
            case "--help", "-h" -> {
                new HelpCommand().overview(console.out());
                return ExitCode.OK;
            }
            default -> {}
        }
        boolean helpOfGroup = args.length > 1 && (args[1].equals("--help") || args[1].equals("-h"));
        if (helpOfGroup && !Commands.group(args[0]).isEmpty()) {
            HelpCommand.group(args[0], console.out());
            return ExitCode.OK;
        }
        Command command = find(args);
        int words = command.name().split(" ").length;
        String[] rest = Arrays.copyOfRange(args, words, args.length);
        CommandLine line = parse(command, rest);
        console.configure(line.hasOption(Shared.JSON), line.hasOption(Shared.QUIET));
        if (line.hasOption(Shared.HELP)) {
            HelpCommand.describe(command, console.out());
            return ExitCode.OK;
        }
        return command.run(line, console);
    }

    /** The command that the first one or two words name. */
    static Command find(String[] args) {
        String first = args[0];
        if (first.startsWith("-")) {
            throw new UsageException(
                    "the verb comes first: damson VERB " + first + " ...; damson help lists the verbs");
        }
        Command one = Commands.byName(first);
        if (one != null) {
            return one;
        }
        List<String> members = Commands.members(first);
        if (!members.isEmpty()) {
            String second = args.length > 1 ? args[1] : "";
            Command two = Commands.byName(first + " " + second);
            if (two != null) {
                return two;
            }
            String choice = String.join(", ", members);
            if (second.isEmpty() || second.startsWith("-")) {
                throw new UsageException("say which " + first + ": " + choice);
            }
            throw new UsageException("unknown " + first + " '" + second + "'"
                    + meant(Nearest.to(second, members), first + " ") + "; there are " + choice);
        }
        throw new UsageException("unknown verb '" + first + "'" + meant(Nearest.to(first, Commands.verbs()), "")
                + "; damson help lists the verbs");
    }

    static CommandLine parse(Command command, String[] args) {
        Options options = Shared.withCommon(command);
        for (int i = 0; i < args.length && !args[i].equals("--"); i++) {
            // damo writes --sz_region where damson writes --sz-region: both are right.
            if (args[i].startsWith("--")) {
                String[] nameAndValue = args[i].split("=", 2);
                nameAndValue[0] = nameAndValue[0].replace('_', '-');
                args[i] = String.join("=", nameAndValue);
            }
        }
        try {
            return DefaultParser.builder()
                    .setAllowPartialMatching(false)
                    .setStripLeadingAndTrailingQuotes(false)
                    .get()
                    .parse(options, args);
        } catch (UnrecognizedOptionException e) {
            List<String> names = new ArrayList<>();
            for (Option o : options.getOptions()) {
                names.add("--" + o.getLongOpt());
            }
            String given = e.getOption();
            int equals = given.indexOf('=');
            String nearest = Nearest.to(equals < 0 ? given : given.substring(0, equals), names);
            throw new UsageException("unknown option '" + given + "'" + meant(nearest, "") + "; damson help "
                    + command.name() + " lists the options");
        } catch (MissingArgumentException e) {
            Option o = e.getOption();
            throw new UsageException("--" + o.getLongOpt() + " needs a value: " + o.getArgName());
        } catch (MissingOptionException e) {
            List<String> missing = new ArrayList<>();
            for (Object o : e.getMissingOptions()) {
                Option option = options.getOption(o.toString());
                missing.add(option == null ? o.toString() : "--" + option.getLongOpt() + " " + option.getArgName());
            }
            throw new UsageException("missing " + String.join(", ", missing));
        } catch (ParseException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private static String meant(String nearest, String prefix) {
        return nearest == null ? "" : " (did you mean '" + prefix + nearest + "'?)";
    }

    /** One line for the person, an exit code for the script. */
    private static int explain(Throwable t, Console console) {
        if (t instanceof UncheckedIOException && t.getCause() != null) {
            return explain(t.getCause(), console);
        }
        if (console.isDebug()) {
            t.printStackTrace(console.err());
        }
        if (t instanceof ClosedOutputException closed) {
            if (closed.isBrokenPipe()) {
                return ExitCode.OK;
            }
            console.error("cannot write to standard output: " + closed.getMessage());
            return ExitCode.CAPABILITY;
        }
        if (t instanceof CommandFailedException failed) {
            console.error(failed.getMessage());
            return failed.code();
        }
        if (t instanceof InterruptedException) {
            console.error("interrupted");
            return ExitCode.INTERRUPTED;
        }
        if (t instanceof UsageException) {
            console.error(t.getMessage());
            return ExitCode.USAGE;
        }
        if (t instanceof IOException io) {
            return explainIo(io, console);
        }
        if (t instanceof OutOfMemoryError) {
            console.error("out of memory; give it more with DAMSON_JAVA_OPTS=-Xmx2g");
            return ExitCode.CAPABILITY;
        }
        String what = t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
        console.error("internal error: " + what + " (DAMSON_DEBUG=1 shows where)");
        return ExitCode.INPUT;
    }

    private static int explainIo(IOException e, Console console) {
        if (e instanceof AccessDeniedException denied) {
            console.error(denied.getFile() + ": permission denied");
            return ExitCode.CAPABILITY;
        }
        if (e instanceof NoSuchFileException missing) {
            console.error(missing.getFile() + ": no such file or directory");
            return ExitCode.INPUT;
        }
        if (e instanceof FileAlreadyExistsException exists) {
            console.error(exists.getFile() + ": exists already; damson does not overwrite it");
            return ExitCode.USAGE;
        }
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        if (e instanceof FileSystemException fs && fs.getReason() != null) {
            message = fs.getFile() + ": " + fs.getReason();
        }
        console.error(message);
        String lower = message.toLowerCase(Locale.ROOT);
        boolean machine = lower.contains("permission denied")
                || lower.contains("operation not permitted")
                || lower.contains("read-only file system")
                || lower.contains("no space left")
                || lower.contains("file too large")
                || lower.contains("quota exceeded");
        return machine ? ExitCode.CAPABILITY : ExitCode.INPUT;
    }
}
