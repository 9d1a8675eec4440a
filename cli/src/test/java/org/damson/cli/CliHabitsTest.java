package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.VerbOption;
import org.damson.cli.console.Console;
import org.damson.model.Manifest;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What all verbs have in common, asked of each of them. */
final class CliHabitsTest {
    private static final int SCREEN_LINES = 24;
    private static final int SCREEN_COLUMNS = 100;

    /** Options that name what is read, not made. */
    private static final Set<String> READ = Set.of(
            "cgroup",
            "file",
            "kallsyms",
            "key",
            "maps",
            "noise-floor",
            "perf-maps",
            "pid-file",
            "profile",
            "recorded",
            "repeated",
            "root",
            "setup",
            "symfs",
            "test",
            "truth",
            "vmas");

    @TempDir
    Path dir;

    private Path trace;

    @BeforeEach
    void importATrace() {
        trace = CliRun.importZigzag(dir.resolve("t.damson"));
    }

    private static List<Object> words(Command command) {
        return new ArrayList<>(List.of((Object[]) command.name().split(" ")));
    }

    // --force

    /** A verb that makes a file and does not say so by its option's definition would lack --force. */
    @Test
    void anOptionThatNamesAFileSaysWhetherItIsMade() {
        for (Command command : Commands.visible()) {
            for (Option o : command.options().getOptions()) {
                String argument = o.getArgName() == null ? "" : o.getArgName();
                boolean isPath =
                        Stream.of("FILE", "TRACE", "DIR", "NEW", "PATH").anyMatch(argument::contains);
                boolean isLog =
                        command.name().equals("certify") && o.getLongOpt().equals("log");
                if (isPath && !READ.contains(o.getLongOpt()) && !isLog) {
                    boolean isWritten = VerbOption.of(o).isWritten();
                    boolean isKept = OutputUse.KEPT.contains(command.name() + " " + o.getLongOpt());
                    assertTrue(isWritten || isKept, command.name() + " --" + o.getLongOpt());
                    assertTrue(
                            isKept || Shared.withCommon(command).hasLongOption("force"),
                            command.name() + " --" + o.getLongOpt());
                }
            }
        }
    }

    @Test
    void whatIsThereIsRefusedAndForceReplacesIt() throws Exception {
        List<OutputUse> uses = OutputUse.all(dir, trace);
        for (OutputUse use : uses) {
            refusesThenReplaces(use);
        }
        assertTrue(uses.size() > 30, uses.size() + " options");
    }

    private void refusesThenReplaces(OutputUse use) throws Exception {
        Path made = use.made(dir);
        Path there = use.isDirectory() ? made.resolve("damson.1") : made;
        if (use.isTrace()) {
            CliRun.of("slice", trace, "-o", made, "--snapshots", "0..1").expect(ExitCode.OK);
        } else {
            Files.createDirectories(there.getParent());
            Files.writeString(there, "old");
        }
        CliRun refused = CliRun.of(use.words(made).toArray());
        assertEquals(ExitCode.USAGE, refused.exit(), use + ": " + refused.err());
        assertTrue(refused.err().contains(there + " exists already; --force replaces it"), use + ": " + refused.err());
        String before = contentOf(there);
        CliRun done = CliRun.of(use.words(made, "--force").toArray());
        assertTrue(
                Set.of(ExitCode.OK, ExitCode.FINDINGS, ExitCode.PARTIAL).contains(done.exit()),
                use + ": " + done.err());
        assertFalse(before.equals(contentOf(there)), use + " is not replaced");
        assertEquals(List.of(), leftovers(), use.toString());
    }

    @Test
    void whatIsMadeNeedsItsDirectory() throws Exception {
        Path file = Files.createFile(dir.resolve("file"));
        for (OutputUse use : OutputUse.all(dir, trace)) {
            if (!use.isDirectory()) {
                for (Path place : List.of(dir.resolve("missing"), file)) {
                    CliRun run = CliRun.of(use.words(use.made(place)).toArray());
                    String rule = place.equals(file) ? ": not a directory" : ": no such file or directory";
                    assertEquals(ExitCode.INPUT, run.exit(), use + ": " + run.err());
                    assertTrue(run.err().endsWith("damson: " + place + rule + "\n"), use + ": " + run.err());
                    assertEquals("", run.out(), use.toString());
                }
            }
        }
        assertEquals(List.of(), leftovers());
    }

    /** Where tests run, /sys is read-only for everybody. */
    @Test
    void whatCannotBeMadeThereIsNamedAsAsked() throws Exception {
        for (OutputUse use : OutputUse.all(dir, trace)) {
            if (!use.isDirectory()) {
                Path made = use.made(Path.of("/sys"));
                CliRun run = CliRun.of(use.words(made).toArray());
                assertEquals(ExitCode.CAPABILITY, run.exit(), use + ": " + run.err());
                assertTrue(
                        run.err().endsWith("damson: " + made + ": permission denied\n")
                                || run.err().endsWith("damson: " + made + ": read-only file system\n"),
                        use + ": " + run.err());
            }
        }
    }

    /** What is half made or to be removed. */
    private List<Path> leftovers() throws Exception {
        try (Stream<Path> beside = Files.list(dir)) {
            return beside.filter(p -> p.getFileName().toString().matches("\\..*|.*\\.(part|gone)\\d*"))
                    .toList();
        }
    }

    private static String contentOf(Path path) throws Exception {
        Path file = Files.isDirectory(path) ? path.resolve("manifest.json") : path;
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    }

    /** Nothing but a file takes a file's place, and nothing but a trace that nobody holds a trace's. */
    @Test
    void forceReplacesNoOtherDirectoryAndNoTraceThatIsBeingRecorded() throws Exception {
        Path other = Files.createDirectory(dir.resolve("other"));
        Files.writeString(other.resolve("mine"), "kept");
        List<List<Object>> makers = List.of(
                List.of("record", "-o", other, "--force", "--", "true"),
                List.of("import", CliRun.testdata().resolve("zigzag-damo/damon.data"), "-o", other, "--force"),
                List.of("slice", trace, "-o", other, "--force"),
                List.of("merge", trace, trace, "-o", other, "--force"),
                List.of("bundle", trace, "-o", other, "--force"),
                List.of("export", trace, "--to", "csv", "-o", other, "--force"),
                List.of("generate", "x.cfg", "--log", other, "--force"),
                List.of("replay", trace, "--record", other, "--force"));
        for (List<Object> words : makers) {
            CliRun run = CliRun.of(words.toArray());
            assertTrue(Set.of(ExitCode.USAGE, ExitCode.INPUT).contains(run.exit()), words + ": " + run.err());
            assertTrue(run.err().contains("not replaced"), words + ": " + run.err());
            assertFalse(run.err().contains("--force"), words + " names a way that leads nowhere: " + run.err());
            assertEquals("kept", Files.readString(other.resolve("mine")));
        }
        Path held = dir.resolve("held.damson");
        try (TraceSink recorder = Traces.create(held, new Manifest(), WriterOptions.LIVE)) {
            recorder.flush();
            CliRun run =
                    CliRun.of("record", "-o", held, "--force", "--", "true").expect(ExitCode.INPUT);
            assertTrue(run.err().contains("is being recorded: it is not replaced"), run.err());
            assertTrue(Files.exists(held.resolve("manifest.json")));
        }
        CliRun series = CliRun.of("record", "-o", dir.resolve("s"), "--rotate", "5s", "--force", "--", "true")
                .expect(ExitCode.USAGE);
        assertTrue(series.err().contains("continues in its directory"), series.err());
    }

    // Names

    @Test
    void anOldNameIsUnderstoodAndSaidToBeOld() {
        CliRun now = CliRun.of("report", "guide", trace, "--damo-compat", "--raw-number")
                .expect(ExitCode.OK);
        for (String old : List.of("--raw-numbers", "--raw_numbers", "-raw_numbers")) {
            CliRun run =
                    CliRun.of("report", "guide", trace, "--damo-compat", old).expect(ExitCode.OK);
            assertEquals(now.out(), run.out());
            assertTrue(run.err().contains("note: --raw-numbers is an old name: it is --raw-number now"), run.err());
            assertFalse(CliRun.of("report", "guide", trace, "--damo-compat", old, "-q")
                    .err()
                    .contains("old name"));
        }
        for (Command command : Commands.visible()) {
            assertFalse(Shared.withCommon(command).hasLongOption("raw-numbers"), command.name());
        }
    }

    @Test
    void mergingDespiteDifferencesHasItsOwnName() throws Exception {
        Path other = dir.resolve("other.damson");
        CliRun.of("import", CliRun.testdata().resolve("stairs/tracefs.txt.gz"), "-o", other)
                .expect(ExitCode.OK);
        CliRun refused =
                CliRun.of("merge", trace, other, "-o", dir.resolve("m1")).expect(ExitCode.INPUT);
        assertTrue(refused.err().contains("--mixed merges them all the same"), refused.err());
        CliRun.of("merge", trace, other, "-o", dir.resolve("m2"), "--mixed").expect(ExitCode.OK);
        CliRun old = CliRun.of("merge", trace, other, "-o", dir.resolve("m3"), "--force")
                .expect(ExitCode.OK);
        assertTrue(old.err().contains("it is --mixed now"), old.err());
        // Where something is replaced, that is what --force says.
        CliRun replacing = CliRun.of("merge", trace, other, "-o", dir.resolve("m3"), "--force")
                .expect(ExitCode.INPUT);
        assertTrue(replacing.err().contains("--mixed merges them all the same"), replacing.err());
    }

    // Quantities

    /** What each verb with an option of that kind is given besides it, so that the value is looked at and nothing is done. */
    private Map<String, List<Object>> asked() {
        return Map.of(
                "record", List.of("--pid", "2147483647", "--rotate-size", "1M"),
                "report curves", List.of(trace),
                "top", List.of(trace, "--once"),
                "slice", List.of(trace, "-o", dir.resolve("never")),
                "report access", List.of(trace, "--raw-form"),
                "report wss", List.of(trace, "--damo-compat"),
                "certify", List.of("--intervals", "x"),
                "tune", List.of(trace, "--scheme", "stat", "--vary", "min_age=0s,1s"),
                "fleet tune", List.of(trace, "--scheme", "stat", "--vary", "min_age=0s,1s"),
                "verify", List.of(trace, "--expect"));
    }

    @Test
    void aTimeHasAUnitAndABareNumberIsRefusedAlike() {
        Set<String> checked = new HashSet<>();
        for (Command command : Commands.visible()) {
            for (Option o : command.options().getOptions()) {
                if (!"TIME".equals(o.getArgName()) || command.name().equals("slice")) {
                    continue;
                }
                assertNotNull(asked().get(command.name()), command.name());
                String said = given(command, o, "2");
                boolean isDamo = VerbOption.of(o).heading() == VerbOption.Heading.DAMO;
                assertEquals(!isDamo, said.contains("not a duration: '2' has no unit"), said);
                for (String good : List.of("2s", "0.5s", "500ms", "2m")) {
                    String answer = given(command, o, good);
                    assertFalse(answer.contains("not a duration") || answer.contains("not a time"), answer);
                }
                checked.add(command.name() + " --" + o.getLongOpt());
            }
        }
        assertTrue(checked.size() >= 9, checked.toString());
        assertTrue(CliRun.of("help").out().replaceAll("\\s+", " ").contains(Quantities.RULE));
    }

    @Test
    void aPercentageMayEndInItsSign() {
        Set<String> checked = new HashSet<>();
        for (Command command : Commands.visible()) {
            for (Option o : command.options().getOptions()) {
                if (!"PERCENT".equals(o.getArgName())) {
                    continue;
                }
                assertNotNull(asked().get(command.name()), command.name());
                for (String good : List.of("5", "5%", "0.5 %")) {
                    String said = given(command, o, good);
                    assertFalse(said.contains("is not a number"), said);
                }
                if (!command.name().equals("certify")) { // which would have to record
                    String said = given(command, o, "x%");
                    assertTrue(said.contains("'x' is not a number"), said);
                }
                checked.add(command.name() + " --" + o.getLongOpt());
            }
        }
        assertTrue(checked.size() >= 5, checked.toString());
        for (String tolerance : List.of("0.3", "30%")) {
            CliRun.of("compare", trace, trace, "--tolerance", tolerance).expect(ExitCode.OK);
        }
        CliRun.of("compare", trace, trace, "--tolerance", "130%").expect(ExitCode.USAGE);
    }

    private String given(Command command, Option option, String value) {
        List<Object> words = words(command);
        words.addAll(asked().get(command.name()));
        if (command.name().equals("record")) {
            // Neither a self-test nor DAMON is of interest.
            boolean isOfDamon = VerbOption.of(option).heading() == VerbOption.Heading.DAMON;
            words.addAll(
                    isOfDamon
                            ? List.of("--source", "damon")
                            : option.getLongOpt().equals("max-slowdown") ? List.of() : List.of("--tlb-flush", "x"));
        }
        words.addAll(List.of("--" + option.getLongOpt(), value));
        return words + ": " + CliRun.of(words.toArray()).err();
    }

    @Test
    void damosTimesAndSizesMayHaveUnits() {
        Object[] bare = {"report", "wss", trace, "--damo-compat", "--work-time", "200000", "--sz-thres", "4096"};
        Object[] united = {"report", "wss", trace, "--damo-compat", "--work-time", "200ms", "--sz-thres", "4K"};
        assertEquals(
                CliRun.of(bare).expect(ExitCode.OK).out(),
                CliRun.of(united).expect(ExitCode.OK).out());
        assertEquals(
                CliRun.of("report", "access", trace, "--raw-form", "--aggregate-interval", "1000000")
                        .expect(ExitCode.OK)
                        .out(),
                CliRun.of("report", "access", trace, "--raw-form", "--aggregate-interval", "1s")
                        .expect(ExitCode.OK)
                        .out());
        assertEquals(
                CliRun.of("verify", trace, "--expect", "--aggr", "1", "100").out(),
                CliRun.of("verify", trace, "--expect", "--aggr", "1us", "0.1ms").out());
        CliRun old = CliRun.of("slice", trace, "-o", dir.resolve("a1"), "--aggregate", "1000000")
                .expect(ExitCode.OK);
        assertTrue(old.err().contains("--aggregate 1000000 is an old form: it is 1000000us now"), old.err());
    }

    // Notes

    @Test
    void aNoteIsSaidOnceInACommand() {
        Path assumed = dir.resolve("assumed.damson");
        CliRun.of("import", CliRun.testdata().resolve("stairs/tracefs.txt.gz"), "-o", assumed)
                .expect(ExitCode.OK);
        List<List<Object>> commands = List.of(
                List.of("report", "holistic", assumed),
                List.of("report", "wss", assumed, trace),
                List.of("compare", assumed, assumed),
                List.of("advise", assumed, trace),
                List.of(
                        "report",
                        "profile",
                        trace,
                        "--profile",
                        CliRun.testdata().resolve("perf-stacks/pipe.perf.data")));
        for (List<Object> words : commands) {
            List<String> said = CliRun.of(words.toArray()).err().lines().toList();
            assertEquals(new HashSet<>(said).size(), said.size(), words + ": " + said);
        }
    }

    /** A command that runs others, as demo does, is one command. */
    @Test
    void aNoteIsSaidOnceByACommandThatRunsOthers() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console =
                new Console(new ByteArrayOutputStream(), err, InputStream.nullInputStream(), Map.of(), false, false);
        Path assumed = dir.resolve("assumed.damson");
        CliRun.of("import", CliRun.testdata().resolve("stairs/tracefs.txt.gz"), "-o", assumed)
                .expect(ExitCode.OK);
        String[] wss = {"report", "wss", assumed.toString()};
        console.enter();
        assertEquals(ExitCode.OK, Cli.run(wss, console));
        assertEquals(ExitCode.OK, Cli.run(wss, console));
        console.leave();
        String note = "note: the recording does not say its intervals";
        assertEquals(1, count(err.toString(StandardCharsets.UTF_8), note));
        assertEquals(ExitCode.OK, Cli.run(wss, console));
        assertEquals(2, count(err.toString(StandardCharsets.UTF_8), note));
    }

    private static long count(String text, String line) {
        return text.lines().filter(l -> l.startsWith(line)).count();
    }

    @Test
    void whatIsWrittenIsSaid() throws Exception {
        Path csv = dir.resolve("w.csv");
        String wrote = "wrote " + csv + " (";
        assertTrue(CliRun.of("report", "wss", trace, "-o", csv).err().contains(wrote));
        assertTrue(CliRun.of("export", trace, "--to", "csv", "-o", csv, "--force")
                .err()
                .contains(wrote));
        assertTrue(CliRun.of("report", "wss", trace, "--damo-compat", "-o", dir.resolve("w.txt"))
                .err()
                .contains("wrote " + dir.resolve("w.txt") + " ("));
        assertTrue(CliRun.of("simulate", trace, "--scheme", "stat", "--tried", csv, "--force")
                .err()
                .contains(wrote));
    }

    // Help

    @Test
    void helpHasItsCommonOptionsOnOneScreenAndTheOthersUnderHeadings() {
        List<String> found = new ArrayList<>();
        for (Command command : Commands.visible()) {
            List<Object> words = new ArrayList<>(List.of("help"));
            words.addAll(words(command));
            List<String> help =
                    CliRun.of(words.toArray()).expect(ExitCode.OK).out().lines().toList();
            List<Integer> headings = new ArrayList<>();
            for (VerbOption.Heading h : VerbOption.Heading.values()) {
                int line = help.indexOf(h.title() + ":");
                if (line >= 0) {
                    headings.add(line);
                }
            }
            assertEquals(headings.stream().sorted().toList(), headings, command.name());
            // The blank line above a heading is not of the screen before it.
            int firstScreen = headings.size() > 1 ? headings.get(1) - 1 : help.size();
            if (firstScreen > SCREEN_LINES) {
                found.add(command.name() + " has " + firstScreen + " lines");
            }
            for (String line : help) {
                boolean isOneWord = line.strip().split(" +").length <= 2;
                if (line.length() > SCREEN_COLUMNS && !isOneWord && !line.startsWith("example: ")) {
                    found.add(command.name() + ": " + line);
                }
            }
        }
        assertEquals(List.of(), found);
    }

    @Test
    void damosOptionsAreUnderDamosHeading() {
        for (String verb : List.of("report attrs", "report heatmap", "report wss", "report footprint", "slice")) {
            for (Option o : Commands.byName(verb).options().getOptions()) {
                boolean isOfDamo = Set.of(
                                "damo-compat", "raw-number", "sz-region", "age", "resol", "work-time", "all-footprint")
                        .contains(o.getLongOpt());
                if (isOfDamo) {
                    assertEquals(VerbOption.Heading.DAMO, VerbOption.of(o).heading(), verb + " --" + o.getLongOpt());
                }
            }
        }
    }
}
