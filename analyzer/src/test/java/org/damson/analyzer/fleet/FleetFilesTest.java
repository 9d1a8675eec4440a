package org.damson.analyzer.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FleetFilesTest {
    @TempDir
    Path dir;

    private Path trace(String name) throws IOException {
        Path trace = Files.createDirectories(dir.resolve(name));
        Files.writeString(trace.resolve("manifest.json"), "{}");
        return trace;
    }

    private static FleetFiles find(Path root) throws IOException {
        FleetFiles files = new FleetFiles();
        files.find(root);
        assertEquals(List.of(), files.troubles());
        return files;
    }

    /** A series is a directory of traces whatever it is called; what is left of a trace is a trace. */
    @Test
    void directoriesOfTracesMayBeNamedAsATrace() throws IOException {
        Path one = trace("service=org.damson/host=h/one.damson");
        Path two = trace("web.damson/000001.damson");
        Path unnamed = trace("unnamed");
        Path cut = Files.createDirectories(dir.resolve("cut.damson"));
        Files.writeString(cut.resolve("regions-000000.parquet"), "");
        assertEquals(
                List.of(cut, one, unnamed, two).stream().map(Path::toString).toList(),
                find(dir).found().stream().sorted().toList());
        assertEquals(List.of(two.toString()), find(dir.resolve("web.damson")).found());
    }

    @Test
    void aTraceInTheMiddleOfARecoveryIsFoundByItsName() throws IOException {
        trace("killed.damson.replaced");
        Path killed = dir.resolve("killed.damson");
        assertEquals(List.of(killed.toString()), find(killed).found());
        assertEquals(List.of(killed.toString()), find(dir).found());
        Path none = dir.resolve("none.damson");
        assertThrows(NoSuchFileException.class, () -> find(none));
        assertThrows(NoSuchFileException.class, () -> find(dir.resolve("none/none.damson")));
    }

    /** What is called a trace and is none is told by who opens it, not passed over. */
    @Test
    void whatIsCalledATraceAndIsNoneIsFound() throws IOException {
        Path file = Files.writeString(dir.resolve("file.damson"), "no trace");
        Path bundle = Files.writeString(dir.resolve("file.damson.zip"), "no bundle");
        Files.writeString(dir.resolve("damon.data"), "");
        Files.createDirectories(dir.resolve("gone.damson.part/inner.damson"));
        assertEquals(List.of(file.toString(), bundle.toString()), find(dir).found());
        assertEquals(List.of(file.toString()), find(file).found());
    }
}
