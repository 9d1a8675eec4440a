package org.damson.damon;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.damson.model.TraceFormatException;

/** Event formats as Linux 6.18 gives them, and records in them. */
final class Formats {
    static final String COMMON =
            """
            format:
            \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
            \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
            \tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
            \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

            """;
    static final String AGGREGATED = "name: damon_aggregated\nID: 767\n" + COMMON
            + """
            \tfield:unsigned long target_id;\toffset:8;\tsize:8;\tsigned:0;
            \tfield:unsigned int nr_regions;\toffset:16;\tsize:4;\tsigned:0;
            \tfield:unsigned long start;\toffset:24;\tsize:8;\tsigned:0;
            \tfield:unsigned long end;\toffset:32;\tsize:8;\tsigned:0;
            \tfield:unsigned int nr_accesses;\toffset:40;\tsize:4;\tsigned:0;
            \tfield:unsigned int age;\toffset:44;\tsize:4;\tsigned:0;

            print fmt: "target_id=%lu nr_regions=%u %lu-%lu: %u %u", REC->target_id, REC->nr_regions, REC->start
            """;
    static final String TUNE = "name: damon_monitor_intervals_tune\nID: 768\n" + COMMON
            + "\tfield:unsigned long sample_us;\toffset:8;\tsize:8;\tsigned:0;\n";
    static final String BEFORE_APPLY = "name: damos_before_apply\nID: 769\n" + COMMON
            + """
            \tfield:unsigned int context_idx;\toffset:8;\tsize:4;\tsigned:0;
            \tfield:unsigned int scheme_idx;\toffset:12;\tsize:4;\tsigned:0;
            \tfield:unsigned long target_idx;\toffset:16;\tsize:8;\tsigned:0;
            \tfield:unsigned long start;\toffset:24;\tsize:8;\tsigned:0;
            \tfield:unsigned long end;\toffset:32;\tsize:8;\tsigned:0;
            \tfield:unsigned int nr_accesses;\toffset:40;\tsize:4;\tsigned:0;
            \tfield:unsigned int age;\toffset:44;\tsize:4;\tsigned:0;
            \tfield:unsigned int nr_regions;\toffset:48;\tsize:4;\tsigned:0;
            """;
    static final String ESZ = "name: damos_esz\nID: 770\n" + COMMON
            + """
            \tfield:unsigned int context_idx;\toffset:8;\tsize:4;\tsigned:0;
            \tfield:unsigned int scheme_idx;\toffset:12;\tsize:4;\tsigned:0;
            \tfield:unsigned long esz;\toffset:16;\tsize:8;\tsigned:0;
            """;

    /** As Linux 7.2 has it. */
    static final String REGION_AGGREGATED = "name: damon_region_aggregated\nID: 771\n" + COMMON
            + """
            \tfield:unsigned long target_id;\toffset:8;\tsize:8;\tsigned:0;
            \tfield:unsigned long start;\toffset:16;\tsize:8;\tsigned:0;
            \tfield:unsigned long end;\toffset:24;\tsize:8;\tsigned:0;
            \tfield:unsigned int nr_regions;\toffset:32;\tsize:4;\tsigned:0;
            \tfield:unsigned int nr_accesses;\toffset:36;\tsize:4;\tsigned:0;
            \tfield:unsigned int age;\toffset:40;\tsize:4;\tsigned:0;
            \tfield:__data_loc unsigned char[] probe_hits;\toffset:44;\tsize:4;\tsigned:0;

            print fmt: "target_id=%lu nr_regions=%u %lu-%lu: %u %u probe_hits=%s", REC->target_id
            """;
    /** As Linux 7.0 has it. */
    static final String STATISTICS = "name: damos_stat_after_apply_interval\nID: 772\n" + COMMON
            + """
            \tfield:unsigned int context_idx;\toffset:8;\tsize:4;\tsigned:0;
            \tfield:unsigned int scheme_idx;\toffset:12;\tsize:4;\tsigned:0;
            \tfield:unsigned long nr_tried;\toffset:16;\tsize:8;\tsigned:0;
            \tfield:unsigned long sz_tried;\toffset:24;\tsize:8;\tsigned:0;
            \tfield:unsigned long nr_applied;\toffset:32;\tsize:8;\tsigned:0;
            \tfield:unsigned long sz_applied;\toffset:40;\tsize:8;\tsigned:0;
            \tfield:unsigned long sz_ops_filter_passed;\toffset:48;\tsize:8;\tsigned:0;
            \tfield:unsigned long qt_exceeds;\toffset:56;\tsize:8;\tsigned:0;
            \tfield:unsigned long nr_snapshots;\toffset:64;\tsize:8;\tsigned:0;
            """;
    /** An event of a kernel to come. */
    static final String NEW = "name: damon_new_event\nID: 773\n" + COMMON
            + "\tfield:unsigned long value;\toffset:8;\tsize:8;\tsigned:0;\n";

    private Formats() {}

    static EventFormat of(String text) throws TraceFormatException {
        return EventFormat.parse("format", text);
    }

    /** Body of a damon_aggregated record, common fields included. */
    static byte[] aggregated(
            int id, int thread, long target, int regions, long start, long end, int accesses, int age) {
        ByteBuffer b = ByteBuffer.allocate(48).order(ByteOrder.nativeOrder());
        b.putShort(0, (short) id).putInt(4, thread).putLong(8, target).putInt(16, regions);
        b.putLong(24, start).putLong(32, end).putInt(40, accesses).putInt(44, age);
        return b.array();
    }

    /** Body of a damon_region_aggregated record. */
    static byte[] regionAggregated(
            int thread, long target, int regions, long start, long end, int accesses, int age, int... hits) {
        int length = 48 + hits.length;
        ByteBuffer b = ByteBuffer.allocate((length + 3) & ~3).order(ByteOrder.nativeOrder());
        b.putShort(0, (short) 771)
                .putInt(4, thread)
                .putLong(8, target)
                .putLong(16, start)
                .putLong(24, end);
        b.putInt(32, regions).putInt(36, accesses).putInt(40, age).putInt(44, hits.length << 16 | 48);
        for (int i = 0; i < hits.length; i++) {
            b.put(48 + i, (byte) hits[i]);
        }
        return b.array();
    }
}
