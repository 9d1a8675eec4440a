package org.damson.recorder.damon;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.damson.model.TraceFormatException;
import org.damson.tracefs.EventFormat;

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

    private Formats() {}

    static EventFormat of(String text) throws TraceFormatException {
        return EventFormat.parse("format", text);
    }

    /** The same event under another id. */
    static EventFormat renumbered(String text, int id) throws TraceFormatException {
        EventFormat format = of(text);
        return new EventFormat(format.name(), id, format.fields());
    }

    /** Body of a damon_aggregated record, common fields included. */
    static byte[] aggregated(
            int id, int thread, long target, int regions, long start, long end, int accesses, int age) {
        ByteBuffer b = ByteBuffer.allocate(48).order(ByteOrder.nativeOrder());
        b.putShort(0, (short) id).putInt(4, thread).putLong(8, target).putInt(16, regions);
        b.putLong(24, start).putLong(32, end).putInt(40, accesses).putInt(44, age);
        return b.array();
    }
}
