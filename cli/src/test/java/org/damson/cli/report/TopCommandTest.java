package org.damson.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.damson.cli.Cli;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.cli.console.Console;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the live view shows of a trace that is being written, and how it draws. */
final class TopCommandTest {
    private static final long MIB = 1 << 20;
    private static final long BASE = 0x7000_0000_0000L;

    @TempDir
    Path dir;

    private static void append(TraceSink sink, int n, long hotMib) throws IOException {
        Snapshot s = new Snapshot();
        s.target = 77;
        s.startNs = n * 1_000_000_000L;
        s.endNs = s.startNs + 1_000_000_000L;
        s.sampleUs = 100_000;
        s.aggrUs = 1_000_000;
        s.columns = Snapshot.HAS_AGE;
        s.add(BASE, BASE + hotMib * MIB, 10, 3);
        s.add(BASE + 512 * MIB, BASE + 513 * MIB, 5, 0);
        s.add(BASE + 600 * MIB, BASE + 700 * MIB, 0, 9);
        sink.append(s);
    }

    private static void describe(TraceSink sink) throws IOException {
        Batch memory = new Batch(Table.MEMORY);
        memory.add(1, 77, "rss", 300 * MIB);
        memory.add(1, 0, "mem_total", 1000 * MIB);
        memory.add(1, 0, "mem_available", 400 * MIB);
        sink.append(memory);
        Batch mappings = new Batch(Table.MAPPINGS);
        // A heap that has grown, as the recorder writes it: what is new, then what is gone.
        mappings.add(0, 77, BASE, BASE + 200 * MIB, "rw-p", "[heap]", 0);
        mappings.add(1, 77, BASE, BASE + 400 * MIB, "rw-p", "[heap]", 0);
        mappings.add(1, 77, BASE, BASE + 200 * MIB, "rw-p", "[heap]", 1);
        mappings.add(1, 77, BASE + 512 * MIB, BASE + 520 * MIB, "rw-p", "/tmp/\u001b[31mred", 0);
        sink.append(mappings);
    }

    @Test
    void aTraceBeingRecordedIsShownAsItStandsNow() throws IOException {
        Path path = dir.resolve("live.damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.LIVE)) {
            describe(sink);
            append(sink, 0, 32);
            sink.flush();
            String out = CliRun.of("top", path, "--once").expect(ExitCode.OK).out();
            assertTrue(out.startsWith("damson top: live.damson  recording  1 s  1 snapshot"), out);
            assertTrue(out.contains("system memory available 400 MiB of 1000 MiB"), out);
            append(sink, 1, 64);
            sink.flush();
            out = CliRun.of("top", path, "--once").expect(ExitCode.OK).out();
            List<String> lines = out.lines().toList();
            assertTrue(lines.stream().anyMatch(l -> l.matches("77 +300 MiB +65 MiB +49 MiB +3")), out);
            // The hottest first; what is cold is not there.
            assertEquals("100.0 %     3         64 MiB  0x700000000000      [heap]", lines.get(7), out);
            assertEquals(" 50.0 %     0          1 MiB  0x700020000000      /tmp/?[31mred", lines.get(8), out);
            assertEquals(9, lines.size(), out);
        }
        assertTrue(CliRun.of("top", path).expect(ExitCode.OK).out().contains("  sealed  "));
    }

    @Test
    void jsonHasTheSame() throws IOException {
        Path path = dir.resolve("t.damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            describe(sink);
            append(sink, 0, 32);
        }
        String out = CliRun.of("top", path, "--json").expect(ExitCode.OK).out();
        assertTrue(out.contains("\"working_set_bytes\":" + 33 * MIB), out);
        assertTrue(out.contains("\"mapping\":\"[heap]\""), out);
        CliRun.of("top", path, "--interval", "1ms").expect(ExitCode.USAGE);
        CliRun.of("top", dir.resolve("none")).expect(ExitCode.INPUT);
    }

    @Test
    void onATerminalEachScreenIsDrawnOverTheLastWithoutClearingIt() throws IOException {
        Path path = dir.resolve("t.damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            append(sink, 0, 32);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Console console = new Console(
                out,
                new ByteArrayOutputStream(),
                new ByteArrayInputStream(new byte[0]),
                Map.of("TERM", "xterm"),
                true,
                true);
        // A sealed trace ends the watch after its first screen.
        assertEquals(ExitCode.OK, Cli.run(new String[] {"top", path.toString()}, console));
        String text = out.toString(StandardCharsets.UTF_8);
        assertTrue(text.startsWith("\u001b[?25l") && text.contains("\u001b[?25h"), text);
        assertTrue(text.endsWith("the recording has ended\n"), text);
        String frame = TopCommand.frame(List.of("a", "b"));
        assertEquals("\u001b[Ha\u001b[K\r\nb\u001b[K\r\n\u001b[J", frame);
        assertFalse(frame.contains("\u001b[2J"));
    }
}
