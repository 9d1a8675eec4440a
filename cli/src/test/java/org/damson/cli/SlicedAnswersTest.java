package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A part of a trace answers alike, whether a report takes it out or {@code slice} did. */
final class SlicedAnswersTest {
    private static final List<String> RECORDINGS = List.of(
            "zigzag-damo/damon.data",
            "service/tracefs.txt.gz",
            "java-hot/hot.damson",
            "golden/stairs-2.damson.zip",
            "replay-6.12/two-a.damson.zip",
            "replay-6.12/service-a.damson.zip");

    private static final List<String> REPORTS = List.of(
            "wss",
            "wss --by-time",
            "guide",
            "heatmap --cols 7 --rows 5",
            "heatmap --cols 7 --rows 5 --scope all",
            "footprint",
            "sizing",
            "bounds",
            "windows",
            "objects",
            "curves",
            "phases",
            "timeline");

    private static final Pattern START = Pattern.compile("(\"(?:start|end)_ns\":)(\\d+)");

    @TempDir
    Path dir;

    private CliRun report(String report, Path trace, List<String> part) {
        List<Object> words = new ArrayList<>(List.of("report"));
        words.addAll(Arrays.asList(report.split(" ")));
        words.add(trace);
        words.addAll(part);
        words.add("--json");
        return CliRun.of(words.toArray());
    }

    private void answersAlike(Path trace, List<String> part, int number) {
        Path sliced = dir.resolve(number + ".damson");
        List<Object> words = new ArrayList<>(List.of("slice", trace, "-o", sliced));
        words.addAll(part);
        CliRun.of(words.toArray()).expect(ExitCode.OK);
        List<String> differing = new ArrayList<>();
        for (String report : REPORTS) {
            CliRun whole = report(report, trace, part);
            CliRun ofPart = report(report, sliced, List.of());
            String expected = named(fromFirst(report, whole.out()), trace);
            if (!expected.equals(named(fromFirst(report, ofPart.out()), sliced)) || whole.exit() != ofPart.exit()) {
                differing.add(report + " " + part + " of " + trace + "\n" + whole.out() + "\n" + ofPart.out());
            }
        }
        assertEquals(List.of(), differing);
    }

    /** Whatever it is called; sums of doubles differ in their last digits, as snapshots are shared out among threads. */
    private static String named(String text, Path trace) {
        return text.replace(trace.getFileName().toString(), "TRACE").replaceAll("(\\.\\d{9})\\d+", "$1");
    }

    /** Phases are counted from the start of the trace, which is another in a slice: here from the first of them. */
    private static String fromFirst(String report, String text) {
        Matcher first = START.matcher(text);
        if (!report.matches("phases|timeline") || !first.find()) {
            return text;
        }
        long startNs = Long.parseLong(first.group(2));
        return START.matcher(text).replaceAll(m -> m.group(1) + (Long.parseLong(m.group(2)) - startNs));
    }

    private Path trace(String recording) {
        Path path = CliRun.testdata().resolve(recording);
        if (recording.endsWith(".damson") || recording.endsWith(".zip")) {
            return path;
        }
        Path trace = dir.resolve(recording.replace('/', '-') + ".damson");
        CliRun.of("import", path, "-o", trace).expect(ExitCode.OK);
        return trace;
    }

    @Test
    void ofATarget() {
        answersAlike(trace("replay-6.12/two-a.damson.zip"), List.of("--target", "1"), 100);
        answersAlike(trace("golden/stairs-2.damson.zip"), List.of("--target", "0"), 101);
        answersAlike(trace("java-hot/hot.damson"), List.of("--target", pid(trace("java-hot/hot.damson"))), 102);
    }

    private static String pid(Path trace) {
        return CliRun.of("dump", trace, "--table", "snapshots")
                .out()
                .lines()
                .skip(1)
                .findFirst()
                .orElseThrow()
                .split(",")[4];
    }

    /** The window cuts snapshots at both of its ends. */
    @Test
    void ofATime() {
        int number = 0;
        for (String recording : RECORDINGS) {
            answersAlike(trace(recording), List.of("--time", "1.037s..4.221s"), number++);
        }
    }
}
