package org.damson.symbols;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.damson.exchange.Importers;
import org.damson.exchange.build.ImportOptions;
import org.damson.exchange.build.ImportReport;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.stacks.Frame;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of user stacks that perf recorded of a program without frame pointers, beside what perf script makes of them. */
final class UnwoundImportTest {
    private static final Path DATA = Path.of("..", "testdata", "perf-stacks");
    private static final Path ROOT = DATA.resolve("files").toAbsolutePath().normalize();

    @TempDir
    Path dir;

    private ImportReport report;

    private Path imported(String name, UserStackUnwinder unwinder) throws IOException {
        Path trace = dir.resolve(name + (unwinder == null ? "" : unwinder.hashCode()) + ".damson");
        report = Importers.importFile(
                DATA.resolve(name),
                new ImportOptions(null, List.of(), null, unwinder),
                m -> Traces.create(trace, m, WriterOptions.BATCH));
        return trace;
    }

    private static SymbolOptions below(Path root) {
        return new SymbolOptions(root, null, null, null, Duration.ofSeconds(20), Duration.ofMinutes(1));
    }

    /** Function and offset of each frame of each sample, by its time; {@code back} is how far perf's places are before ours. */
    private static List<String> stacks(TraceSource trace, int back) throws IOException {
        List<Long> times = new ArrayList<>();
        trace.forEachRow(Table.SAMPLES, (b, r) -> times.add(b.get(Table.SAMPLES.indexOf("time_ns"), r)));
        List<String> all = new ArrayList<>();
        List<List<Frame>> stacks = Stacks.of(trace);
        for (int i = 0; i < stacks.size(); i++) {
            StringBuilder b = new StringBuilder().append(times.get(i));
            for (int d = 0; d < stacks.get(i).size(); d++) {
                Frame f = stacks.get(i).get(d);
                b.append(' ').append(f.function()).append('+').append(f.offset() - (d == 0 ? 0 : back));
            }
            all.add(b.toString());
        }
        return all;
    }

    @Test
    void stacksAreThoseThatPerfScriptUnwinds() throws IOException {
        Path trace;
        try (UserStackUnwinder unwinder = new UserStackUnwinder(below(ROOT), null)) {
            trace = imported("dwarf.perf.data.gz", unwinder);
        }
        List<String> found;
        try (TraceSource places = Traces.open(trace);
                SymbolizedTrace named = Symbolizer.symbolize(places, below(ROOT))) {
            found = stacks(named, 1);
        }
        try (TraceSource printed = Traces.open(imported("dwarf.perf.script.gz", null))) {
            assertEquals(stacks(printed, 0), found);
        }
        assertEquals(72, found.size());
        assertTrue(found.get(0).replaceAll("\\+\\d+", "").endsWith(" inner middle outer begin _start"), found.get(0));
    }

    /** What cannot be unwound is as without unwinding. */
    @Test
    void withoutTheFileEverySampleIsAsItWas() throws IOException {
        Path trace;
        try (UserStackUnwinder unwinder = new UserStackUnwinder(below(dir), null)) {
            trace = imported("dwarf.perf.data.gz", unwinder);
        }
        assertTrue(
                report.notes().stream()
                        .anyMatch(n -> n.startsWith(
                                "/tmp/chain/chain is not used to unwind (no such file on this machine): 72")),
                report.notes().toString());
        assertTrue(
                report.notes().stream().anyMatch(n -> n.startsWith("0 of 72 copies of user stacks")),
                report.notes().toString());
        try (TraceSource with = Traces.open(trace);
                TraceSource without = Traces.open(imported("dwarf.perf.data.gz", null))) {
            assertEquals(stacks(without, 0), stacks(with, 0));
        }
    }
}
