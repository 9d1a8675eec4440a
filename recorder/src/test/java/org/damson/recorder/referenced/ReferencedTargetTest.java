package org.damson.recorder.referenced;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;

/** What samples of one aggregation add up to where mappings are cut, joined, moved and replaced between them. */
final class ReferencedTargetTest {
    private static final long BASE = 0x7f0000000000L;
    private static final int KIB = 1024;

    private final ReferencedTarget target = new ReferencedTarget(7);
    private int samples;

    /** Mappings as triples of first and last KiB and KiB referenced, all of which are resident. */
    private void sample(long... mappings) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < mappings.length; i += 3) {
            text.append(Long.toHexString(BASE + mappings[i] * KIB))
                    .append('-')
                    .append(Long.toHexString(BASE + mappings[i + 1] * KIB))
                    .append(" rw-p 00000000 00:00 0 \nRss: ")
                    .append(mappings[i + 2])
                    .append(" kB\nReferenced: ")
                    .append(mappings[i + 2])
                    .append(" kB\n");
        }
        Smaps smaps = new Smaps();
        smaps.parse(new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.US_ASCII)));
        assertEquals(mappings.length / 3, smaps.count);
        target.merge(smaps, samples++);
    }

    private Snapshot end() {
        Snapshot s = new Snapshot();
        target.emit(samples, s);
        target.beginAggregation();
        samples = 0;
        return s;
    }

    private static long sum(Snapshot s) {
        long bytes = 0;
        for (int i = 0; i < s.regions; i++) {
            bytes += s.referencedMean[i];
            assertTrue(
                    s.referencedMin[i] <= s.referencedMean[i] && s.referencedMean[i] <= s.referencedMax[i], "in order");
            assertTrue(s.referencedMax[i] <= s.end[i] - s.start[i], "no more than the mapping");
        }
        return bytes;
    }

    @Test
    void whatWasTouchedOfAMappingThatIsCutIsNotCountedInEachOfItsParts() throws IOException {
        for (int i = 0; i < 4; i++) {
            sample(0, 1000, 100);
        }
        sample(0, 400, 50, 400, 1000, 50);
        Snapshot s = end();
        assertEquals(100 * KIB, sum(s), 2);
        assertEquals(5, s.nrAccesses[0]);
        assertEquals((4 * 40 + 50) * KIB / 5, s.referencedMean[0], 1);
        // In three, of which the middle one has no bound of before; what is unmapped was touched all the same.
        sample(0, 1000, 100);
        sample(0, 200, 20, 200, 300, 10, 300, 1000, 70);
        assertEquals(100 * KIB, sum(end()), 3);
        sample(0, 1000, 100);
        sample(0, 200, 20, 800, 1000, 20);
        assertEquals(70 * KIB, sum(end()), 2);
    }

    @Test
    void whatWasTouchedOfMappingsThatAreJoinedIsCountedOfAll() throws IOException {
        sample(0, 400, 40, 400, 1000, 60);
        sample(0, 1000, 100);
        Snapshot s = end();
        assertEquals(1, s.regions);
        assertEquals(100 * KIB, s.referencedMean[0]);
        assertEquals(100 * KIB, s.referencedMin[0]);
    }

    @Test
    void aMappingThatGrowsOrShrinksStaysTheSame() throws IOException {
        sample(100, 200, 50);
        sample(100, 200, 50);
        end();
        sample(100, 200, 50);
        sample(100, 300, 150);
        sample(80, 300, 100);
        sample(80, 120, 40);
        Snapshot s = end();
        assertEquals(1, s.regions);
        assertEquals(4, s.nrAccesses[0]);
        assertEquals(40 * KIB, s.referencedMean[0]);
    }

    /** However mappings are cut and joined: no more than the most that was resident in a sample. */
    @Test
    void noMoreIsTouchedThanWasResident() throws IOException {
        Random r = new Random(5);
        for (int round = 0; round < 300; round++) {
            long most = 0;
            int n = 1 + r.nextInt(8);
            for (int i = 0; i < n; i++) {
                long[] all = new long[3 * (1 + r.nextInt(5))];
                long at = 0;
                long resident = 0;
                for (int m = 0; m < all.length; m += 3) {
                    at += 4 * r.nextInt(30) * r.nextInt(2);
                    all[m] = at;
                    at += 4 * (1 + r.nextInt(60));
                    all[m + 1] = at;
                    all[m + 2] = r.nextInt((int) (at - all[m]) + 1);
                    resident += all[m + 2];
                }
                most = Math.max(most, resident);
                sample(all);
            }
            assertTrue(sum(end()) <= most * KIB, "round " + round);
        }
    }
}
