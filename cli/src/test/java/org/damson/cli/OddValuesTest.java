package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.VerbOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values that nobody can mean, given to every option of every verb that counts or chooses: each is refused in one line that names the option. */
final class OddValuesTest {
    /** Of no number, time, size, range or choice. */
    private static final List<String> ODD = List.of(
            "",
            " ",
            "1\n2",
            "=1",
            "-",
            "--",
            "-x_y",
            "\udce4",
            "..",
            "|",
            "-1",
            "NaN",
            "0x",
            "1_0",
            "1e400",
            "5%%",
            "1.2.3",
            "x".repeat(100_000));

    /** Of none of that kind, beside them. */
    private static final Map<String, List<String>> KINDS = Map.ofEntries(
            Map.entry("N", List.of("1e3", "0.5", "99999999999999999999999999", "1K")),
            Map.entry("SEED", List.of("1e3", "0.5", "99999999999999999999999999")),
            Map.entry("HZ", List.of("0", "1e3", "0.5", "10001")),
            Map.entry("PORT", List.of("0", "65536", "1e3")),
            Map.entry("PID[,PID]", List.of(",", "1,", "0", "2147483648", "1-2")),
            Map.entry("TIME", List.of("-5s", "1e3s", "s", "5x", "5s5s", "0x5s", "NaNs", "999999999999999d", "1.5.5s")),
            Map.entry("SIZE", List.of("-5M", "1e3", "K", "5X", "1.2.3M", "99999999E")),
            Map.entry("PERCENT", List.of("1K", "0x1p3", "2d", "Infinity")),
            Map.entry("SHARE", List.of("1.5", "150%", "Infinity")),
            Map.entry("D", List.of("1.5", "150%", "Infinity")),
            Map.entry("P", List.of("1.5", "150%", "Infinity")),
            Map.entry("X", List.of("0", "1001", "Infinity", "2x")),
            Map.entry("A..B", List.of("5", "9s..5s", "x..y", "-1..5", "0x..0x1", "0xg..0x1", "0x2..0x1")),
            Map.entry("MIN..MAX", List.of("5", "9..5", "x..y", "-1..5", "10..", "..10")),
            Map.entry("SAMPLE,AGGR[,UPDATE]", List.of("5ms", "5,100", "100ms,5ms", "0s,1s", "5ms,100ms,1s,1s", ",")),
            Map.entry("SAMPLE,AGGR", List.of("5ms", "5,100", "100ms,5ms", "0s,1s", ",")),
            Map.entry("BP,AGGRS,MIN,MAX", List.of("400", "400,3,5ms", "x,3,5ms,10s", "400,3,5,10")),
            Map.entry("P,P,...", List.of("101", "50,", "1e1")),
            Map.entry("LIST", List.of("x", "3-1", "9999999999", "exit=256", "cpu=0", "cpu=101", "death=1", "0-")),
            Map.entry("POLICY:NODES", List.of("bind", "bind:", "bind:x", "bind:2-1", "away:0")),
            Map.entry("KEY=VALUE", List.of("x", "=x")),
            Map.entry("NAME=TIME", List.of("x", "=5s", "nobody=5s", "1=5", "1=-5s", "3=5s")),
            Map.entry(
                    "PARAMETER=VALUES",
                    List.of("min_age", "min_age=", "min_age=,", "min_age=1", "min_age=1s..", "min_age=5s..1s/1s")),
            Map.entry(
                    "THRESHOLD=VALUES",
                    List.of(
                            "min_age",
                            "min_age=",
                            "min_age=,",
                            "min_age=0s..1s/0s",
                            "min_age=1s..2s/*1",
                            "max_size=1M")));

    /** Where the process whose numbers are asked for does not have to be one. */
    private static final String NOBODY = "2147483647";

    @TempDir
    Path dir;

    private Path trace;

    @BeforeEach
    void importATrace() {
        trace = CliRun.importZigzag(dir.resolve("t.damson"));
    }

    @Test
    void areRefusedInALineThatNamesTheOption() throws Exception {
        List<String> wrong = new ArrayList<>();
        int asked = 0;
        for (Command command : Commands.visible()) {
            for (Option option : command.options().getOptions()) {
                if (!option.hasArg() || VerbOption.of(option).heading() == VerbOption.Heading.DAMO) {
                    continue; // damo's own are read by damo's rules
                }
                for (String value : odd(option)) {
                    asked++;
                    String found = refusal(command, option, value);
                    if (!found.isEmpty()) {
                        wrong.add(found);
                    }
                }
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(asked > 1000, asked + " values");
    }

    /** Empty for an option that takes any text. */
    private static List<String> odd(Option option) {
        String kind = option.getArgName();
        List<String> more = KINDS.get(kind);
        boolean isChoice = kind.matches("[a-z0-9.|-]+\\|[a-z0-9.|-]+");
        if (more == null && !isChoice) {
            return List.of();
        }
        String first = kind.split("\\|")[0];
        return Stream.concat(
                        ODD.stream(),
                        (isChoice ? List.of(first.toUpperCase(Locale.ROOT) + "X", first + ",", " " + first) : more)
                                .stream())
                .toList();
    }

    /** What is wrong with what is said of a value; empty if nothing is. */
    private String refusal(Command command, Option option, String value) throws Exception {
        List<Object> words = new ArrayList<>(List.of((Object[]) command.name().split(" ")));
        words.addAll(beside(command, option.getLongOpt(), VerbOption.of(option).heading()));
        words.add("--" + option.getLongOpt() + "=" + value);
        for (int i = 1; i < option.getArgs(); i++) {
            words.add("1");
        }
        CliRun run = CliRun.of(words.toArray());
        List<String> said =
                run.err().lines().filter(l -> l.startsWith("damson: ")).toList();
        boolean isRefused = run.exit() == ExitCode.USAGE
                && said.size() == 1
                && said.get(0).length() < 10_000
                && said.get(0).contains("--" + option.getLongOpt())
                && run.err().endsWith(said.get(0) + "\n");
        return isRefused ? "" : words + " exit " + run.exit() + ": " + run.err();
    }

    /** What a verb is given besides an option, so that nothing but its value is wrong, and nothing begins if it is not. */
    private List<Object> beside(Command command, String option, VerbOption.Heading heading) throws Exception {
        Path never = dir.resolve("never");
        List<Object> scheme = List.of(trace, "--scheme", "stat");
        List<Object> varied = List.of(trace, "--scheme", "stat", "--vary", "min_age=0s,1s");
        return switch (command.name()) {
            case "record" -> record(option, heading, never);
            case "certify", "help" -> List.of();
            case "import" -> List.of(CliRun.testdata().resolve("zigzag-damo/damon.data"), "-o", never);
            case "export" ->
                option.equals("to")
                        ? List.of(trace)
                        : List.of(trace, "--to", option.equals("time") ? "perfetto" : "csv");
            case "top" -> List.of(trace, "--once");
            case "slice" ->
                option.equals("skip") ? List.of(trace, "-o", never, "--aggregate", "1s") : List.of(trace, "-o", never);
            case "bundle", "capsule" -> List.of(trace, "-o", never, "--redact");
            case "compare" -> List.of(trace, trace);
            case "verify" -> List.of(trace, "--expect");
            case "simulate" ->
                Set.of("intervals", "regions", "seed", "repeat", "speed", "detection")
                                .contains(option)
                        ? List.of("--truth", CliRun.shortProgram(dir))
                        : option.equals("sweep") ? List.of(trace) : scheme;
            case "tune", "fleet tune" -> option.equals("vary") ? scheme : varied;
            case "fleet simulate" -> scheme;
            case "fleet sweep" -> option.equals("sweep") ? List.of(trace) : List.of(trace, "--sweep", "min_age=0s,1s");
            case "replay" ->
                option.equals("shift")
                        ? List.of(trace, trace, "--plan-only")
                        : Set.of("source", "tolerance").contains(option)
                                ? List.of(trace, "--verify", "--plan-only")
                                : List.of(trace, "--plan-only");
            case "generate" -> List.of(CliRun.shortProgram(dir));
            case "sql" -> List.of(trace, "-c", "select 1");
            default -> List.of(trace);
        };
    }

    private static List<Object> record(String option, VerbOption.Heading heading, Path never) {
        List<Object> words = new ArrayList<>(List.of("-o", never));
        if (!option.equals("pid")) {
            words.addAll(List.of("--pid", NOBODY));
        }
        boolean isOfDamon = heading == VerbOption.Heading.DAMON || option.equals("ring-size");
        words.addAll(
                isOfDamon
                        ? List.of("--source", "damon")
                        : Set.of("max-slowdown", "tlb-flush").contains(option)
                                ? List.of()
                                : List.of("--tlb-flush", "x"));
        if (option.equals("numa-node")) {
            words.add("--paddr");
            words.removeAll(List.of("--pid", NOBODY));
        }
        if (option.startsWith("retain")) {
            words.addAll(List.of("--rotate", "10s"));
        }
        if (option.equals("trigger")) {
            words.addAll(List.of("--flight-recorder", "10s"));
        }
        if (option.equals("unwind")) {
            words.add("--stacks");
        }
        return words;
    }
}
