package org.damson.cli.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.model.text.NativeText;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plans and configurations as text: printed, run, refused. */
final class PlanCommandTest {
    @TempDir
    Path dir;

    private Path trace;

    @BeforeEach
    void cut() {
        Path whole = dir.resolve("whole.damson");
        trace = dir.resolve("cut.damson");
        CliRun.of("import", CliRun.testdata().resolve("stairs/tracefs.txt.gz"), "-o", whole);
        CliRun.of("slice", whole, "--snapshots", "10..14", "-o", trace).expect(ExitCode.OK);
    }

    private Path plan() throws IOException {
        return Files.writeString(
                dir.resolve("a.plan"),
                CliRun.of("replay", trace, "--plan-only").expect(ExitCode.OK).out());
    }

    private static CliRun replay(Path what, List<String> options) {
        List<Object> words = new ArrayList<>(List.of("replay", what));
        words.addAll(options);
        return CliRun.of(words.toArray());
    }

    @Test
    void aPrintedPlanIsRunByReplayAndByGenerate() throws IOException {
        Path plan = plan();
        String text = Files.readString(plan);
        assertTrue(text.startsWith("damson-plan 1\n# 4 snapshots over "), text);
        // The three ranges that DAMON monitored, and nothing else; the text segment was at 4 MiB.
        assertTrue(text.contains("map 0ns 0x400000 "), text);
        CliRun run = CliRun.of("replay", plan, "--json").expect(ExitCode.OK);
        assertTrue(run.out().contains("\"intended_pages\":"), run.out());
        assertTrue(CliRun.of("generate", plan).expect(ExitCode.OK).out().contains("\"intended_pages\":"));
        assertTrue(
                CliRun.of("generate", plan, "--check").expect(ExitCode.OK).out().startsWith("1 processes, at most "));
    }

    @Test
    void whatIsForTracesIsRefusedForPlansAndTheReverse() throws IOException {
        Path plan = plan();
        for (List<String> words : List.of(
                List.of("--verify"),
                List.of("--speed", "2"),
                List.of("--plan-only"),
                List.of("--scale-memory", "0.5"),
                List.of("--record", dir.resolve("r.damson").toString()))) {
            CliRun run = replay(plan, words).expect(ExitCode.USAGE);
            assertEquals(1, run.err().lines().count(), run.err());
        }
        CliRun.of("generate", plan, "--repeat", "2").expect(ExitCode.USAGE);
        for (List<String> words : List.of(
                List.of("--noise-floor", trace.toString()),
                List.of("--source", "damon"),
                List.of("--source", "else", "--verify"),
                List.of("--suspend-damon-stat", "--verify"),
                List.of("--loop", "0"),
                List.of("--loop", "2", "--verify"),
                List.of("--scale-memory", "0"),
                List.of("--verify", "--noise-floor", trace.toString()))) {
            CliRun run = replay(trace, words).expect(ExitCode.USAGE);
            assertEquals(1, run.err().lines().count(), run.err());
        }
    }

    /** What is only printed, measured or judged is not played: each was ignored beside it, and a recording never made. */
    @ParameterizedTest
    @CsvSource({
        "replay --plan-only, --feasible, --plan-only",
        "replay --plan-only, --verify, --plan-only",
        "replay --plan-only, --record r.damson, --plan-only",
        "replay --plan-only, --tlb-flush always, --plan-only",
        "replay --plan-only, --threads 2, --plan-only",
        "replay --plan-only, --cpus 0, --plan-only",
        "replay --plan-only, --numa bind:0, --plan-only",
        "replay --plan-only, --jitter 1, --plan-only",
        "replay --plan-only, --json, --plan-only",
        "replay --feasible, --verify, --feasible",
        "replay --feasible, --record r.damson, --feasible",
        "replay --recorded x --check, --record r.damson, --recorded",
        "replay --recorded x --check, --source referenced, --recorded",
        "replay --recorded x --check, --threads 2, --recorded",
        "replay --recorded x --check, --tlb-flush always, --recorded",
        "replay --verify --noise-floor x, --tolerance 0.2, --noise-floor",
        "generate --check, --seed 1, --check",
        "generate --check, --repeat 2, --check",
        "generate --check, --log l.csv, --check",
        "generate --check, --threads 2, --check"
    })
    void whatContradictsIsRefused(String asked, String beside, String name) throws IOException {
        List<Object> words = new ArrayList<>(List.of((Object[]) (asked + " " + beside).split(" ")));
        words.add(1, asked.startsWith("generate") ? plan() : trace);
        CliRun run = CliRun.of(words.toArray()).expect(ExitCode.USAGE);
        String wanted = "damson: " + beside.split(" ")[0] + " cannot be used with " + name + ", ";
        assertTrue(run.err().startsWith(wanted), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
        assertEquals("", run.out());
    }

    @Test
    void tracesArePlayedTogetherByThreadsWhereTheyWereToldTo() throws IOException {
        Path other = dir.resolve("other.damson");
        CliRun.of("slice", dir.resolve("whole.damson"), "--snapshots", "12..14", "-o", other)
                .expect(ExitCode.OK);
        String text = CliRun.of("replay", trace, other, "--shift", other + "=300ms", "--plan-only")
                .expect(ExitCode.OK)
                .out();
        assertEquals(2, text.lines().filter(l -> l.startsWith("process ")).count(), text);
        assertTrue(text.contains("\nsnapshot 300ms "), text);
        assertEquals(
                text,
                CliRun.of("replay", trace, other, "--shift", "2=300ms", "--plan-only")
                        .expect(ExitCode.OK)
                        .out());
        CliRun run = CliRun.of(
                        "replay",
                        trace,
                        other,
                        "--shift",
                        "2=100ms",
                        "--threads",
                        "2",
                        "--cpus",
                        "0",
                        "--jitter",
                        "7",
                        "--tlb-flush",
                        "never",
                        "--json")
                .expect(ExitCode.OK);
        assertTrue(run.out().contains("\"targets\":2"), run.out());
        Path recorded = dir.resolve("r.damson");
        CliRun.of("replay", trace, other, "--record", recorded).expect(ExitCode.OK);
        CliRun.of("verify", recorded).expect(ExitCode.OK);
    }

    @Test
    void whatNoOneCanPlayIsRefusedInALine() throws IOException {
        Path plan = plan();
        for (List<String> words : List.of(
                List.of("--threads", "0"),
                List.of("--threads", "65"),
                List.of("--cpus", "2-1"),
                List.of("--cpus", "0,"),
                List.of("--cpus", "1024"),
                List.of("--numa", "local:0"),
                List.of("--numa", "bind"),
                List.of("--numa", "preferred:0-1"),
                List.of("--jitter", "-1"),
                List.of("--read-share", "1.5"),
                List.of("--shift", "1=5s"),
                List.of(trace.toString(), "--verify"),
                List.of(trace.toString(), "--shift", "3=5s"),
                List.of(trace.toString(), "--shift", "2=5"),
                List.of(trace.toString(), "--shift", trace + "=5s"),
                List.of(plan.toString()))) {
            CliRun run = replay(trace, words).expect(ExitCode.USAGE);
            assertEquals(1, run.err().lines().count(), run.err());
        }
        for (List<String> words : List.of(
                List.of("--cpus", "1023", "--tlb-flush", "never"),
                List.of("--numa", "bind:1000", "--tlb-flush", "never"))) {
            CliRun run = replay(plan, words).expect(ExitCode.CAPABILITY);
            assertEquals(1, run.err().lines().count(), run.err());
            assertTrue(run.err().contains(words.get(0)), run.err());
        }
        CliRun run = replay(plan, List.of("--read-share", "0.5")).expect(ExitCode.USAGE);
        assertTrue(run.err().contains("--read-share cannot be used with a plan"), run.err());
    }

    @Test
    void whatAMachineCannotDoIsSaidBefore() throws IOException {
        CliRun run = CliRun.of("replay", trace, "--feasible", "--tlb-flush", "never", "--threads", "2");
        assertTrue(run.exit() == ExitCode.OK || run.exit() == ExitCode.FINDINGS, run.err());
        assertTrue(run.out().contains("Touches:"), run.out());
        Path plan = dir.resolve("c.plan");
        Files.writeString(
                plan,
                "damson-plan 1\nprocess a\nmap 0s 0x100000000000 16M\nfill 0s 0x100000000000 16M\n"
                        + "snapshot 0s 20us 20\ntouch 0x100000000000 16M 20\n");
        run = CliRun.of("replay", plan, "--feasible", "--tlb-flush", "never", "--json")
                .expect(ExitCode.FINDINGS);
        assertTrue(run.out().contains("\"feasible\":false"), run.out());
        assertTrue(run.out().contains("\"intended_pages\":81920"), run.out());
        Files.writeString(plan, "damson-plan 1\nprocess a\nmap 0s 0x100000000000 8T\nfill 0s 0x100000000000 8T\n");
        run = CliRun.of("replay", plan, "--feasible", "--tlb-flush", "never").expect(ExitCode.CAPABILITY);
        assertTrue(run.out().contains("not enough memory"), run.out());
    }

    /** Page faults alone take longer than all of it; and pages that no machine has. */
    @Test
    void whatTurnsOutToBeTooMuchIsToldOfInALine() throws IOException {
        Path plan = Files.writeString(
                dir.resolve("d.plan"),
                "damson-plan 1\nprocess p\nmap 0s 0x300000000000 64M\nfill 1ns 0x300000000000 64M\n"
                        + "snapshot 1ns 50us 20\ntouch 0x300000000000 64M 20\n");
        CliRun run = CliRun.of("replay", plan, "--tlb-flush", "never").expect(ExitCode.PARTIAL);
        assertTrue(run.err().contains("note: only 0.00 % of the touches were made"), run.err());
        CliRun.of("generate", plan).expect(ExitCode.PARTIAL);
        Files.writeString(plan, "damson-plan 1\nprocess p\nmap 0s 0x100000000000 8T hugetlb\nsnapshot 0s 1ms 1\n");
        for (List<String> words : List.of(List.<String>of(), List.of("--feasible", "--tlb-flush", "never"))) {
            run = replay(plan, words).expect(ExitCode.CAPABILITY);
            assertTrue(run.err().contains("d.plan:2: the plan maps 8388608 MiB in huge pages of the pool"), run.err());
        }
    }

    @Test
    void aPlanWhoseNameIsNoUtf8IsPlayedByThatName() throws IOException {
        String name = dir + "/b\udce4t.plan";
        Path plan = NativeText.path(name);
        Files.writeString(
                plan,
                "damson-plan 1\nprocess a\nmap 0s 0x100000000000 1M\nfill 0s 0x100000000000 1M\n"
                        + "snapshot 0s 20ms 2\ntouch 0x100000000000 1M 2\n");
        CliRun feasible = CliRun.of("replay", name, "--feasible", "--tlb-flush", "never");
        assertTrue(feasible.out().contains("verdict: "), feasible.err());
        CliRun.of("replay", name, "--tlb-flush", "never").expectAnswer();
        Files.writeString(plan, "damson-plan 2\nprocess a\n");
        CliRun run = CliRun.of("replay", name, "--tlb-flush", "never").expect(ExitCode.INPUT);
        assertTrue(run.err().contains("b\\xE4t.plan:1: a plan begins with"), run.err());
    }

    @Test
    void hostilePlansAreRefusedInALine() throws IOException {
        Path plan = dir.resolve("b.plan");
        Files.writeString(plan, "damson-plan 1\nprocess a\nmap 0s 0x100000000000 8T\nfill 0s 0x100000000000 8T\n");
        CliRun run = CliRun.of("replay", plan).expect(ExitCode.CAPABILITY);
        assertTrue(run.err().contains("b.plan:2: the plan fills 8388608 MiB"), run.err());
        for (String lines : List.of(
                "snapshot 0s 0s 1\n",
                "touch 0x1000 4K 1\n",
                "map 0s 0x10000 4K\nmap 0s 0x10000 4K\n",
                "map 1e3s 0x10000 4K\n",
                "\u0000\u0001\u0002\n")) {
            Files.writeString(plan, "damson-plan 1\nprocess a\n" + lines);
            run = CliRun.of("replay", plan, "--tlb-flush", "never").expect(ExitCode.INPUT);
            assertTrue(run.err().contains("b.plan:"), run.err());
            assertEquals(1, run.err().lines().count(), run.err());
        }
        Files.writeString(plan, "damson-plan 2\nprocess a\n");
        run = CliRun.of("replay", plan, "--tlb-flush", "never").expect(ExitCode.INPUT);
        assertTrue(run.err().contains("b.plan:1: a plan begins with the line 'damson-plan 1'"), run.err());
    }

    /** What masim's reader takes: two paragraphs parted by one empty line, fields by commas, no comment, an end of line at the end. */
    @Test
    void anExportedConfigurationIsReadByTheGenerator() throws IOException {
        Path config = dir.resolve("stairs.cfg");
        CliRun.of("export", trace, "--to", "masim", "-o", config).expect(ExitCode.OK);
        String text = Files.readString(config);
        assertTrue(text.endsWith(", wo\n"), text);
        assertFalse(text.contains("#") || text.contains("\n\n\n"), text);
        List<String> paragraphs = List.of(text.split("\n\n"));
        assertTrue(paragraphs.get(0).lines().allMatch(l -> l.matches("r\\d+, \\d+")), text);
        long totalMs = 0;
        for (String phase : paragraphs.subList(1, paragraphs.size())) {
            List<String> lines = phase.lines().toList();
            assertTrue(lines.get(0).startsWith("snapshot "), phase);
            totalMs += Long.parseLong(lines.get(1));
            assertTrue(lines.size() > 2, phase);
            assertTrue(
                    lines.subList(2, lines.size()).stream().allMatch(l -> l.matches("r\\d+, 0, 4096, \\d+, wo")),
                    phase);
        }
        // From 8.280070 to 9.016453 s.
        assertEquals(736, totalMs);
        assertTrue(CliRun.of("generate", config, "--check")
                .expect(ExitCode.OK)
                .out()
                .contains(" phases, " + totalMs + " ms"));
    }
}
