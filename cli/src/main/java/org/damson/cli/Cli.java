package org.damson.cli;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.damson.cli.command.Arguments;
import org.damson.cli.command.Command;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.DamoOptions;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Nearest;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.command.Version;
import org.damson.cli.console.ClosedOutputException;
import org.damson.cli.console.Console;
import org.damson.cli.console.Missing;
import org.damson.model.InvalidInputException;
import org.damson.model.MissingCapabilityException;
import org.damson.model.text.NativeText;
import org.damson.recorder.damon.Doctor;

/** Finds the command, parses its options, runs it, and turns whatever goes wrong into one line and an exit code. */
public final class Cli {
    /** Under {@code --quiet}, where the command did not say what is missing. */
    private static final String PARTIAL = "not all of it is there: without --quiet the notes say what is missing";

    private Cli() {}

    public static int run(String[] args, Console console) {
        int code;
        console.enter();
        try {
            code = delivered(dispatch(args, console), console);
        } catch (Throwable t) {
            code = explain(t, console);
        }
        console.leave();
        console.end();
        return code;
    }

    /** Hands out what is still buffered. A verdict stands even if nobody reads it any more. */
    private static int delivered(int code, Console console) {
        try {
            console.out().flush();
        } catch (ClosedOutputException e) {
            if (!e.isBrokenPipe()) {
                throw e;
            }
        }
        return code;
    }

    private static int dispatch(String[] args, Console console) throws Exception {
        if (args.length == 0) {
            NextSteps.of(Doctor.examine(Path.of("/"))).forEach(console.err()::println);
            return ExitCode.USAGE;
        }
        switch (args[0]) {
            case "--version", "-V" -> {
                console.out().println("damson " + Version.text());
                return ExitCode.OK;
            }
            case "--help", "-h" -> {
                new HelpCommand().overview(console);
                return ExitCode.OK;
            }
            default -> {}
        }
        boolean helpOfGroup = args.length > 1 && (args[1].equals("--help") || args[1].equals("-h"));
        if (helpOfGroup && !Commands.members(args[0]).isEmpty()) {
            HelpCommand.group(args[0], console);
            return ExitCode.OK;
        }
        Command command = find(args);
        int words = command.name().split(" ").length;
        String[] rest = Arrays.copyOfRange(args, words, args.length);
        List<String> notes = new ArrayList<>();
        CommandLine line = Arguments.parse(command, rest, notes::add);
        console.configure(line.hasOption(Shared.JSON), line.hasOption(Shared.QUIET));
        notes.forEach(console::note);
        if (line.hasOption(Shared.HELP)) {
            HelpCommand.describe(command, console);
            return ExitCode.OK;
        }
        if (line.hasOption(DamoOptions.COMPAT)) {
            DamoOptions.checkVersion(line, console);
        }
        if (!command.endsBySignal()) {
            console.begin(command.name());
        }
        Missing before = console.missing();
        console.setMissing(Missing.NOTHING);
        try {
            int code = command.run(line, console);
            code = line.hasOption(DamoOptions.COMPAT) ? code : ofWhatIsThere(code, command, console);
            if (code == ExitCode.PARTIAL && console.isQuiet()) {
                console.error(console.whyPartial().isEmpty() ? PARTIAL : console.whyPartial());
            }
            return code;
        } finally {
            console.setMissing(before);
        }
    }

    /** What is well, but rests on a recording of which something is missing, is partial. */
    private static int ofWhatIsThere(int code, Command command, Console console) {
        Missing bearable = command.carriesLosses() ? Missing.IN_TRACE : Missing.NOTHING;
        if (code != ExitCode.OK || console.missing().compareTo(bearable) <= 0) {
            return code;
        }
        console.because("a recording has lost something: damson info TRACE says what");
        return ExitCode.PARTIAL;
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
            String choice = ": expected one of " + String.join(", ", members);
            if (second.isEmpty() || second.startsWith("-")) {
                throw new UsageException("missing word after '" + first + "'" + choice);
            }
            throw new UsageException("unknown verb '" + first + " " + second + "'"
                    + Nearest.meant(Nearest.to(second, members), first + " ") + choice);
        }
        throw new UsageException("unknown verb '" + first + "'" + Nearest.meant(Nearest.to(first, Commands.verbs()), "")
                + "; damson help lists the verbs");
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
        if (t instanceof InterruptedException || t instanceof InterruptedIOException) {
            console.error("interrupted");
            return ExitCode.INTERRUPTED;
        }
        if (t instanceof InvalidPathException path) {
            String name = NativeText.readable(path.getInput());
            boolean bytes = !name.equals(path.getInput());
            console.error("'" + name + "': "
                    + (bytes
                            ? "not UTF-8; damson opens only files whose names are"
                            : "not a valid file name: " + path.getReason()));
            return ExitCode.USAGE;
        }
        if (t instanceof InvalidInputException) {
            console.error(t.getMessage());
            return ExitCode.INPUT;
        }
        if (t instanceof UsageException) {
            console.error(t.getMessage());
            return ExitCode.USAGE;
        }
        if (t instanceof UnsatisfiedLinkError e) {
            return explainIo(MissingCapabilityException.notLoaded("a native library", e), console);
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
        return ExitCode.INTERNAL;
    }

    private static int explainIo(IOException e, Console console) {
        if (e instanceof MissingCapabilityException) {
            console.error(e.getMessage());
            return ExitCode.CAPABILITY;
        }
        if (e instanceof AccessDeniedException denied) {
            console.error(denied.getFile() + ": permission denied");
            return ExitCode.CAPABILITY;
        }
        if (e instanceof NoSuchFileException missing) {
            console.error(missing.getFile() + ": no such file or directory");
            return ExitCode.INPUT;
        }
        if (e instanceof NotDirectoryException file) {
            boolean exists = Files.exists(NativeText.path(file.getFile()), LinkOption.NOFOLLOW_LINKS);
            console.error(file.getFile() + (exists ? ": not a directory" : ": no such file or directory"));
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
        return ExitCode.INPUT;
    }
}
