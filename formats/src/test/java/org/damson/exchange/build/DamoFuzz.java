package org.damson.exchange.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.damson.exchange.DiscardingSink;
import org.damson.exchange.damo.DamoImporter;
import org.damson.model.Manifest.Source;
import org.damson.model.TraceFormatException;

/** damo's JSON records, uncompressed. */
public final class DamoFuzz {
    private DamoFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        try (TraceBuilder trace =
                new TraceBuilder("fuzz", Source.DAMO, ImportOptions.NONE, SideFiles.NONE, DiscardingSink::new)) {
            new DamoImporter("fuzz", trace).read(new ByteArrayInputStream(data));
        } catch (TraceFormatException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        }
    }
}
