package org.damson.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.cli.CliRun;
import org.damson.cli.Commands;
import org.junit.jupiter.api.Test;

final class ArgumentsTest {
    /** What a value may be: none of it is looked into. */
    private static final List<String> VALUES = List.of(
            "-",
            "-x_y",
            "-1",
            "--damos_action pageout --damos_access_rate 0% 0%",
            "--my_out.csv",
            "--a_b=c_d",
            "a=b=c",
            "=",
            "",
            " ",
            "two  blanks\tand a tab",
            "line\nanother_line\n",
            "-- a comment\nselect 1",
            "---",
            "'quoted'",
            "\"quoted_too\"",
            "d\u00e4t\u00e4_\ud83d\ude00",
            "b\udce4t");

    private static CommandLine parse(String verb, String... words) {
        return Arguments.parse(Commands.byName(verb), words, old -> {});
    }

    private static String refused(String verb, String... words) {
        return assertThrows(UsageException.class, () -> parse(verb, words)).getMessage();
    }

    @Test
    void everyValueOfEveryOptionArrivesAsItWasWritten() {
        for (Command command : Commands.all()) {
            for (Option option : Shared.withCommon(command).getOptions()) {
                if (option.hasArg() && !option.hasOptionalArg()) {
                    VALUES.forEach(value -> arrives(command, option, value));
                }
            }
        }
    }

    private static void arrives(Command command, Option option, String value) {
        String context = command.name() + " --" + option.getLongOpt() + " '" + value + "'";
        String name = "--" + option.getLongOpt();
        boolean many = option.getArgs() == Option.UNLIMITED_VALUES;
        int values = many ? 1 : option.getArgs();
        List<String> spaced = new ArrayList<>(List.of(name.replace('-', '_').replaceFirst("^__", "--")));
        List<String> joined = new ArrayList<>(List.of(name + "=" + value));
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < values; i++) {
            spaced.add(value);
            expected.add(value);
            if (i > 0) {
                joined.add(value);
            }
        }
        List<List<String>> written = new ArrayList<>(List.of(joined));
        // Where any number of values may follow, what begins with a hyphen is the next option.
        if (!many || !value.startsWith("-") || value.equals("-") || value.equals("-1")) {
            written.add(spaced);
        }
        if (option.getOpt() != null && values == 1 && !value.isEmpty() && !value.startsWith("=")) {
            written.add(List.of("-" + option.getOpt() + value));
        }
        for (List<String> words : written) {
            List<String> all = new ArrayList<>(words);
            all.addAll(List.of("--", value, "--json"));
            CommandLine line = Arguments.parse(command, all.toArray(new String[0]), old -> {});
            assertEquals(expected, List.of(line.getOptionValues(option.getLongOpt())), context);
            assertEquals(List.of(value, "--json"), line.getArgList(), context);
        }
    }

    @Test
    void namesAreReadWithHyphensOrUnderscores() {
        assertEquals("5s", parse("import", "x", "--intervals", "5s").getOptionValue("intervals"));
        assertTrue(parse("report heatmap", "x", "--abs_time").hasOption("abs-time"));
        assertTrue(parse("report heatmap", "x", "-abs_time").hasOption("abs-time"));
        CommandLine line = parse("report access", "x", "--sz_region=a_b", "c_d");
        assertEquals(List.of("a_b", "c_d"), List.of(line.getOptionValues("sz-region")));
        assertTrue(refused("report wss", "--per_tarket").contains("did you mean '--per-target'"));
        assertEquals("--quiet takes no value", refused("info", "x", "--quiet=1"));
        assertTrue(parse("record", "-q", "-oX", "-p", "1").hasOption("quiet"));
        assertTrue(parse("record", "-qh").hasOption("help"));
    }

    @Test
    void anOptionOrTwoHyphensWhereAValueShouldBeAreAMissingValueUntilJoinedToTheName() {
        assertEquals(
                "--sample needs a value: TIME; --sample=--aggr gives it the value --aggr",
                refused("record", "--sample", "--aggr", "1s"));
        assertEquals("--output needs a value: TRACE", refused("record", "-o", "--", "sleep", "1"));
        assertEquals("--sample needs a value: TIME", refused("record", "--sample"));
        assertEquals("--", parse("record", "--output=--", "--", "a").getOptionValue("output"));
        assertEquals("--aggr", parse("record", "-o--aggr", "--", "a").getOptionValue("output"));
        assertEquals("--snapshot-idx needs FIRST LAST", refused("report access", "x", "--snapshot-idx", "1"));
    }

    @Test
    void anOptionWithAValueIsGivenOnceUnlessHelpSaysOtherwise() {
        for (Command command : Commands.all()) {
            for (Option option : command.options().getOptions()) {
                if (option.hasArg() && !option.hasOptionalArg() && option.getArgs() == 1) {
                    String[] twice = {"--" + option.getLongOpt(), "1", "--" + option.getLongOpt() + "=2"};
                    if (Shared.isRepeatable(option)) {
                        String[] values =
                                Arguments.parse(command, twice, old -> {}).getOptionValues(option.getLongOpt());
                        assertEquals(List.of("1", "2"), List.of(values), command.name());
                    } else {
                        String said = assertThrows(
                                        UsageException.class, () -> Arguments.parse(command, twice, old -> {}))
                                .getMessage();
                        assertEquals("--" + option.getLongOpt() + " is given twice; it can have one value only", said);
                    }
                }
            }
        }
        assertTrue(CliRun.of("help", "simulate").out().contains("may be repeated"));
        assertTrue(refused("record", "-o", "a", "--out_put", "b").startsWith("unknown option"));
        assertTrue(refused("record", "-o", "a", "--output", "b").startsWith("--output is given twice"));
    }

    @Test
    void theLastOfAnyNumberOfValuesIsTheTraceWhereNothingElseIs() {
        CommandLine line = parse("report trace", "--event", "regions", "losses", "t.damson");
        assertEquals(List.of("t.damson"), line.getArgList());
        assertEquals(List.of("regions", "losses"), List.of(line.getOptionValues("event")));
        line = parse("report trace", "t.damson", "--event", "regions", "losses");
        assertEquals(List.of("t.damson"), line.getArgList());
        assertEquals(2, line.getOptionValues("event").length);
        line = parse("report trace", "--event", "regions", "losses", "--", "t.damson");
        assertEquals(List.of("t.damson"), line.getArgList());
        assertEquals(2, line.getOptionValues("event").length);
        assertEquals(List.of(), parse("report trace", "--event", "regions").getArgList());
        line = parse("report access", "-q", "--hist-ranges", "-1", "2", "t.damson");
        assertEquals(List.of("t.damson"), line.getArgList());
        assertEquals(List.of("-1", "2"), List.of(line.getOptionValues("hist-ranges")));
    }

    @Test
    void aCommandWithOptionsOfItsOwnNeedsTwoHyphensBeforeIt() {
        assertEquals(
                "put -- before the command: damson record ... -- sh -c ...",
                refused("record", "-o", "t", "sh", "-c", "exit 0"));
        assertEquals("put -- before the command: damson record -- ls --json", refused("record", "ls", "--json"));
        assertEquals(
                "put -- before the command: damson record ... -- sleep ...",
                refused("record", "-q", "sleep", "--", "1"));
        assertEquals(
                List.of("sleep", "1"), parse("record", "-o", "t", "sleep", "1").getArgList());
        assertEquals(
                List.of("sh", "-c", "--", "a_b", "--output"),
                parse("record", "-o", "t", "--", "sh", "-c", "--", "a_b", "--output")
                        .getArgList());
    }

    @Test
    void aValueThatMayBeLeftOutStandsBehindAnEqualsSign() {
        CommandLine none = parse("report heatmap", "--damo_compat", "3.3.1");
        assertTrue(none.hasOption("damo-compat"));
        assertEquals(null, none.getOptionValue("damo-compat"));
        assertEquals(List.of("3.3.1"), none.getArgList());
        CommandLine one = parse("report heatmap", "--damo-compat=3.3.1", "x");
        assertEquals("3.3.1", one.getOptionValue("damo-compat"));
        assertEquals(List.of("x"), one.getArgList());
        assertTrue(
                refused("report heatmap", "--damo-compat=1", "--damo-compat=2").contains("given twice"));
        for (String version : List.of("3.3.9", "3.3", "", "3.1.9", "3.2.10", "x")) {
            CliRun run =
                    CliRun.of("report", "wss", "x", "--damo-compat=" + version).expect(ExitCode.USAGE);
            assertTrue(run.err().contains("a version from 3.2.0 to 3.3.8"), run.err());
        }
    }
}
