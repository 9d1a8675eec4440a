package org.damson.cli;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.commons.cli.CommandLine;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.ManifestKeys;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.trace.Leftovers;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/** Making new traces out of others, and removing what did not work out. */
final class TraceFiles {
    private TraceFiles() {}

    /** Fills a new trace. */
    interface Body {
        void write(TraceSink sink) throws IOException;
    }

    /** Creates a trace in one go; when that fails, nothing of it stays. */
    static void create(Path output, Manifest manifest, Body body) throws IOException {
        create(new Creation(output, null, UnaryOperator.identity()), manifest, body);
    }

    /** The same with what {@code --curves} and {@code --owner} say. */
    static void create(CommandLine line, Console console, Path output, Manifest manifest, Body body)
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
    static final class Creation implements AutoCloseable {
        private final Path output;
        private final Path part;
        private final String owner;
        private final UnaryOperator<TraceSink> around;
        private TraceSink sink;
        private boolean kept;

        /** For the owner that the command line names, with curves if it says so. */
        static Creation of(CommandLine line, Console console, Path output) throws IOException {
            return new Creation(
                    output, Shared.owner(line, console), sink -> CurvesOption.around(sink, line, output, console));
        }

        private Creation(Path output, String owner, UnaryOperator<TraceSink> around) {
            this.output = output;
            this.owner = owner;
            this.around = around;
            // Where the store writes until the trace is complete.
            part = Leftovers.partOf(output);
        }

        /** Creates it; what was there before makes this fail and stays. */
        TraceSink open(Manifest manifest) throws IOException {
            sink = around.apply(Traces.create(output, manifest, WriterOptions.BATCH.ownedBy(owner)));
            Unfinished.add(part);
            return sink;
        }

        void keep() {
            kept = true;
        }

        @Override
        public void close() throws IOException {
            if (sink == null) {
                return;
            }
            if (!kept) {
                try {
                    sink.abort();
                } catch (IOException | RuntimeException e) {
                    // what went wrong first is what the user gets to read
                }
                deleteTree(output);
                deleteTree(part);
            }
            Unfinished.remove(part);
        }
    }

    /** The manifest of a trace made from another. */
    static Manifest derived(TraceSource from, String how) {
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
        made.extra.putAll(old.extra);
        made.foreign.addAll(old.foreign);
        return made;
    }

    /** The manifest of a trace made from several: what holds for all of them. */
    static Manifest merged(List<TraceSource> from, String how) {
        Manifest made = derived(from.get(0), how);
        ManifestKeys.merge(from.stream().map(TraceSource::manifest).toList(), made);
        ManifestKey.DERIVED_BY.put(made, how);
        return made;
    }

    static void announce(Path trace, Console console) throws IOException {
        console.note("wrote " + trace + " (" + Units.bytes(sizeBytes(trace)) + ")");
    }

    /** Bytes of a trace on disk: a directory's files, or one file. */
    static long sizeBytes(Path path) throws IOException {
        long[] sum = {0};
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                sum[0] += attributes.size();
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE;
            }
        });
        return sum[0];
    }

    /** Deletes a directory and what is in it; follows no link. */
    static void deleteTree(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
