package org.damson.exchange.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.damson.exchange.DiscardingSink;
import org.damson.exchange.Importers;
import org.damson.model.TraceFormatException;

/** Any recording, as {@code import} gets it: text of three kinds, gzip, zlib, what is none of them. */
public final class RecordingFuzz {
    private RecordingFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        try {
            Importers.importStream("fuzz", new ByteArrayInputStream(data), ImportOptions.NONE, DiscardingSink::new);
        } catch (TraceFormatException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        }
    }
}
