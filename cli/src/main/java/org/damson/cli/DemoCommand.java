package org.damson.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.certificate.AccessLog;
import org.damson.analyzer.certificate.StepsCheck;
import org.damson.cli.command.Command;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.NativeTools;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.model.ManifestKey;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.text.NativeText;
import org.damson.trace.Traces;
import org.damson.trace.files.FileTrees;

/**
 * {@code damson demo}: the whole way once, on this machine: record a workload, look at it, replay it, see how close the
 * replay came. It runs the other commands as a user would and shows each command line.
 */
final class DemoCommand implements Command {
    private static final Option DIRECTORY = Shared.output("DIR", "output directory (default ./damson-demo)");

    /** Says that a directory is the demo's; its presence lets a second run replace the files below. */
    private static final String MARKER = ".damson-demo";

    private static final String CONFIG = "stairs.cfg";
    private static final String ORIGINAL = "original.damson";
    private static final String REPLAY = "replay.damson";
    private static final String PICTURE = "heatmap.png";
    private static final String REPLAY_PICTURE = "heatmap-of-replay.png";
    private static final String PAGE = "page.html";
    /** What the program really touched, by its own account. */
    private static final String TRUTH = "touched.csv";

    /** How often all of it is tried while other work keeps the recorder from its samples. */
    private static final int ATTEMPTS = 3;

    /** Samples of 100 ms that came further apart were late because the machine was busy. */
    private static final long BUSY_SPACING_US = 400_000;

    private static final Set<String> OWN =
            Set.of(MARKER, CONFIG, TRUTH, ORIGINAL, REPLAY, PICTURE, REPLAY_PICTURE, PAGE);

    @Override
    public String name() {
        return "demo";
    }

    @Override
    public boolean hasJson() {
        return false;
    }

    @Override
    public String summary() {
        return "record, report, replay and compare a small workload on this machine, in half a minute";
    }

    @Override
    public String usage() {
        return "[-o DIR]";
    }

    @Override
    public String example() {
        return "damson demo";
    }

    @Override
    public boolean endsBySignal() {
        return true;
    }

    @Override
    public Options options() {
        return Shared.of(DIRECTORY);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        Shared.positionals(line);
        String name = line.getOptionValue(DIRECTORY, "damson-demo");
        // What begins with a hyphen would be an option where a trace is wanted.
        Path dir = NativeText.path(name.startsWith("-") ? "./" + name : name);
        Path accessgen = NativeTools.accessgen();
        console.configure(false, console.isQuiet());
        PrintStream out = console.out();
        return attempts(dir, out, () -> {
            prepare(dir);
            return once(console, dir, accessgen);
        });
    }

    /** One demo, which leaves its recordings in the directory and returns its exit code. */
    interface Attempt {
        int make() throws IOException;
    }

    /** Tries again where the recordings show that the machine was too busy to judge by them. */
    static int attempts(Path dir, PrintStream out, Attempt demo) throws IOException {
        for (int attempt = 1; ; attempt++) {
            int code = demo.make();
            long spacingUs = longestSpacingUs(dir);
            if (code == ExitCode.OK) {
                out.println("The demo worked. Next: damson record -o mine.damson -- YOUR PROGRAM");
                return code;
            }
            boolean isBusy = spacingUs > BUSY_SPACING_US;
            if (isBusy) {
                out.println("The machine is busy with other work: samples of 100 ms came up to "
                        + Units.duration(spacingUs * 1000) + " apart.");
            }
            if (!isBusy || attempt == ATTEMPTS) {
                out.println("The demo did NOT work on this machine; damson doctor and damson certify say more.");
                return code;
            }
            title(out, "Once more, attempt " + (attempt + 1) + " of " + ATTEMPTS);
        }
    }

    private static int once(Console console, Path dir, Path accessgen) throws IOException {
        PrintStream out = console.out();
        record(console, dir, accessgen);

        title(out, "2. What the recording says");
        step(console, dir, "info", at(dir, ORIGINAL));
        out.println();
        step(console, dir, "report", "wss", at(dir, ORIGINAL));
        out.println();
        step(console, dir, "report", "heatmap", at(dir, ORIGINAL));
        boolean hasPictures = picture(console, dir, ORIGINAL, PICTURE);

        title(out, "3. The recording is replayed without the program; the replay is recorded and compared with it");
        int verdict = step(console, dir, "replay", at(dir, ORIGINAL), "--verify", "--record", at(dir, REPLAY));
        if (hasPictures) {
            picture(console, dir, REPLAY, REPLAY_PICTURE);
        }

        title(out, "4. One page to look into the recording with; it needs no network and can be attached to a report");
        step(console, dir, "report", "html", at(dir, ORIGINAL), "--output", at(dir, PAGE));

        title(out, "What happened");
        boolean works = judge(dir, out);
        if (hasPictures) {
            out.println("The pictures: " + shownAt(dir, PICTURE) + " and " + shownAt(dir, REPLAY_PICTURE)
                    + "; time runs to the right, addresses along the side.");
        }
        out.println("The page, for a browser: " + shownAt(dir, PAGE));
        out.println("The traces are plain Parquet: python3 -c \"import pandas, glob; "
                + "print(pandas.read_parquet(sorted(glob.glob('" + shownAt(dir, ORIGINAL)
                + "/regions-*.parquet'))[0]))\"");
        out.println(
                switch (verdict) {
                    case ExitCode.OK -> "The replay is the same as the recording within the tolerance.";
                    case ExitCode.UNDECIDED ->
                        "These few seconds do not decide whether the replay is the same as the recording; see the verdict"
                                + " above.";
                    default ->
                        "The replay DIFFERS from the recording by more than the tolerance, see the verdict above.";
                });
        return works ? verdict : ExitCode.FINDINGS;
    }

    private static void record(Console console, Path dir, Path accessgen) {
        PrintStream out = console.out();
        title(out, "1. A program runs, and damson records how it touches its memory");
        out.println("The program has five blocks of 8 MiB and keeps one of them busy at a time, 2 s each.");
        out.println("It belongs to the demo, so recording may slow it down without a limit.");
        String generator = accessgen.toString();
        step(
                console,
                dir,
                "record",
                "-o",
                at(dir, ORIGINAL),
                "--aggr",
                "500ms",
                "--max-slowdown",
                "none",
                "--max-cpu",
                "100",
                "--",
                generator,
                "run",
                "--log",
                at(dir, TRUTH),
                at(dir, CONFIG));
    }

    /** Longest time between two samples of either recording. */
    private static long longestSpacingUs(Path dir) throws IOException {
        long longest = 0;
        for (String trace : List.of(ORIGINAL, REPLAY)) {
            try (TraceSource source = Traces.open(dir.resolve(trace))) {
                longest = Math.max(longest, (long) ManifestKey.SPACING_MAX.number(source.manifest(), 0));
            }
        }
        return longest;
    }

    /** Compares both traces with what the program itself says that it touched, and says what is there. */
    private static boolean judge(Path dir, PrintStream out) throws IOException {
        try (TraceSource original = Traces.open(dir.resolve(ORIGINAL));
                TraceSource replay = Traces.open(dir.resolve(REPLAY))) {
            AccessLog truth =
                    AccessLog.read(dir.resolve(TRUTH), original.manifest().pageBytes());
            StepsCheck recorded = StepsCheck.of(original, truth, 0);
            // The replay begins with the recording's first sample.
            StepsCheck replayed = StepsCheck.of(replay, truth, Shared.startNs(replay) - Shared.startNs(original));
            out.println("The program kept a log of what it touched: a staircase of " + recorded.steps() + " steps.");
            out.println("In the recording " + recorded.text() + ".");
            out.println("In the recording of the replay " + replayed.text() + ".");
            return recorded.passes() && replayed.passes();
        }
    }

    private static String at(Path dir, String file) {
        return NativeText.of(dir.resolve(file));
    }

    private static String shownAt(Path dir, String file) {
        return NativeText.readable(at(dir, file));
    }

    private static void title(PrintStream out, String text) {
        out.println();
        out.println("== " + text);
    }

    /** Draws a heatmap. A machine without fonts can draw none, which the command has said; the rest goes on without. */
    private static boolean picture(Console console, Path dir, String trace, String picture) {
        String[] args = {"report", "heatmap", at(dir, trace), "--output", at(dir, picture)};
        int code = typed(console, args);
        return code != ExitCode.CAPABILITY && verdict(code, dir, args) == ExitCode.OK;
    }

    /** Runs one command as typed and returns its verdict, 0, 1 or 6; any other failure ends the demo. */
    private static int step(Console console, Path dir, String... args) {
        return verdict(typed(console, args), dir, args);
    }

    private static String shown(String... args) {
        List<String> words = new ArrayList<>();
        for (String arg : args) {
            boolean isPlain = arg.matches("[A-Za-z0-9@%+=:,./_-]+");
            words.add(isPlain ? arg : "'" + arg.replace("'", "'\\''") + "'");
        }
        return "damson " + NativeText.readable(String.join(" ", words));
    }

    private static int typed(Console console, String... args) {
        console.out().println("$ " + shown(args));
        console.out().flush();
        return Cli.run(args, console);
    }

    private static int verdict(int code, Path dir, String... args) {
        boolean verdict = code == ExitCode.FINDINGS || code == ExitCode.UNDECIDED;
        if (code != ExitCode.OK && code != ExitCode.PARTIAL && !verdict) {
            throw new CommandFailedException(
                    code, "the demo stopped at: " + shown(args) + "; what it made so far is in " + dir);
        }
        return verdict ? code : ExitCode.OK;
    }

    /** Makes the directory ready: creates it, or removes what an earlier demo left; touches nothing else. */
    private static void prepare(Path dir) throws IOException {
        if (Files.exists(dir, LinkOption.NOFOLLOW_LINKS)) {
            if (!Files.isDirectory(dir, LinkOption.NOFOLLOW_LINKS)) {
                throw new UsageException(dir + " is not a directory; choose another with -o");
            }
            List<Path> content;
            try (Stream<Path> list = Files.list(dir)) {
                content = list.toList();
            }
            boolean ours = Files.isRegularFile(dir.resolve(MARKER), LinkOption.NOFOLLOW_LINKS);
            for (Path file : content) {
                String name = file.getFileName().toString();
                boolean known = OWN.contains(name.replaceFirst("\\.part\\d*$", ""));
                if (!ours || !known) {
                    throw new UsageException(
                            dir + " holds " + name + ", which is not the demo's; -o names another directory");
                }
            }
            for (Path file : content) {
                if (!file.getFileName().toString().equals(MARKER)) {
                    FileTrees.delete(file);
                }
            }
        } else {
            Files.createDirectory(
                    dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        if (!Files.exists(dir.resolve(MARKER), LinkOption.NOFOLLOW_LINKS)) {
            Files.writeString(
                    dir.resolve(MARKER),
                    "This directory belongs to damson demo, which replaces its files when run again.\n",
                    StandardOpenOption.CREATE_NEW);
        }
        try (InputStream config = DemoCommand.class.getResourceAsStream("demo-stairs.cfg")) {
            if (config == null) {
                throw new IOException("demo-stairs.cfg is missing from this build");
            }
            Files.copy(config, dir.resolve(CONFIG));
        }
    }
}
