package org.damson.exchange;

import java.io.IOException;
import java.nio.ByteOrder;
import org.damson.model.TraceFormatException;
import org.damson.tracefs.RingPage;

/**
 * What trace-cmd's files begin with and perf's carry as "tracing data": byte order, page layout and event formats, copied
 * from tracefs.
 *
 * @param version the writer's: {@code 0.5} and {@code 0.6} from perf, {@code 6} and {@code 7} from trace-cmd
 * @param pageBytes page size of the recorded machine
 */
record TracingHeader(String version, int pageBytes) {
    private static final int MAX_PAGE_BYTES = 1 << 20;

    /** Reads the first part, which is the same in all versions, and sets the input's byte order by it. */
    static TracingHeader read(BinaryInput in) throws IOException {
        if (in.u8() != 0x17 || in.u8() != 0x08 || in.u8() != 0x44 || !in.text(7).equals("tracing")) {
            throw in.bad("no tracing data");
        }
        String version = in.text();
        int order = in.u8();
        in.u8(); // bytes of a long
        if (order > 1) {
            throw in.bad("byte order " + order);
        }
        in.order(order == 1 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        long page = in.u32();
        if (page < 1024 || page > MAX_PAGE_BYTES || Long.bitCount(page) != 1) {
            throw in.bad("pages of " + page + " bytes");
        }
        return new TracingHeader(version, (int) page);
    }

    /** Reads how ring pages and their entries look. */
    static RingPage pages(BinaryInput in) throws IOException {
        String page = part(in, "header_page");
        part(in, "header_event"); // has not changed since there are such files
        return RingPage.of(in.name(), page, in.order());
    }

    private static String part(BinaryInput in, String title) throws IOException {
        if (!in.text().equals(title)) {
            throw in.bad("expected " + title);
        }
        long length = in.u64();
        if (length < 0 || length > 1 << 16) {
            throw in.bad(title + " of " + Long.toUnsignedString(length) + " bytes");
        }
        return in.text((int) length);
    }

    /** Skips the formats of ftrace's own events. */
    static void skipFtraceEvents(BinaryInput in) throws IOException {
        long count = in.u32();
        for (long i = 0; i < count; i++) {
            in.skip(in.u64());
        }
    }

    TraceFormatException unknown(BinaryInput in) {
        return in.bad("tracing data of version " + version.replaceAll("[^0-9.]", "?") + ", which is not known");
    }
}
