package org.damson.trace;

import java.io.IOException;
import java.nio.file.Path;
import org.damson.model.Manifest;
import org.damson.model.TraceSink;

/** Traces that keep all sums however short they are, so that tests of what answers from them need no long ones. */
public final class SummedTraces {
    private SummedTraces() {}

    public static TraceSink create(Path dir, Manifest manifest, WriterOptions options) throws IOException {
        return Traces.createSummed(dir, manifest, options, 1);
    }
}
