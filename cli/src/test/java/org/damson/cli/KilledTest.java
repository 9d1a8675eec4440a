package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.damson.cli.command.ExitCode;
import org.damson.trace.files.FileTrees;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a killed command left goes with the next of its kind, and nothing else does. */
final class KilledTest {
    private static final Path RECORDING = CliRun.testdata().resolve("zigzag-damo/damon.data");

    @TempDir
    Path dir;

    @Test
    void importSliceAndMergeRemoveWhatKilledOnesLeft() throws Exception {
        Path in = dir.resolve("in.damson");
        CliRun.of("import", RECORDING, "-o", in).expect(ExitCode.OK);
        removesWhatItLeft("import", RECORDING);
        removesWhatItLeft("slice", in);
        removesWhatItLeft("merge", in, in, "--mixed");
    }

    private void removesWhatItLeft(Object... words) throws Exception {
        Path home = Files.createDirectory(dir.resolve(words[0].toString()));
        Object[] line = Stream.concat(Stream.of(words), Stream.of("-o", home.resolve("x.damson")))
                .toArray();
        // One that ends before the kill reaches it is tried again.
        for (int attempt = 0; attempt < 20 && partOf(home) == null; attempt++) {
            Process process = DamsonProcess.start(dir, line);
            while (process.isAlive() && partOf(home) == null) {
                Thread.onSpinWait();
            }
            process.destroyForcibly().waitFor();
            if (partOf(home) == null) {
                FileTrees.delete(home.resolve("x.damson"));
            }
        }
        assertTrue(partOf(home) != null, "never killed in time: " + names(home));
        CliRun.of(line).expect(ExitCode.OK);
        assertEquals(List.of("x.damson"), names(home), words[0].toString());
    }

    @Test
    void aBundleRemovesThePartOfADeadOneAndLeavesOthers() throws Exception {
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        long alive = ProcessHandle.current().parent().orElseThrow().pid();
        Path in = dir.resolve("in.damson");
        CliRun.of("import", RECORDING, "-o", in).expect(ExitCode.OK);
        Path home = Files.createDirectory(dir.resolve("home"));
        Files.writeString(home.resolve("x.damson.zip.part" + dead.pid()), "half");
        Files.writeString(home.resolve("x.damson.zip.part" + alive), "at work");
        Files.writeString(home.resolve("y.damson.zip.part" + dead.pid()), "of another");
        Files.createSymbolicLink(home.resolve("x.damson.zip.part0" + dead.pid()), in);
        CliRun.of("bundle", in, "-o", home.resolve("x.damson.zip")).expect(ExitCode.OK);
        assertEquals(
                Stream.of(
                                "x.damson.zip",
                                "x.damson.zip.part" + alive,
                                "y.damson.zip.part" + dead.pid(),
                                "x.damson.zip.part0" + dead.pid())
                        .sorted()
                        .toList(),
                names(home));
        CliRun.of("verify", in).expect(ExitCode.OK);
    }

    /** What a recorder sums up as it ends, a killed one never does: the snapshots tell how far apart its samples were. */
    @Test
    void aKilledRecordingSaysHowFarApartItsSamplesWere() throws Exception {
        Path trace = dir.resolve("killed.damson");
        // A small process: as much memory as this one touches allows few samples where a page costs microseconds.
        Process target = new ProcessBuilder("sleep", "120").start();
        Process recorder = DamsonProcess.start(dir, "record", "-o", trace, "--aggr", "200ms", "--pid", target.pid());
        try {
            for (int i = 0; i < 600 && !hasSnapshots(trace); i++) {
                Thread.sleep(100);
            }
        } finally {
            recorder.destroyForcibly().waitFor();
            target.destroy();
        }
        CliRun.of("recover", trace).expect(ExitCode.OK);
        String spacing = "samples of 100 ms every ";
        CliRun wss = CliRun.of("report", "wss", trace).expectAnswer();
        assertTrue(wss.err().contains(spacing) && wss.err().contains("cut short"), wss.err());
        assertTrue(
                wss.out().contains("within the window of one sample (mean of the samples); window 100 ms"), wss.out());
        CliRun info = CliRun.of("info", trace).expect(ExitCode.OK);
        assertTrue(info.out().contains(spacing), info.out());
    }

    private static boolean hasSnapshots(Path trace) {
        return Files.exists(trace.resolve("manifest.json"))
                && CliRun.of("info", trace, "--json").out().matches("(?s).*\"snapshots\":[1-9].*");
    }

    private static String partOf(Path home) throws IOException {
        return names(home).stream()
                .filter(n -> n.matches(".*\\.part\\d+"))
                .findFirst()
                .orElse(null);
    }

    private static List<String> names(Path home) throws IOException {
        try (Stream<Path> files = Files.list(home)) {
            return files.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }
}
