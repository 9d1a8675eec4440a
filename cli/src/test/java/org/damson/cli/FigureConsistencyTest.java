package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All reports of every recording agree on every figure that more than one of them gives (docs/FIGURES.md). */
final class FigureConsistencyTest {
    /** One form of each: the texts that perf and trace-cmd print of a file hold the same. */
    private static final String RECORDINGS =
            ".*(\\.damo|perf\\.data(\\.gz)?|damon\\.data|trace\\.dat\\.gz|trace(fs)?\\.txt\\.gz"
                    + "|drawn/.*\\.txt|\\.damson\\.zip)";

    @TempDir
    Path dir;

    static List<Path> recordings() throws IOException {
        try (Stream<Path> all = Files.walk(CliRun.testdata())) {
            return all.filter(p -> Files.isDirectory(p)
                            ? p.getFileName().toString().endsWith(".damson")
                            : p.toString().matches(RECORDINGS))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void everyFigureIsTheSameEverywhere() throws Exception {
        int compared = 0;
        int refused = 0;
        for (Path recording : recordings()) {
            String name = recording.toString();
            Path trace = dir.resolve(name.replace('/', '-') + ".damson");
            boolean own = name.endsWith(".damson") || name.endsWith(".zip");
            if (own) {
                trace = recording;
            } else {
                int exit = CliRun.of("import", recording, "-o", trace, "-q").exit();
                assertTrue(exit != ExitCode.USAGE, name);
                if (exit != ExitCode.OK && exit != ExitCode.PARTIAL) {
                    refused++;
                    continue;
                }
            }
            FigureComparison figures = new FigureComparison(name, trace);
            if (figures.snapshots() == 0) {
                continue;
            }
            figures.compare();
            figures.compareWhatIf();
            compared++;
        }
        assertTrue(compared >= 50 && refused <= 5, compared + " recordings, " + refused + " refused");
    }
}
