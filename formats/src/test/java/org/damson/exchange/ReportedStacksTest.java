package org.damson.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.damson.exchange.build.ImportOptions;
import org.damson.exchange.perf.PerfStacksWriter;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;

/** Call stacks of recordings as users have them. */
final class ReportedStacksTest extends ReportedRecordings {
    @Test
    void sourceLinesDoNotEndAStack() throws IOException {
        imported(text("srcline.perf-script.txt"));
        assertEquals(5, rows(Table.SAMPLES).size());
        assertEquals(27, rows(Table.STACKS).size());
        // The same without the lines of source.
        String bare = text("srcline.perf-script.txt")
                .lines()
                .filter(l -> !l.startsWith("  "))
                .collect(Collectors.joining("\n"));
        List<String> stacks = rows(Table.STACKS);
        imported(bare);
        assertEquals(stacks, rows(Table.STACKS));
    }

    @Test
    void tracepointsWithStacksAreSamplesAndThoseWithoutAreCounted() throws IOException {
        imported(
                text("sched.txt")
                        + "x 5 [001]  100.000201: sched:sched_wakeup: comm=y pid=6\n\n"
                        + "x 5 [001]  100.000301:          1 cycles:u:  ffffffff81a00020 foo+0x1 ([kernel.kallsyms])\n"
                        + "x 5 [001]  100.000401:          1 page-faults:  7f0000001000  ffffffff81a00020 foo+0x1 ([kernel.kallsyms])\n");
        List<String> events = rows(Table.SAMPLES).stream()
                .map(r -> r.split("\\|")[0] + " " + r.split("\\|")[4])
                .toList();
        assertEquals(
                List.of(
                        "100000001000 sched:sched_switch",
                        "100000101000 cpu-clock",
                        "100000301000 cycles:u",
                        "100000401000 page-faults"),
                events);
        // foo is one frame, and the one-line samples' stack is that of cpu-clock.
        assertEquals(3, rows(Table.FRAMES).size());
        assertTrue(noted("1 event without a call stack left out: sched:sched_wakeup 1"), report.notes()::toString);
    }

    @Test
    void aThreadWhoseNameLooksLikeAnAddressHasASampleOfItsOwn() throws IOException {
        imported("              dd 7 [001]  100.000001:    1 cycles:u:  ffffffff81a00020 foo+0x1 ([kernel.kallsyms])\n"
                + "              dd 7 [001]  100.000002:    1 cycles:u: \n\t  ffffffff81a00020 foo+0x1 ([kernel.kallsyms])\n\n"
                + "              dd 7 [001]  100.000003: sched:sched_wakeup: comm=y pid=6\n"
                + "              dd 7 [001]  100.000004:    1 cycles:u:  ffffffff81a00020 foo\n"
                + "              dd 7 [001]  100.000005:    1 cycles:u: \n\t  ffffffff81a00020\n\t  20 \n\n");
        assertEquals(4, rows(Table.SAMPLES).size());
        assertEquals(4, rows(Table.STACKS).size());
        assertTrue(noted("sched:sched_wakeup 1"), report.notes()::toString);
    }

    @Test
    void stacksUnderALineThatIsNotUnderstoodAreCounted() throws IOException {
        String stack = "\t 10 f+0x2 (/a)\n\t 20 g+0x2 (/a)\n\n";
        imported("a 1 1.500000: 1 cpu-clock: \n" + stack + "a 1 [wat] cpu-clock\n" + stack);
        assertEquals(1, rows(Table.SAMPLES).size());
        assertTrue(noted("1 call stacks are left out"), report.notes()::toString);
    }

    @Test
    void aSampleWithoutAChainKeepsItsAddress() throws IOException {
        imported(recording("dwarf.perf.data.gz"));
        assertEquals(86, rows(Table.SAMPLES).size());
        assertTrue(noted("86 samples have copies of the user stack"), report.notes()::toString);
        long[] depth = new long[86];
        rows(Table.STACKS).forEach(r -> depth[Integer.parseInt(r.split("\\|")[0])]++);
        List<String> frames = rows(Table.FRAMES);
        // Most are in ./w.
        long inW = rows(Table.SAMPLES).stream()
                .map(r -> r.substring(r.lastIndexOf('|') + 1))
                .filter(id -> stackIn(id, frames, "/w|"))
                .count();
        assertTrue(inW > 43, inW + " in w");
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            imported(new PerfStacksWriter(order)
                    .mmap(0, PerfStacksWriter.USER, 7, 0x40_0000, 0x4000, 0, "/bin/seven")
                    // the address, which the writer takes from the chain, of a chain that has none
                    .sampleOf(0, 10, PerfStacksWriter.USER, 7, 0x40_0010)
                    .sampleOf(1, 20, PerfStacksWriter.USER, 7, -512)
                    .bytes());
            assertEquals(2, rows(Table.SAMPLES).size(), order.toString());
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = ReportedStacksTest.class.getResourceAsStream(name);
                InputStream plain = new GZIPInputStream(in)) {
            return plain.readAllBytes();
        }
    }

    /** {@code perf record -e '{cpu-clock,page-faults}:S'}: perf script tells 16 samples of one and makes 2 of the other's counts. */
    @Test
    void timesThatAreDifferencesAreSaid() throws IOException {
        String frame = "\tffffffff81000000 f+0x1f ([kernel.kallsyms])\n\n";
        String text = "k 7 [000] 1.000000: cpu-clock: \n" + frame + "k 7 [000] 2.000000: cpu-clock: \n" + frame;
        imported(text);
        assertEquals(1, report.notes().size(), report.notes()::toString);
        imported(text + "k 7 [000] 0.002000: cpu-clock: \n" + frame);
        assertTrue(noted("1 sample is earlier than one before"), report.notes()::toString);
    }

    @Test
    void whatAProcessorTracedIsPassedOverAndNamed() throws IOException {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            PerfDataWriter writer = new PerfDataWriter(order);
            byte[] pipe = writer.pipe(PerfDataWriter.events(71, 4), false);
            imported(pipe);
            List<String> right = rows(Table.REGIONS);
            byte[] aux = writer.auxiliary(70_000);
            byte[] both = Arrays.copyOf(pipe, pipe.length + aux.length);
            System.arraycopy(aux, 0, both, pipe.length, aux.length);
            imported(both);
            assertEquals(right, rows(Table.REGIONS));
            assertEquals(0, report.lost());
            assertTrue(
                    noted("1 record of kinds that are not read: traces of a processor (AUXTRACE) 1"),
                    report.notes()::toString);
            Path directory = Files.createDirectory(dir.resolve("threads-" + order));
            Files.write(directory.resolve("data"), writer.file(List.of(), false));
            byte[] part = writer.part(PerfDataWriter.events(71, 4), false);
            byte[] behind = Arrays.copyOf(aux, aux.length + part.length);
            System.arraycopy(part, 0, behind, aux.length, part.length);
            Files.write(directory.resolve("data.0"), behind);
            trace = dir.resolve("of-threads-" + order + ".damson");
            report = Importers.importFile(
                    directory, ImportOptions.NONE, m -> Traces.create(trace, m, WriterOptions.BATCH));
            assertEquals(right, rows(Table.REGIONS));
            assertTrue(noted("traces of a processor"), report.notes()::toString);
        }
    }

    @Test
    void countsOfAGroupBesideItsSamplesAreNamed() throws IOException {
        imported(resource("group.perf.data.gz"));
        assertEquals(16, rows(Table.SAMPLES).size());
        assertTrue(noted("16 samples have counts of the other events of their group"), report.notes()::toString);
    }

    /** {@code perf record --per-thread}, whose samples have no time unless -T asks for one. */
    @Test
    void samplesWithoutATimeAreRefusedForThatReason() {
        TraceFormatException e =
                assertThrows(TraceFormatException.class, () -> imported(resource("per-thread.perf.data.gz")));
        assertTrue(e.getMessage().contains("samples cannot be taken: without a time"), e.getMessage());
    }

    @Test
    void samplesOfAFixedPeriodStandForIt() throws IOException {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            imported(new PerfStacksWriter(order, 1_000_000)
                    .sample(10, PerfStacksWriter.USER, 7, 0x40_0010)
                    .bytes());
            assertEquals(List.of("10|7|8|3|cpu-clock:u|30583|1000000|0"), rows(Table.SAMPLES));
        }
    }

    private boolean stackIn(String stack, List<String> frames, String file) {
        try {
            return rows(Table.STACKS).stream()
                    .map(r -> r.split("\\|"))
                    .filter(r -> r[0].equals(stack))
                    .anyMatch(r -> frames.get(Integer.parseInt(r[2])).contains(file));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void lossesOfARecordingOfSamplesHaveTheirTime() throws IOException {
        String sample = "a 1 1.500000: 1 cpu-clock: \n\t 10 f+0x2 (/a)\n\n";
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            imported(new PerfStacksWriter(order)
                    .sample(5_000, PerfStacksWriter.USER, 7, -512, 0x10)
                    .record(2, 0, b -> b.putLong(5)
                            .putLong(9)
                            .putInt(7)
                            .putInt(7)
                            .putLong(6_000)
                            .putInt(1)
                            .putInt(0))
                    .bytes());
            assertEquals(List.of("6000|6000|tracer|9|events overwritten in the trace buffer"), rows(Table.LOSSES));
        }
        imported(sample);
        assertEquals(0, report.lost());
    }

    @Test
    void aPerfDataThatWasNotClosedKeepsItsStacks() throws IOException {
        byte[] good = recording("dwarf.perf.data.gz");
        imported(good);
        List<String> all = rows(Table.SAMPLES);
        ByteBuffer head = ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN);
        int end = (int) (head.getLong(40) + head.getLong(48));
        byte[] killed = Arrays.copyOf(good, end);
        ByteBuffer.wrap(killed).order(ByteOrder.LITTLE_ENDIAN).putLong(48, 0);
        imported(killed);
        assertTrue(noted("perf record did not end properly"), report.notes()::toString);
        // Only names are missing.
        assertEquals(
                all.stream().map(r -> r.substring(0, r.indexOf("|", 20))).toList(),
                rows(Table.SAMPLES).stream()
                        .map(r -> r.substring(0, r.indexOf("|", 20)))
                        .toList());
        imported(Arrays.copyOf(good, end * 2 / 3));
        assertTrue(rows(Table.SAMPLES).size() > 10);
        assertEquals(1, report.lost());
    }
}
