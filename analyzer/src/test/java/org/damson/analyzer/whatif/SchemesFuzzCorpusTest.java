package org.damson.analyzer.whatif;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every committed input of the fuzz target for schemes. testing/fuzz.sh does the fuzzing. */
final class SchemesFuzzCorpusTest {
    @TestFactory
    List<DynamicTest> noCommittedInputBreaksTheParser() throws IOException {
        List<Path> inputs;
        try (Stream<Path> files = Files.list(Path.of("src", "test", "fuzz", "schemes"))) {
            inputs = files.sorted().toList();
        }
        assertFalse(inputs.isEmpty());
        return inputs.stream()
                .map(f -> DynamicTest.dynamicTest(
                        f.getFileName().toString(), () -> SchemesFuzz.fuzzerTestOneInput(Files.readAllBytes(f))))
                .toList();
    }
}
