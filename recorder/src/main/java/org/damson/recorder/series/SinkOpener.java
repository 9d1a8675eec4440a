package org.damson.recorder.series;

import java.io.IOException;
import java.nio.file.Path;
import org.damson.model.Manifest;
import org.damson.model.TraceSink;

/** Opens the trace once it is known that there is something to record. */
public interface SinkOpener {
    /** Creates the trace directory. */
    TraceSink open(Path path, Manifest manifest) throws IOException;

    /** Whether a trace that is there may be replaced: recording then begins although its output is taken. */
    default boolean replaces() {
        return false;
    }
}
