package org.damson.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reports of several traces are those of each, below each other. */
final class ManyTracesTest {
    @TempDir
    Path dir;

    private Path write(String name, int regions) throws IOException {
        Path path = dir.resolve(name);
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            for (int i = 0; i < 30; i++) {
                s.clear();
                s.startNs = i * 100_000_000L;
                s.endNs = s.startNs + 100_000_000L;
                s.sampleUs = 5_000;
                s.aggrUs = 100_000;
                s.columns = Snapshot.HAS_AGE;
                for (int k = 0; k < regions; k++) {
                    s.add((k + 16) << 20, (k + 17) << 20, (k + i / 9) % 3, i % 9);
                }
                sink.append(s);
            }
        }
        return path;
    }

    @Test
    void guidesRegionsAndCurvesTakeMany() throws IOException {
        Path few = write("few.damson", 4);
        Path more = write("more.damson", 9);
        for (String report : List.of("guide", "regions", "curves")) {
            for (String form : List.of("csv", "json", "txt")) {
                String together = run(report, form, few, more);
                assertTrue(together.contains("few.damson") && together.contains("more.damson"), together);
                // The order is that of the command line.
                assertTrue(together.indexOf("few.damson") < together.indexOf("more.damson"), together);
            }
            CliRun.of("report", report, few, few).expect(ExitCode.USAGE);
            CliRun.of("report", report, few, more, "-o", dir.resolve("x.png")).expect(ExitCode.USAGE);
            CliRun.of("report", report, few, dir.resolve("none.damson")).expect(ExitCode.INPUT);
        }
    }

    @Test
    void aLineOfATraceIsWhatTheTraceAloneSays() throws IOException {
        Path few = write("few.damson", 4);
        Path more = write("more.damson", 9);
        String alone = run("regions", "csv", more);
        String together = run("regions", "csv", few, more);
        List<String> lines =
                together.lines().filter(l -> l.contains("more.damson")).toList();
        List<String> wanted = alone.lines().skip(1).map(l -> more + "," + l).toList();
        assertEquals(wanted, lines);

        String areas = run("guide", "csv", few, more);
        assertTrue(areas.contains(more + ",target 0,0,3000000000,0x1000000,0x1900000," + (9 << 20)), areas);

        String curves = run("curves", "txt", few, more);
        String dram = CliRun.of("report", "curves", few).expect(ExitCode.OK).out();
        String bytes = dram.lines()
                .filter(l -> l.startsWith("DRAM for 99"))
                .findFirst()
                .orElseThrow()
                .replaceFirst(".*accesses: (.*) by heat.*", "$1");
        assertTrue(
                curves.lines().anyMatch(l -> l.contains("few.damson") && l.contains("99.0 %") && l.contains(bytes)),
                curves + bytes);
    }

    @Test
    void severalTracesHaveTheKeysOfOne() throws IOException {
        Path few = write("few.damson", 4);
        Path more = write("more.damson", 9);
        ObjectMapper json = new ObjectMapper();
        for (String report : List.of("wss", "guide", "curves")) {
            List<String> alone = run(report, "csv", more).lines().toList();
            List<String> together = run(report, "csv", few, more).lines().toList();
            assertEquals("trace," + alone.get(0), together.get(0));
            assertEquals(
                    alone.stream().skip(1).map(l -> more + "," + l).toList(),
                    together.stream().filter(l -> l.startsWith(more + ",")).toList());

            JsonNode both = json.readTree(run(report, "json", few, more)).get("traces");
            ObjectNode last = (ObjectNode) both.get(1);
            assertEquals(more.toString(), last.remove("trace").asText());
            assertEquals(json.readTree(run(report, "json", more)), last);
        }
    }

    private String run(String report, String form, Path... traces) {
        Object[] args = new Object[traces.length + 4];
        args[0] = "report";
        args[1] = report;
        System.arraycopy(traces, 0, args, 2, traces.length);
        args[args.length - 2] = "--output";
        Path out = dir.resolve(report + "-" + traces.length + "." + form);
        args[args.length - 1] = out;
        CliRun.of(args).expect(ExitCode.OK);
        try {
            String text = java.nio.file.Files.readString(out);
            java.nio.file.Files.delete(out);
            return text;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
