package org.damson.analyzer.damo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class DamoTextTest {
    @TestFactory
    List<DynamicTest> numbersAreWrittenAsDamoWroteThem() throws IOException {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                DamoTextTest.class.getResourceAsStream("/damo/format-vectors.tsv"), StandardCharsets.UTF_8))) {
            return in.lines()
                    .filter(l -> !l.startsWith("#"))
                    .map(l -> l.split("\t"))
                    .map(f -> DynamicTest.dynamicTest(f[0], () -> assertEquals(String.join("|", f), written(f[0]))))
                    .collect(Collectors.toList());
        }
    }

    private static String written(String value) {
        Num v = DamoText.parseNr(value);
        return String.join(
                "|",
                Arrays.asList(
                        v.toString(),
                        DamoText.nr(v, false),
                        DamoText.sz(v, false),
                        DamoText.szAccurate(v, false),
                        DamoText.timeNs(v, false),
                        DamoText.timeUs(v, false),
                        DamoText.timeNsExact(v, false),
                        DamoText.hz(v, false, true),
                        DamoText.percent(v, false),
                        DamoText.basisPoints(v, false),
                        DamoText.hz(v, true, true),
                        DamoText.sz(v, true)));
    }

    @Test
    void shortestDigitsArePythons() {
        assertEquals("1e-05", Num.repr(0.00001));
        assertEquals("0.0001", Num.repr(0.0001));
        assertEquals("1e+16", Num.repr(1e16));
        assertEquals("1234567890123456.0", Num.repr(1234567890123456.0));
        assertEquals("2e-44", Num.repr(2e-44));
        assertEquals("76.92307667455621", Num.repr(200 * (866666666.0 - 700000000) / 433333333));
    }

    @Test
    void wholeNumbersStayExactBeyondLong() {
        Num big = Num.unsigned(-1L).times(Num.unsigned(-1L));
        assertEquals("340282366920938463426481119284349108225", big.toString());
        assertEquals("18446744073709551615", big.floorOver(Num.MAX).toString());
        assertEquals(-1, Num.of(-7).floorOver(Num.of(4)).plus(Num.of(1)).signum());
        assertEquals(0, Num.of(1L << 53).compareTo(Num.of((double) (1L << 53))));
        assertEquals(1, Num.of((1L << 53) + 1).compareTo(Num.of((double) (1L << 53))));
    }

    @Test
    void unitsAreReadAsDamoReadsThem() {
        assertEquals("1536", DamoText.parseBytes("1.5K").toString());
        assertEquals("18446744073709551615", DamoText.parseBytes("999 EiB").toString());
        assertEquals("63200000000", DamoText.parseNs("1 m 3 s 200 ms").toString());
        assertEquals("5000.0", DamoText.parseUs("5 ms").toString());
        assertEquals("5000", DamoText.parseUs("5000").toString());
        assertEquals("1234", DamoText.parseNr("1,234").toString());
        assertThrows(IllegalArgumentException.class, () -> DamoText.parseBytes("4 QiB"));
    }
}
