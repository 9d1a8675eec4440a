package org.damson.cli.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.damson.model.Manifest;
import org.damson.model.TraceSink;
import org.damson.recorder.series.SinkOpener;
import org.damson.trace.Traces;
import org.damson.trace.files.FileTrees;
import org.damson.trace.files.Leftovers;

/**
 * {@code record --force}: a trace that is at the output goes when the new one has begun there. A recording is in its place from
 * its first moment, since it has to be watched, and recovered when the recorder dies.
 */
final class ReplacingSinks implements SinkOpener {
    private final SinkOpener sinks;

    ReplacingSinks(SinkOpener sinks) {
        this.sinks = sinks;
    }

    @Override
    public boolean replaces() {
        return true;
    }

    /** @throws IOException also if what is there is not a trace, or another recorder holds its lock */
    @Override
    public TraceSink open(Path path, Manifest manifest) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return sinks.open(path, manifest);
        }
        Traces.requireReplaceable(path);
        Path old = Leftovers.aside(path);
        Files.move(path, old, StandardCopyOption.ATOMIC_MOVE);
        TraceSink sink;
        try {
            sink = sinks.open(path, manifest);
        } catch (IOException | RuntimeException e) {
            Files.move(old, path, StandardCopyOption.ATOMIC_MOVE);
            throw e;
        }
        FileTrees.delete(old);
        return sink;
    }
}
