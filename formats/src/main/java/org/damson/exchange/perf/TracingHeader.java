package org.damson.exchange.perf;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.damon.DamonEvents;
import org.damson.damon.EventDecoder;
import org.damson.damon.EventFormat;
import org.damson.damon.RingPage;
import org.damson.exchange.build.BinaryInput;
import org.damson.model.TraceFormatException;

/**
 * What trace-cmd's files begin with and perf's carry as "tracing data": byte order, page layout and event formats, copied
 * from tracefs.
 *
 * @param version the writer's: {@code 0.5} and {@code 0.6} from perf, {@code 6} and {@code 7} from trace-cmd
 * @param pageBytes page size of the recorded machine
 */
record TracingHeader(String version, int pageBytes) {
    private static final int MAX_PAGE_BYTES = 1 << 20;

    /** Size limit, above that of any kernel; a file with a larger one is damaged. */
    private static final int MAX_FORMAT_BYTES = 1 << 18;

    private static final Pattern NAME_AND_ID = Pattern.compile("name: (\\w{1,100})\nID: (\\d{1,5})\n");

    /** Reads the first part, which all versions share, and sets the input's byte order. */
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

    /** Reads the layout of ring pages and of their entries. */
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

    /**
     * Reads the formats of all systems of events, which perf and trace-cmd write alike.
     *
     * @param to gets those of DAMON's
     * @param others gets the names of all others by their ids
     */
    static void readEvents(BinaryInput in, EventDecoder to, Map<Integer, String> others) throws IOException {
        long systems = in.u32();
        for (long s = 0; s < systems; s++) {
            String system = in.text();
            long events = in.u32();
            for (long e = 0; e < events; e++) {
                long length = in.u64();
                boolean own = system.equals(DamonEvents.GROUP);
                if (length < 0 || length > MAX_FORMAT_BYTES) {
                    throw in.bad("an event format of " + Long.toUnsignedString(length) + " bytes");
                }
                if (own) {
                    add(EventFormat.parse(in.name(), in.text((int) length)), in, to);
                } else {
                    Matcher m = NAME_AND_ID.matcher(in.text((int) length));
                    if (m.lookingAt()) {
                        others.put(Integer.parseInt(m.group(2)), system + ":" + m.group(1));
                    }
                }
            }
        }
    }

    private static void add(EventFormat format, BinaryInput in, EventDecoder to) throws TraceFormatException {
        try {
            to.add(format);
        } catch (TraceFormatException e) {
            throw in.bad(e.getMessage());
        }
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
