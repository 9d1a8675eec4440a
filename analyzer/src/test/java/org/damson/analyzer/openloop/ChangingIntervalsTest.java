package org.damson.analyzer.openloop;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.damson.analyzer.MemoryTrace;
import org.damson.model.Manifest.Source;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

final class ChangingIntervalsTest {
    @Test
    void aChangeOfEitherIntervalIsSeenWhereItIsAskedFor() throws IOException {
        MemoryTrace t = new MemoryTrace();
        for (int i = 0; i < 6; i++) {
            t.snapshot(i % 2, i * 100, i * 100 + 100);
        }
        assertFalse(ChangingIntervals.are(t, TraceQuery.ALL));
        t.snapshots.get(2).scheme = 0;
        t.snapshots.get(2).aggrUs = 7;
        assertFalse(ChangingIntervals.are(t, TraceQuery.ALL), "of a scheme's snapshots nothing is simulated");
        t.snapshots.get(4).sampleUs = 10_000;
        assertTrue(ChangingIntervals.are(t, TraceQuery.ALL));
        assertFalse(ChangingIntervals.are(t, TraceQuery.ALL.snapshots(0, 4)));
        t.snapshots.get(4).sampleUs = 5_000;
        t.snapshots.get(5).aggrUs = 200_000;
        assertTrue(ChangingIntervals.are(t, TraceQuery.ALL));
        t.manifest.source = Source.REFERENCED.text();
        assertFalse(ChangingIntervals.are(t, TraceQuery.ALL), "those of referenced bits always do");
    }
}
