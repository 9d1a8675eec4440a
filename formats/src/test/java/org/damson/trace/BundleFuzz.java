package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** A whole trace in a zip: opened, read in every way, verified. */
public final class BundleFuzz {
    private static final Path FILE = FuzzFile.create("zip");

    private BundleFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        FuzzFile.write(FILE, data, 0);
        for (String finding : Traces.verify(FILE).findings()) {
            assertEquals(1, finding.lines().count(), finding);
        }
        try (TraceSource trace = Traces.open(FILE)) {
            Snapshot s = new Snapshot();
            for (TraceQuery query : trace.split(TraceQuery.ALL.address(4096, 1L << 40), 2)) {
                try (TraceSource.SnapshotCursor cursor = trace.snapshots(query)) {
                    while (cursor.next(s)) {
                        assertTrue(s.regions <= s.start.length);
                    }
                }
            }
            try (TraceSource.BatchCursor cursor = trace.rows(Table.LOSSES)) {
                while (cursor.next() != null) {
                    // read to the end
                }
            }
        } catch (TraceFormatException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        }
    }
}
