package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.VerbOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An option that names a place that is not there is refused, in one line that names it, and nothing is made. */
final class MissingPlacesTest {
    private static final String PLACE = "PLACE";

    @TempDir
    Path dir;

    /** For each verb and option that names a place to read: the words, with the place where {@link #PLACE} stands. */
    private Map<String, List<Object>> asked(Path trace) {
        Path made = dir.resolve("made.damson");
        Path damo = CliRun.testdata().resolve("zigzag-damo/damon.data");
        Path stacks = CliRun.testdata().resolve("perf-stacks/pipe.perf.data");
        Map<String, List<Object>> asked = new TreeMap<>();
        asked.put("bundle key", List.of(trace, "-o", dir.resolve("made.damson.zip"), "--redact", "--key", PLACE));
        asked.put("certify log", List.of(trace, "--log", PLACE));
        asked.put("compare repeated", List.of(trace, trace, "--repeated", PLACE));
        asked.put("doctor root", List.of("--root", PLACE));
        asked.put("import maps", List.of(damo, "-o", made, "--maps", PLACE));
        asked.put("import symfs", List.of(stacks, "-o", made, "--symfs", PLACE));
        asked.put("import vmas", List.of(damo, "-o", made, "--vmas", PLACE));
        asked.put("record cgroup", List.of("-o", made, "--cgroup", PLACE));
        asked.put("record pid-file", List.of("-o", made, "--pid-file", PLACE));
        asked.put("record setup", List.of("-o", made, "--source", "damon", "--setup", PLACE, "--pid", "1"));
        asked.put("replay noise-floor", List.of(referenced(), "--verify", "--noise-floor", PLACE));
        asked.put("replay recorded", List.of(capsule(), "--check", "--recorded", PLACE));
        asked.put("report profile profile", List.of(trace, "--profile", PLACE));
        asked.put("simulate truth", List.of("--truth", PLACE));
        asked.put("sql file", List.of(trace, "--file", PLACE));
        asked.put("symbolize kallsyms", List.of(stacks, "-o", made, "--kallsyms", PLACE));
        asked.put("symbolize perf-maps", List.of(stacks, "-o", made, "--perf-maps", PLACE));
        asked.put("symbolize symfs", List.of(stacks, "-o", made, "--symfs", PLACE));
        asked.put("tune test", List.of(trace, "--scheme", "stat", "--vary", "min_age=0s,1s", "--test", PLACE));
        return asked;
    }

    /** What is written to all the time: its directory has to be there before anything is recorded. */
    private Map<String, List<Object>> kept() {
        return Map.of(
                "record metrics-file",
                List.of(
                        "-o",
                        dir.resolve("made"),
                        "--rotate",
                        "1s",
                        "--metrics-file",
                        PLACE + "/metrics",
                        "--",
                        "true"),
                "record output",
                List.of("-o", PLACE + "/made.damson", "--", "true"),
                "import output",
                List.of(CliRun.testdata().resolve("zigzag-damo/damon.data"), "-o", PLACE + "/made.damson"),
                "generate log",
                List.of(CliRun.testdata().resolve("../native/configs/stairs.cfg"), "--log", PLACE + "/log"));
    }

    private Path capsule() {
        Path capsule = dir.resolve("capsule.damson.zip");
        if (!Files.exists(capsule)) {
            CliRun.of("capsule", referenced(), "-o", capsule).expect(ExitCode.OK);
        }
        return capsule;
    }

    private Path referenced() {
        Path recording = dir.resolve("referenced.damson");
        if (!Files.exists(recording)) {
            CliRun.of("record", "-o", recording, "--aggr", "200ms", "--", "sleep", "0.5")
                    .expect(ExitCode.OK);
        }
        return recording;
    }

    @Test
    void isRefusedInOneLineThatNamesIt() throws Exception {
        Path trace = trace();
        Map<String, List<Object>> asked = asked(trace);
        assertEquals(options(), asked.keySet(), "say above how each is asked for");
        asked.putAll(kept());
        refused(asked, dir.resolve("missing"), trace);
        assertFalse(Files.exists(dir.resolve("missing")));
    }

    @Test
    void soIsADirectoryWhereAFileIsWanted() throws Exception {
        Path trace = trace();
        Map<String, List<Object>> asked = asked(trace);
        // What is a directory, or may be one.
        List.of("doctor root", "import symfs", "record cgroup", "symbolize perf-maps", "symbolize symfs")
                .forEach(asked::remove);
        asked.put("record metrics-file", List.of("-o", dir.resolve("made"), "--metrics-file", PLACE, "--", "true"));
        refused(asked, Files.createDirectory(dir.resolve("directory")), trace);
    }

    private Path trace() {
        return CliRun.importZigzag(dir.resolve("t.damson"));
    }

    private void refused(Map<String, List<Object>> asked, Path place, Path trace) throws Exception {
        List<String> wrong = new ArrayList<>();
        asked.forEach((name, words) -> {
            String verb = name.substring(0, name.lastIndexOf(' '));
            Object[] all = Stream.concat(
                            Arrays.stream(verb.split(" ")),
                            words.stream().map(w -> String.valueOf(w).replace(PLACE, place.toString())))
                    .toArray();
            CliRun run = CliRun.of(all);
            List<String> said =
                    run.err().lines().filter(l -> l.startsWith("damson: ")).toList();
            boolean isSaid = said.size() == 1 && said.get(0).contains(place.toString());
            boolean isRefused = run.exit() == ExitCode.USAGE || run.exit() == ExitCode.INPUT;
            if (!isSaid || !isRefused || !run.out().isEmpty()) {
                wrong.add(name + ": exit " + run.exit() + ": " + run.err()
                        + run.out().lines().limit(2).toList());
            }
        });
        assertEquals(List.of(), wrong);
        try (Stream<Path> left = Files.list(dir)) {
            assertEquals(
                    Set.of(),
                    left.filter(p -> !Set.of(trace, place, referenced(), capsule())
                                    .contains(p))
                            .collect(Collectors.toSet()));
        }
    }

    /** The options of all verbs that name a place to read. */
    private static TreeSet<String> options() {
        TreeSet<String> names = new TreeSet<>();
        for (Command command : Commands.visible()) {
            for (Option o : command.options().getOptions()) {
                String argument = o.getArgName() == null ? "" : o.getArgName();
                boolean isPlace = !argument.endsWith("=TIME")
                        && Stream.of("FILE", "TRACE", "DIR", "PATH", "CONFIG").anyMatch(argument::contains);
                boolean isKept = List.of("metrics-file", "ring-dir", "output").contains(o.getLongOpt());
                if (isPlace && !isKept && !VerbOption.of(o).isWritten()) {
                    names.add(command.name() + " " + o.getLongOpt());
                }
            }
        }
        assertTrue(names.size() > 15, names.toString());
        return names;
    }
}
