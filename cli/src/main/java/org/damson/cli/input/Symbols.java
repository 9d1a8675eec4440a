package org.damson.cli.input;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.commons.cli.CommandLine;
import org.damson.cli.console.Console;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.stacks.Frame;
import org.damson.symbols.SymbolOptions;
import org.damson.symbols.SymbolReport;
import org.damson.symbols.SymbolizedTrace;
import org.damson.symbols.Symbolizer;
import org.damson.symbols.UserStackUnwinder;
import org.damson.trace.Traces;
import org.damson.trace.files.FileTrees;

/** Traces whose call stacks get names, and what is said of them. */
public final class Symbols {
    /** Files of which is told why places in them have no name. */
    private static final int TOLD = 10;

    /** A recording that is larger is not written a second time just because it ends. */
    private static final long MAX_BYTES_AT_END = 256L << 20;

    private Symbols() {}

    /** Sources of names on this machine. */
    public static SymbolOptions here(Console console) {
        return SymbolOptions.of(null, null, null, cache(console));
    }

    /**
     * What finds the callers in copies of user stacks.
     *
     * @param root directory with the files of the recorded machine; null: this machine's
     * @param recording to be imported; null if it comes as a stream
     */
    public static UserStackUnwinder unwinder(Path root, Path recording, Console console) throws IOException {
        // A file that was changed later than the recording was written is not the one that ran.
        boolean isKept = recording != null && (Files.isRegularFile(recording) || Files.isDirectory(recording));
        Long endEpochNs = isKept ? Files.getLastModifiedTime(recording).to(TimeUnit.NANOSECONDS) : null;
        return new UserStackUnwinder(
                SymbolOptions.of(root, null, null, root != null ? root : cache(console)), endEpochNs);
    }

    /** perf's cache of files and kernels; null if there is no home directory. */
    public static Path cache(Console console) {
        String home = console.environment("HOME");
        return home.startsWith("/") ? Path.of(home, ".debug") : null;
    }

    /**
     * Names the stacks of a recording that has just ended, in its place; what prevents that is told, and no fault of it.
     *
     * @param kept files of which code ran, by their names
     */
    public static void atEnd(Path recording, Map<String, List<Path>> kept, CommandLine line, Console console) {
        try {
            if (FileTrees.sizeBytes(recording) > MAX_BYTES_AT_END) {
                console.note("damson symbolize " + recording + " adds the names of functions");
                return;
            }
            SymbolReport report;
            try (TraceSource trace = Traces.open(recording);
                    SymbolizedTrace named =
                            Symbolizer.symbolize(trace, here(console).with(kept))) {
                report = named.report();
                if (report.isNews()) {
                    inPlace(named, recording, line, console);
                }
            }
            print(report, console);
        } catch (IOException | RuntimeException e) {
            console.note("the functions of call stacks have no names yet (damson symbolize): " + e.getMessage());
        }
    }

    /** Puts a trace with names in the place of the one without. */
    public static void inPlace(SymbolizedTrace named, Path trace, CommandLine line, Console console)
            throws IOException {
        try (TraceFiles.Creation creation = TraceFiles.Creation.inPlaceOf(line, console, trace)) {
            write(named, TraceFiles.same(named), creation);
        }
    }

    /** Writes all of a trace. */
    public static void write(SymbolizedTrace named, Manifest manifest, TraceFiles.Creation creation)
            throws IOException {
        TraceSink sink = creation.open(manifest);
        Traces.copy(named, TraceQuery.ALL, sink);
        // They are of regions, which are as they were.
        try (TraceSource.BatchCursor curves = named.rows(Table.CURVES)) {
            for (Batch b; (b = curves.next()) != null; ) {
                sink.append(b);
            }
        }
        sink.close();
        creation.keep();
    }

    /** Says how many places have a name now, and of which files none could be found. */
    public static void print(SymbolReport report, Console console) {
        console.note(
                report.places() == 0
                        ? "every place in the call stacks has a name already"
                        : Units.count(report.named()) + " of " + Units.count(report.places(), "place")
                                + " without a name have one now");
        if (report.placed() > 0) {
            console.note("unwind information tells the functions of " + Units.count(report.placed(), "place")
                    + " without a name");
        }
        if (!report.lacking().isEmpty()) {
            console.note(report.lacking());
        }
        List<SymbolReport.Module> without = report.modules().stream()
                .filter(m -> !m.why().isEmpty() || m.named() == 0)
                .toList();
        without.stream().limit(TOLD).forEach(m -> console.note(line(m)));
        if (without.size() > TOLD) {
            console.note(
                    Units.count(without.size() - TOLD) + " more files have places without a name; --json lists all");
        }
        long unproven = report.modules().stream()
                .filter(m -> m.buildId().isEmpty() && m.from().equals(m.name()) && m.named() > 0)
                .count();
        if (unproven > 0) {
            console.note(Units.count(unproven, "file")
                    + " without a build id in the recording: names are those of the files as they are now");
        }
    }

    private static String line(SymbolReport.Module m) {
        String id = m.buildId().isEmpty() ? "" : ", build id " + m.buildId();
        if (m.named() == m.places()) {
            return Frame.harmless(m.name() + ": " + m.why());
        }
        String why = m.why().isEmpty() ? "no symbol of " + m.from() + " covers them" : m.why();
        return Units.count(m.places() - m.named(), "place") + " of " + Frame.harmless(m.name() + id)
                + (m.places() - m.named() == 1 ? " has" : " have") + " no name: " + Frame.harmless(why);
    }
}
