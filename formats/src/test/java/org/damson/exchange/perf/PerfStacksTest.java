package org.damson.exchange.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.exchange.Importers;
import org.damson.exchange.build.ImportOptions;
import org.damson.exchange.build.ImportReport;
import org.damson.model.ColumnType;
import org.damson.model.Manifest;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Call stacks in {@code perf.data}. */
final class PerfStacksTest {
    private static final Path DATA = Path.of("..", "testdata", "perf-stacks");
    private static final ByteOrder[] ORDERS = {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN};
    private static final int USER = PerfStacksWriter.USER;
    private static final int KERNEL = PerfStacksWriter.KERNEL;
    private static final long IN_USER = -512;
    private static final long IN_KERNEL = -128;
    private static final long TEXT = 0xffff_ffff_8100_0000L;
    private static final int FUNCTION = Table.FRAMES.indexOf("function");
    private static final int MODULE = Table.FRAMES.indexOf("module");
    private static final int BUILD = Table.FRAMES.indexOf("build_id");
    private static final int OFFSET = Table.FRAMES.indexOf("offset");

    @TempDir
    Path dir;

    private ImportReport report;
    private int traces;

    private Path imported(Path file) throws IOException {
        Path trace = dir.resolve(traces++ + ".damson");
        report = Importers.importFile(file, ImportOptions.NONE, m -> Traces.create(trace, m, WriterOptions.BATCH));
        return trace;
    }

    private Path imported(PerfStacksWriter writer) throws IOException {
        Path trace = dir.resolve(traces++ + ".damson");
        report = Importers.importStream(
                "input",
                new ByteArrayInputStream(writer.bytes()),
                ImportOptions.NONE,
                m -> Traces.create(trace, m, WriterOptions.BATCH));
        return trace;
    }

    private static List<Object[]> rows(Path trace, Table table) throws IOException {
        List<Object[]> rows = new ArrayList<>();
        try (TraceSource source = Traces.open(trace)) {
            source.forEachRow(table, (b, r) -> {
                Object[] row = new Object[table.columns().size()];
                for (int c = 0; c < row.length; c++) {
                    boolean text = table.columns().get(c).type() == ColumnType.STRING;
                    row[c] = text ? b.text(c, r) : (Object) b.get(c, r);
                }
                rows.add(row);
            });
        }
        return rows;
    }

    private static List<String> texts(Path trace, Table table) throws IOException {
        return rows(trace, table).stream().map(java.util.Arrays::toString).toList();
    }

    /** Each sample's frames, leaf first, as {@code function|file|build id+offset}. */
    private static List<String> stacks(Path trace) throws IOException {
        List<Object[]> frames = rows(trace, Table.FRAMES);
        List<Object[]> stacks = rows(trace, Table.STACKS);
        List<String> texts = new ArrayList<>();
        for (Object[] sample : rows(trace, Table.SAMPLES)) {
            StringBuilder b = new StringBuilder();
            for (Object[] s : stacks) {
                if (s[0].equals(sample[Table.SAMPLES.indexOf("stack_id")])) {
                    Object[] f = frames.get((int) (long) (Long) s[2]);
                    b.append(b.isEmpty() ? "" : " ")
                            .append(f[FUNCTION])
                            .append('|')
                            .append(f[MODULE]);
                    b.append('|').append(f[BUILD]).append("+").append(Long.toHexString((Long) f[OFFSET]));
                }
            }
            texts.add(b.toString());
        }
        return texts;
    }

    @ParameterizedTest
    @ValueSource(strings = {"stacks", "pipe", "threads"})
    void stacksAreThoseThatPerfScriptPrintsAndHaveBuildIds(String name) throws IOException {
        Path packed = DATA.resolve(name + ".perf.data.gz");
        Path binary = imported(Files.exists(packed) ? packed : DATA.resolve(name + ".perf.data"));
        Path text = imported(DATA.resolve(name + ".perf.script.gz"));
        assertEquals(texts(text, Table.SAMPLES), texts(binary, Table.SAMPLES));
        assertEquals(texts(text, Table.STACKS), texts(binary, Table.STACKS));
        List<Object[]> printed = rows(text, Table.FRAMES);
        List<Object[]> frames = rows(binary, Table.FRAMES);
        assertEquals(printed.size(), frames.size());
        int built = 0;
        for (int i = 0; i < frames.size(); i++) {
            Object[] frame = frames.get(i);
            // perf prints the kernel's addresses, here they count from its first symbol.
            long base = frame[MODULE].equals("[kernel.kallsyms]") ? TEXT : 0;
            assertEquals(printed.get(i)[OFFSET], (Long) frame[OFFSET] + base, "frame " + i);
            assertEquals(printed.get(i)[MODULE], frame[MODULE]);
            built += frame[BUILD].toString().length() == 40 ? 1 : 0;
        }
        // perf writes none into a directory.
        assertEquals(!name.equals("threads"), built > frames.size() / 2, built + " of " + frames.size());
        try (TraceSource source = Traces.open(binary)) {
            boolean clocked = name.equals("pipe");
            assertEquals(clocked ? Manifest.ClockKind.MONOTONIC : Manifest.ClockKind.PERF, source.manifest().clock);
        }
        assertEquals(List.of(), Traces.verify(binary).findings());
    }

    @Test
    void aFrameIsAFileAndAnOffsetAsMappedWhenItWasSampled() throws IOException {
        for (ByteOrder order : ORDERS) {
            PerfStacksWriter w = new PerfStacksWriter(order)
                    .mmap(0, KERNEL, -1, TEXT, 0x100_0000, TEXT, "[kernel.kallsyms]_text")
                    .mmap(0, KERNEL, -1, 0xffff_ffff_c000_0000L, 0x2000, 0, "[zram]")
                    .mmap(0, USER, 7, 0x40_0000, 0x4000, 0x1000, "/bin/seven")
                    .mmap(0, USER, 7, 0x7f00_0000, 0x1000, 0x7f000, "//anon")
                    .sample(60, USER, 8, IN_USER, 0x40_0010)
                    .sample(
                            10,
                            KERNEL,
                            7,
                            IN_KERNEL,
                            TEXT + 0x20,
                            0xffff_ffff_c000_0008L,
                            5,
                            IN_USER,
                            0x40_0010,
                            0x7f00_0030)
                    // written later than the samples after it, as another processor's buffer is
                    .mmap2(20, 7, 0x40_1000, 0x1000, 0x8000, "/lib/a b.so")
                    .sample(30, USER, 7, IN_USER, 0x40_0fff, 0x40_1000, 0x40_1fff, 0x40_2000, 0x40_4000)
                    .fork(40, 7, 8)
                    .exec(50, 7)
                    .sample(70, USER, 7, IN_USER, 0x40_0010)
                    .kernelSymbol(80, 0xffff_ffff_c100_0000L, 64, "bpf_prog_x")
                    .sample(90, KERNEL, 8, IN_KERNEL, 0xffff_ffff_c100_003fL, 0xffff_ffff_c100_0040L)
                    // a guest's and a mark of later kernels: not known whose addresses follow
                    .sample(95, USER, 8, -2048, 0x40_0010, -640, 0x1234, IN_USER, 0x40_0010);
            Path trace = imported(w);
            assertEquals(
                    List.of(
                            "|[kernel.kallsyms]|+20 |[zram]|+8 |||+5 |/bin/seven|+1010 |/tmp/perf-7.map|+7f000030"
                                    .replace("|||", "||"),
                            "|/bin/seven|+1fff |/lib/a b.so|cafe+8000 |/lib/a b.so|cafe+8fff |/bin/seven|+3000 ||+404000",
                            "|/bin/seven|+1010",
                            "||+400010",
                            "bpf_prog_x|bpf_prog_x|+3f ||+ffffffffc1000040",
                            "|/bin/seven|+1010"),
                    stacks(trace),
                    order.toString());
            assertEquals(
                    "[10, 7, 8, 3, cpu-clock:u, 30583, 250000, 0]",
                    texts(trace, Table.SAMPLES).get(0));
        }
    }

    @Test
    void recordsThatLieAreCountedAndTheOthersKept() throws IOException {
        for (ByteOrder order : ORDERS) {
            Path trace = imported(new PerfStacksWriter(order)
                    .mmap(0, USER, 7, 0x40_0000, 0x4000, 0, "/bin/seven")
                    .sampleOf(3, 10, USER, 7, IN_USER, 0x40_0010)
                    .sampleOf(-1, 20, USER, 7, IN_USER, 0x40_0020)
                    .sampleOf(1L << 60, 30, USER, 7, IN_USER, 0x40_0020)
                    .record(9, USER, b -> b.putLong(1))
                    .record(1, USER, b -> b.putLong(1))
                    .record(7, 0, b -> b.putLong(1))
                    .sample(40, USER, 7, IN_USER, 0x40_0030));
            assertEquals(List.of("|/bin/seven|+30"), stacks(trace));
            assertTrue(
                    report.notes().stream().anyMatch(n -> n.startsWith("6 events could not be read")),
                    report.notes()::toString);
        }
    }

    @Test
    void withoutASampleThereIsNoTrace() {
        PerfStacksWriter w =
                new PerfStacksWriter(ByteOrder.LITTLE_ENDIAN).mmap(0, USER, 7, 0x40_0000, 0x4000, 0, "/bin/seven");
        TraceFormatException e = assertThrows(TraceFormatException.class, () -> imported(w));
        assertTrue(e.getMessage().contains("nor call stacks"), e.getMessage());
    }
}
