package org.damson.engine;

import java.io.IOException;
import java.io.InputStream;
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
    public EmbeddedEngine() {}

    @Override
    public Trace open(Path path) throws IOException {
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
        return Failures.telling(() -> new OwnTrace(directory, sampleUs, aggrUs));
    }

    @Override
    public Recording record(Recording.Options options) throws IOException {
        return Failures.telling(() -> LiveSession.start(options));
    }

    @Override
    public Fleet fleet(List<Path> roots) throws IOException {
        return ManyTraces.report(roots);
    }

    /** As in the jar's manifest; {@code development} when run from classes. */
    static String version() {
        String version = EmbeddedEngine.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
