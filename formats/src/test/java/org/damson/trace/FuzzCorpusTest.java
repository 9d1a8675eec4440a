package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.damson.damon.RingFuzz;
import org.damson.damon.scheme.SchemesFuzz;
import org.damson.exchange.BinaryFuzz;
import org.damson.exchange.build.DamoFuzz;
import org.damson.exchange.build.RecordingFuzz;
import org.damson.exchange.build.SideFilesFuzz;
import org.damson.trace.journal.JournalFuzz;
import org.damson.trace.parquet.ParquetFuzz;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every committed input of every fuzz target: seeds, and what fuzzing found. testing/fuzz.sh does the fuzzing. */
final class FuzzCorpusTest {
    private static final Path CORPORA = Path.of("src", "test", "fuzz");

    private interface Target {
        void run(byte[] input) throws IOException;
    }

    private static final Map<String, Target> TARGETS = new TreeMap<>(Map.of(
            "schemes", SchemesFuzz::fuzzerTestOneInput,
            "recording", RecordingFuzz::fuzzerTestOneInput,
            "binary", BinaryFuzz::fuzzerTestOneInput,
            "ring", RingFuzz::fuzzerTestOneInput,
            "damo", DamoFuzz::fuzzerTestOneInput,
            "sidefiles", SideFilesFuzz::fuzzerTestOneInput,
            "manifest", ManifestFuzz::fuzzerTestOneInput,
            "journal", JournalFuzz::fuzzerTestOneInput,
            "parquet", ParquetFuzz::fuzzerTestOneInput,
            "bundle", BundleFuzz::fuzzerTestOneInput));

    @TestFactory
    List<DynamicTest> noCommittedInputBreaksItsParser() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Map.Entry<String, Target> target : TARGETS.entrySet()) {
            List<Path> inputs;
            try (Stream<Path> files = Files.list(CORPORA.resolve(target.getKey()))) {
                inputs = files.sorted().toList();
            }
            assertFalse(inputs.isEmpty(), target.getKey());
            for (Path input : inputs) {
                tests.add(DynamicTest.dynamicTest(target.getKey() + "/" + input.getFileName(), () -> target.getValue()
                        .run(Files.readAllBytes(input))));
            }
        }
        return tests;
    }
}
