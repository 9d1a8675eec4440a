package org.damson.engine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.damson.api.Engine;
import org.damson.api.Fleet;
import org.damson.api.Recording;
import org.damson.api.Trace;
import org.damson.api.TraceWriter;
import org.damson.exchange.Importers;
import org.damson.exchange.build.ImportOptions;
import org.damson.exchange.build.ImportReport;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.damson.trace.files.PrivateDirectory;

/** The engine that {@link java.util.ServiceLoader} finds. */
public final class EmbeddedEngine implements Engine {
    /** For the service loader. */
    public EmbeddedEngine() {
        Logging.settle();
    }

    @Override
    public Trace open(Path path) throws IOException {
        requireOfThisMachine(path);
        return Failures.telling(() -> isForeign(path) ? imported(path) : opened(path));
    }

    /** Another tool's recording: a file, or the directory that {@code perf record --threads} leaves. */
    private static boolean isForeign(Path path) throws IOException {
        return Files.isRegularFile(path)
                ? !isBundle(path)
                : Files.isRegularFile(path.resolve("data"))
                        && !Files.exists(path.resolve("manifest.json"), LinkOption.NOFOLLOW_LINKS);
    }

    private static Trace opened(Path path) throws IOException {
        return new OpenTrace(Traces.open(path), path, null, List.of());
    }

    private static Trace imported(Path path) throws IOException {
        PrivateDirectory directory = PrivateDirectory.create("damson-embedded-");
        try {
            Path trace = directory.resolve("import.damson");
            ImportReport report = Importers.importFile(path, ImportOptions.NONE, manifest -> {
                manifest.toolVersion = version();
                return Traces.create(trace, manifest, WriterOptions.BATCH);
            });
            return new OpenTrace(Traces.open(trace), path, directory, report.notes());
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private static boolean isBundle(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] head = in.readNBytes(2);
            return head.length == 2 && head[0] == 'P' && head[1] == 'K';
        }
    }

    @Override
    public TraceWriter create(Path directory, long sampleUs, long aggrUs) throws IOException {
        if (sampleUs < 1 || aggrUs < sampleUs) {
            throw new IllegalArgumentException(
                    "intervals must satisfy 1 <= sample <= aggregation: sampleUs=" + sampleUs + ", aggrUs=" + aggrUs);
        }
        requireOfThisMachine(directory);
        return Failures.telling(() -> new OwnTrace(directory, sampleUs, aggrUs));
    }

    @Override
    public Recording record(Recording.Options options) throws IOException {
        requireOfThisMachine(options.output());
        return Failures.telling(() -> LiveSession.start(options));
    }

    @Override
    public Fleet fleet(List<Path> roots) throws IOException {
        roots.forEach(EmbeddedEngine::requireOfThisMachine);
        return ManyTraces.report(roots);
    }

    /** Locks, private modes, mappings and atomic renames are what files of this machine have, and not those within a zip. */
    private static void requireOfThisMachine(Path path) {
        if (!path.getFileSystem().equals(FileSystems.getDefault())) {
            throw new IllegalArgumentException("not a path of the default file system: " + path.toUri());
        }
    }

    /** As in the jar's manifest; {@code development} when run from classes. */
    static String version() {
        String version = EmbeddedEngine.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
