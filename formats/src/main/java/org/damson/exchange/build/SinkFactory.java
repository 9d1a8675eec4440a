package org.damson.exchange.build;

import java.io.IOException;
import org.damson.model.Manifest;
import org.damson.model.TraceSink;

/** Opens the trace that an import writes, called once the input has proved readable. */
@FunctionalInterface
public interface SinkFactory {
    TraceSink open(Manifest manifest) throws IOException;
}
