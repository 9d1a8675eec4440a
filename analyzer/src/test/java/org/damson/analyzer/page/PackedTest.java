package org.damson.analyzer.page;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PackedTest {
    /** As the page's script does it. */
    private static byte[] unpack(byte[] packed) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < packed.length; ) {
            int n = packed[i++] & 0xff;
            if (n < 128) {
                out.write(packed, i, n + 1);
                i += n + 1;
            } else {
                byte[] run = new byte[n - 126];
                Arrays.fill(run, packed[i++]);
                out.writeBytes(run);
            }
        }
        return out.toByteArray();
    }

    @Test
    void runsAreGivenBackExactlyAndAreNeverMuchLonger() {
        Random random = new Random(7);
        for (int round = 0; round < 300; round++) {
            byte[] bytes = new byte[random.nextInt(2000)];
            int values = 1 + random.nextInt(4);
            int run = 1 + random.nextInt(300);
            for (int i = 0; i < bytes.length; ) {
                int end = Math.min(bytes.length, i + 1 + random.nextInt(run));
                Arrays.fill(bytes, i, end, (byte) (random.nextInt(values) * 85));
                i = end;
            }
            byte[] packed = Packed.runs(bytes);
            assertArrayEquals(bytes, unpack(packed), "round " + round);
            assertTrue(packed.length <= bytes.length + bytes.length / 128 + 1, packed.length + " of " + bytes.length);
        }
    }

    /** A byte below 128 says how many follow as they are, less one; one from 128 on how often the next stands, less 126. */
    @Test
    void runsOfThreeAndMoreAreOnePair() {
        assertArrayEquals(new byte[0], Packed.runs(new byte[0]));
        assertArrayEquals(new byte[] {1, 7, 7}, Packed.runs(new byte[] {7, 7}));
        assertArrayEquals(new byte[] {(byte) 129, 7}, Packed.runs(new byte[] {7, 7, 7}));
        assertArrayEquals(new byte[] {0, 1, (byte) 130, 7, 1, 2, 3}, Packed.runs(new byte[] {1, 7, 7, 7, 7, 2, 3}));
    }

    @Test
    void aRunOfThousandsTakesFewBytes() {
        // 10,000 = 77 runs of 129 and one of 67, two bytes each.
        assertEquals(2 * 78, Packed.runs(new byte[10_000]).length);
    }

    @Test
    void varintsAreSevenBitsAByte() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (long value : new long[] {0, 127, 128, 300, 1L << 40}) {
            Packed.varint(value, out);
        }
        assertArrayEquals(
                new byte[] {
                    0, 127, (byte) 128, 1, (byte) 172, 2, (byte) 128, (byte) 128, (byte) 128, (byte) 128, (byte) 128, 32
                },
                out.toByteArray());
    }
}
