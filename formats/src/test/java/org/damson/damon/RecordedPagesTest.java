package org.damson.damon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.damson.model.Snapshot;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages of real kernels give, event for event, what the same kernels' text says. */
final class RecordedPagesTest {
    private static final Path DATA = Path.of("../testdata");
    private static final Pattern LINE =
            Pattern.compile(".*-(\\d+) +\\[(\\d+)\\] \\S+ +(\\d+\\.\\d{6}): (damon\\w*|damos\\w*): (.*)");

    private final EventColumns events = new EventColumns();
    private long missed;
    private long lastNs;

    private static byte[] unzip(Path file) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            return in.readAllBytes();
        }
    }

    private static EventDecoder decoder(Path kernel) throws IOException {
        List<EventFormat> formats = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(kernel.resolve("events/damon"))) {
            for (Path event : all) {
                Path format = event.resolve("format");
                formats.add(EventFormat.parse(format.toString(), Files.readString(format)));
            }
        }
        return EventDecoder.of(formats);
    }

    /** Decodes all pages of one CPU; rows after {@code events.to} of before are its. */
    private void decode(Path kernel, Path raw) throws IOException {
        EventDecoder decoder = decoder(kernel);
        RingPage layout = RingPage.of(
                "header_page", Files.readString(kernel.resolve("events/header_page")), ByteOrder.LITTLE_ENDIAN);
        byte[] bytes = unzip(raw);
        assertEquals(0, bytes.length % layout.size());
        for (int at = 0; at < bytes.length; at += layout.size()) {
            ByteBuffer page = ByteBuffer.wrap(bytes, at, layout.size()).slice().order(ByteOrder.LITTLE_ENDIAN);
            assertNull(layout.decode(page, layout.size(), new RingPage.Visitor() {
                @Override
                public void event(long timeNs, ByteBuffer body, int offset, int length) {
                    decoder.decode(timeNs, body, offset, length, events);
                    lastNs = timeNs;
                }

                @Override
                public void missed(long count, long beforeNs) {
                    missed += count;
                    events.addMissed(lastNs, beforeNs, count);
                }
            }));
        }
        assertEquals(0, decoder.malformed());
    }

    /** The row as the kernel prints it. */
    private String text(int i, int cpu) {
        String region = Long.toUnsignedString(events.start[i]) + "-" + Long.toUnsignedString(events.end[i]) + ": "
                + events.accesses[i] + " " + events.age[i];
        String arguments =
                switch (events.kind[i]) {
                    case EventColumns.REGION ->
                        "damon_aggregated target_id=" + events.target[i] + " nr_regions=" + events.regions[i] + " "
                                + region;
                    case EventColumns.BEFORE_APPLY ->
                        "damos_before_apply ctx_idx=" + events.context[i] + " scheme_idx=" + events.scheme[i]
                                + " target_idx=" + events.target[i] + " nr_regions=" + events.regions[i] + " " + region;
                    default -> "damon_monitor_intervals_tune sample_us=" + events.target[i];
                };
        long us = (events.timeNs[i] + 500) / 1000;
        return String.format(
                Locale.ROOT, "%d [%03d] %d.%06d %s", events.thread[i], cpu, us / 1_000_000, us % 1_000_000, arguments);
    }

    private static List<String> textOf(Path folder, int cpu) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : new String(unzip(folder.resolve("trace.txt.gz")), StandardCharsets.UTF_8).split("\n")) {
            Matcher m = LINE.matcher(line);
            if (m.matches() && Integer.parseInt(m.group(2)) == cpu) {
                lines.add(m.group(1) + " [" + m.group(2) + "] " + m.group(3) + " " + m.group(4) + " " + m.group(5));
            }
        }
        return lines;
    }

    private static long overrun(Path folder, int cpu) throws IOException {
        for (String line : Files.readAllLines(folder.resolve("cpu" + cpu + ".stats"))) {
            if (line.startsWith("overrun: ")) {
                return Long.parseLong(line.substring(9).trim());
            }
        }
        throw new AssertionError("no overrun in stats");
    }

    @ParameterizedTest
    @CsvSource({
        "tracefs-6.12,plain,250", "tracefs-6.12,overrun,100", "tracefs-6.12,slow,40", "tracefs-6.12,mixed,500",
        "tracefs-6.18,plain,250", "tracefs-6.18,overrun,100", "tracefs-6.18,slow,40", "tracefs-6.18,mixed,500",
        "tracefs-6.18,damon_stat,20"
    })
    void everyEventIsAsTheKernelPrintsItAndEveryOverrunAsItCounts(String name, String run, int atLeast)
            throws Exception {
        Path kernel = DATA.resolve(name);
        Path folder = kernel.resolve(run);
        int compared = 0;
        for (int cpu = 0; cpu < 2; cpu++) {
            events.from = 0;
            events.to = 0;
            missed = 0;
            Path raw = folder.resolve("cpu" + cpu + ".raw.gz");
            if (Files.exists(raw)) {
                decode(kernel, raw);
            }
            List<String> decoded = new ArrayList<>();
            for (int i = 0; i < events.to; i++) {
                if (events.kind[i] != EventColumns.MISSED) {
                    decoded.add(text(i, cpu));
                }
            }
            assertEquals(textOf(folder, cpu), decoded);
            assertEquals(overrun(folder, cpu), missed);
            compared += decoded.size();
        }
        assertTrue(compared >= atLeast, compared + " events");
    }

    @ParameterizedTest
    @CsvSource({"tracefs-6.12,5", "tracefs-6.18,5"})
    void burstsOfARingThatOverranAreWholeOrSayWhatIsMissing(String name, int atLeast) throws Exception {
        Path kernel = DATA.resolve(name);
        for (int cpu = 0; cpu < 2; cpu++) {
            Path raw = kernel.resolve("overrun/cpu" + cpu + ".raw.gz");
            if (Files.exists(raw)) {
                decode(kernel, raw);
            }
        }
        SnapshotAssembler bursts = new SnapshotAssembler(
                t -> new Kdamonds.Facts(0, 5_000, 100_000, false, 1), new Listening(0, false, () -> missed));
        long rows = 0;
        for (int i = events.from; i < events.to; i++) {
            rows += events.kind[i] == EventColumns.REGION ? 1 : 0;
        }
        while (!events.isEmpty()) {
            bursts.take(events);
        }
        bursts.finish(missed);
        long kept = bursts.counts().cutRegions();
        int snapshots = 0;
        for (Snapshot s = bursts.poll(); s != null; s = bursts.poll()) {
            kept += s.regions;
            snapshots++;
        }
        assertEquals(rows, kept, "every region that was read is in a snapshot or was cut at the end");
        assertEquals(missed, bursts.lost());
        assertTrue(snapshots >= atLeast, snapshots + " snapshots");
    }
}
