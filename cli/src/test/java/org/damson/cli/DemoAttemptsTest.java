package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.damson.cli.command.ExitCode;
import org.damson.cli.input.TraceFiles;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.trace.files.FileTrees;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the demo is tried again: where its recordings say that samples came too far apart, and nowhere else. */
final class DemoAttemptsTest {
    @TempDir
    Path dir;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private int made;

    /** What one demo comes to: its exit code, and how far apart samples of the recording and of its replay came. */
    private record Outcome(int code, long spacingMs, long ofReplayMs) {}

    private int demo(Outcome... outcomes) throws IOException {
        Deque<Outcome> next = new ArrayDeque<>(List.of(outcomes));
        return DemoCommand.attempts(dir, new PrintStream(said, true, StandardCharsets.UTF_8), () -> {
            Outcome o = next.remove();
            made++;
            recording("original.damson", o.spacingMs);
            recording("replay.damson", o.ofReplayMs);
            return o.code;
        });
    }

    /** A recording whose longest spacing is as {@code record} writes it. */
    private void recording(String name, long spacingMs) throws IOException {
        Path trace = dir.resolve(name);
        FileTrees.delete(trace);
        Manifest manifest = new Manifest();
        manifest.source = Manifest.Source.REFERENCED.text();
        ManifestKey.SPACING_MAX.put(manifest, spacingMs * 1000);
        TraceFiles.create(trace, manifest, sink -> {
            Snapshot s = new Snapshot();
            s.endNs = 1_000_000_000L;
            s.sampleUs = 100_000;
            s.aggrUs = 1_000_000;
            s.add(0x1000, 0x2000, 1, 0);
            sink.append(s);
        });
    }

    private String text() {
        return said.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aDemoThatWorksIsMadeOnce() throws IOException {
        assertEquals(ExitCode.OK, demo(new Outcome(ExitCode.OK, 900, 900)));
        assertTrue(text().contains("The demo worked."), text());
        assertEquals(1, made);
    }

    @Test
    void aBusyMachineGetsAnotherAttempt() throws IOException {
        assertEquals(
                ExitCode.OK,
                demo(
                        new Outcome(ExitCode.FINDINGS, 401, 110),
                        new Outcome(ExitCode.UNDECIDED, 100, 2000),
                        new Outcome(ExitCode.OK, 100, 100)));
        assertEquals(3, made);
        assertTrue(text().contains("samples of 100 ms came up to 401 ms apart"), text());
        assertTrue(text().contains("samples of 100 ms came up to 2 s apart"), text());
        assertTrue(text().contains("== Once more, attempt 2 of 3"), text());
        assertTrue(text().contains("== Once more, attempt 3 of 3"), text());
    }

    @Test
    void theThirdAttemptIsTheLast() throws IOException {
        Outcome busy = new Outcome(ExitCode.FINDINGS, 900, 900);
        assertEquals(ExitCode.FINDINGS, demo(busy, busy, busy));
        assertEquals(3, made);
        assertTrue(text().contains("The demo did NOT work on this machine"), text());
    }

    @Test
    void aFailureOnAQuietMachineIsOne() throws IOException {
        assertEquals(ExitCode.FINDINGS, demo(new Outcome(ExitCode.FINDINGS, 400, 400)));
        assertEquals(1, made);
        assertTrue(text().contains("The demo did NOT work on this machine"), text());
    }
}
