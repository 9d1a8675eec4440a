package org.damson.analyzer;

import static org.damson.analyzer.MemoryTrace.MIB;

import java.util.Random;
import org.damson.model.Snapshot;

/** Traces that several tests use. */
public final class Samples {
    private Samples() {}

    /** Three snapshots of 700..1300 ms: 4 MiB in all 20 samples, 4 MiB in 10, 2 MiB in 5; the rest of 16 MiB cold. */
    public static MemoryTrace three() {
        MemoryTrace t = new MemoryTrace();
        Snapshot a = t.snapshot(0, 700, 900);
        a.add(0, 4 * MIB, 20, 0);
        a.add(4 * MIB, 16 * MIB, 0, 10);
        Snapshot b = t.snapshot(0, 900, 1100);
        b.add(0, 4 * MIB, 10, 0);
        b.add(4 * MIB, 16 * MIB, 0, 11);
        Snapshot c = t.snapshot(0, 1100, 1300);
        c.add(0, 2 * MIB, 5, 0);
        c.add(2 * MIB, 16 * MIB, 0, 0);
        return t;
    }

    /** {@code count} snapshots of two targets with gaps, jitter and changing regions. */
    public static MemoryTrace random(long seed, int count, int parts) {
        Random random = new Random(seed);
        MemoryTrace t = new MemoryTrace(parts);
        long ms = 1000;
        for (int n = 0; n < count; n++) {
            long end = ms + 90 + random.nextInt(30);
            for (int target = 0; target < 2; target++) {
                Snapshot s = t.snapshot(target, ms, end);
                long at = 0xffff_0000_0000_0000L + target * MIB;
                for (int i = 0; i < 30; i++) {
                    at += random.nextInt(5) == 0 ? 4096L * random.nextInt(2000) : 0;
                    long to = at + 4096L * (1 + random.nextInt(300));
                    s.add(at, to, random.nextInt(21), 0);
                    at = to;
                }
            }
            ms = end;
        }
        return t;
    }

    /** A staircase of {@code steps} regions of 32 MiB with guard pages, each hot for a second, up or down. */
    public static MemoryTrace stairs(int steps, boolean down, long jitterMs, long base) {
        MemoryTrace t = new MemoryTrace();
        for (int n = 0; n < steps * 10; n++) {
            Snapshot s = t.snapshot(0, n * 100L + jitterMs, n * 100L + 100 + jitterMs);
            for (int i = 0; i < steps; i++) {
                int hot = down ? steps - 1 - n / 10 : n / 10;
                long start = base + i * (32 * MIB + 4096);
                s.add(start, start + 32 * MIB, i == hot ? 20 : 0, 0);
            }
        }
        return t;
    }
}
