package org.damson.recorder.damon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.tracefs.EventFormat;
import org.junit.jupiter.api.Test;

final class DamonEventsTest {
    private final Events rows = new Events();
    private final Batch stats = new Batch(Table.SCHEME_STATS);

    private static ByteBuffer record(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
    }

    @Test
    void everyFieldOfARegionIsReadWhereTheFormatSays() throws Exception {
        DamonEvents events = DamonEvents.of(List.of(Formats.of(Formats.AGGREGATED)));
        byte[] body = Formats.aggregated(767, 93, 2, 17, 0x7f0000001000L, -4096, 20, 5);
        events.decode(123, ByteBuffer.wrap(body).order(ByteOrder.nativeOrder()), 0, body.length, rows, stats);
        assertEquals(1, rows.to);
        assertEquals(Events.AGGREGATED, rows.kind[0]);
        assertEquals(123, rows.timeNs[0]);
        assertEquals(93, rows.thread[0]);
        assertEquals(2, rows.target[0]);
        assertEquals(17, rows.regions[0]);
        assertEquals(0x7f0000001000L, rows.start[0]);
        assertEquals(-4096, rows.end[0]);
        assertEquals(20, rows.accesses[0]);
        assertEquals(5, rows.age[0]);
    }

    @Test
    void aKernelWithoutAgeAndWithOtherOffsetsIsRead() throws Exception {
        String old = Formats.AGGREGATED
                .replaceAll("\tfield:unsigned int age;.*\n", "")
                .replace("offset:40;", "offset:64;")
                .replace("ID: 767", "ID: 9");
        DamonEvents events = DamonEvents.of(List.of(Formats.of(old)));
        ByteBuffer b = record(100);
        b.putShort(20, (short) 9)
                .putInt(20 + 4, 7)
                .putLong(20 + 24, 1)
                .putLong(20 + 32, 2)
                .putInt(20 + 64, 11);
        events.decode(1, b, 20, 68, rows, stats);
        assertEquals(11, rows.accesses[0]);
        assertEquals(-1, rows.age[0]);
    }

    @Test
    void aKernelWithoutANeededFieldIsRefusedByTheFieldsName() throws Exception {
        EventFormat changed = Formats.of(Formats.AGGREGATED.replace("nr_accesses", "accesses"));
        TraceFormatException e = assertThrows(TraceFormatException.class, () -> DamonEvents.of(List.of(changed)));
        assertTrue(e.getMessage().contains("nr_accesses"), e.getMessage());
    }

    @Test
    void eventsNobodyKnowsAreKeptAsNumbers() throws Exception {
        DamonEvents events = DamonEvents.of(List.of(Formats.of(Formats.ESZ)));
        ByteBuffer b = record(24);
        b.putShort(0, (short) 770).putInt(4, 93).putInt(8, 1).putInt(12, 3).putLong(16, 4096);
        events.decode(5, b, 0, 24, rows, stats);
        assertEquals(0, rows.to);
        assertEquals(1, stats.rows());
        assertEquals("damos_esz.esz", stats.text(4, 0));
        assertEquals(
                List.of(5L, 93L, 1L, 3L, 4096L),
                List.of(stats.get(0, 0), stats.get(1, 0), stats.get(2, 0), stats.get(3, 0), stats.get(5, 0)));
    }

    @Test
    void regionsReportedOnceMoreWithProbeHitsBecomeNoRows() throws Exception {
        String hits = "\tfield:__data_loc unsigned char[] probe_hits;\toffset:48;\tsize:4;\tsigned:0;\n";
        String format = Formats.AGGREGATED
                        .replace("damon_aggregated", "damon_region_aggregated")
                        .replace("767", "771")
                + hits;
        DamonEvents events = DamonEvents.of(List.of(Formats.of(Formats.AGGREGATED), Formats.of(format)));
        ByteBuffer b = record(56);
        b.putShort(0, (short) 771).putInt(48, 2 << 16 | 52).putShort(52, (short) 0x1305);
        events.decode(5, b, 0, 56, rows, stats);
        assertEquals(0, rows.to);
        assertEquals(0, stats.rows());
        assertEquals(0, events.unknown() + events.malformed());
    }

    @Test
    void shortAndForeignRecordsAreCountedNotRead() throws Exception {
        DamonEvents events = DamonEvents.of(List.of(Formats.of(Formats.AGGREGATED)));
        byte[] body = Formats.aggregated(767, 93, 2, 17, 1, 2, 20, 5);
        ByteBuffer b = ByteBuffer.wrap(body).order(ByteOrder.nativeOrder());
        events.decode(1, b, 0, 47, rows, stats);
        events.decode(1, b, 0, 1, rows, stats);
        b.putShort(0, (short) 60_000);
        events.decode(1, b, 0, 48, rows, stats);
        assertEquals(2, events.malformed());
        assertEquals(1, events.unknown());
        assertEquals(0, rows.to);
    }

    @Test
    void textThatIsNoFormatIsRefused() {
        assertThrows(TraceFormatException.class, () -> EventFormat.parse("f", "hello"));
        assertThrows(TraceFormatException.class, () -> EventFormat.parse("f", "name: a\nID: b\n"));
        assertThrows(TraceFormatException.class, () -> EventFormat.parse("f", "name: a\nID: 1\n\tfield: x\n"));
        assertThrows(
                TraceFormatException.class,
                () -> EventFormat.parse("f", "name: a\nID: 1\n\tfield:int x;\toffset:99999999;\tsize:4;\tsigned:1;\n"));
    }

    @Test
    void unknownFieldsAreNull() throws Exception {
        assertNull(Formats.of(Formats.TUNE).find("nr_regions", "x"));
    }
}
