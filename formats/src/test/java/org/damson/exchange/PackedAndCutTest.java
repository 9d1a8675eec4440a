package org.damson.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.damson.exchange.build.ImportOptions;
import org.damson.exchange.build.ImportReport;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What recordings are packed in, how they are cut off, and what stands before and behind them. */
final class PackedAndCutTest {
    @TempDir
    Path dir;

    private Path trace;
    private int traces;

    private ImportReport imported(byte[] recording) throws IOException {
        trace = dir.resolve(traces++ + ".damson");
        ImportReport report = Importers.importStream(
                "input",
                new ByteArrayInputStream(recording),
                ImportOptions.NONE,
                m -> Traces.create(trace, m, WriterOptions.BATCH));
        assertEquals(List.of(), Traces.verify(trace).findings());
        return report;
    }

    private String refused(byte[] recording) {
        String said = assertThrows(TraceFormatException.class, () -> imported(recording))
                .getMessage();
        assertFalse(Files.exists(trace));
        return said;
    }

    private static boolean says(ImportReport report, String words) {
        return report.notes().stream().anyMatch(n -> n.contains(words));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(plain);
        }
        return packed.toByteArray();
    }

    private static byte[] zlib(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new DeflaterOutputStream(packed)) {
            out.write(plain);
        }
        return packed.toByteArray();
    }

    /** Snapshots 0.1 s apart of two regions that differ in each, so that they hardly shrink. */
    private static String text(int snapshots) {
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < snapshots; i++) {
            String head = String.format(
                    "k-7 [000] ..... %d.%d00000: damon_aggregated: target_id=0 nr_regions=2 ", i / 10, i % 10);
            b.append(head)
                    .append("4096-8192: ")
                    .append(i % 7)
                    .append(' ')
                    .append(i * 31L % 97)
                    .append('\n');
            b.append(head)
                    .append("8192-16384: ")
                    .append(i % 5)
                    .append(' ')
                    .append(i * 57L % 89)
                    .append('\n');
        }
        return b.toString();
    }

    private static String snapshot(int i) {
        return "{\"start_time\":" + i * 100_000_000L + ",\"end_time\":" + (i + 1) * 100_000_000L
                + ",\"regions\":[{\"start\":4096,\"end\":8192,\"nr_accesses\":{\"samples\":" + i % 5
                + "},\"age\":{\"aggr_intervals\":" + i + "}}]}";
    }

    private static String record(long target, int snapshots) {
        StringBuilder b = new StringBuilder("{\"kdamond_idx\":0,\"context_idx\":0,\"intervals\":{\"sample_us\":5000,"
                + "\"aggr_us\":100000,\"ops_update_us\":1000000},\"scheme_idx\":null,\"target_id\":" + target
                + ",\"snapshots\":[");
        for (int i = 0; i < snapshots; i++) {
            b.append(i == 0 ? "" : ",").append(snapshot(i));
        }
        return b.append("]}").toString();
    }

    @Test
    void whatIsPackedWithZstdIsReadAndWhatIsPackedOtherwiseIsNamed() throws IOException {
        assertEquals(30, imported(Zstd.compress(bytes(text(30)))).snapshots());
        assertEquals(30, imported(gzip(bytes(text(30)))).snapshots());
        assertTrue(
                refused(new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0, 0, 4}).contains("packed with xz"));
        assertTrue(refused(bytes("BZh91AY&SY")).contains("packed with bzip2"));
    }

    @Test
    void textWhoseGzipOrZstdEndsTooEarlyKeepsWhatIsWhole() throws IOException {
        byte[] plain = bytes(text(3000));
        for (byte[] packed : List.of(gzip(plain), Zstd.compress(plain))) {
            ImportReport report = imported(Arrays.copyOf(packed, packed.length * 2 / 3));
            assertTrue(report.snapshots() > 500 && report.snapshots() < 3000, () -> "" + report.snapshots());
            assertTrue(says(report, "the recording is cut off"), report.notes()::toString);
            assertTrue(report.lost() > 0);
            try (TraceSource source = Traces.open(trace)) {
                boolean[] told = new boolean[1];
                source.forEachRow(
                        Table.LOSSES, (b, r) -> told[0] |= b.text(2, r).equals("file") && b.get(3, r) == -1);
                assertTrue(told[0]);
            }
        }
        // Only the checksum behind the data is missing: that too is an end before the end.
        byte[] packed = gzip(bytes(text(30)));
        ImportReport report = imported(Arrays.copyOf(packed, packed.length - 4));
        assertEquals(30, report.snapshots());
        assertTrue(says(report, "the recording is cut off"), report.notes()::toString);
    }

    @Test
    void aDamoRecordThatIsCutOffKeepsItsSnapshots() throws IOException {
        String whole = "[" + record(1, 5) + "," + record(2, 5) + "]";
        assertEquals(0, imported(bytes(whole)).lost());
        // In the third snapshot of the second target.
        String cut = whole.substring(0, whole.lastIndexOf(snapshot(2)) + 40);
        for (byte[] recording : List.of(bytes(cut), Arrays.copyOf(zlib(bytes(cut)), zlib(bytes(cut)).length - 6))) {
            ImportReport report = imported(recording);
            // The compressor holds back what is not yet a block.
            assertTrue(report.snapshots() == 7 || recording.length < cut.length() && report.snapshots() > 4);
            assertTrue(says(report, "cut off (line 1)"), report.notes()::toString);
            assertTrue(report.lost() > 0);
        }
        assertTrue(refused(bytes("[" + record(1, 1).substring(0, 200))).contains("not JSON"));
    }

    @Test
    void whatStandsBehindADamoRecordIsNamed() throws IOException {
        String whole = "[" + record(1, 5) + "]";
        for (String more : List.of("\n" + whole, "\nKilled\n")) {
            ImportReport report = imported(bytes(whole + more));
            assertEquals(5, report.snapshots());
            assertTrue(says(report, "what follows the end of the record"), report.notes()::toString);
        }
        assertFalse(says(imported(bytes(whole + "\n \n")), "behind"));
    }

    @Test
    void aRecordWhoseSnapshotsComeBeforeTheirTargetIsRefused() {
        // As a tool that sorts keys leaves it: all targets would be 0.
        String sorted = record(7, 2).replace(",\"target_id\":7", "");
        sorted = "[" + sorted.substring(0, sorted.length() - 1) + ",\"target_id\":7}]";
        String recording = sorted;
        assertTrue(refused(bytes(recording)).contains("target_id comes after the snapshots"));
    }

    @Test
    void aSnapshotThatEndsBeforeItStartsIsRefused() {
        String recording = "[" + record(1, 2).replace("\"end_time\":200000000", "\"end_time\":50000000") + "]";
        assertTrue(refused(bytes(recording)).contains("a snapshot from 100000000 to 50000000 ns"));
    }

    @Test
    void aByteOrderMarkChangesNothing() throws IOException {
        assertEquals(3, imported(bytes("\ufeff" + text(3))).snapshots());
        assertEquals(5, imported(bytes("\ufeff[" + record(1, 5) + "]")).snapshots());
        assertTrue(refused(text(3).getBytes(StandardCharsets.UTF_16)).contains("UTF-16"));
    }

    @Test
    void aBinaryRecordOfDamoThatIsCutOffKeepsWhatIsWhole() throws IOException {
        byte[] whole = Files.readAllBytes(binary());
        long all = imported(whole).regions();
        ImportReport report = imported(Arrays.copyOf(whole, whole.length * 2 / 3 + 5));
        assertTrue(report.regions() > 0 && report.regions() < all);
        assertTrue(says(report, "the recording is cut off"), report.notes()::toString);
        assertTrue(report.lost() > 0);
    }

    /** Version 2: heading, then snapshots of a time, targets, and regions of 20 bytes each. */
    private Path binary() throws IOException {
        var b = java.nio.ByteBuffer.allocate(1 << 16).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        b.put(bytes("damon_recfmt_ver")).putInt(2);
        for (int i = 1; i <= 9; i++) {
            b.putLong(i).putLong(0).putInt(1).putLong(42).putInt(3);
            for (int r = 0; r < 3; r++) {
                b.putLong(4096L * (r + 1)).putLong(4096L * (r + 2)).putInt(i);
            }
        }
        return Files.write(dir.resolve("binary"), Arrays.copyOf(b.array(), b.position()));
    }

    @Test
    void aPipeIsReadAsAFileIs() throws Exception {
        Path fifo = dir.resolve("fifo");
        Path file = Files.writeString(dir.resolve("text"), text(30));
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        Process writer = new ProcessBuilder("cp", file.toString(), fifo.toString()).start();
        trace = dir.resolve("piped.damson");
        ImportReport report =
                Importers.importFile(fifo, ImportOptions.NONE, m -> Traces.create(trace, m, WriterOptions.BATCH));
        assertEquals(0, writer.waitFor());
        assertEquals(30, report.snapshots());
    }

    @Test
    void eventsThatAreNotInOrderOfTimeAreCounted() throws IOException {
        List<String> lines = text(4).lines().toList();
        String late = String.join("\n", lines.subList(4, 8)) + "\n" + String.join("\n", lines.subList(0, 4)) + "\n";
        assertTrue(says(imported(bytes(late)), "4 events are earlier than one before"));
    }

    @Test
    void eventsOfOthersAndStrangeLinesOfTextAreCounted() throws IOException {
        ImportReport report = imported(bytes("# tracer: nop\ncpus=4\n" + text(2)
                + "bash-12 [001] d..2. 3.500000: sched_switch: prev_comm=a ==> next_comm=b\n"
                + "bash-12 [001] d..2. 3.600000: sched_switch: prev_comm=a ==> next_comm=b\n"
                + "bash-12 [001] d..2. 3.700000: <stack trace>\n => schedule\n"
                + "perf 12 3.800000: PERF_RECORD_MMAP2 12/12: [0x1000(0x1000) @ 0 08:01 5 0]: r-xp /bin/a\n"
                + "perf 12 3.900000: PERF_RECORD_COMM: a:12/12\n"
                + "Segmentation fault\n"));
        assertEquals(2, report.snapshots());
        assertTrue(
                says(
                        report,
                        "5 events other than DAMON's, without a call stack, left out: sched_switch 2, <stack trace> 1,"
                                + " PERF_RECORD_COMM 1, PERF_RECORD_MMAP2 1"),
                report.notes()::toString);
        assertTrue(
                says(report, "1 line not understood, the first: line 13: Segmentation fault"),
                report.notes()::toString);
    }
}
