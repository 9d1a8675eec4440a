package org.damson.replayer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class UnseenAccessesTest {
    private static final int SAMPLES = 20;
    private static final long A = 0x10000;

    /** In how many slices memory is touched that was seen so often. */
    private static int touched(UnseenAccesses unseen, int seen) {
        Snapshot s = new Snapshot();
        s.add(A, A + 0x10000, seen, 0);
        unseen.nextSnapshot();
        return unseen.samples(s, 0, SAMPLES);
    }

    @Test
    void whatWasSeenInAllSamplesOwesNothingToTheTimeAfterIt() {
        UnseenAccesses unseen = new UnseenAccesses(0.9);
        for (int i = 0; i < 100; i++) {
            assertEquals(SAMPLES, touched(unseen, SAMPLES));
        }
        // 2 of 0.9 and 1 of 0.9, rounded by chance: not as often as what could not be touched before.
        assertTrue(touched(unseen, 2) <= 3);
        assertTrue(touched(unseen, 1) <= 2);
        assertEquals(0, touched(unseen, 0));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.3, 0.7, 0.9, 0.97, 1})
    void memoryInUseAllTheTimeIsTouchedSoHoweverItWasSeenByChance(double seenShare) {
        double mean = meanTouched(seenShare, seenShare, 5000, new Random(15));
        assertTrue(mean > 0.95 * SAMPLES, seenShare + ": " + mean);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.3, 0.7, 0.9, 0.97, 1})
    void memoryInUseNowAndThenIsTouchedAsOftenAsItWas(double seenShare) {
        double mean = meanTouched(seenShare, 0.2 * seenShare, 20_000, new Random(16));
        assertEquals(0.2, mean / SAMPLES, 0.004, "seen " + seenShare);
    }

    /** The slices in which memory is touched, on average, that was seen in each sample with the same chance. */
    private static double meanTouched(double seenShare, double chance, int snapshots, Random random) {
        UnseenAccesses unseen = new UnseenAccesses(seenShare);
        double sum = 0;
        for (int i = 0; i < snapshots; i++) {
            int seen = 0;
            for (int k = 0; k < SAMPLES; k++) {
                seen += random.nextDouble() < chance ? 1 : 0;
            }
            sum += touched(unseen, seen);
        }
        return sum / snapshots;
    }
}
