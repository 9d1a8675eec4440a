package org.damson.damon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.damson.model.Snapshot;
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

    /** A page, whose records are decoded and put together where they are of events that kernels have. */
    private static void page(byte[] bytes, ByteOrder order) throws TraceFormatException {
        int length = Math.min(bytes.length, 4096);
        ByteBuffer page = ByteBuffer.wrap(Arrays.copyOf(bytes, 4096)).order(order);
        EventDecoder decoder = EventDecoder.of(List.of(
                Formats.of(Formats.AGGREGATED),
                Formats.of(Formats.REGION_AGGREGATED),
                Formats.of(Formats.BEFORE_APPLY),
                Formats.of(Formats.TUNE),
                Formats.of(Formats.STATISTICS)));
        EventColumns rows = new EventColumns();
        String wrong = RingPage.of("fuzz", HEADER, order).decode(page, length, new RingPage.Visitor() {
            private int last;

            @Override
            public void event(long timeNs, ByteBuffer in, int offset, int size) {
                assertTrue(offset >= 16 && size >= 0 && offset + size <= length, "record outside the page");
                assertTrue(offset > last, "records go forward");
                last = offset;
                decoder.decode(timeNs, in, offset, size, rows);
            }

            @Override
            public void missed(long count, long beforeNs) {
                assertTrue(count >= -1, "missed " + count);
                rows.addMissed(EventColumns.NO_TIME, beforeNs, count);
            }
        });
        assertTrue(wrong == null || wrong.lines().count() == 1, wrong);
        assemble(rows, Listening.UNKNOWN);
        rows.from = 0;
        assemble(rows, new Listening(0, true, () -> 0));
    }

    private static void assemble(EventColumns rows, Listening listening) {
        SnapshotAssembler assembler =
                new SnapshotAssembler(t -> new Kdamonds.Facts(0, 5_000, 100_000, false, 1), listening);
        while (!rows.isEmpty()) {
            String why = assembler.take(rows);
            assertTrue(why == null || why.lines().count() == 1, why);
        }
        assembler.finish(0);
        for (Snapshot s = assembler.poll(); s != null; s = assembler.poll()) {
            assertTrue(s.regions > 0 && s.lost >= 0, s.regions + " regions, lost " + s.lost);
            for (int r = 0; r < s.regions; r++) {
                assertTrue(Long.compareUnsigned(s.start[r], s.end[r] - 1) <= 0, "an empty region");
                assertTrue(r == 0 || Long.compareUnsigned(s.end[r - 1] - 1, s.start[r]) < 0, "regions do not ascend");
                assertTrue(s.nrAccesses[r] >= 0 && s.age[r] >= -1, "negative counts");
            }
        }
    }
}
