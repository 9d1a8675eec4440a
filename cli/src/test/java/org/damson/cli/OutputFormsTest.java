package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.Options;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Shared;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command of the table that lists --json prints JSON, a value a line, and no extension is given another form. */
final class OutputFormsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Words of notes that limit what figures mean. */
    private static final List<String> NOTES = List.of(
            "working set = ",
            "at most since",
            "is estimated",
            "upper bounds",
            "matched by time alone",
            "phases are found");

    @TempDir
    Path dir;

    private Path trace;
    private Path probes;

    @BeforeEach
    void importATrace() throws Exception {
        probes = ProbeTrace.in(dir);
        trace = CliRun.importZigzag(dir.resolve("t.damson"));
    }

    /** What follows the verb. Commands that record, replay or test this machine have tests of their own. */
    private Map<String, List<Object>> arguments() {
        return Map.ofEntries(
                Map.entry(
                        "import", List.of(CliRun.testdata().resolve("stairs/tracefs.txt.gz"), "-o", dir.resolve("i"))),
                Map.entry("top", List.of(trace)),
                Map.entry("info", List.of(trace)),
                Map.entry("dump", List.of(trace)),
                Map.entry("verify", List.of(trace)),
                Map.entry("recover", List.of(trace)),
                Map.entry("compare", List.of(trace, trace)),
                Map.entry("sql", List.of(trace, "-c", "select count(*) as n from wss")),
                Map.entry("simulate", List.of(trace, "--scheme", "stat access=0..0 age=1s..max")),
                Map.entry("advise", List.of(trace)),
                Map.entry("report attrs", List.of(probes)),
                Map.entry(
                        "report profile",
                        List.of(trace, "--profile", CliRun.testdata().resolve("perf-stacks/pipe.perf.data"))));
    }

    @Test
    void everyCommandThatListsJsonPrintsIt() throws Exception {
        int checked = 0;
        for (Command command : Commands.visible()) {
            boolean report = command.name().startsWith("report ");
            List<Object> arguments = arguments().getOrDefault(command.name(), report ? List.of(trace) : null);
            if (!command.hasJson()) {
                assertFalse(Shared.withCommon(command).hasLongOption("json"), command.name());
                continue;
            }
            if (arguments == null || command.name().equals("report profile")) {
                continue;
            }
            List<Object> words =
                    new ArrayList<>(List.of((Object[]) command.name().split(" ")));
            words.addAll(arguments);
            words.add("--json");
            CliRun run = CliRun.of(words.toArray());
            assertTrue(run.exit() == ExitCode.OK || run.exit() == ExitCode.FINDINGS, words + ": " + run.err());
            List<String> lines = run.out().lines().toList();
            assertFalse(lines.isEmpty(), command.name());
            for (String line : lines) {
                JsonNode value = JSON.readTree(line);
                assertTrue(value.isContainerNode(), command.name() + ": " + line);
                wholeBytes(command.name(), value);
            }
            checked++;
        }
        assertTrue(checked >= 20, checked + " commands");
    }

    /** What a table has no place for is said beside it. */
    private static void saysTheNotes(CliRun run, List<Object> words) {
        CliRun text = CliRun.of(words.subList(0, words.size() - 2).toArray());
        text.out().lines().filter(l -> l.startsWith("# ")).forEach(l -> {
            String note = l.substring(2);
            if (NOTES.stream().anyMatch(note::contains)) {
                assertTrue(run.err().contains("note: " + note), words + ": " + note + "\n" + run.err());
            }
        });
    }

    private static void wholeBytes(String command, JsonNode node) {
        node.fields().forEachRemaining(f -> {
            boolean bytes = f.getKey().equals("bytes")
                    || f.getKey().contains("_bytes") && !f.getKey().startsWith("percent");
            assertTrue(!bytes || !f.getValue().isFloatingPointNumber(), command + ": " + f);
        });
        node.forEach(child -> wholeBytes(command, child));
    }

    @Test
    void anExtensionIsItsFormOrRefused() throws Exception {
        for (Command command : Commands.visible()) {
            Options options = command.options();
            if (!command.name().startsWith("report ") || !options.hasLongOption("output")) {
                continue;
            }
            for (String form : List.of("csv", "json")) {
                Path out = dir.resolve(command.name().replace(' ', '-') + "." + form);
                List<Object> words =
                        new ArrayList<>(List.of((Object[]) command.name().split(" ")));
                words.addAll(arguments().getOrDefault(command.name(), List.of(trace)));
                words.addAll(List.of("-o", out));
                CliRun run = CliRun.of(words.toArray());
                if (run.exit() == ExitCode.USAGE) {
                    assertTrue(run.err().contains("the name must end in"), words + ": " + run.err());
                    assertFalse(Files.exists(out), command.name());
                } else if (run.exit() == ExitCode.OK) {
                    String text = Files.readString(out);
                    if (form.equals("json")) {
                        JSON.readTree(text);
                    } else {
                        List<String> lines = text.lines().toList();
                        assertFalse(text.startsWith("#"), command.name() + ": " + lines.get(0));
                        saysTheNotes(run, words);
                        long columns =
                                lines.get(0).chars().filter(c -> c == ',').count();
                        assertTrue(columns > 0, command.name() + ": " + lines.get(0));
                    }
                }
            }
        }
    }

    /** Whatever options a report is asked with: under a name that says a form is that form, or nothing. */
    @Test
    void noFormIsWrittenUnderTheNameOfAnother() throws Exception {
        int written = 0;
        for (Command command : Commands.visible()) {
            Options options = Shared.withCommon(command);
            boolean report = command.name().startsWith("report ");
            if (options.hasLongOption("json") && options.hasLongOption("damo-compat") && report) {
                List<Object> both =
                        new ArrayList<>(List.of((Object[]) command.name().split(" ")));
                both.addAll(List.of(trace, "--json", "--damo-compat"));
                CliRun.of(both.toArray()).expect(ExitCode.USAGE);
            }
            List<Object> arguments = arguments().getOrDefault(command.name(), report ? List.of(trace) : null);
            if (arguments == null || command.name().equals("import") || !options.hasLongOption("output")) {
                continue;
            }
            for (String form : List.of("csv", "json", "html", "png")) {
                for (String option : List.of("json", "damo-compat")) {
                    Path out = dir.resolve(command.name().replace(' ', '-') + "-" + option + "." + form);
                    List<Object> words =
                            new ArrayList<>(List.of((Object[]) command.name().split(" ")));
                    words.addAll(arguments);
                    words.addAll(List.of("--" + option, "-o", out));
                    if (options.hasLongOption(option)
                            && CliRun.of(words.toArray()).exit() == ExitCode.OK) {
                        assertTrue(isForm(form, Files.readAllBytes(out)), words + "");
                        written++;
                    }
                }
            }
        }
        assertTrue(written >= 15, written + " files");
    }

    private static boolean isForm(String form, byte[] content) throws Exception {
        String text = new String(content, StandardCharsets.ISO_8859_1);
        return switch (form) {
            case "json" -> JSON.readTree(content).isContainerNode();
            case "html" -> text.startsWith("<!DOCTYPE html>");
            case "png" -> text.startsWith("\u0089PNG");
            default -> text.matches("(?s)[a-z_]+,[a-z_,]+\n.*");
        };
    }

    @Test
    void percentilesAreThoseAskedFor() {
        String text = CliRun.of("report", "wss", trace).expect(ExitCode.OK).out();
        for (String p : List.of("0", "50", "90", "95", "99", "100")) {
            assertTrue(text.contains(" " + p + " "), p + "\n" + text);
        }
        String asked = CliRun.of("report", "wss", trace, "--percentiles", "10,20")
                .expect(ExitCode.OK)
                .out();
        assertEquals(
                asked,
                CliRun.of("report", "wss", trace, "--range", "10", "30", "10")
                        .expect(ExitCode.OK)
                        .out());
        assertEquals(2, asked.lines().filter(l -> l.contains("|")).count(), asked);
        CliRun.of("report", "wss", trace, "--percentiles", "101").expect(ExitCode.USAGE);
        CliRun.of("report", "wss", trace, "--percentiles", "5,x").expect(ExitCode.USAGE);
        CliRun.of("report", "wss", trace, "--percentiles", "5", "--damo-compat").expect(ExitCode.USAGE);
        CliRun.of("report", "wss", trace, "--range", "0", "300", "100").expect(ExitCode.USAGE);
    }

    @Test
    void helpMarksWhatNeedsDamoCompat() {
        String help =
                CliRun.of("help", "report", "wss").expect(ExitCode.OK).out().replaceAll("\\s+", " ");
        assertTrue(help.contains("minimum nr_accesses to count (1) (only with --damo-compat)"), help);
        assertFalse(help.contains("percentiles to print (0 101 25) (only"), help);
    }

    @Test
    void eventsAndTimesHaveNumbersInJson() throws Exception {
        Path recording = CliRun.testdata().resolve("stairs/tracefs.txt.gz");
        Path events = dir.resolve("events.damson");
        CliRun.of("import", recording, "-o", events).expect(ExitCode.OK);
        String text = CliRun.of("report", "trace", events).expect(ExitCode.OK).out();
        JsonNode all = JSON.readTree(CliRun.of("report", "trace", events, "--json")
                .expect(ExitCode.OK)
                .out());
        List<String> lines = text.lines().toList();
        assertEquals(lines.size(), all.path("events").size());
        for (int i = 0; i < lines.size(); i += 97) {
            JsonNode event = all.path("events").get(i);
            String[] words = lines.get(i).split(" ");
            assertEquals(words[1], event.path("event").asText(), lines.get(i));
            assertEquals(
                    words[0],
                    String.format(
                            java.util.Locale.ROOT, "%.6f", event.path("time_ns").asLong() / 1000 / 1e6),
                    lines.get(i));
            if (event.has("start")) {
                assertTrue(
                        lines.get(i)
                                .contains(event.path("start").asText() + "-"
                                        + event.path("end").asText()),
                        event.toString());
            }
        }
        JsonNode times = JSON.readTree(CliRun.of("report", "times", trace, "--access-rate", "50%", "100%", "--json")
                .expect(ExitCode.OK)
                .out());
        List<String> seconds = CliRun.of("report", "times", trace, "--access-rate", "50%", "100%")
                .expect(ExitCode.OK)
                .out()
                .lines()
                .filter(l -> !l.startsWith("#"))
                .toList();
        assertEquals(seconds.size(), times.path("times").size());
        assertTrue(!seconds.isEmpty());
        for (JsonNode one : times.path("times")) {
            assertTrue(one.path("from_ns").isIntegralNumber()
                    && one.path("to_ns").asLong() > one.path("from_ns").asLong());
        }
    }

    /** Help says of each report whether it takes several traces, and so does the line that refuses a second one. */
    @Test
    void everyReportTakesAsManyTracesAsItsHelpSays() throws Exception {
        Path one = dir.resolve("one.damson");
        Path two = dir.resolve("two.damson");
        for (Path p : List.of(one, two)) {
            CliRun.of("import", CliRun.testdata().resolve("stairs/tracefs.txt.gz"), "-o", p)
                    .expect(ExitCode.OK);
        }
        int several = 0;
        for (Command c : Commands.visible()) {
            if (!c.name().startsWith("report ") || c.name().equals("report profile")) {
                continue;
            }
            List<Object> words = new java.util.ArrayList<>(List.of((Object[]) ("help " + c.name()).split(" ")));
            String help = CliRun.of(words.toArray()).expect(ExitCode.OK).out();
            words.remove(0);
            words.addAll(List.of(one, two));
            CliRun run = CliRun.of(words.toArray());
            if (help.contains("several are taken.")) {
                several++;
                assertEquals(ExitCode.OK, run.exit(), c.name() + ": " + run.err());
            } else {
                assertTrue(help.contains("one is taken."), help);
                assertEquals(ExitCode.USAGE, run.exit(), c.name());
                assertTrue(run.err().contains("two.damson") && run.err().contains("one TRACE is taken"), run.err());
            }
        }
        assertTrue(several >= 9, several + " take several");
    }
}
