package org.damson.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.damson.cli.CliRun;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;

final class ProgressTest {
    private static final Path TRACE = CliRun.testdata().resolve("golden/stairs-1.damson.zip");

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private long nowNs = 5_000_000_000L;

    private static boolean isShown(boolean terminal, boolean quiet, Map<String, String> environment) {
        Console console = new Console(
                new ByteArrayOutputStream(),
                new ByteArrayOutputStream(),
                new ByteArrayInputStream(new byte[0]),
                environment,
                false,
                terminal);
        console.configure(false, quiet);
        console.begin("tune");
        boolean shown = console.progress() != Progress.NONE;
        console.end();
        return shown;
    }

    @Test
    void isShownOnlyOnATerminalAndNotIfQuiet() {
        assertTrue(isShown(true, false, Map.of()));
        assertFalse(isShown(false, false, Map.of()));
        assertFalse(isShown(true, true, Map.of()));
        assertFalse(isShown(true, false, Map.of("TERM", "dumb")));
    }

    @Test
    void drawsOverItselfAndGoesAway() throws Exception {
        Progress progress = new Progress("tune", new PrintStream(err, true, StandardCharsets.UTF_8), () -> nowNs);
        nowNs += 12_700_000_000L;
        progress.draw();
        assertEquals("\rtune: 12 s", err.toString());
        err.reset();
        long snapshots;
        try (TraceSource trace = progress.counting(Traces.open(TRACE));
                TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            snapshots = trace.rowCount(Table.SNAPSHOTS);
            Snapshot s = new Snapshot();
            while (cursor.next(s)) {
                // counted as it goes by
            }
        }
        progress.draw();
        String line = "tune: 12 s, " + snapshots + " snapshots";
        assertEquals("\r" + line, err.toString());
        err.reset();
        progress.stop();
        assertEquals("\r" + " ".repeat(line.length()) + "\r", err.toString());
        err.reset();
        progress.draw();
        assertEquals("", err.toString());
    }

    @Test
    void costsNothingWhereNobodySeesIt() throws Exception {
        try (TraceSource trace = Traces.open(TRACE)) {
            assertSame(trace, Progress.NONE.counting(trace));
        }
    }
}
