package org.damson.damon.scheme;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

/** Schemes as one text gives them. */
abstract class ParsedSchemes {
    static Scheme one(String text) {
        List<Scheme> schemes = SchemeParser.parse(text);
        assertEquals(1, schemes.size(), text);
        return schemes.get(0);
    }

    static void same(Scheme expected, Scheme given) {
        assertEquals(expected.action(), given.action());
        assertEquals(expected.size(), given.size());
        assertEquals(
                expected.access().inKernelUnits(5_000, 100_000), given.access().inKernelUnits(5_000, 100_000));
        assertEquals(expected.age().inKernelUnits(5_000, 100_000), given.age().inKernelUnits(5_000, 100_000));
        assertEquals(expected.quota(), given.quota());
        assertEquals(expected.watermarks(), given.watermarks());
        assertEquals(expected.filters(), given.filters());
        assertEquals(expected.applyUs(), given.applyUs());
    }
}
