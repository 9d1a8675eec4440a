package org.damson.cli.input;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.commons.cli.CommandLine;
import org.damson.cli.command.Shared;
import org.damson.cli.command.Unfinished;
import org.damson.cli.command.Version;
import org.damson.cli.console.Console;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.ManifestKeys;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.damson.trace.files.FileTrees;
import org.damson.trace.files.Leftovers;
import org.damson.trace.files.RowOrigins;

/** Making new traces out of others; what did not work out is removed. */
public final class TraceFiles {
    private TraceFiles() {}

    /** Fills a new trace. */
    public interface Body {
        void write(TraceSink sink) throws IOException;
    }

    /** Creates a trace in one go, with curves if it is long; when that fails, nothing of it stays. */
    public static void create(Path output, Manifest manifest, Body body) throws IOException {
        create(new Creation(output, false, null, sink -> CurvesOption.ofLong(sink, output)), manifest, body);
    }

    /** The same with what {@code --curves} and {@code --owner} say. */
    public static void create(CommandLine line, Console console, Path output, Manifest manifest, Body body)
            throws IOException {
        create(Creation.of(line, console, output), manifest, body);
    }

    private static void create(Creation created, Manifest manifest, Body body) throws IOException {
        try (Creation creation = created) {
            TraceSink sink = creation.open(manifest);
            body.write(sink);
            sink.close();
            creation.keep();
        }
    }

    /** A new trace that is removed again unless {@link #keep} is called. */
    public static final class Creation implements AutoCloseable {
        private final TracePlace place;
        private final Path part;
        private final String owner;
        private final UnaryOperator<TraceSink> around;
        private TraceSink sink;
        private boolean kept;

        /** For the owner that the command line names, with curves if it says so. */
        public static Creation of(CommandLine line, Console console, Path output) throws IOException {
            return new Creation(
                    output,
                    line.hasOption(Shared.FORCE),
                    Shared.owner(line, console),
                    sink -> CurvesOption.around(sink, line, output, console));
        }

        /** The same for who copies curves itself. */
        public static Creation ofCopy(CommandLine line, Console console, Path output) throws IOException {
            return new Creation(
                    output, line.hasOption(Shared.FORCE), Shared.owner(line, console), UnaryOperator.identity());
        }

        /** In the place of the trace {@code output}, which it is made of. */
        public static Creation inPlaceOf(CommandLine line, Console console, Path output) throws IOException {
            return new Creation(output, true, Shared.owner(line, console), UnaryOperator.identity());
        }

        private Creation(Path output, boolean mayReplace, String owner, UnaryOperator<TraceSink> around)
                throws IOException {
            place = TracePlace.of(output, mayReplace);
            this.owner = owner;
            this.around = around;
            // Where the store writes until the trace is complete.
            part = Leftovers.partOf(place.path());
        }

        /** Creates it; what was there before stays until this is kept and closed. */
        public TraceSink open(Manifest manifest) throws IOException {
            // Before it is there: a signal may come while it is made.
            Unfinished.add(part);
            try {
                sink = around.apply(Traces.create(place.path(), manifest, WriterOptions.BATCH.ownedBy(owner)));
            } finally {
                if (sink == null) {
                    Unfinished.remove(part);
                }
            }
            return sink;
        }

        public void keep() {
            kept = true;
        }

        @Override
        public void close() throws IOException {
            try (place) {
                finish();
            }
        }

        private void finish() throws IOException {
            if (sink == null) {
                return;
            }
            if (kept) {
                place.keep();
            } else {
                try {
                    sink.abort();
                } catch (IOException | RuntimeException e) {
                    // what went wrong first is what the user gets to read
                }
                FileTrees.delete(place.path());
                FileTrees.delete(part);
            }
            Unfinished.remove(part);
        }
    }

    /** The manifest of a trace made from another. */
    public static Manifest derived(TraceSource from, String how) {
        Manifest old = from.manifest();
        Manifest made = new Manifest();
        made.toolVersion = Version.text();
        made.clock = old.clock;
        made.toBootNs = old.toBootNs;
        made.toEpochNs = old.toEpochNs;
        made.source = old.source;
        made.attrs = old.attrs;
        made.host.putAll(old.host);
        made.recording.putAll(old.recording);
        ManifestKey.DERIVED_BY.put(made, how);
        RowOrigins.derived(old, made);
        made.extra.putAll(old.extra);
        made.foreign.addAll(old.foreign);
        return made;
    }

    /** The manifest of a trace that takes the place of the one it is made of. */
    public static Manifest same(TraceSource from) {
        Manifest made = derived(from, "");
        for (ManifestKey key : List.of(ManifestKey.DERIVED_BY, ManifestKey.MADE_FROM, ManifestKey.MERGED_ROWS)) {
            key.remove(made.recording);
            if (key.get(from.manifest()) != null) {
                key.put(made, key.get(from.manifest()));
            }
        }
        made.flushIntervalNs = from.manifest().flushIntervalNs;
        return made;
    }

    /** The manifest of a trace made from several: what holds for all of them. */
    public static Manifest merged(List<TraceSource> from, String how) {
        Manifest made = derived(from.get(0), how);
        List<Manifest> manifests = from.stream().map(TraceSource::manifest).toList();
        ManifestKeys.merge(manifests, made);
        RowOrigins.merged(manifests, made);
        ManifestKey.DERIVED_BY.put(made, how);
        return made;
    }

    public static void announce(Path trace, Console console) throws IOException {
        console.note("wrote " + trace + " (" + Units.bytes(FileTrees.sizeBytes(trace)) + ")");
    }
}
