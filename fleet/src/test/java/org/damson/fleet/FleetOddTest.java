package org.damson.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.damson.cli.command.ExitCode;
import org.damson.model.Manifest;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fleets as no one would have them: each verb has a line, or the right number, for whatever is odd about one. */
final class FleetOddTest {
    private static final long DAY_S = 1_795_996_800L;
    private static final List<List<String>> VERBS = List.of(
            List.of("report"),
            List.of("curves", "--by", "host"),
            List.of("simulate", "--scheme", "pageout access=0..0 age=1s..max"),
            List.of("sweep", "--sweep", "min_age=0s..2s/1s"),
            List.of(
                    "tune",
                    "--scheme",
                    "pageout access=0..0",
                    "--vary",
                    "min_age=500ms..3s/500ms",
                    "--objective",
                    "out where refaults<=1G",
                    "--keep",
                    "50",
                    "--confidence",
                    "50",
                    "--held-back",
                    "40"));

    @TempDir
    Path dir;

    private Path fleet() {
        return dir.resolve("fleet");
    }

    private Damson ask(List<String> verb, Object... more) {
        List<Object> words = new ArrayList<>(List.of("fleet", verb.get(0), fleet()));
        words.addAll(verb.subList(1, verb.size()));
        words.addAll(Arrays.asList(more));
        return Damson.run(words.toArray());
    }

    private static JsonNode json(Damson run) throws IOException {
        return new ObjectMapper().readTree(run.out());
    }

    private static void move(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.move(from, to);
    }

    private void run(Object... words) {
        Damson.run(words).expect(ExitCode.OK);
    }

    /** A trace, two slices of it, and these merged again: every row counts once, wherever it is. */
    @Test
    void rowsOfSlicesAndMergedTracesCountOnce() throws Exception {
        Path all = Made.trace(dir.resolve("kept/all.damson"), Made.manifest(DAY_S, "host=h"), 100, 1);
        Path one = dir.resolve("kept/one.damson");
        Path two = dir.resolve("kept/two.damson");
        Path merged = dir.resolve("kept/merged.damson");
        run("slice", all, "--snapshots", "0..50", "-o", one);
        run("slice", all, "--snapshots", "50..100", "-o", two);
        run("merge", one, two, "-o", merged);
        Made.trace(fleet().resolve("other.damson"), Made.manifest(DAY_S, "host=o"), 100, 2);
        JsonNode expected = null;
        for (List<Path> there :
                List.of(List.of(all), List.of(one, two), List.of(one, two, merged), List.of(all, one, merged))) {
            for (Path trace : there) {
                move(trace, fleet().resolve(trace.getFileName()));
            }
            for (List<String> verb : List.of(VERBS.get(0), VERBS.get(4))) {
                Damson answer = ask(verb, "--json");
                boolean isDoubled = there.contains(merged);
                long told = answer.err()
                        .lines()
                        .filter(l -> l.contains(": duplicate: "))
                        .count();
                assertEquals(isDoubled ? there.size() - (there.contains(all) ? 1 : 2) : 0, told, answer.err());
                assertEquals(isDoubled ? ExitCode.PARTIAL : ExitCode.OK, answer.exit(), verb + answer.err());
            }
            JsonNode totals = json(ask(VERBS.get(1), "--json")).get("totals");
            assertEquals(2, totals.size());
            if (there.contains(all)) {
                expected = expected == null ? totals : expected;
                assertEquals(expected, totals);
            }
            assertEquals(expected.get(0).get("regions"), totals.get(0).get("regions"));
            for (Path trace : there) {
                move(fleet().resolve(trace.getFileName()), trace);
            }
        }
        move(one, fleet().resolve("one.damson"));
        move(merged, fleet().resolve("merged.damson"));
        Damson part = ask(VERBS.get(0), "--json").expect(ExitCode.PARTIAL);
        assertEquals(2, json(part).get("fleet").get(0).get("traces").asLong());
        assertTrue(part.err().startsWith(fleet().resolve("one.damson") + ": duplicate: "), part.err());
    }

    @Test
    void whereNothingCountsEveryVerbSaysWhy() throws Exception {
        Path cut = Made.trace(fleet().resolve("cut.damson"), Made.manifest(DAY_S, "host=h"), 20, 1);
        Files.delete(cut.resolve("regions-000000.parquet"));
        Path empty = fleet().resolve("empty.damson");
        Traces.create(empty, new Manifest(), WriterOptions.BATCH).close();
        for (List<String> verb : VERBS) {
            Damson answer = ask(verb).expect(ExitCode.INPUT);
            assertTrue(answer.err().contains(cut + ": left out: "), verb + answer.err());
            assertTrue(answer.err().contains(empty + ": left out: has no snapshots"), verb + answer.err());
            assertEquals(3, answer.err().lines().count(), answer.err());
            assertTrue(answer.err().contains("of 2 traces none can be read"), answer.err());
            Damson none = ask(verb, "--where", "service=none").expect(ExitCode.INPUT);
            assertTrue(none.err().contains("none counts"), none.err());
        }
    }

    @Test
    void fewHostsAndShortTracesHaveRightNumbers() throws Exception {
        Made.trace(fleet().resolve("one.damson"), Made.manifest(DAY_S, "host=h"), 1, 1);
        for (List<String> verb : VERBS) {
            Damson answer = ask(verb, "--json");
            assertEquals(
                    verb.get(0).equals("tune") ? ExitCode.FINDINGS : ExitCode.OK, answer.exit(), verb + answer.err());
            assertFalse(answer.out().contains("NaN") || answer.out().contains("Infinity"), answer.out());
        }
        Damson tune = ask(VERBS.get(4)).expect(ExitCode.FINDINGS);
        assertTrue(tune.out().contains("1 host is too few"), tune.out());
    }

    /** None of these can be simulated: nobody claims that they break a limit. */
    @Test
    void hostsThatCannotBeJudgedAreCounted() throws Exception {
        for (int i = 0; i < 6; i++) {
            Path ageless = fleet().resolve("a" + i + ".damson");
            Files.createDirectories(fleet());
            try (TraceSink sink = Traces.create(ageless, Made.manifest(DAY_S, "host=h" + i), WriterOptions.BATCH)) {
                Made.append(sink, 20, i, false);
            }
        }
        for (List<String> verb : VERBS) {
            Damson answer = ask(verb);
            boolean isCounted = Set.of("report", "curves").contains(verb.get(0));
            boolean isTuned = verb.get(0).equals("tune");
            assertEquals(
                    isCounted ? ExitCode.PARTIAL : isTuned ? ExitCode.FINDINGS : ExitCode.INPUT,
                    answer.exit(),
                    answer.err());
            assertTrue(answer.err().contains("a0.damson: " + (isCounted ? "doubtful: no ages" : "left out: ")));
        }
        String tuned = ask(VERBS.get(4)).out();
        assertTrue(tuned.contains("# no host that chooses could be judged"), tuned);
        assertTrue(tuned.contains("counts as breaking it: so do 4 of the 4 that choose"), tuned);
    }
}
