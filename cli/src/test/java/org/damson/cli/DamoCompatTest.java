package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.damson.cli.command.ExitCode;
import org.damson.trace.files.FileTrees;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code --damo-compat} against what damo itself printed ({@code testing/damo-compat.py} wrote it down). Where damo fails,
 * damson answers or refuses in one line.
 */
final class DamoCompatTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Map<String, String> NAMES =
            Map.of("nr_regions", "regions", "record_info", "guide", "footprints", "footprint");

    @TempDir
    static Path dir;

    @TestFactory
    Stream<DynamicTest> printsWhatDamoPrints() throws IOException {
        String elsewhere = System.getProperty("damson.damoExpectations");
        return elsewhere != null
                ? tests(Path.of(elsewhere), null, null, true)
                : tests(CliRun.testdata().resolve("damo/expected"), "3.3.0", "--damo-compat", false);
    }

    /** damo 3.3.0 with the change that its 3.3.1 made to heatmaps, and nothing else of 3.3.1. */
    @TestFactory
    Stream<DynamicTest> drawsHeatmapsAsDamoDoesSince331() throws IOException {
        return tests(
                CliRun.testdata().resolve("damo/expected-3.3.1"), "3.3.0 + 83699c0b", "--damo-compat=3.3.1", false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"3.2.0", "3.2.8", "3.2.9", "3.3.8"})
    void printsWhatOtherVersionsPrint(String version) throws Throwable {
        Path expected = CliRun.testdata().resolve("damo/expected-" + version);
        for (DynamicTest test :
                tests(expected, version, "--damo-compat=" + version, false).toList()) {
            try {
                test.getExecutable().execute();
            } catch (AssertionError e) {
                throw new AssertionError(test.getDisplayName() + ": " + e.getMessage(), e);
            }
        }
    }

    private static Stream<DynamicTest> tests(Path expected, String damo, String option, boolean elsewhere)
            throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(expected)) {
            files = all.sorted().toList();
        }
        assertFalse(files.isEmpty(), expected + " is empty");
        List<DynamicTest> tests = new ArrayList<>();
        for (Path file : files) {
            List<String> lines = Files.readAllLines(file);
            JsonNode head = JSON.readTree(lines.get(0));
            String version = head.get("damo").asText();
            assertEquals(elsewhere ? version : damo, version);
            String asked = elsewhere ? "--damo-compat=" + version : option;
            Path recording = elsewhere
                    ? Path.of(head.get("recording").asText())
                    : Path.of("..").resolve(head.get("recording").asText());
            for (String line : lines.subList(1, lines.size())) {
                JsonNode run = JSON.readTree(line);
                tests.add(DynamicTest.dynamicTest(
                        recording.getFileName() + " " + run.get("report").asText() + " " + run.get("options"),
                        () -> check(recording, run, asked)));
            }
        }
        return tests.stream();
    }

    private static void check(Path recording, JsonNode run, String option) throws IOException {
        List<Object> args = new ArrayList<>();
        String report = run.get("report").asText();
        Path adjusted = dir.resolve("adjusted.damson");
        switch (report) {
            case "validate" -> args.addAll(List.of("verify", trace(recording), "--expect", option));
            case "adjust" -> args.addAll(List.of("slice", trace(recording), option, "-q", "-o", adjusted));
            default -> args.addAll(List.of("report", NAMES.getOrDefault(report, report), trace(recording), option));
        }
        run.get("options").forEach(o -> args.add(o.asText()));
        CliRun ours = CliRun.of(report.equals("adjust") ? ofSlice(args) : args.toArray());
        if (report.equals("adjust") && ours.exit() == ExitCode.OK) {
            ours = CliRun.of("export", adjusted, "--to", "damo-json");
            FileTrees.delete(adjusted);
        }
        if (run.has("fails")) {
            assertTrue(
                    ours.exit() == ExitCode.OK
                            || ours.exit() == ExitCode.USAGE
                            || ours.exit() == ExitCode.INPUT
                            || report.equals("validate") && ours.exit() == ExitCode.FINDINGS,
                    "exit " + ours.exit() + ": " + ours.err());
            assertFalse(ours.err().contains("internal error"), ours.err());
            assertTrue(ours.exit() == ExitCode.OK || !(ours.err() + ours.out()).isBlank(), "refused without a word");
            return;
        }
        if (report.equals("adjust") && ours.exit() == ExitCode.INPUT) {
            // A trace has a snapshot; damo writes records of none.
            assertTrue(ours.err().contains("nothing is left"), ours.err());
            return;
        }
        // What lost regions is exported with a word; of damo's reports the exit code is damo's.
        boolean isPartial = report.equals("adjust") && ours.exit() == ExitCode.PARTIAL;
        int expected = report.equals("validate") ? run.get("exit").asInt() : ExitCode.OK;
        assertEquals(isPartial ? ExitCode.PARTIAL : expected, ours.exit(), ours.err());
        if (run.has("stdout")) {
            assertEquals(run.get("stdout").asText(), ours.out());
        } else {
            String printed = ours.out();
            assertEquals(
                    run.get("bytes").asText() + " bytes " + run.get("sha256").asText(),
                    ours.outBytes().length + " bytes " + sha256(ours.outBytes()),
                    () -> "damson printed:\n" + printed.substring(0, Math.min(2000, printed.length())));
        }
    }

    /** damo's {@code adjust} by the names of {@code slice}. */
    private static Object[] ofSlice(List<Object> args) {
        List<Object> renamed = new ArrayList<>();
        for (int i = 0; i < args.size(); i++) {
            if (args.get(i).equals("--aggregate_interval")) {
                renamed.add("--aggregate");
            } else if (args.get(i).equals("--address")) {
                renamed.addAll(List.of("--address", args.get(i + 1) + ".." + args.get(i + 2)));
                i += 2;
            } else {
                renamed.add(args.get(i));
            }
        }
        return renamed.toArray();
    }

    /** Imported once for all the reports on it. */
    private static Path trace(Path recording) {
        Path trace = dir.resolve(recording.toString().replaceAll("[^A-Za-z0-9]", "_") + ".damson");
        if (!Files.exists(trace)) {
            CliRun imported = CliRun.of("import", recording, "-o", trace);
            assertTrue(imported.exit() == ExitCode.OK || imported.exit() == ExitCode.PARTIAL, imported.err());
        }
        return trace;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(new String(bytes, StandardCharsets.UTF_8), e);
        }
    }
}
