package org.damson.damon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.damson.model.Snapshot;
import org.damson.model.TraceFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EventDecoderTest {
    private final EventColumns rows = new EventColumns();

    private static ByteBuffer record(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
    }

    @Test
    void everyFieldOfARegionIsReadWhereTheFormatSays() throws Exception {
        EventDecoder events = EventDecoder.of(List.of(Formats.of(Formats.AGGREGATED)));
        byte[] body = Formats.aggregated(767, 93, 2, 17, 0x7f0000001000L, -4096, 20, 5);
        events.decode(123, ByteBuffer.wrap(body).order(ByteOrder.nativeOrder()), 0, body.length, rows);
        assertEquals(1, rows.to);
        assertEquals(EventColumns.REGION, rows.kind[0]);
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
        EventDecoder events = EventDecoder.of(List.of(Formats.of(old)));
        ByteBuffer b = record(100);
        b.putShort(20, (short) 9)
                .putInt(20 + 4, 7)
                .putLong(20 + 24, 1)
                .putLong(20 + 32, 2)
                .putInt(20 + 64, 11);
        events.decode(1, b, 20, 68, rows);
        assertEquals(11, rows.accesses[0]);
        assertEquals(-1, rows.age[0]);
    }

    @Test
    void aKernelWithoutANeededFieldIsRefusedByTheFieldsName() throws Exception {
        EventFormat changed = Formats.of(Formats.AGGREGATED.replace("nr_accesses", "accesses"));
        TraceFormatException e = assertThrows(TraceFormatException.class, () -> EventDecoder.of(List.of(changed)));
        assertTrue(e.getMessage().contains("nr_accesses"), e.getMessage());
    }

    private static ByteBuffer buffer(byte[] body) {
        return ByteBuffer.wrap(body).order(ByteOrder.nativeOrder());
    }

    @Test
    void numbersOfSchemesAreRowsByTheirNames() throws Exception {
        EventDecoder events = EventDecoder.of(List.of(Formats.of(Formats.ESZ), Formats.of(Formats.STATISTICS)));
        ByteBuffer b = record(24);
        b.putShort(0, (short) 770).putInt(4, 93).putInt(8, 1).putInt(12, 3).putLong(16, 4096);
        assertEquals(EventDecoder.Result.TAKEN, events.decode(5, b, 0, 24, rows));
        b = record(72);
        b.putShort(0, (short) 772).putInt(4, 93).putInt(8, 1).putInt(12, 3);
        for (int i = 0; i < 7; i++) {
            b.putLong(16 + 8 * i, 100 + i);
        }
        events.decode(6, b, 0, 72, rows);
        List<String> all = new ArrayList<>();
        for (int i = 0; i < rows.to; i++) {
            assertEquals(EventColumns.STATISTIC, rows.kind[i]);
            all.add(rows.timeNs[i] + " " + rows.thread[i] + " " + rows.context[i] + " " + rows.scheme[i] + " "
                    + rows.name[i] + " " + rows.target[i]);
        }
        String head = "6 93 1 3 damos_stat_after_apply_interval.";
        assertEquals(
                List.of(
                        "5 93 1 3 damos_esz.esz 4096",
                        head + "nr_tried 100",
                        head + "sz_tried 101",
                        head + "nr_applied 102",
                        head + "sz_applied 103",
                        head + "sz_ops_filter_passed 104",
                        head + "qt_exceeds 105",
                        head + "nr_snapshots 106"),
                all);
    }

    @Test
    void eventsNobodyKnowsAreCountedByNameAndNoRows() throws Exception {
        EventDecoder events = EventDecoder.of(List.of(Formats.of(Formats.AGGREGATED), Formats.of(Formats.NEW)));
        ByteBuffer b = record(16).putShort(0, (short) 773);
        assertEquals(EventDecoder.Result.UNKNOWN, events.decode(5, b, 0, 16, rows));
        assertEquals(EventDecoder.Result.UNKNOWN, events.decode(6, b, 0, 16, rows));
        assertEquals(0, rows.to);
        assertEquals(0, events.malformed() + events.foreign());
        assertEquals("damon_new_event 2", events.unkept().toString());
    }

    @Test
    void hitsOfProbesAreReadWhereTheRecordSays() throws Exception {
        EventDecoder events = EventDecoder.of(List.of(Formats.of(Formats.REGION_AGGREGATED)));
        assertTrue(events.hasProbeHits());
        byte[] body = Formats.regionAggregated(93, 2, 17, 4096, 8192, 3, 7, 19, 0, 255);
        assertEquals(EventDecoder.Result.TAKEN, events.decode(5, buffer(body), 0, body.length, rows));
        assertEquals(EventColumns.REGION_WITH_HITS, rows.kind[0]);
        assertEquals(
                List.of(2L, 17L, 4096L, 8192L, 3L, 7L, 19L | 255L << 32),
                List.of(
                        rows.target[0],
                        rows.regions[0],
                        rows.start[0],
                        rows.end[0],
                        rows.accesses[0],
                        rows.age[0],
                        rows.probeHits[0]));
    }

    @Test
    void withoutProbesTheirHitsAreNotKnown() throws Exception {
        EventDecoder events = EventDecoder.of(List.of(Formats.of(Formats.REGION_AGGREGATED)));
        byte[] body = Formats.regionAggregated(93, 2, 17, 4096, 8192, 3, 7);
        events.decode(5, buffer(body), 0, body.length, rows);
        assertEquals(Snapshot.NO_HITS, rows.probeHits[0]);
        assertTrue(events.unkept().isEmpty());
    }

    @Test
    void hitsThatATraceHasNoRoomForAreCountedAndTheRegionIsKept() throws Exception {
        EventDecoder events = EventDecoder.of(List.of(Formats.of(Formats.REGION_AGGREGATED)));
        byte[] body = Formats.regionAggregated(93, 2, 17, 4096, 8192, 3, 7, 1, 2, 3, 4, 5);
        assertEquals(EventDecoder.Result.TAKEN, events.decode(5, buffer(body), 0, body.length, rows));
        assertEquals(Snapshot.NO_HITS, rows.probeHits[0]);
        assertEquals("damon_region_aggregated.probe_hits 1", events.unkept().toString());
    }

    @Test
    void hitsBeyondTheEndOfARecordAreMalformed() throws Exception {
        EventDecoder events = EventDecoder.of(List.of(Formats.of(Formats.REGION_AGGREGATED)));
        byte[] body = Formats.regionAggregated(93, 2, 17, 4096, 8192, 3, 7, 1, 2);
        for (int place : new int[] {2 << 16 | 51, 5 << 16 | 48, 0xffff_ffff, 1 << 16 | 0xffff}) {
            buffer(body).putInt(44, place);
            assertEquals(EventDecoder.Result.MALFORMED, events.decode(5, buffer(body), 0, body.length, rows));
        }
        assertEquals(0, rows.to);
        assertEquals("probe_hits beyond the end of a damon_region_aggregated", events.wrong());
    }

    @ParameterizedTest
    @CsvSource({
        "'__data_loc unsigned short[] probe_hits;\toffset:44;\tsize:4', 44, 262192, 1",
        "'__rel_data_loc unsigned short[] probe_hits;\toffset:44;\tsize:4', 44, 262144, 1",
        "'unsigned short probe_hits[2];\toffset:48;\tsize:4', 44, 0, 1",
        "'__data_loc struct x[] probe_hits;\toffset:44;\tsize:4', 44, 262192, 0"
    })
    void hitsOfOtherWidthsAndPlacesAreReadByTheirType(String field, int at, int place, int known) throws Exception {
        EventDecoder events = EventDecoder.of(List.of(
                Formats.of(Formats.REGION_AGGREGATED.replaceAll("field:__data_loc.*size:4", "field:" + field))));
        byte[] body = Formats.regionAggregated(93, 2, 17, 4096, 8192, 3, 7, 0, 0, 0, 0);
        buffer(body).putInt(at, place).putShort(48, (short) 300).putShort(50, (short) 5);
        assertEquals(EventDecoder.Result.TAKEN, events.decode(5, buffer(body), 0, body.length, rows));
        assertEquals(known == 1 ? 300L | 5L << 16 : Snapshot.NO_HITS, rows.probeHits[0]);
        assertEquals(known == 1, events.unkept().isEmpty());
    }

    @Test
    void shortAndForeignRecordsAreCountedNotRead() throws Exception {
        EventDecoder events = EventDecoder.of(List.of(Formats.of(Formats.AGGREGATED)));
        byte[] body = Formats.aggregated(767, 93, 2, 17, 1, 2, 20, 5);
        ByteBuffer b = buffer(body);
        assertEquals(EventDecoder.Result.MALFORMED, events.decode(1, b, 0, 47, rows));
        assertEquals("a damon_aggregated of 47 bytes", events.wrong());
        assertEquals(EventDecoder.Result.FOREIGN, events.decode(1, b, 0, 1, rows));
        b.putShort(0, (short) 60_000);
        assertEquals(EventDecoder.Result.FOREIGN, events.decode(1, b, 0, 48, rows));
        assertEquals(1, events.malformed());
        assertEquals(2, events.foreign());
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
