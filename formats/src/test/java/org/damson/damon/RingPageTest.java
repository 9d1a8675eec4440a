package org.damson.damon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.damson.model.TraceFormatException;
import org.junit.jupiter.api.Test;

final class RingPageTest {
    private static final long MISSED_EVENTS = 1L << 31;
    private static final long MISSED_STORED = 1L << 30;

    /** What a page held, one line each. */
    private static final class Lines implements RingPage.Visitor {
        final List<String> lines = new ArrayList<>();

        @Override
        public void event(long timeNs, ByteBuffer page, int offset, int length) {
            assertTrue(offset >= 16 && length >= 0 && offset + length <= page.capacity(), "record outside its page");
            lines.add(timeNs + ": " + length + " bytes, first " + (length == 0 ? "none" : page.get(offset)));
        }

        @Override
        public void missed(long count, long beforeNs) {
            lines.add("missed " + count + " before " + beforeNs);
        }
    }

    private static RingPage layout(ByteOrder order) throws TraceFormatException {
        return RingPage.of("header_page", PageBuilder.HEADER_PAGE, order);
    }

    private static List<String> read(PageBuilder page) throws TraceFormatException {
        Lines lines = new Lines();
        assertNull(layout(page.bytes.order()).decode(page.bytes, PageBuilder.SIZE, lines));
        return lines.lines;
    }

    private static byte[] body(int length, int first) {
        byte[] body = new byte[length];
        if (length > 0) {
            body[0] = (byte) first;
        }
        return body;
    }

    @Test
    void recordsOfBothFormsAreFoundWithTheirTimes() throws Exception {
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            PageBuilder page = new PageBuilder(order, 1_000)
                    .record(5, body(48, 1))
                    .record(0, body(112, 2))
                    .record(7, body(116, 3))
                    .record((1 << 27) - 1, body(6, 4))
                    .commit();
            assertEquals(
                    List.of(
                            "1005: 48 bytes, first 1",
                            "1005: 112 bytes, first 2",
                            "1012: 116 bytes, first 3",
                            "134218739: 6 bytes, first 4"),
                    read(page));
        }
    }

    @Test
    void timeExtendsAddAndAbsoluteTimesReplaceAllButTheUpperBits() throws Exception {
        long start = (3L << 59) + 1_000;
        PageBuilder page = new PageBuilder(ByteOrder.LITTLE_ENDIAN, start)
                .timeExtend((5L << 27) + 3)
                .record(1, body(4, 1))
                .absoluteTime(77_000_000_000L)
                .record(2, body(4, 2))
                .commit();
        assertEquals(
                List.of(
                        (start + (5L << 27) + 4) + ": 4 bytes, first 1",
                        ((3L << 59) + 77_000_000_002L) + ": 4 bytes, first 2"),
                read(page));
    }

    @Test
    void discardedRecordsAndTheEmptyRestAreSkipped() throws Exception {
        PageBuilder page = new PageBuilder(ByteOrder.LITTLE_ENDIAN, 10)
                .discarded(1, 40)
                .record(1, body(8, 9))
                .emptyRest()
                .record(1, body(8, 8))
                .commit();
        assertEquals(List.of("12: 8 bytes, first 9"), read(page));
    }

    @Test
    void missedEventsAreReportedBeforeTheRecordsWithTheirCountIfThereIsOne() throws Exception {
        PageBuilder counted = new PageBuilder(ByteOrder.LITTLE_ENDIAN, 50)
                .record(1, body(8, 1))
                .commit(MISSED_EVENTS | MISSED_STORED, 459_910);
        assertEquals(List.of("missed 459910 before 50", "51: 8 bytes, first 1"), read(counted));
        PageBuilder uncounted = new PageBuilder(ByteOrder.LITTLE_ENDIAN, 50)
                .record(1, body(8, 1))
                .commit(MISSED_EVENTS, -1);
        assertEquals(List.of("missed -1 before 50", "51: 8 bytes, first 1"), read(uncounted));
        // What 64-bit kernels really write: the flags reach the upper half as sign bits.
        PageBuilder signed = new PageBuilder(ByteOrder.LITTLE_ENDIAN, 50)
                .record(1, body(8, 1))
                .commit(0xffffffffc0000000L, 3);
        assertEquals(List.of("missed 3 before 50", "51: 8 bytes, first 1"), read(signed));
    }

    @Test
    void pagesThatSayMoreThanTheyHoldAreRefusedAndSayWhy() throws Exception {
        PageBuilder page = new PageBuilder(ByteOrder.LITTLE_ENDIAN, 1)
                .record(1, body(48, 1))
                .commit();
        RingPage layout = layout(ByteOrder.LITTLE_ENDIAN);
        Lines lines = new Lines();
        assertNotNull(layout.decode(page.bytes, 15, lines));
        assertNotNull(layout.decode(page.bytes, 60, lines));
        page.bytes.putLong(8, 4081);
        assertNotNull(layout.decode(page.bytes, PageBuilder.SIZE, lines));
        page.bytes.putLong(8, 40); // cuts the record
        assertEquals("record beyond the end at 16", layout.decode(page.bytes, PageBuilder.SIZE, lines));
        assertEquals(List.of(), lines.lines);
    }

    @Test
    void randomDamageNeverLeadsOutsideThePage() throws Exception {
        Random random = new Random(41);
        RingPage layout = layout(ByteOrder.LITTLE_ENDIAN);
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            PageBuilder page = new PageBuilder(ByteOrder.LITTLE_ENDIAN, 1_000);
            for (int i = 0; i < 30; i++) {
                switch (random.nextInt(5)) {
                    case 0 -> page.timeExtend(random.nextLong() >>> 8);
                    case 1 -> page.absoluteTime(random.nextLong() >>> 8);
                    case 2 -> page.discarded(1, 4 * random.nextInt(10));
                    case 3 -> page.record(random.nextInt(1 << 27), body(4 + random.nextInt(40), i));
                    default -> page.record(random.nextInt(1 << 27), body(116, i));
                }
            }
            page.commit();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                int at = 8 + random.nextInt(round % 2 == 0 ? 200 : PageBuilder.SIZE - 8);
                page.bytes.put(at, (byte) (page.bytes.get(at) ^ 1 << random.nextInt(8)));
            }
            refused += layout.decode(page.bytes, PageBuilder.SIZE, new Lines()) == null ? 0 : 1;
        }
        assertTrue(refused > 1_000, "only " + refused + " pages were refused: the damage does not reach the decoder");
    }

    @Test
    void anUnknownPageHeaderIsRefused() {
        assertThrows(TraceFormatException.class, () -> RingPage.of("header_page", "", ByteOrder.LITTLE_ENDIAN));
        String noCommit = PageBuilder.HEADER_PAGE.replace("commit", "committed");
        assertThrows(TraceFormatException.class, () -> RingPage.of("header_page", noCommit, ByteOrder.LITTLE_ENDIAN));
    }
}
