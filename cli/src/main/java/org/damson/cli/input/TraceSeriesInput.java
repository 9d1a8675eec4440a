package org.damson.cli.input;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.cli.command.WorkDirectory;
import org.damson.cli.console.Console;
import org.damson.model.InvalidInputException;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/** What {@code record --rotate} leaves, a directory of traces, as one trace. */
public final class TraceSeriesInput {
    private TraceSeriesInput() {}

    /** Whether this is a directory of traces and no trace itself. */
    public static boolean isSeries(Path path) throws IOException {
        return Files.isDirectory(path)
                && Files.isReadable(path)
                && !Files.exists(path.resolve("manifest.json"), LinkOption.NOFOLLOW_LINKS)
                && !parts(path).isEmpty();
    }

    /** Its traces, oldest first: their names begin with their number. */
    public static List<Path> parts(Path series) throws IOException {
        List<Path> parts = new ArrayList<>();
        for (Path part : Traces.inSeries(series)) {
            if (!Traces.isUnborn(part)) {
                parts.add(part);
            }
        }
        return parts;
    }

    /** Whether one of its traces is not sealed: being recorded, or left by a recorder that died. */
    public static boolean isRecording(Path part) throws IOException {
        try (TraceSource trace = Traces.open(part)) {
            return trace.manifest().state == Manifest.State.RECORDING;
        }
    }

    /** Joins what is there, the trace that is being recorded up to its last whole batch. */
    static TraceSource open(Path series, Console console) throws IOException {
        WorkDirectory directory = WorkDirectory.create("series");
        List<TraceSource> traces = new ArrayList<>();
        try {
            for (Path part : parts(series)) {
                try {
                    traces.add(console.progress().counting(Traces.open(part)));
                } catch (NoSuchFileException e) {
                    // rotated away since the directory was read
                }
            }
            if (traces.isEmpty()) {
                throw new NoSuchFileException(series.toString());
            }
            MergeCheck check = MergeCheck.of(traces);
            if (!check.againstSeries().isEmpty()) {
                throw new InvalidInputException(series + ": its traces are not one recording: "
                        + check.againstSeries().get(0) + "; name one of them, or join them by damson merge --mixed");
            }
            Path joined = directory.resolve("series.damson");
            Manifest manifest = TraceFiles.merged(traces, "series of " + traces.size());
            if (!check.restarts().isEmpty()) {
                ManifestKey.MERGED_DESPITE.put(manifest, check.restarts());
            }
            try (TraceSink sink = Traces.create(joined, manifest, WriterOptions.BATCH)) {
                Traces.merge(traces, sink);
            }
            return new Inputs.Imported(console.progress().counting(Traces.open(joined)), series, directory, null);
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        } finally {
            for (TraceSource trace : traces) {
                trace.close();
            }
        }
    }

    /** The newest trace of a series; what is none is itself. */
    public static Path newest(Path path) throws IOException {
        if (!isSeries(path)) {
            return path;
        }
        List<Path> parts = parts(path);
        return parts.get(parts.size() - 1);
    }
}
