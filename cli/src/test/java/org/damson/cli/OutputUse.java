package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.VerbOption;

/**
 * An option by which a verb makes a file or a trace, and how it is used.
 *
 * @param rest what follows the option and its value
 */
record OutputUse(Command command, Option option, List<Object> rest) {
    /** Verbs that run on a module of their own, whose tests ask the same of them. */
    static final String FLEET = "fleet ";

    /** Files that are kept up to date, and directories that are a verb's own: what is there is meant to be replaced. */
    static final Set<String> KEPT = Set.of("record metrics-file", "record ring-dir", "demo output");

    /** All of them, each with what makes it succeed. */
    static List<OutputUse> all(Path dir, Path trace) throws Exception {
        Map<String, List<Object>> making = making(dir, trace);
        List<OutputUse> uses = new ArrayList<>();
        for (Command command : Commands.visible()) {
            for (Option o : command.options().getOptions()) {
                String name = command.name() + " " + o.getLongOpt();
                if (VerbOption.of(o).isWritten()
                        && !KEPT.contains(name)
                        && !name.equals("report profile output")
                        && !name.startsWith(FLEET)) {
                    List<Object> rest = making.getOrDefault(name, name.startsWith("report ") ? List.of(trace) : null);
                    assertNotNull(rest, name + ": say here how it is made");
                    uses.add(new OutputUse(command, o, rest));
                }
            }
        }
        return uses;
    }

    private static Map<String, List<Object>> making(Path dir, Path trace) throws Exception {
        Path config = CliRun.shortProgram(dir);
        Path referenced = dir.resolve("referenced.damson");
        if (!Files.exists(referenced)) {
            CliRun.of("record", "-o", referenced, "--aggr", "200ms", "--", "sleep", "1")
                    .expect(ExitCode.OK);
        }
        Map<String, List<Object>> making = new HashMap<>();
        making.put("record output", List.of("--aggr", "200ms", "--", "sleep", "0.5"));
        making.put("import output", List.of(CliRun.testdata().resolve("zigzag-damo/damon.data")));
        making.put("slice output", List.of(trace, "--snapshots", "0..5"));
        making.put("merge output", List.of(trace, trace, "--mixed"));
        making.put("bundle output", List.of(trace));
        making.put("capsule output", List.of(trace));
        making.put("export output", List.of(trace, "--to", "csv"));
        making.put("replay record", List.of(referenced));
        making.put("generate log", List.of(config));
        making.put("simulate output", List.of(trace, "--scheme", "stat"));
        making.put("simulate tried", List.of(trace, "--scheme", "stat"));
        making.put("simulate record", List.of("--truth", config));
        making.put("compare output", List.of(trace, trace));
        making.put("tune output", List.of(trace, "--scheme", "stat", "--vary", "min_age=0s,1s"));
        making.put("advise output", List.of(trace));
        making.put("help man", List.of());
        making.put("symbolize output", List.of(CliRun.testdata().resolve("perf-stacks/pipe.perf.data")));
        making.put("report attrs output", List.of(ProbeTrace.in(dir)));
        making.put(
                "report profile output",
                List.of(trace, "--profile", CliRun.testdata().resolve("perf-stacks/pipe.perf.data")));
        return making;
    }

    boolean isTrace() {
        return Set.of("TRACE", "NEW").contains(option.getArgName());
    }

    boolean isDirectory() {
        return option.getArgName().equals("DIR");
    }

    /** A name in a directory, with the extension that the option wants. */
    Path made(Path dir) {
        String extension = isTrace()
                ? ".damson"
                : isDirectory() ? "" : option.getArgName().contains("zip") ? ".damson.zip" : extension();
        return dir.resolve("made-" + command.name().replace(' ', '-') + "-" + option.getLongOpt() + extension);
    }

    private String extension() {
        return switch (command.name()) {
            case "report html" -> ".html";
            case "compare" -> ".png";
            case "report holistic", "report access", "report attrs" -> ".txt";
            case "simulate", "tune", "advise" -> ".json";
            default -> command.name().startsWith("report ") ? ".json" : "";
        };
    }

    /** The command that makes this, with more options. */
    List<Object> words(Path made, String... more) {
        List<Object> words = new ArrayList<>(Arrays.asList(command.name().split(" ")));
        words.addAll(List.of("--" + option.getLongOpt(), made));
        words.addAll(List.of(more));
        words.addAll(rest);
        return words;
    }

    @Override
    public String toString() {
        return command.name() + " --" + option.getLongOpt();
    }
}
