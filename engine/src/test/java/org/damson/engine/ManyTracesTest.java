package org.damson.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.damson.api.Fleet;
import org.damson.api.Report;
import org.damson.api.Snapshot;
import org.damson.api.Trace;
import org.damson.api.TraceWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManyTracesTest {
    private static final long MIB = 1 << 20;

    @TempDir
    Path dir;

    /** A trace of ten snapshots in which so much memory is in use. */
    private Path write(String place, long hotBytes) throws IOException {
        Path path = dir.resolve(place);
        Files.createDirectories(path.getParent());
        try (TraceWriter writer = TraceWriter.create(path, 5_000, 100_000)) {
            for (int n = 0; n < 10; n++) {
                writer.write(Snapshot.builder(1)
                        .time(n * 100_000_000L, (n + 1) * 100_000_000L)
                        .region(MIB, MIB + hotBytes, 20, n)
                        .region(MIB + hotBytes, MIB + 2 * hotBytes, 0, n)
                        .build());
            }
        }
        return path;
    }

    @Test
    void hostsAddUpToTheirServices() throws IOException {
        Path first = write("service=web/host=a/run.damson", 4 * MIB);
        write("service=web/host=b/run.damson", 8 * MIB);
        write("service=db/host=c/run.damson", 2 * MIB);
        Fleet fleet = Fleet.report(dir);
        assertEquals(List.of(), fleet.troubles());
        Report.Table services = fleet.table("services");
        assertEquals(2, services.rows());
        assertEquals("db", services.cell(0, "service"));
        assertEquals(2 * MIB, services.number(0, "wss_total_bytes"));
        assertEquals(12 * MIB, services.number(1, "wss_total_bytes"));
        assertEquals(14 * MIB, fleet.table("fleet").number(0, "wss_total_bytes"));
        assertEquals(3, fleet.table("hosts").rows());
        try (Trace one = Trace.open(first)) {
            assertEquals(
                    one.workingSet().total().meanBytes(),
                    Fleet.report(first).table("hosts").number(0, "wss_mean_bytes"));
        }
        assertThrows(IllegalArgumentException.class, () -> fleet.table("racks"));
    }

    /** A copy of a trace, a file that is not a trace, and two paths to one trace. */
    @Test
    void whatIsWrongWithOneTraceIsToldAndEndsNothing() throws IOException {
        Path whole = write("service=web/host=a/run.damson", 4 * MIB);
        Path copy = Files.createDirectories(dir.resolve("service=web/host=b/run.damson"));
        try (Stream<Path> files = Files.list(whole)) {
            for (Path f : files.toList()) {
                Files.copy(f, copy.resolve(f.getFileName()));
            }
        }
        Path cut = dir.resolve("service=web/host=c/run.damson.zip");
        Files.createDirectories(cut.getParent());
        Files.writeString(cut, "PK");
        Fleet fleet = Fleet.report(dir, dir.resolve("service=web/./host=a"));
        assertEquals(
                List.of(Fleet.Trouble.Kind.DUPLICATE, Fleet.Trouble.Kind.LEFT_OUT),
                fleet.troubles().stream().map(Fleet.Trouble::kind).toList());
        assertEquals(copy.toString(), fleet.troubles().get(0).path());
        assertTrue(fleet.troubles().get(0).reason().contains("host=a/run.damson"), fleet.toString());
        assertEquals(1, fleet.table("fleet").number(0, "traces"));
        assertEquals(2, fleet.table("troubles").rows());
        assertEquals(
                0,
                Fleet.report(Files.createDirectory(dir.resolve("none")))
                        .table("hosts")
                        .rows());
        assertThrows(NoSuchFileException.class, () -> Fleet.report(dir.resolve("gone")));
    }
}
