package org.damson.cli.console;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.damson.model.text.Printable;

/** The streams and surroundings of one invocation. Data goes to {@link #out}, everything else to {@link #note}. */
public final class Console {
    /** Characters of an error that are shown: enough for a file name of the greatest length, and the rule. */
    private static final int MAX_ERROR = 1 << 13;

    private final PrintStream out;
    private final PrintStream screen;
    private final PrintStream err;
    private final InputStream in;
    private final Map<String, String> environment;
    private final boolean outIsTerminal;
    private final boolean errIsTerminal;
    /** Messages already printed by this command. */
    private final Set<String> said = new HashSet<>();

    /** Invocations under way, each within the one before. */
    private int depth;

    private boolean quiet;
    /** Why the result of this command is not all that was asked for, as far as it said. */
    private String whyPartial = "";

    private boolean json;
    private Missing missing = Missing.NOTHING;
    private Progress progress = Progress.NONE;
    /** Whether a command runs that a signal cuts short. */
    private boolean running;
    /** Whether that has happened: what the command says on its way out is of no use. */
    private boolean cutShort;

    public Console(
            OutputStream out,
            OutputStream err,
            InputStream in,
            Map<String, String> environment,
            boolean outIsTerminal,
            boolean errIsTerminal) {
        this.screen = new PrintStream(new LoudStream(out), false, StandardCharsets.UTF_8);
        this.out = outIsTerminal
                ? new PrintStream(new TerminalStream(screen, true), false, StandardCharsets.UTF_8)
                : screen;
        this.err = new PrintStream(err, true, StandardCharsets.UTF_8);
        this.in = in;
        this.environment = environment;
        this.outIsTerminal = outIsTerminal;
        this.errIsTerminal = errIsTerminal;
    }

    /** The console of this process. */
    public static Console ofProcess() {
        return new Console(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16),
                new FileOutputStream(FileDescriptor.err),
                System.in,
                System.getenv(),
                isTerminal(1),
                isTerminal(2));
    }

    /**
     * Where data goes; buffered, flushed when the command ends. A pipe gets what is written, a terminal nothing that it
     * would act on but colours.
     */
    public PrintStream out() {
        progress.stop();
        return out;
    }

    /**
     * Where rows go that hold text of unknown origin: as {@link #out}, but no colours pass to a terminal, which are then
     * not damson's.
     */
    public PrintStream rows() {
        progress.stop();
        return outIsTerminal ? new PrintStream(new TerminalStream(screen, false), false, StandardCharsets.UTF_8) : out;
    }

    /** Where a program that draws on the terminal moves the cursor; whatever goes there is damson's own. */
    public PrintStream screen() {
        progress.stop();
        return screen;
    }

    public PrintStream err() {
        progress.stop();
        return err;
    }

    public InputStream in() {
        return in;
    }

    /**
     * Says something to the person in front, unless {@code --quiet}. What begins with "note:" or "lost:" qualifies a result, and is
     * said once in a command, however many results it has.
     */
    public void note(String line) {
        boolean qualifies = line.startsWith("note: ") || line.startsWith("lost: ");
        if (!quiet && (!qualifies || said.add(line))) {
            say(Printable.line(line));
        }
    }

    /** As {@link #note}, of what makes a result partial: the first such line is said with the exit code even if notes are not. */
    public void partial(String line) {
        because(line);
        note(line);
    }

    /** Why the result is partial, unless that is known already. */
    public void because(String why) {
        whyPartial = whyPartial.isEmpty() ? why.replaceFirst("^note: ", "") : whyPartial;
    }

    /** The first reason of this command; empty if there was none. */
    public String whyPartial() {
        return whyPartial;
    }

    /** As {@link #note}, but the same line only once in a command. */
    public void noteOnce(String line) {
        if (said.add(line) && !quiet) {
            say(Printable.line(line));
        }
    }

    /** Says what went wrong; {@code --quiet} does not silence it. Of a word of a megabyte that is quoted the ends are shown. */
    public void error(String line) {
        say("damson: " + Printable.line(Printable.cut(line, MAX_ERROR, " ... ")));
    }

    private synchronized void say(String line) {
        if (!cutShort) {
            progress.clear();
            err.println(line);
        }
    }

    /** Progress: shown on a terminal, and reported if a signal interrupts it. */
    public synchronized void begin(String verb) {
        progress = showsProgress() ? new Progress(verb, err, System::nanoTime).start() : Progress.NONE;
        running = true;
    }

    /** An invocation begins; one within another is a part of it. */
    public void enter() {
        if (depth++ == 0) {
            said.clear();
        }
    }

    /** It has ended. */
    public void leave() {
        depth--;
    }

    /** The command has ended. */
    public synchronized void end() {
        progress.stop();
        running = false;
    }

    /** A signal ends this process: says so if that cuts a command short, and lets it say nothing more. */
    public synchronized void interrupted() {
        if (running) {
            progress.stop();
            error("interrupted");
            cutShort = true;
        }
    }

    public Progress progress() {
        return progress;
    }

    /** The worst of what is known to be missing from the recordings that this command reads. */
    public Missing missing() {
        return missing;
    }

    /** Notes that something of a recording that this command reads is missing. */
    public void missing(Missing what) {
        missing = what.compareTo(missing) > 0 ? what : missing;
    }

    /** Sets what is missing: of a command that begins, nothing, or after one within another what was before. */
    public void setMissing(Missing what) {
        missing = what;
    }

    public boolean isJson() {
        return json;
    }

    public boolean isQuiet() {
        return quiet;
    }

    /** Output settings of this invocation; a command run by another shares its printed messages. */
    public void configure(boolean asJson, boolean asQuiet) {
        json = asJson;
        quiet = asQuiet;
        whyPartial = "";
    }

    /** Whether data may carry colour: a terminal, and the user has not set NO_COLOR. */
    public boolean isColoured() {
        String noColor = environment.get("NO_COLOR");
        return outIsTerminal
                && (noColor == null || noColor.isEmpty())
                && !"dumb".equals(environment.get("TERM"))
                && !json;
    }

    /** Whether data goes to a terminal that understands control sequences. */
    public boolean isTerminal() {
        return outIsTerminal && !"dumb".equals(environment.get("TERM"));
    }

    /** Whether a status line may be redrawn in place. */
    public boolean showsProgress() {
        return errIsTerminal && !quiet && !"dumb".equals(environment.get("TERM"));
    }

    /** Whether a person types into standard input. */
    public boolean inIsTerminal() {
        return in == System.in && isTerminal(0);
    }

    /** A variable of the environment, empty if not set. */
    public String environment(String name) {
        return environment.getOrDefault(name, "");
    }

    public boolean isDebug() {
        return "1".equals(environment.get("DAMSON_DEBUG"));
    }

    /** Width of the terminal in characters: as COLUMNS says, else the terminal; 100 when unknown. */
    public int columns() {
        String said = environment.get("COLUMNS");
        try {
            int columns = said != null && !said.isEmpty()
                    ? Integer.parseInt(said)
                    : outIsTerminal ? TerminalSize.now().columns() : 100;
            return Math.max(40, Math.min(400, columns));
        } catch (NumberFormatException e) {
            return 100;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 100;
        }
    }

    private static boolean isTerminal(int descriptor) {
        // System.console() asks for standard input too and changed its meaning in Java 22.
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    /** Turns failures of standard output into exceptions that pass through a PrintStream. */
    private static final class LoudStream extends OutputStream {
        private final OutputStream to;

        LoudStream(OutputStream to) {
            this.to = to;
        }

        @Override
        public void write(int b) {
            try {
                to.write(b);
            } catch (IOException e) {
                throw new ClosedOutputException(e);
            }
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            try {
                to.write(bytes, offset, length);
            } catch (IOException e) {
                throw new ClosedOutputException(e);
            }
        }

        @Override
        public void flush() {
            try {
                to.flush();
            } catch (IOException e) {
                throw new ClosedOutputException(e);
            }
        }
    }
}
