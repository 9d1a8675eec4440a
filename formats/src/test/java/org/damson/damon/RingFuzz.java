package org.damson.damon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.damson.model.TraceFormatException;

/**
 * What a kernel says of its events and the pages of its trace ring. The first byte chooses: an event's format, a page's
 * header, or a page of either byte order with the header that kernels have.
 */
public final class RingFuzz {
    private static final String HEADER =
            """
            \tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
            \tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;
            \tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;
            \tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;
            """;

    private RingFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) throws TraceFormatException {
        if (data.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(data, 1, data.length);
        String text = new String(rest, StandardCharsets.ISO_8859_1);
        try {
            switch (data[0] & 3) {
                case 0 -> EventFormat.parse("fuzz", text);
                case 1 -> RingPage.of("fuzz", text, ByteOrder.LITTLE_ENDIAN);
                case 2 -> page(rest, ByteOrder.LITTLE_ENDIAN);
                default -> page(rest, ByteOrder.BIG_ENDIAN);
            }
        } catch (TraceFormatException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        }
    }

    private static void page(byte[] bytes, ByteOrder order) throws TraceFormatException {
        int length = Math.min(bytes.length, 4096);
        ByteBuffer page = ByteBuffer.wrap(Arrays.copyOf(bytes, 4096)).order(order);
        String wrong = RingPage.of("fuzz", HEADER, order).decode(page, length, new RingPage.Visitor() {
            private int last;

            @Override
            public void event(long timeNs, ByteBuffer in, int offset, int size) {
                assertTrue(offset >= 16 && size >= 0 && offset + size <= length, "record outside the page");
                assertTrue(offset > last, "records go forward");
                last = offset;
            }

            @Override
            public void missed(long count, long beforeNs) {
                assertTrue(count >= -1, "missed " + count);
            }
        });
        assertTrue(wrong == null || wrong.lines().count() == 1, wrong);
    }
}
