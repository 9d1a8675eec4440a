package org.damson.exchange;

import java.io.IOException;
import org.damson.exchange.build.RecordingFuzz;

/** {@code perf.data}, {@code trace.dat} and damo's binary records; what is none of them is left to the other targets. */
public final class BinaryFuzz {
    private BinaryFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        RecordingFuzz.fuzzerTestOneInput(data);
    }
}
