package org.damson.cli.input;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.damson.cli.command.Version;
import org.damson.cli.command.WorkDirectory;
import org.damson.cli.console.Console;
import org.damson.cli.console.Missing;
import org.damson.exchange.Importers;
import org.damson.exchange.build.ImportOptions;
import org.damson.exchange.build.ImportReport;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.ReferencedSampling;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.text.Printable;
import org.damson.model.view.ForwardingTrace;
import org.damson.symbols.UserStackUnwinder;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/** Opens what a report is asked about: a trace, or any recording that {@code import} reads. */
public final class Inputs {
    private static final String NOTE = "note: ";

    /** What a shell opened: standard input, {@code <(...)}. */
    private static final Pattern OPEN = Pattern.compile("/dev/stdin|(?:/dev|/proc/self)/fd/\\d{1,9}");

    private static final int FILE_TYPE = 0170000;
    private static final int PIPE = 0010000;
    private static final String PROBES_ALONE =
            "nr_accesses is 0 throughout, only data attribute probes found something:"
                    + " --probe N counts by the hits of one";

    private Inputs() {}

    /**
     * A trace; another tool's recording is imported, and a series of traces joined, in a private directory that goes when the
     * trace is closed. What the importer has to say of it is said, as {@code import} says it.
     */
    public static TraceSource open(Path path, Console console) throws IOException {
        return open(path, console, false);
    }

    /**
     * As {@link #open(Path, Console)}.
     *
     * @param compat whether to say what of the recording damo does not read
     */
    public static TraceSource open(Path path, Console console, boolean compat) throws IOException {
        TraceSource trace = openUnsaid(path, console, compat);
        String sampling = ReferencedSampling.line(trace);
        if (!sampling.isEmpty()) {
            console.noteOnce(path + ": " + sampling);
        }
        Certificates.note(trace, path, console);
        if (!ManifestKey.DAMAGE.list(trace.manifest()).isEmpty()) {
            console.noteOnce(path + ": damaged: "
                    + Printable.line(String.join(
                            "; ",
                            ManifestKey.DAMAGE.list(trace.manifest()).stream()
                                    .map(String::valueOf)
                                    .toList()))
                    + "; info and the table losses say what is missing");
        }
        return trace;
    }

    /** As {@link #open(Path, Console, boolean)}, for who says itself how the trace was sampled. */
    public static TraceSource openUnsaid(Path path, Console console, boolean compat) throws IOException {
        TraceSource trace = TraceSeriesInput.isSeries(path)
                ? TraceSeriesInput.open(path, console)
                : isForeign(path)
                        ? imported(path, console, compat)
                        : console.progress().counting(Traces.open(path));
        if (trace.rowCount(Table.LOSSES) > 0
                || !ManifestKey.DAMAGE.list(trace.manifest()).isEmpty()) {
            console.missing(Missing.IN_TRACE);
        }
        return trace;
    }

    private static TraceSource imported(Path path, Console console, boolean compat) throws IOException {
        WorkDirectory directory = WorkDirectory.create("import");
        Path trace = directory.resolve("import.damson");
        try (UserStackUnwinder unwinder = Symbols.unwinder(null, path, console)) {
            ImportReport report = Importers.importFile(
                    path,
                    new ImportOptions(null, List.of(), null, unwinder),
                    console.progress().counting(manifest -> {
                        manifest.toolVersion = Version.text();
                        return Traces.create(trace, manifest, WriterOptions.BATCH);
                    }));
            notes(report, path.toString(), console);
            if (report.lost() > 0 || unwinder.isCutShort()) {
                console.missing(Missing.ON_THE_WAY);
            }
            if (compat) {
                report.damo().forEach(line -> notAsDamo(console, line));
            }
            return new Imported(console.progress().counting(Traces.open(trace)), path, directory, report.notes());
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /** Says under {@code --damo-compat} what damo fails on or misreads, where the right answer is given instead. */
    public static void notAsDamo(Console console, String what) {
        console.note("damo 3.3.0 " + what);
    }

    /** Says on standard error what makes the numbers less certain than they look. */
    public static void caveats(TraceSource trace, Console console) throws IOException {
        tellDoubts(trace, console);
        if (ProbeOption.isAllThereIs(trace)) {
            console.noteOnce(NOTE + trace.name() + ": " + PROBES_ALONE);
        }
    }

    /** The same for a report of what probes found, which need not be told that there may be nothing else. */
    public static void tellDoubts(TraceSource trace, Console console) throws IOException {
        for (String line : doubts(trace)) {
            if (line.startsWith("lost: ")) {
                console.partial(line);
            } else {
                console.note(line);
            }
        }
    }

    /** All that makes the numbers of a trace less certain than they look, and how accurate they are: for who keeps it with them. */
    public static List<String> remarks(TraceSource trace) throws IOException {
        List<String> lines = new ArrayList<>();
        TraceSource source = trace;
        while (source instanceof ForwardingTrace forwarding) {
            lines.addAll(forwarding instanceof Imported imported ? imported.notes : List.of());
            source = forwarding.source();
        }
        String accuracy = Certificates.line(trace);
        if (accuracy != null) {
            lines.add(accuracy);
        }
        for (Object damage : ManifestKey.DAMAGE.list(trace.manifest())) {
            lines.add("damaged: " + damage);
        }
        if (ProbeOption.isAllThereIs(trace)) {
            lines.add(PROBES_ALONE);
        }
        doubts(trace).forEach(line -> lines.add(line.startsWith(NOTE) ? line.substring(NOTE.length()) : line));
        return lines;
    }

    private static List<String> doubts(TraceSource trace) throws IOException {
        List<String> lines = new ArrayList<>();
        Manifest m = trace.manifest();
        boolean isTold = trace instanceof Imported imported && imported.isTold;
        boolean hasMemory = trace.rowCount(Table.SNAPSHOTS) > 0 || trace.rowCount(Table.SCHEMES) > 0;
        if (hasMemory && m.attrs.origin() == MonitoringAttrs.IntervalsOrigin.ASSUMED && !isTold) {
            lines.add("note: the recording does not say its intervals; assumed " + TraceFacts.intervals(m.attrs));
        }
        trace.refusals().forEach(why -> lines.add(NOTE + why));
        ManifestKey.MERGED_DESPITE.list(m).forEach(why -> lines.add(NOTE + "merged all the same: " + why));
        if (m.state == Manifest.State.RECORDING) {
            lines.add("note: the trace is still being recorded, or its recorder died; reading what is there");
        }
        if (trace.rowCount(Table.SNAPSHOTS) == 0 && trace.rowCount(Table.SCHEMES) > 0) {
            lines.add("note: no snapshots, only regions that schemes were about to be applied to;"
                    + " report access and report trace show them");
        }
        int cCount = Table.LOSSES.indexOf("count");
        int cSource = Table.LOSSES.indexOf("source");
        int cCause = Table.LOSSES.indexOf("cause");
        int shown = 0;
        try (TraceSource.BatchCursor cursor = trace.rows(Table.LOSSES)) {
            for (Batch b; (b = cursor.next()) != null; ) {
                for (int i = 0; i < b.rows(); i++) {
                    if (shown++ < 5) {
                        long n = b.get(cCount, i);
                        lines.add("lost: " + b.text(cSource, i) + ": " + (n < 0 ? "an unknown number of " : n + " ")
                                + b.text(cCause, i));
                    }
                }
            }
        }
        if (shown > 5) {
            lines.add("lost: " + (shown - 5) + " more gaps; damson dump --table losses lists them");
        }
        return lines;
    }

    /** Says what of another tool's recording was left out, not understood, assumed or lost: one line for each kind. */
    public static void notes(ImportReport report, String name, Console console) {
        for (String note : report.notes()) {
            console.noteOnce("note: " + name + ": " + note);
        }
    }

    /**
     * Whether only an importer reads this: a file that is not a bundle, a pipe that is open, or the directory that {@code perf record
     * --threads} leaves.
     */
    public static boolean isForeign(Path path) throws IOException {
        return Files.isRegularFile(path) && !isZip(path) || isOpenPipe(path) || isDirectoryOfPerf(path);
    }

    private static boolean isDirectoryOfPerf(Path path) {
        return Files.isRegularFile(path.resolve("data"))
                && !Files.exists(path.resolve("manifest.json"), LinkOption.NOFOLLOW_LINKS);
    }

    /** Of other pipes nobody knows whether there will ever be a writer. */
    private static boolean isOpenPipe(Path path) throws IOException {
        return OPEN.matcher(path.toString()).matches()
                && Files.exists(path)
                && ((Integer) Files.getAttribute(path, "unix:mode") & FILE_TYPE) == PIPE;
    }

    private static boolean isZip(Path path) throws IOException {
        try (var in = Files.newInputStream(path)) {
            byte[] head = in.readNBytes(2);
            return head.length == 2 && head[0] == 'P' && head[1] == 'K';
        }
    }

    /** An imported trace, known by the name of what it was imported from. */
    static final class Imported extends ForwardingTrace {
        private final Path from;
        private final WorkDirectory directory;
        /** What the importer had to say, which was said. */
        final List<String> notes;
        /** Whether it said of which intervals it knows nothing. */
        final boolean isTold;

        Imported(TraceSource trace, Path from, WorkDirectory directory, List<String> notes) {
            super(trace);
            this.notes = notes == null ? List.of() : List.copyOf(notes);
            this.isTold = notes != null;
            this.from = from;
            this.directory = directory;
        }

        @Override
        public String name() {
            return from.toString();
        }

        @Override
        public void close() throws IOException {
            super.close();
            directory.close();
        }
    }
}
