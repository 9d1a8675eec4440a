package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.Test;

/** What {@code bundle --redact} leaves, and that reports answer of it as of the original. */
final class RedactedBundleTest extends MadeTrace {
    @Test
    void aRedactedBundleKeepsHeatAndDropsNamesAndAddresses() throws IOException {
        Path zip = dir.resolve("r.damson.zip");
        CliRun.of("bundle", trace, "--redact", "-o", zip).expect(ExitCode.OK);
        String info = CliRun.of("info", zip).expect(ExitCode.OK).out();
        assertTrue(info.contains("400 (median 10 per snapshot)"), info);
        String dump = CliRun.of("dump", zip).expect(ExitCode.OK).out();
        String everything = info + dump + CliRun.of("info", zip, "--json").out();
        for (String secret : List.of("hunter2", "secret-program", "7f0000", Long.toString(0x7f0000000000L))) {
            assertFalse(everything.contains(secret), secret);
        }
        try (Stream<Path> left = Files.list(dir)) {
            assertEquals(
                    List.of("r.damson.zip", "t.damson"),
                    left.map(p -> p.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void aRedactedBundleSaysWhatCouldStillIdentifyAndStrictIsTheOnlyOtherWay() {
        Path zip = dir.resolve("told.damson.zip");
        CliRun bundled = CliRun.of("bundle", trace, "--redact", "-o", zip).expect(ExitCode.OK);
        assertTrue(bundled.err().contains("what could still identify"), bundled.err());
        String info = CliRun.of("info", zip).expect(ExitCode.OK).out();
        assertTrue(info.contains("Still identifying: exact sizes of the areas that were monitored"), info);
        Path strict = dir.resolve("strict.damson.zip");
        CliRun.of("bundle", trace, "--redact=strict", "-o", strict).expect(ExitCode.OK);
        info = CliRun.of("info", strict).expect(ExitCode.OK).out();
        assertTrue(info.contains("sizes, rounded up by at most a quarter, of the areas"), info);
        CliRun wrong = CliRun.of("bundle", trace, "--redact=most", "-o", dir.resolve("x.zip"))
                .expect(ExitCode.USAGE);
        assertTrue(wrong.err().contains("--redact=most: expected --redact or --redact=strict"), wrong.err());
        // What follows as a word of its own is the trace.
        CliRun.of("bundle", "--redact", trace, "-o", dir.resolve("y.zip")).expect(ExitCode.OK);
    }

    @Test
    void reportsOnARedactedRecordingSayTheSame() throws IOException {
        Path recording = dir.resolve("service.damson");
        CliRun.of("import", CliRun.testdata().resolve("service/tracefs.txt.gz"), "-o", recording)
                .expect(ExitCode.OK);
        Path zip = dir.resolve("service.damson.zip");
        CliRun.of("bundle", recording, "--redact", "-o", zip).expect(ExitCode.OK);
        assertEquals(
                CliRun.of("report", "wss", recording).expect(ExitCode.OK).out(),
                CliRun.of("report", "wss", zip).expect(ExitCode.OK).out());
        assertEquals(heats(recording), heats(zip));
        for (String[] command : new String[][] {
            {"info"}, {"dump"}, {"verify"}, {"report", "guide"}, {"report", "heatmap"}, {"export", "--to", "csv"}
        }) {
            List<Object> words = new ArrayList<>(List.of(command));
            words.add(zip);
            CliRun.of(words.toArray()).expect(ExitCode.OK);
        }
    }

    private static List<String> heats(Path trace) {
        String json = CliRun.of("report", "heatmap", trace, "--json")
                .expect(ExitCode.OK)
                .out();
        List<String> heats = new ArrayList<>();
        Matcher m = Pattern.compile("\"(?:max_heat|heat_byte_seconds|heat|lost_regions)\":[^a-z\"]*")
                .matcher(json);
        while (m.find()) {
            heats.add(m.group());
        }
        // The greatest heat, the heat of the two areas that are drawn, the cells, the losses.
        assertEquals(5, heats.size());
        return heats;
    }

    @Test
    void aKeyMakesPseudonymsComparableAndHasToBeOne() throws IOException {
        Path key = dir.resolve("key");
        Files.writeString(key, "short");
        CliRun.of("bundle", trace, "--redact", "--key", key, "-o", dir.resolve("a.zip"))
                .expect(ExitCode.USAGE);
        Files.write(key, new byte[32]);
        CliRun.of("bundle", trace, "--key", key, "-o", dir.resolve("a.zip")).expect(ExitCode.USAGE);
        for (String name : List.of("a.zip", "b.zip")) {
            CliRun.of("bundle", trace, "--redact", "--key", key, "-o", dir.resolve(name))
                    .expect(ExitCode.OK);
        }
        assertArrayEquals(Files.readAllBytes(dir.resolve("a.zip")), Files.readAllBytes(dir.resolve("b.zip")));
    }
}
