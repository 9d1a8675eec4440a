package org.damson.analyzer.damos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.damson.damon.scheme.UnknownWordException;
import org.junit.jupiter.api.Test;

final class KernelVersionTest {
    @Test
    void theStableReleaseDecides() {
        String[][] known = {
            {"6.12.94+deb13-cloud-amd64", "6.12.94"},
            {"6.12.40", "6.12.94"},
            {"6.12.117-1-generic", "6.12.117"},
            {"6.12.130", "6.12.117"},
            {"6.18.15", "6.18"},
            {"6.18", "6.18"},
            {"7.1.8", "7.1"},
            {"7.2.0-rc3", "7.2"},
            {"7.3.4+deb13-cloud-amd64", "7.3"}
        };
        for (String[] k : known) {
            KernelVersion.Choice c = KernelVersion.nearest(k[0]);
            assertEquals(k[1], c.version().toString(), k[0]);
            assertNull(c.note(), k[0]);
        }
    }

    @Test
    void whatWasNotTestedIsSaid() {
        for (String release : new String[] {"6.12", "6.12.95", "6.12.116", "6.1.0-18", "6.19.3", "7.0.2", "8.0"}) {
            assertNotNull(KernelVersion.nearest(release).note(), release);
        }
        assertNull(KernelVersion.nearest("none"));
        assertNull(KernelVersion.nearest("null"));
    }

    @Test
    void optionsNameTheKernelsThatThereAre() {
        for (String word : KernelVersion.WORDS) {
            assertNotNull(KernelVersion.of(word));
        }
        assertEquals(KernelVersion.V7_3, KernelVersion.of("7.3"));
        for (KernelVersion v : KernelVersion.values()) {
            assertTrue(KernelVersion.WORDS.contains(v.toString()), v.toString());
            assertFalse(v.rules().isBlank());
        }
        assertEquals(KernelVersion.V7_1, KernelVersion.of("7.1.8"));
        assertThrows(UnknownWordException.class, () -> KernelVersion.of("6.5"));
        assertThrows(UnknownWordException.class, () -> KernelVersion.of("6.123"));
    }
}
