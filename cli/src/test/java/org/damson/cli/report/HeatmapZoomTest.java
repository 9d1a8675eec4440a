package org.damson.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.Test;

final class HeatmapZoomTest {
    private static final Path ZIGZAG = CliRun.testdata().resolve("zigzag-damo/damon.data");

    /** The pictures that a person sees who types these lines, and the command in the end. */
    private static List<String> typing(String lines, Object... options) {
        List<Object> args = new ArrayList<>(List.of("report", "heatmap", ZIGZAG, "--interactive"));
        args.addAll(List.of(options));
        String out = CliRun.with(Map.of(), lines.getBytes(StandardCharsets.UTF_8), args.toArray())
                .expect(ExitCode.OK)
                .out();
        return List.of(out.split("h j k l [^:]*: "));
    }

    @Test
    void itEndsInTheCommandThatDrawsTheSame() {
        List<String> seen = typing("++\nlk\nq\n", "--cols", "40", "--rows", "5");
        assertEquals(4, seen.size(), seen.toString());
        assertEquals(3, Set.copyOf(seen.subList(0, 3)).size(), "each line changes the picture");
        assertTrue(seen.get(1).contains("# y-axis: address, 47.691 MiB"), seen.get(1));
        assertTrue(seen.get(1).matches("(?s).*# x-axis: time, 8\\.[01].*"), seen.get(1));
        String command = seen.get(3).strip();
        assertTrue(command.startsWith("damson report heatmap " + ZIGZAG), command);
        Object[] words = command.substring("damson ".length()).split(" ");
        assertEquals(seen.get(2), CliRun.of(words).expect(ExitCode.OK).out());
    }

    @Test
    void itStaysWithinWhatThereIs() {
        List<String> seen = typing("-T-A\nhhhjjj\nllllkkkk\nt\nllllllll\nr\n" + "+".repeat(60) + "\n?\nx\n");
        assertEquals(11, seen.size(), "the end of input quits: " + seen);
        for (int same : new int[] {1, 2, 3, 6}) {
            assertEquals(seen.get(0), seen.get(same), "picture " + same);
        }
        assertTrue(seen.get(5).matches("(?s).*# x-axis: time, 1[56]\\.[0-3].*"), seen.get(5));
        assertTrue(seen.get(7).contains("# y-axis: address, 4 KiB"), seen.get(7));
        assertTrue(seen.get(8).contains("zoom in and out"), seen.get(8));
        assertTrue(seen.get(9).endsWith("no key 'x'; ? lists them\n"), seen.get(9));
    }

    @Test
    void itRefusesOptionsOfOtherDrawings() {
        for (String option : List.of("--json", "--damo-compat", "--output=x.png", "--scope=all", "--abs-time")) {
            CliRun.of("report", "heatmap", ZIGZAG, "--interactive", option).expect(ExitCode.USAGE);
        }
    }
}
