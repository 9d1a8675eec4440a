package org.damson.exchange.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.damson.exchange.Importers;
import org.damson.exchange.build.ImportOptions;
import org.damson.exchange.build.ImportReport;
import org.damson.model.Batch;
import org.damson.model.ColumnType;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Call stacks in {@code perf script} text. */
final class StackTextTest {
    private static final Path RECORDING = Path.of("..", "testdata", "stairs-perf", "cpu.perf.script.gz");

    @TempDir
    Path dir;

    private ImportReport imported(byte[] text) throws IOException {
        return Importers.importStream(
                "input",
                new ByteArrayInputStream(text),
                ImportOptions.NONE,
                m -> Traces.create(dir.resolve("t.damson"), m, WriterOptions.BATCH));
    }

    private ImportReport imported(String text) throws IOException {
        return imported(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private List<String> rows(Table table) throws IOException {
        List<String> rows = new ArrayList<>();
        try (TraceSource trace = Traces.open(dir.resolve("t.damson"));
                TraceSource.BatchCursor cursor = trace.rows(table)) {
            for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                for (int r = 0; r < b.rows(); r++) {
                    StringBuilder row = new StringBuilder();
                    for (int c = 0; c < table.columns().size() && b.isPresent(c); c++) {
                        boolean text = table.columns().get(c).type() == ColumnType.STRING;
                        row.append(c == 0 ? "" : "|").append(text ? b.text(c, r) : String.valueOf(b.get(c, r)));
                    }
                    rows.add(row.toString());
                }
            }
        }
        return rows;
    }

    /** Of a name as perf script prints it: the second byte of its first letter is 0x85, which Unicode takes for the end of a line. */
    @Test
    void aThreadMayHaveAnyName() throws IOException {
        imported(
                "\u00c3\u0085ngstr\u00c3\u00b6m 162 12.276579: 3 cpu-clock:  55aa711de8da \u00c3\u0085+0x5c (/bin/\u00c3\u0085)\n");
        assertEquals(List.of("12276579000|162|162|-1|cpu-clock|0|3|0"), rows(Table.SAMPLES));
        assertEquals(List.of("0|\u00c5|/bin/\u00c5||92"), rows(Table.FRAMES));
        assertEquals(List.of("12276579000|162|162|\u00c5ngstr\u00f6m|0"), rows(Table.THREADS));
    }

    /** A sample of a thread that is gone has no number; the mode may stand without the processor; names of raw events are long. */
    @Test
    void headsAreOfManyShapes() throws IOException {
        String event =
                "cpu_core/event=0xd1,umask=0x1,config1=0x0123456789abcdef,config2=0x0123456789abcdef,config3=0x0123456789abcdef,name=x/upp";
        imported(":-1    -1/-1    [003] 1.000000:          1 cpu-clock:u:  10 f+0x1 (/a)\n"
                + "a 7/8 U      2.000000: cycles:u:  10 f+0x1 (/a)\n"
                + "a 7/8 [003] g      3.000000: cycles:u:  10 f+0x1 (/a)\n"
                + "a 7/8 [003] 4.000000: " + event + ":  10 f+0x1 (/a)\n");
        assertEquals(
                List.of(
                        "1000000000|-1|-1|3|cpu-clock:u|0|1|0",
                        "2000000000|7|8|-1|cycles:u|0|1|0",
                        "3000000000|7|8|3|cycles:u|0|1|0",
                        "4000000000|7|8|3|" + event + "|0|1|0"),
                rows(Table.SAMPLES));
        assertEquals("1000000000|-1|-1||0", rows(Table.THREADS).get(0));
    }

    /** Which columns perf script prints is the user's choice ({@code -F}). */
    @Test
    void columnsMayBeMissing() throws IOException {
        String stack = "\n\t    55aa711de8da f+0x5c (/a)\n\n";
        List<String> notes = imported("    162/163     1.000000:          5 cpu-clock: " + stack
                        + "    162   2.000000: cpu-clock: " + stack
                        + "    Web Content     3.000000: cpu-clock: " + stack
                        + "sh     4.000000: cpu-clock: " + stack
                        + "Web Content     162/163     [003]     5.000000:          9 " + stack
                        + "Web Content     162/163     6.000000:" + stack
                        + "sh 7.000000: cpu-clock: " + stack)
                .notes();
        assertEquals(
                List.of(
                        "1000000000|162|163|-1|cpu-clock|0|5|0",
                        "2000000000|162|162|-1|cpu-clock|0|1|0",
                        "3000000000|-2|-2|-1|cpu-clock|0|1|0",
                        "4000000000|-3|-3|-1|cpu-clock|0|1|0",
                        "5000000000|162|163|3|unnamed|0|9|0",
                        "6000000000|162|163|-1|unnamed|0|1|0",
                        "7000000000|-3|-3|-1|cpu-clock|0|1|0"),
                rows(Table.SAMPLES));
        assertTrue(notes.toString().contains("threads are told apart by their names"), notes.toString());
    }

    /** A name may look like an address; what is in columns of an unknown kind is counted line by line. */
    @Test
    void noLineWithATimeIsPassedOver() throws IOException {
        List<String> notes = imported(
                        "            dd  162     1.000000:          3  ffffffff81b73c18 copy+0x1 ([kernel.kallsyms])\n"
                                + "            dd  162     2.000000:       401136 main (/a)\n"
                                + ("            dd  162     3.000000:          3  ??? copy ([kernel.kallsyms])\n")
                                        .repeat(4))
                .notes();
        assertEquals(
                List.of("1000000000|162|162|-1|unnamed|0|3|0", "2000000000|162|162|-1|unnamed|0|1|1"),
                rows(Table.SAMPLES));
        assertTrue(
                notes.stream().anyMatch(n -> n.startsWith("4 lines not understood, the first: line 3: dd")),
                notes.toString());
    }

    /** Lines of tracefs and trace-cmd are none of perf's, whatever their columns. */
    @Test
    void otherEventsOfTheTracerAreNoSamples() throws IOException {
        List<String> notes = imported("     <idle>-0     [001] d..1.     1.000000: cpu_idle: state=1 cpu_id=1\n"
                        + "  bash-12      (     12) [001] d..1.     1.000000: sched_wakeup: a\n"
                        + "    bash-12      0d..2     1.000000: sched_wakeup: a\n"
                        + "k-7 [000] ..... 1.5: damon_aggregated: target_id=0 nr_regions=1 0-4096: 1 1\n")
                .notes();
        assertTrue(
                notes.contains(
                        "3 events other than DAMON's, without a call stack, left out: sched_wakeup 2, cpu_idle 1"),
                notes.toString());
    }

    @Test
    void saysWhatAStackNeeds() {
        String stack = "sh 12 cpu-clock: \n\t    55aa711de8da f+0x5c (/a)\n\n";
        TraceFormatException e = assertThrows(TraceFormatException.class, () -> imported(stack + stack));
        assertTrue(e.getMessage().contains("what stands before 2 call stacks is not understood"), e.getMessage());
        e = assertThrows(
                TraceFormatException.class, () -> imported("sh 12 1.000000: sched:sched_switch: a=b\n".repeat(3)));
        assertTrue(e.getMessage().contains(": 3 events without one, sched:sched_switch 3;"), e.getMessage());
    }

    /** perf prints a colon and the number where it knows no name. */
    @Test
    void threadsHaveTheNamesThatArePrinted() throws IOException {
        imported("  my: thread 7/8 [003] 1.000000: cycles:u:  10 f+0x1 (/a)\n"
                + "my: thread 7/8 [003] 2.000000: cycles:u:  10 f+0x1 (/a)\n"
                + ":9 7/9 [003] 3.000000: cycles:u:  10 f+0x1 (/a)\n"
                + "other 7/8 [003] 4.000000: cycles:u:  10 f+0x1 (/a)\n");
        assertEquals(
                List.of(
                        "1000000000|7|8|my: thread|0",
                        "3000000000|7|9||0",
                        "4000000000|7|8|my: thread|1",
                        "4000000000|7|8|other|0"),
                rows(Table.THREADS));
    }

    /** A recursion of a thousand and more calls is cut at its outer end, and that is said. */
    @Test
    void saysWhichStacksMayLackTheirOutermostFrames() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int depth : List.of(126, 127, 1024, 1025, 3000)) {
            text.append("masim 162 [001] 14.500000: 9 cpu-clock: \n");
            for (int i = 0; i < depth; i++) {
                text.append("\t    ")
                        .append(Integer.toHexString(0x1000 + i))
                        .append(" f")
                        .append(i)
                        .append("+0x1 (/bin/x)\n");
            }
            text.append('\n');
        }
        List<String> notes = imported(text.toString()).notes();
        assertTrue(
                notes.contains("2 call stacks deeper than 1,024 frames: the outermost frames are left out"),
                notes.toString());
        assertTrue(
                notes.stream().anyMatch(n -> n.startsWith("1 call stack of 127 frames, the most that is recorded")),
                notes.toString());
        assertEquals(126 + 127 + 1024, rows(Table.STACKS).size());
    }

    @Test
    void readsWhoWhenAndEachDistinctStackOnce() throws IOException {
        String stack = "\t    55aa711de8da do_seq_wo+0x5c (/root/masim/masim)\n"
                + "\t    7f2e93f3bca8 [unknown] (/usr/lib/libc.so.6)\n\n";
        ImportReport report = imported("masim     162    12.276579:    5025125 cpu-clock: \n" + stack
                + "  my: thread 7/8 [003] 13.000000001: cycles:u: \n" + stack
                + "masim 162 [001] 14.500000: 9 major-faults:\n\tffffffff81000000 void f(int) const+0x1f ([kernel.kallsyms])\n"
                + "\t 10 operator()+0x2 (/memfd:x (deleted))\n");
        assertEquals(0, report.snapshots());
        assertEquals(
                List.of(
                        "12276579000|162|162|-1|cpu-clock|0|5025125|0",
                        "13000000001|7|8|3|cycles:u|0|1|0",
                        "14500000000|162|162|1|major-faults|0|9|1"),
                rows(Table.SAMPLES));
        assertEquals(List.of("0|0|0", "0|1|1", "1|0|2", "1|1|3"), rows(Table.STACKS));
        assertEquals(
                List.of(
                        "0|do_seq_wo|/root/masim/masim||92",
                        "1||/usr/lib/libc.so.6||139838027447464",
                        "2|void f(int) const|[kernel.kallsyms]||31",
                        "3|operator()|/memfd:x (deleted)||2"),
                rows(Table.FRAMES));
    }

    @Test
    void stacksAndDamonsEventsOfOneTextAreOneTrace() throws IOException {
        String damon = "kdamond.0 7 [000] 1.000000: damon:damon_aggregated: target_id=0 nr_regions=1 0-4096: 3 7\n";
        ImportReport report = imported(damon + "\tffffffff81000000 kdamond_fn+0x1 ([kernel.kallsyms])\n\n"
                + "a 1 1.5: 1 cpu-clock: \n" + damon.replace(" 1.0", " 1.1")
                + "a 1 1.200000: 1 cpu-clock: \n\t 10 f+0x2 (/a)\n");
        assertEquals(2, report.snapshots());
        // The stack of DAMON's own event is none of a sample, and a sample without one is not kept.
        assertEquals(List.of("1200000000|1|1|-1|cpu-clock|0|1|0"), rows(Table.SAMPLES));
        assertEquals(1, rows(Table.FRAMES).size());
    }

    @Test
    void everySampleOfARealRecordingHasItsStack() throws IOException {
        byte[] text;
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(RECORDING))) {
            text = in.readAllBytes();
        }
        List<String> lines =
                new String(text, StandardCharsets.ISO_8859_1).lines().toList();
        imported(text);
        List<String> samples = rows(Table.SAMPLES);
        assertEquals(
                4617, lines.stream().filter(l -> l.contains(" cpu-clock: ")).count());
        assertEquals(4617, samples.size());
        // Frames of all samples, each by its stack's depth, are the lines that are indented.
        long[] depth = new long[1 << 10];
        rows(Table.STACKS).forEach(r -> depth[Integer.parseInt(r.split("\\|")[0])]++);
        long frames = samples.stream()
                .mapToLong(s -> depth[Integer.parseInt(s.substring(s.lastIndexOf('|') + 1))])
                .sum();
        assertEquals(lines.stream().filter(l -> l.startsWith("\t")).count(), frames);
        assertTrue(rows(Table.FRAMES).stream().anyMatch(f -> f.contains("|do_seq_wo|/root/masim/masim|")));
        assertEquals(List.of(), Traces.verify(dir.resolve("t.damson")).findings());
    }

    @Test
    void framesWithoutASampleAreNothing() {
        TraceFormatException e = assertThrows(
                TraceFormatException.class, () -> imported("\t 10 f+0x2 (/a)\na b c:\n\t 10 f+0x2 (/a)\n"));
        assertTrue(e.getMessage().contains("no call stack"), e.getMessage());
    }

    @Test
    void inlinedFunctionsAreOfTheFileOfThoseTheyAreIn() throws IOException {
        imported(
                "a 1 1.500000: 1 cpu-clock: \n\t 10 inner (inlined)\n\t 10 middle+0x4 (inlined)\n\t 10 outer+0x8 (/bin/a)\n"
                        + "\t 20 main+0x2 (/bin/a)\n\n");
        assertEquals(
                List.of("0|inner|/bin/a||0", "1|middle|/bin/a||0", "2|outer|/bin/a||8", "3|main|/bin/a||2"),
                rows(Table.FRAMES));
    }

    @Test
    void placesInFilesAndFilesWithBlanksAndBracketsAreToldApart() throws IOException {
        imported("a 1 1.500000: 1 cpu-clock: \n\t 7f2e93f3bca8 read+0x1f (/lib/libc.so.6+0x2724a)\n"
                + "\t 7f2e93f3bca8 [unknown] (/lib/libc.so.6+0x2724a)\n"
                + "\t 55aa711de8da f(int) (.part.0)+0x1 (/tmp/a (b) c/prog)\n"
                + "\t 55aa711de8da d\u00c3\u00a4 (/tmp/\u00e4)\n\n");
        assertEquals(
                List.of(
                        "0|read|/lib/libc.so.6||31",
                        "1||/lib/libc.so.6||160330",
                        "2|f(int) (.part.0)|/tmp/a (b) c/prog||1",
                        "3|d\u00e4|/tmp/\\xE4||0"),
                rows(Table.FRAMES));
    }

    @Test
    void theAddressOfDataIsNoFrame() throws IOException {
        String head = "a 1 [000] 1.500000: 1 page-faults:     7f2e93000000";
        for (String tail : List.of("", " ", " [unknown] ([heap])")) {
            imported(head + tail + "\n\t 10 f+0x2 (/a)\n\n");
            assertEquals(List.of("1500000000|1|1|0|page-faults|139838011473920|1|0"), rows(Table.SAMPLES), tail);
            assertEquals(List.of("0|f|/a||2"), rows(Table.FRAMES), tail);
            again();
        }
        for (String tail : List.of("", " [unknown] ([heap])")) {
            imported(head + tail + "     55aa711de8da f+0x2 (/a)\n");
            assertEquals(List.of("1500000000|1|1|0|page-faults|139838011473920|1|0"), rows(Table.SAMPLES), tail);
            assertEquals(List.of("0|f|/a||2"), rows(Table.FRAMES), tail);
            again();
        }
    }

    private void again() throws IOException {
        Files.move(dir.resolve("t.damson"), dir.resolve("before-" + System.nanoTime() + ".damson"));
    }

    @Test
    void timesOfDayLongPeriodsAndOddNamesOfEventsAreRead() throws IOException {
        ImportReport report =
                imported("a 1 [000] 1764477282.123456: 18446744073709551615 cycles:u: \n\t 10 f+0x2 (/a)\n\n"
                        + "a 1 [000] 1764477283.123456: 7 cpu/event=0x1,name=a@b/P: \n\t 10 f+0x2 (/a)\n\n");
        assertEquals(
                List.of(
                        "1764477282123456000|1|1|0|cycles:u|0|9223372036854775807|0",
                        "1764477283123456000|1|1|0|cpu/event=0x1,name=a@b/P|0|7|0"),
                rows(Table.SAMPLES));
        assertEquals(0, report.lost());
    }
}
