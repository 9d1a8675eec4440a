package org.damson.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class UnitsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1024, 1 KiB",
        "1536, 1.5 KiB",
        "-1536, -1.5 KiB",
        "9223372036854775807, 8 EiB"
    })
    void printsSizesWithPowersOf1024(long bytes, String text) {
        assertEquals(text, Units.bytes(bytes));
    }

    @ParameterizedTest
    @CsvSource({"999, 999 ns", "5000000, 5 ms", "1500000000, 1.5 s", "90000000000, 1 m 30 s", "3700000000000, 1 h 1 m"})
    void printsDurationsInTheLargestUnitThatFits(long ns, String text) {
        assertEquals(text, Units.duration(ns));
    }

    @ParameterizedTest
    @CsvSource({"4096, 4096", "4K, 4096", "4 KiB, 4096", "1.5G, 1610612736", "max, 9223372036854775807"})
    void readsSizes(String text, long bytes) {
        assertEquals(bytes, Units.parseBytes(text));
    }

    @ParameterizedTest
    @CsvSource({"5ms, 5000000", "100 us, 100000", "1.5s, 1500000000", "2m, 120000000000"})
    void readsDurations(String text, long ns) {
        assertEquals(ns, Units.parseDurationNs(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "K", "4Q", "1.2.3M", "99999999999999T", "-1", "1e3"})
    void refusesWhatIsNoSizeAndNamesIt(String text) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Units.parseBytes(text));
        assertTrue(e.getMessage().contains("'" + text + "'"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "ms", "5 parsecs", "-1s"})
    void refusesWhatIsNoDuration(String text) {
        assertThrows(IllegalArgumentException.class, () -> Units.parseDurationNs(text));
    }

    @Test
    void printsAddressesUnsigned() {
        assertEquals("0xffffffffff600000", Units.address(0xffffffffff600000L));
    }
}
