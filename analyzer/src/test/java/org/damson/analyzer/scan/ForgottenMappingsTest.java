package org.damson.analyzer.scan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.objects.IdleMemory;
import org.damson.analyzer.whatif.Made;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was unmapped and is mapped again is other memory, of which nothing was seen touched. */
final class ForgottenMappingsTest {
    private static final long[] MAPPED = {1024 * Made.MIB, 1032 * Made.MIB};

    @TempDir
    Path dir;

    /** Touched for half a second, then nothing is mapped for so many snapshots, then it is mapped and idle. */
    private double coldBytes(String name, int without) throws Exception {
        Made made =
                new Made(dir, name).touching(2 * Made.MIB, Snapshot.NOT_KNOWN).regions(5, MAPPED, 20);
        try (TraceSource t = made.regions(without, new long[] {MAPPED[0]})
                .regions(5, MAPPED, 0)
                .open()) {
            double idle = IdleMemory.compute(t, TraceQuery.ALL)
                    .targets()
                    .get(0)
                    .coldness()
                    .get(0)
                    .meanBytes();
            Curves curves = Curves.of(t, TraceQuery.ALL, 0).get(0);
            assertEquals(idle, curves.at(0).cold().likely(), 1);
            return idle;
        }
    }

    @Test
    void nothingIsKnownOfMemoryThatWasUnmapped() throws Exception {
        assertEquals(Made.MIB, coldBytes("kept", 0), 1);
        assertEquals(0, coldBytes("unmapped", 1), 1);
    }
}
