package org.damson.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.damson.exchange.build.ImportOptions;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code perf.data}, {@code trace.dat} and damo's old binary records. */
final class BinaryImportersTest {
    private static final Path DATA = Path.of("..", "testdata");
    private static final ByteOrder[] ORDERS = {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN};

    /** So that no test depends on what is assumed. */
    private static final ImportOptions INTERVALS = new ImportOptions(
            new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.GIVEN));

    @TempDir
    Path dir;

    private int traces;

    /** Imports and returns the new trace. */
    private Path imported(Path file) throws IOException {
        Path trace = dir.resolve(traces++ + ".damson");
        Importers.importFile(file, INTERVALS, m -> Traces.create(trace, m, WriterOptions.BATCH));
        return trace;
    }

    private Path imported(byte[] bytes) throws IOException {
        Path trace = dir.resolve(traces++ + ".damson");
        Importers.importStream(
                "input", new ByteArrayInputStream(bytes), INTERVALS, m -> Traces.create(trace, m, WriterOptions.BATCH));
        return trace;
    }

    private static String csv(Path trace, Table table) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TraceSource source = Traces.open(trace)) {
            Exporters.csv(source, table, out);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private static void assertSame(Path a, Path b) throws IOException {
        for (Table table : List.of(Table.REGIONS, Table.SNAPSHOTS, Table.LOSSES)) {
            assertEquals(csv(a, table), csv(b, table), table.fileStem());
        }
    }

    private static byte[] gunzip(Path file) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            return in.readAllBytes();
        }
    }

    /** Rows of regions without what depends on the tracer's clock: target, bounds, accesses, age. */
    private static List<String> regions(Path trace) throws IOException {
        List<String> rows = new ArrayList<>();
        try (TraceSource source = Traces.open(trace);
                TraceSource.BatchCursor cursor = source.rows(Table.REGIONS)) {
            for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                for (int r = 0; r < b.rows(); r++) {
                    rows.add(b.get(3, r) + " " + b.get(4, r) + "-" + b.get(5, r) + ": " + b.get(6, r) + " "
                            + b.get(7, r));
                }
            }
        }
        return rows;
    }

    @Test
    void threeToolsSawTheSameRegions() throws IOException {
        Path run = DATA.resolve("stairs-perf");
        List<String> perf = regions(imported(run.resolve("damon.perf.data.gz")));
        assertEquals(3457, perf.size());
        assertEquals(regions(imported(run.resolve("damon.perf.script.gz"))), perf);
        List<String> traceCmd = regions(imported(run.resolve("damon.trace.dat.gz")));
        assertEquals(3793, traceCmd.size());
        // trace-cmd began two seconds before perf, perf ended a little later or earlier than trace-cmd.
        int from = traceCmd.size() - perf.size();
        int shift = java.util.Collections.indexOfSubList(traceCmd, perf.subList(0, 100));
        assertTrue(shift > 0 && shift <= from, shift + " of " + from);
        int common = Math.min(perf.size(), traceCmd.size() - shift);
        assertEquals(perf.subList(0, common), traceCmd.subList(shift, shift + common));
        assertTrue(common >= perf.size() - 32, common + " in common");
    }

    @Test
    void perfDataIsWhatPerfScriptPrintsButForNanoseconds() throws IOException {
        Path run = DATA.resolve("stairs-perf");
        String exact = csv(imported(run.resolve("damon.perf.data.gz")), Table.SNAPSHOTS);
        String printed = csv(imported(run.resolve("damon.perf.script.gz")), Table.SNAPSHOTS);
        String[] a = exact.split("\n");
        String[] b = printed.split("\n");
        assertEquals(b.length, a.length);
        int end = Table.SNAPSHOTS.indexOf("end_ns");
        for (int i = 1; i < a.length; i++) {
            long differenceNs = Long.parseLong(a[i].split(",")[end]) - Long.parseLong(b[i].split(",")[end]);
            assertTrue(Math.abs(differenceNs) < 1000, a[i]);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"damon.trace.dat.gz", "damon.trace-v6.dat.gz"})
    void traceDatIsWhatTraceCmdPrints(String name) throws IOException {
        Path run = DATA.resolve("stairs-perf");
        assertSame(imported(run.resolve("damon.trace-cmd.report.gz")), imported(run.resolve(name)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"compressed", "pipe", "compressed-pipe", "clockid"})
    void everyModeOfPerfIsWhatPerfScriptPrints(String mode) throws IOException {
        Path modes = DATA.resolve("perf-modes");
        Path file = modes.resolve(mode + ".perf.data");
        Path trace = imported(Files.exists(file) ? file : modes.resolve(mode + ".perf.data.gz"));
        assertSame(imported(modes.resolve(mode + ".perf.script.gz")), trace);
        try (TraceSource source = Traces.open(trace)) {
            assertEquals(1022, source.rowCount(Table.REGIONS));
            assertEquals(0, source.rowCount(Table.LOSSES));
            boolean clocked = mode.equals("clockid");
            assertEquals(clocked ? Manifest.ClockKind.MONOTONIC : Manifest.ClockKind.PERF, source.manifest().clock);
            assertEquals(clocked, source.manifest().toEpochNs != null);
            assertEquals("6.18.44", source.manifest().host.get("kernel"));
        }
    }

    private static DamonEvent lost(long timeNs, long count) {
        DamonEvent e = new DamonEvent();
        e.kind = DamonEvent.Kind.LOST;
        e.timeNs = timeNs;
        e.regions = count;
        return e;
    }

    private static byte[] text(List<DamonEvent> events) {
        StringBuilder b = new StringBuilder();
        for (DamonEvent e : events) {
            b.append("kdamond.0 %d [000] %d.%09d: "
                    .formatted(e.tid, e.timeNs / 1_000_000_000, e.timeNs % 1_000_000_000));
            if (e.kind == DamonEvent.Kind.LOST) {
                b.append("PERF_RECORD_LOST lost ").append(e.regions).append('\n');
            } else {
                b.append("damon:damon_aggregated: target_id=%d nr_regions=%d %s-%s: %d %d\n"
                        .formatted(
                                e.target,
                                e.regions,
                                Long.toUnsignedString(e.start),
                                Long.toUnsignedString(e.end),
                                e.nrAccesses,
                                e.age));
            }
        }
        return b.toString().getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void bothByteOrdersInAllModesOfPerfAreTheSame() throws IOException {
        List<DamonEvent> events = new ArrayList<>(PerfDataWriter.events(71, 9));
        events.addAll(PerfDataWriter.events(72, 9));
        events.sort(DamonEvent.IN_TIME);
        events.add(60, lost(events.get(59).timeNs, 5));
        Path expected = imported(text(events));
        // Two CPUs' buffers, one written after the other.
        List<DamonEvent> unsorted = new ArrayList<>(events.subList(40, events.size()));
        unsorted.addAll(events.subList(0, 40));
        for (ByteOrder order : ORDERS) {
            PerfDataWriter writer = new PerfDataWriter(order);
            assertSame(expected, imported(writer.file(unsorted, false)));
            assertSame(expected, imported(writer.file(unsorted, true)));
            assertSame(expected, imported(writer.pipe(unsorted, false)));
            assertSame(expected, imported(writer.pipe(unsorted, true)));
        }
        assertTrue(csv(expected, Table.LOSSES).contains(",5,"), csv(expected, Table.LOSSES));
    }

    @Test
    void theFilesOfADirectoryAreReadSideBySide() throws IOException {
        List<DamonEvent> events = new ArrayList<>(PerfDataWriter.events(71, 40));
        events.addAll(PerfDataWriter.events(72, 40));
        events.sort(DamonEvent.IN_TIME);
        Path expected = imported(text(events));
        // Both kdamonds move from one processor to another and back.
        List<List<DamonEvent>> cpus = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < events.size(); i++) {
            cpus.get(i / 20 % 2).add(events.get(i));
        }
        for (ByteOrder order : ORDERS) {
            for (boolean compress : new boolean[] {false, true}) {
                PerfDataWriter writer = new PerfDataWriter(order);
                Path recording = Files.createDirectory(dir.resolve("recording" + traces));
                Files.write(recording.resolve("data"), writer.file(List.of(), false));
                for (int i = 0; i < cpus.size(); i++) {
                    Files.write(recording.resolve("data." + i), writer.part(cpus.get(i), compress));
                }
                assertSame(expected, imported(recording));
            }
        }
    }

    @Test
    void aDirectoryThatIsNoRecordingOrNotAllOfOneIsRefused() throws IOException {
        byte[] file = new PerfDataWriter(ByteOrder.LITTLE_ENDIAN).file(PerfDataWriter.events(7, 2), false);
        Path recording = Files.createDirectory(dir.resolve("recording"));
        refused(recording, "a directory, not a recording");
        Files.writeString(recording.resolve("data"), "no");
        refused(recording, "not a perf.data");
        Files.write(recording.resolve("data"), file);
        Files.write(recording.resolve("data.0"), new byte[0]);
        Files.write(recording.resolve("data.2"), new byte[0]);
        refused(recording, "data.1 is missing");
        Files.write(recording.resolve("data.1"), new byte[] {9, 0, 0, 0, 0, 0, 9});
        assertTrue(csv(imported(recording), Table.LOSSES).contains("the recording is cut off"));
        Files.write(recording.resolve("data.1"), new byte[0]);
        assertEquals(2, csv(imported(recording), Table.SNAPSHOTS).lines().count() - 1);
    }

    private void refused(Path recording, String why) {
        TraceFormatException e = assertThrows(TraceFormatException.class, () -> imported(recording));
        assertTrue(e.getMessage().contains(why), e.getMessage());
    }

    @Test
    void traceDatOfBothByteOrdersIsPutInOrderOfTime() throws IOException {
        List<DamonEvent> whole = PerfDataWriter.events(71, 40);
        List<DamonEvent> other = PerfDataWriter.events(72, 40);
        List<DamonEvent> events = new ArrayList<>(whole);
        events.addAll(other);
        events.sort(DamonEvent.IN_TIME);
        // The first kdamond moves to another CPU in the middle of a snapshot.
        List<DamonEvent> second = new ArrayList<>(whole.subList(100, whole.size()));
        second.addAll(other);
        second.sort(DamonEvent.IN_TIME);
        Path expected = imported(text(events));
        List<List<DamonEvent>> cpus = List.of(whole.subList(0, 100), second, List.of());
        for (ByteOrder order : ORDERS) {
            PerfDataWriter writer = new PerfDataWriter(order);
            Path trace = imported(writer.traceDat6(cpus));
            assertSame(expected, trace);
            try (TraceSource source = Traces.open(trace)) {
                assertEquals(Manifest.ClockKind.MONOTONIC, source.manifest().clock);
            }
            for (String compression : List.of("none", "zlib", "zstd")) {
                assertSame(expected, imported(writer.traceDat7(cpus, compression)));
            }
        }
    }

    @Test
    void allVersionsOfDamosBinaryRecordInBothByteOrdersAreTheSame() throws IOException {
        Path first = imported(PerfDataWriter.damoRecord(ByteOrder.LITTLE_ENDIAN, 2));
        String[] snapshots = csv(first, Table.SNAPSHOTS).split("\n");
        assertEquals(11, snapshots.length);
        // Number, kdamond, context, scheme, target, start, end, intervals, regions, bytes, lost.
        assertTrue(snapshots[1].startsWith("0,0,0,-1,40,7000000000,7100000000,5000,100000,3,12288,0,"), snapshots[1]);
        assertTrue(snapshots[10].startsWith("9,0,0,-1,41,7400000000,7500000000,5000,100000,4,16384,0,"), snapshots[10]);
        assertTrue(
                csv(first, Table.REGIONS).contains("139637976727552,139637976731648,0,,"), csv(first, Table.REGIONS));
        for (ByteOrder order : ORDERS) {
            for (int version = 0; version <= 2; version++) {
                assertSame(first, imported(PerfDataWriter.damoRecord(order, version)));
            }
        }
    }

    @Test
    void aRecordOfAnUnknownVersionIsRefused() {
        byte[] record = PerfDataWriter.damoRecord(ByteOrder.LITTLE_ENDIAN, 2);
        record[16] = 3;
        TraceFormatException e = assertThrows(TraceFormatException.class, () -> imported(record));
        assertTrue(e.getMessage().contains("version 3"), e.getMessage());
    }

    @Test
    void aTracerClockThatDoesNotCountNanosecondsIsRefused() {
        PerfDataWriter writer = new PerfDataWriter(ByteOrder.LITTLE_ENDIAN);
        List<List<DamonEvent>> cpus = List.of(PerfDataWriter.events(7, 2));
        for (byte[] file : List.of(
                writer.traceDat6(cpus, "x86-tsc", 0, 0),
                writer.traceDat6(cpus, "counter", 1 << 30, 31),
                writer.traceDat6(cpus, "x86-tsc", 1 << 30, 33))) {
            TraceFormatException e = assertThrows(TraceFormatException.class, () -> imported(file));
            assertTrue(e.getMessage().contains("clock"), e.getMessage());
        }
    }

    @Test
    void ticksOfTheProcessorBecomeNanosecondsWhereTraceCmdTellsHowLongTheyTake() throws IOException {
        List<DamonEvent> ticks = PerfDataWriter.events(7, 8);
        List<DamonEvent> times = PerfDataWriter.events(7, 8);
        for (int i = 0; i < times.size(); i++) {
            // 2.5 ns each; past 2^32, and past 2^63 ns times 2^31.
            long tick = (1L << 40) + ticks.get(i).timeNs;
            ticks.get(i).timeNs = tick;
            times.get(i).timeNs = tick * 5 / 2;
        }
        for (ByteOrder order : ORDERS) {
            PerfDataWriter writer = new PerfDataWriter(order);
            assertSame(
                    imported(writer.traceDat6(List.of(times))),
                    imported(writer.traceDat6(List.of(ticks), "x86-tsc", 5 << 28, 29)));
        }
    }

    @Test
    void samplesOfOthersKeepTheirAddressWhereTheirChainHasNone() throws IOException {
        byte[] file = new PerfDataWriter(ByteOrder.LITTLE_ENDIAN).file(PerfDataWriter.events(7, 2), false);
        String text = new String(file, StandardCharsets.ISO_8859_1);
        byte[] other = text.replace("damon\0", "demon\0").getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i + 16 < other.length; i++) {
            if (ByteBuffer.wrap(other).order(ByteOrder.LITTLE_ENDIAN).getLong(i) == 0x1234) {
                Arrays.fill(other, i, i + 8, (byte) 0xff);
            }
        }
        Path trace = imported(other);
        long events = PerfDataWriter.events(7, 2).stream()
                .filter(e -> e.kind == DamonEvent.Kind.AGGREGATED)
                .count();
        assertEquals(events, csv(trace, Table.SAMPLES).lines().count() - 1);
        assertTrue(csv(trace, Table.FRAMES).contains(Long.toString(0xffff_ffff_8000_0000L)), csv(trace, Table.FRAMES));
    }

    private static byte[] stacks(ByteOrder order) {
        return PerfDataWriter.seeds().get(order == ByteOrder.BIG_ENDIAN ? "seed-perf-stacks-big" : "seed-perf-stacks");
    }

    static Stream<byte[]> samples() throws IOException {
        List<DamonEvent> events = PerfDataWriter.events(71, 6);
        PerfDataWriter little = new PerfDataWriter(ByteOrder.LITTLE_ENDIAN);
        PerfDataWriter big = new PerfDataWriter(ByteOrder.BIG_ENDIAN);
        return Stream.of(
                little.file(events, false),
                little.pipe(events, false),
                big.file(events, true),
                little.pipe(events, true),
                little.traceDat6(List.of(events, PerfDataWriter.events(72, 6))),
                big.traceDat6(List.of(events)),
                big.traceDat7(List.of(events), "none"),
                little.traceDat7(List.of(events, events), "zlib"),
                gunzip(DATA.resolve("stairs-perf/damon.trace.dat.gz")),
                stacks(ByteOrder.LITTLE_ENDIAN),
                stacks(ByteOrder.BIG_ENDIAN),
                PerfDataWriter.damoRecord(ByteOrder.LITTLE_ENDIAN, 2),
                PerfDataWriter.damoRecord(ByteOrder.BIG_ENDIAN, 0));
    }

    private void importOrOneLine(byte[] bytes, String what) throws IOException {
        try {
            Importers.importStream("input", new ByteArrayInputStream(bytes), INTERVALS, DiscardingSink::new);
        } catch (TraceFormatException e) {
            assertEquals(1, e.getMessage().lines().count(), what);
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void mutatedFilesGiveATraceOrOneClearLine(byte[] good) throws IOException {
        Random random = new Random(good.length);
        for (int i = 0; i < 300; i++) {
            byte[] bytes = good.clone();
            // Where the structure is: both ends, and anywhere.
            int span =
                    i % 3 == 0 ? Math.min(200, bytes.length) : i % 3 == 1 ? Math.min(4000, bytes.length) : bytes.length;
            for (int m = 0; m < 1 + random.nextInt(4); m++) {
                int at = random.nextInt(span);
                at = random.nextBoolean() ? at : bytes.length - 1 - at;
                bytes[at] =
                        random.nextBoolean() ? (byte) random.nextInt(256) : (byte) (random.nextBoolean() ? 0xff : 0);
            }
            importOrOneLine(bytes, "round " + i);
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void filesCutOffAnywhereGiveATraceOrOneClearLine(byte[] good) throws IOException {
        int step = Math.max(1, good.length / 400);
        for (int n = 1; n < good.length; n += step) {
            importOrOneLine(Arrays.copyOf(good, n), n + " bytes");
        }
    }

    @Test
    void aFailedImportLeavesNothing() {
        byte[] bad = new PerfDataWriter(ByteOrder.LITTLE_ENDIAN).pipe(PerfDataWriter.events(71, 6), true);
        for (int i = bad.length - 40; i < bad.length; i++) {
            bad[i] = (byte) ~bad[i];
        }
        assertThrows(TraceFormatException.class, () -> imported(bad));
        assertFalse(Files.exists(dir.resolve("0.damson")));
        assertFalse(Files.exists(dir.resolve("0.damson.part")));
    }

    @Test
    void aZstdBombStops() {
        byte[] zeros = new byte[80 << 20];
        byte[] bomb = com.github.luben.zstd.Zstd.compress(zeros);
        byte[] start = new PerfDataWriter(ByteOrder.LITTLE_ENDIAN).pipe(List.of(), false);
        ByteBuffer b = ByteBuffer.allocate(start.length + 8 + bomb.length).order(ByteOrder.LITTLE_ENDIAN);
        b.put(start)
                .putInt(81)
                .putShort((short) 0)
                .putShort((short) (8 + bomb.length))
                .put(bomb);
        // Zeros are not records; records of nothing are.
        for (int i = 0; i + 8 <= zeros.length; i += 8) {
            zeros[i] = 82;
            zeros[i + 6] = 8;
        }
        byte[] records = com.github.luben.zstd.Zstd.compress(zeros);
        ByteBuffer r = ByteBuffer.allocate(start.length + 8 + records.length).order(ByteOrder.LITTLE_ENDIAN);
        r.put(start)
                .putInt(81)
                .putShort((short) 0)
                .putShort((short) (8 + records.length))
                .put(records);
        assertThrows(TraceFormatException.class, () -> imported(b.array()));
        TraceFormatException e = assertThrows(TraceFormatException.class, () -> imported(r.array()));
        assertTrue(e.getMessage().contains("400-fold"), e.getMessage());
    }
}
