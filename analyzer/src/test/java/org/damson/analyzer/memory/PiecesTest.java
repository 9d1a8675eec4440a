package org.damson.analyzer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;

/** Pieces against a model that keeps every unit of memory apart. */
final class PiecesTest {
    private static final int UNITS = 200;

    @Test
    void piecesSayTheSameAsUnitsKeptApart() {
        Random random = new Random(5);
        for (int round = 0; round < 50; round++) {
            Pieces p = new Pieces();
            float[] out = new float[UNITS];
            float[] known = new float[UNITS];
            Pieces.Touch touch = new Pieces.Touch();
            for (int step = 0; step < 40; step++) {
                Snapshot s = new Snapshot();
                s.sampleUs = 5_000;
                s.aggrUs = 20_000;
                double refaulted = 0;
                boolean[] there = new boolean[UNITS];
                for (int at = random.nextInt(5); at < UNITS; ) {
                    int end = Math.min(UNITS, at + 1 + random.nextInt(30));
                    int nr = random.nextInt(3) * 2;
                    s.add(at, end, nr, 0);
                    java.util.Arrays.fill(there, at, end, true);
                    for (int u = at; nr > 0 && u < end; u++) {
                        double likely = nr == 4 ? 1 : 1 - Math.pow(0.5, 4);
                        refaulted += out[u] * likely;
                        out[u] = rest(out[u], likely);
                        known[u] = 1 - rest(1 - known[u], likely);
                    }
                    at = end + (random.nextInt(3) == 0 ? random.nextInt(10) : 0);
                }
                s.lost = random.nextInt(4) == 0 ? 1 : 0;
                for (int u = 0; u < UNITS && s.lost == 0; u++) {
                    // What is in no region was unmapped, if no region is missing.
                    out[u] = there[u] ? out[u] : 0;
                    known[u] = there[u] ? known[u] : 0;
                }
                touch.clear(Double.POSITIVE_INFINITY);
                p.touch(s, step, touch);
                assertEquals(refaulted, touch.refaultLikely, 1e-3);
                int from = random.nextInt(UNITS);
                int to = from + 1 + random.nextInt(UNITS - from);
                for (int i = p.cut(from, to); i < p.n && p.start[i] < to; i++) {
                    p.set(Pieces.OUT_LIKELY, i, p.share(Pieces.KNOWN_LIKELY, i));
                }
                for (int u = from; u < to; u++) {
                    out[u] = known[u];
                }
                compare(p, out, known);
            }
        }
    }

    private static float rest(float share, double taken) {
        float r = (float) (share * (1 - taken));
        return r < 1f / 1024 ? 0 : r;
    }

    private static void compare(Pieces p, float[] out, float[] known) {
        long last = 0;
        double sum = 0;
        for (int i = 0; i < p.n; i++) {
            assertTrue(p.start[i] >= last && p.end[i] > p.start[i], "pieces are in order");
            last = p.end[i];
            for (long u = p.start[i]; u < p.end[i]; u++) {
                assertEquals(out[(int) u], p.share(Pieces.OUT_LIKELY, i), 1e-5);
                assertEquals(known[(int) u], p.share(Pieces.KNOWN_LIKELY, i), 1e-5);
                sum += known[(int) u];
            }
        }
        double all = 0;
        for (float k : known) {
            all += k;
        }
        assertEquals(all, sum, 1e-3, "what no piece covers was never touched");
    }

    @Test
    void tooManyPiecesAreAveragedWithoutLosingBytes() {
        Pieces p = new Pieces();
        Pieces.Touch touch = new Pieces.Touch();
        Snapshot s = new Snapshot();
        s.sampleUs = 5_000;
        s.aggrUs = 100_000;
        int n = Pieces.MAX + 1000;
        for (int i = 0; i < n; i++) {
            s.add(i * 4096L, (i + 1) * 4096L, 1 + i % 12, 0);
        }
        touch.clear(Double.POSITIVE_INFINITY);
        p.touch(s, 0, touch);
        assertTrue(p.averaged);
        assertTrue(p.n <= Pieces.MAX);
        double expected = 0;
        for (int i = 0; i < n; i++) {
            expected += 4096 * (1 + i % 12) / 20.0;
        }
        assertEquals(expected, p.sum(Pieces.KNOWN_MIN), expected * 1e-5);
    }
}
