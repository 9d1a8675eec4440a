package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Arguments;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Nearest;
import org.damson.cli.command.Shared;
import org.damson.cli.console.Console;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CliTest {
    @Test
    void withoutArgumentsItSaysInFiveLinesWhatToDoNext() {
        CliRun run = CliRun.of().expect(ExitCode.USAGE);
        assertEquals("", run.out());
        List<String> lines = run.err().lines().toList();
        assertEquals(5, lines.size(), run.err());
        for (String line : lines) {
            String verb = line.split(" ")[1];
            assertTrue(Commands.verbs().contains(verb), line);
        }
    }

    @Test
    void versionGoesToStandardOutput() {
        CliRun run = CliRun.of("--version").expect(ExitCode.OK);
        assertTrue(run.out().startsWith("damson "), run.out());
        assertEquals("", run.err());
    }

    @Test
    void anUnknownVerbSuggestsTheNearest() {
        CliRun run = CliRun.of("hepl").expect(ExitCode.USAGE);
        assertTrue(run.err().contains("did you mean 'help'?"), run.err());
        assertEquals("", run.out());
    }

    @Test
    void anUnknownOptionSuggestsTheNearest() {
        CliRun run = CliRun.of("info", "--jsn").expect(ExitCode.USAGE);
        assertTrue(run.err().contains("did you mean '--json'?"), run.err());
    }

    @Test
    void anOptionBeforeTheVerbIsAUsageError() {
        CliRun.of("--json", "help").expect(ExitCode.USAGE);
    }

    @Test
    void aNameMakesTheCommandThatIsCalledSo() {
        for (String name : Commands.NAMES) {
            assertEquals(name, Commands.byName(name).name());
        }
        assertEquals(Commands.NAMES.size(), Set.copyOf(Commands.NAMES).size());
        assertNull(Commands.byName("report"));
    }

    @Test
    void helpListsEveryVisibleCommandAndNoHiddenOne() {
        String out = CliRun.of("help").expect(ExitCode.OK).out();

        for (Command command : Commands.all()) {
            assertEquals(
                    !command.isHidden(), out.contains("\n  " + command.name() + " "), command.name() + " in:\n" + out);
        }
    }

    @Test
    void helpOfEachCommandShowsItsOptionsAndExample() {
        for (Command command : Commands.visible()) {
            String[] args = ("help " + command.name()).split(" ");
            String out = CliRun.of((Object[]) args).expect(ExitCode.OK).out();
            assertTrue(out.contains(command.example()), command.name());
            for (Option o : Shared.withCommon(command).getOptions()) {
                assertTrue(out.contains("--" + o.getLongOpt()), command.name() + " lacks --" + o.getLongOpt());
            }
            String[] flag = (command.name() + " --help").split(" ");
            assertEquals(out, CliRun.of((Object[]) flag).expect(ExitCode.OK).out());
        }
    }

    @Test
    void helpIsNoWiderThanTheScreen() {
        List<String> wide = new ArrayList<>();
        List<String> names = new ArrayList<>(List.of("", "report", "fleet"));
        Commands.visible().forEach(command -> names.add(command.name()));
        for (String name : names) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            InputStream none = InputStream.nullInputStream();
            Console console = new Console(out, out, none, Map.of("COLUMNS", "80"), false, false);
            assertEquals(ExitCode.OK, Cli.run(("help " + name).trim().split(" "), console));
            for (String line : out.toString(StandardCharsets.UTF_8).split("\n")) {
                boolean isOneWord = line.strip().split(" +").length <= 2;
                if (line.length() > 80 && !isOneWord && !line.startsWith("example: ")) {
                    wide.add(line);
                }
            }
        }
        assertEquals(List.of(), wide);
    }

    @Test
    void helpOfAGroupListsItsCommands() {
        String out = CliRun.of("help", "report").expect(ExitCode.OK).out();
        assertEquals(out, CliRun.of("report", "--help").expect(ExitCode.OK).out());
        assertEquals(out, CliRun.of("report", "-h").expect(ExitCode.OK).out());
        for (Command command : Commands.visible()) {
            assertEquals(
                    command.name().startsWith("report "),
                    out.contains("\n  " + command.name() + " "),
                    command.name() + " in:\n" + out);
        }
    }

    @Test
    void theExampleOfEachCommandParses() {
        for (Command command : Commands.visible()) {
            String example = command.example();
            assertTrue(example.startsWith("damson " + command.name()), example);
            int redirection = example.indexOf(" >");
            String[] words = (redirection < 0 ? example : example.substring(0, redirection)).split(" ");
            int verb = 1 + command.name().split(" ").length;
            assertNotNull(Arguments.parse(command, Arrays.copyOfRange(words, verb, words.length), old -> {}), example);
            assertEquals(
                    command.name(),
                    Cli.find(Arrays.copyOfRange(words, 1, words.length)).name());
        }
    }

    @Test
    void noCommandRedefinesAnOptionThatAllHave() {
        for (Command command : Commands.all()) {
            for (Option common : List.of(Shared.FORCE, Shared.JSON, Shared.QUIET, Shared.HELP)) {
                assertFalse(
                        command.options().hasLongOption(common.getLongOpt()),
                        command.name() + " redefines --" + common.getLongOpt());
            }
        }
    }

    @Test
    void completionScriptsNameEveryVerbAndOptionAndAreValid(@TempDir Path dir) throws Exception {
        for (String shell : List.of("bash", "zsh")) {
            String script = CliRun.of("completion", shell).expect(ExitCode.OK).out();
            for (Command command : Commands.visible()) {
                assertTrue(script.contains("'" + command.name() + "')"), shell + " lacks " + command.name());
                for (Option o : command.options().getOptions()) {
                    assertTrue(script.contains("--" + o.getLongOpt()), shell + " lacks --" + o.getLongOpt());
                }
            }
        }
        Path file = dir.resolve("completion");
        Files.writeString(file, CliRun.of("completion", "bash").out());
        Process bash = new ProcessBuilder("bash", "-n", file.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, bash.waitFor(), said);
        CliRun.of("completion", "tcsh").expect(ExitCode.USAGE);
        CliRun.of("completion").expect(ExitCode.USAGE);
    }

    @Test
    void theFishScriptNamesEveryVerbAndOption() {
        List<String> lines = CliRun.of("completion", "fish")
                .expect(ExitCode.OK)
                .out()
                .lines()
                .toList();
        for (Command command : Commands.visible()) {
            String last = command.name().substring(command.name().lastIndexOf(' ') + 1);
            assertTrue(
                    lines.stream().anyMatch(l -> l.contains(" -a " + last + " -d ")), "fish lacks " + command.name());
            for (Option o : Shared.withCommon(command).getOptions()) {
                String start = "complete -c damson -n '__damson_at " + command.name() + "' -l " + o.getLongOpt() + " ";
                assertTrue(lines.stream().anyMatch(l -> l.startsWith(start)), "fish lacks " + start);
            }
        }
    }

    @Test
    void bashCompletesVerbsOptionsAndChoices(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("completion");
        Files.writeString(file, CliRun.of("completion", "bash").out());
        assertEquals("help", complete(file, "damson hel", "hel"));
        assertEquals("bash", complete(file, "damson completion ba", "ba"));
        assertEquals("--quiet", complete(file, "damson help --qu", "--qu"));
        assertEquals("heatmap holistic html", complete(file, "damson help report h", "h"));
        assertEquals("", complete(file, "damson help record h", "h"));
        assertEquals("prcl", complete(file, "damson simulate run.damson --scheme prc", "prc"));
        assertEquals("pageout", complete(file, "damson record --scheme page", "page"));
        assertEquals("pageout", complete(file, "damson record --scheme = page", "page"));
        assertEquals("referenced damon auto", complete(file, "damson record --source =", "="));
        assertTrue(complete(file, "damson record -o x -- printen", "printen").startsWith("printenv"));
        assertEquals("", complete(file, "damson record -o x -- env --", "--"));
    }

    /** Names with blanks are one word each to bash itself, which therefore is to complete them. */
    @Test
    void bashIsLeftToCompleteNamesOfFiles(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("completion");
        Files.writeString(file, CliRun.of("completion", "bash").out());
        Files.createFile(dir.resolve("a trace"));
        assertEquals("", complete(file, "cd " + dir + "; ", "damson info a", "a"));
        assertTrue(Files.readString(file).contains("\ncomplete -o default -F _damson damson\n"));
    }

    /** The shell offers what was given once more only where it may be given again, by its other name too. */
    @Test
    void zshOffersAgainWhatMayBeRepeated() {
        String script = CliRun.of("completion", "zsh").expect(ExitCode.OK).out();
        for (Command command : Commands.visible()) {
            for (Option o : Shared.withCommon(command).getOptions()) {
                String names = o.getOpt() == null ? "" : "-" + o.getOpt() + " ";
                String once = "'(" + names + "--" + o.getLongOpt() + ")--" + o.getLongOpt();
                String line = (Shared.isRepeatable(o) ? "'*--" + o.getLongOpt() : once)
                        + (o.hasOptionalArg() ? "=-[" : o.hasArg() ? "=[" : "[");
                String of = script.substring(script.indexOf("        '" + command.name() + "')\n"));
                assertTrue(of.substring(0, of.indexOf(";;")).contains(line), command.name() + " lacks " + line);
            }
        }
    }

    private static String complete(Path script, String line, String current) throws Exception {
        return complete(script, "", line, current);
    }

    private static String complete(Path script, String before, String line, String current) throws Exception {
        int index = line.split(" ").length - 1;
        String program = before + "source " + script + "; COMP_WORDS=(" + line + "); COMP_CWORD=" + index
                + "; _damson; echo \"${COMPREPLY[*]}\"";
        Process bash = new ProcessBuilder("bash", "-c", program)
                .redirectErrorStream(true)
                .start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
        assertEquals(0, bash.waitFor(), current + ": " + said);
        return said;
    }

    @Test
    void aReaderThatGoesAwayIsNoError() {
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(closed, err, InputStream.nullInputStream(), Map.of(), false, false);
        assertEquals(ExitCode.OK, Cli.run(new String[] {"help"}, console));
        assertEquals("", err.toString(StandardCharsets.UTF_8));
    }

    /** As in {@code damson verify ... | head -1}. */
    @Test
    void aVerdictStandsWhenTheReaderGoesAway(@TempDir Path dir) throws Exception {
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        Console console = new Console(
                new BufferedOutputStream(closed),
                OutputStream.nullOutputStream(),
                InputStream.nullInputStream(),
                Map.of(),
                false,
                false);
        String empty = Files.createFile(dir.resolve("empty")).toString();
        assertEquals(ExitCode.FINDINGS, Cli.run(new String[] {"verify", empty}, console));
    }

    @Test
    void aFullDiskBehindStandardOutputIsAnError() {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(full, err, InputStream.nullInputStream(), Map.of(), false, false);
        assertEquals(ExitCode.CAPABILITY, Cli.run(new String[] {"help"}, console));
        assertTrue(err.toString(StandardCharsets.UTF_8).contains("No space left"));
    }

    /** An exception that nobody threw about what the user gave is damson's fault, and not told as his. */
    @Test
    void aFaultOfDamsonsOwnIsNotToldAsTheUsers() {
        OutputStream faulty = new OutputStream() {
            @Override
            public void write(int b) {
                throw new IllegalArgumentException("no column 7");
            }
        };
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(faulty, err, InputStream.nullInputStream(), Map.of(), false, false);
        assertEquals(ExitCode.INTERNAL, Cli.run(new String[] {"help"}, console));
        assertTrue(err.toString(StandardCharsets.UTF_8).contains("internal error: no column 7"));
    }

    @Test
    void colourNeedsATerminalAndRespectsNoColor() {
        assertTrue(console(Map.of(), true).isColoured());
        assertFalse(console(Map.of(), false).isColoured());
        assertFalse(console(Map.of("NO_COLOR", "1"), true).isColoured());
        assertTrue(console(Map.of("NO_COLOR", ""), true).isColoured());
        assertFalse(console(Map.of("TERM", "dumb"), true).isColoured());
    }

    private static Console console(Map<String, String> environment, boolean terminal) {
        return new Console(
                OutputStream.nullOutputStream(),
                OutputStream.nullOutputStream(),
                InputStream.nullInputStream(),
                environment,
                terminal,
                terminal);
    }

    @Test
    void nearestFindsSwappedMissingAndWrongLettersOnly() {
        List<String> verbs = List.of("record", "recover", "replay", "report");
        assertEquals("record", Nearest.to("recrod", verbs));
        assertEquals("recover", Nearest.to("recver", verbs));
        assertEquals("replay", Nearest.to("repaly", verbs));
        assertEquals(null, Nearest.to("frobnicate", verbs));
        assertEquals(1, Nearest.distance("ab", "ba"));
        assertEquals(3, Nearest.distance("", "abc"));
    }
}
