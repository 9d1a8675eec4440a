package org.damson.exchange.perf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.damson.damon.EventDecoder;
import org.damson.exchange.build.BinaryInput;
import org.damson.exchange.build.TraceBuilder;
import org.damson.model.InvalidInputException;
import org.damson.model.ManifestKey;
import org.damson.model.TraceFormatException;

/**
 * What {@code perf.data} says beside the data: formats of events, their names, the machine, build ids. A section that cannot be
 * read is named and left out.
 */
final class PerfHeader {
    private static final int MAX_NAME_BYTES = 1 << 12;

    // Header features, by their bits.
    private static final int TRACING_DATA = 1;
    private static final int BUILD_ID = 2;
    private static final int HOST_NAME = 3;
    private static final int OS_RELEASE = 4;
    private static final int ARCH = 6;
    private static final int CPUS = 7;
    private static final int EVENT_DESC = 12;
    private static final int CLOCK_DATA = 29;
    private static final int FEATURES = 256;

    /** Facts about the machine, keyed as in the manifest. */
    final Map<String, Object> host = new HashMap<>();

    /** Offset from the events' clock to the Unix epoch; null if unknown. */
    Long toEpochNs;

    private final BinaryInput in;
    private final TraceBuilder trace;
    private final PerfEvents events;
    private final EventDecoder decoder;
    private final TaskRecords tasks;
    private final Consumer<String> malformed;

    /** @param malformed takes a message for each build id that cannot be read */
    PerfHeader(
            BinaryInput in,
            TraceBuilder trace,
            PerfEvents events,
            EventDecoder decoder,
            PerfStacks stacks,
            Consumer<String> malformed) {
        this.malformed = malformed;
        this.in = in;
        this.trace = trace;
        this.events = events;
        this.decoder = decoder;
        tasks = new TaskRecords(stacks);
    }

    /** Reads the sections that the feature bits declare; their table is at {@code tableAt}. */
    void read(long[] bits, long tableAt) throws IOException {
        long at = tableAt;
        for (int f = 0; f < FEATURES; f++) {
            if ((bits[f / 64] >>> f % 64 & 1) != 0) {
                ByteOrder order = in.order();
                try {
                    in.seek(at);
                    long from = in.u64();
                    long length = in.u64();
                    in.seek(from);
                    feature(f, length);
                } catch (TraceFormatException e) {
                    leftOut(f, e);
                } finally {
                    in.order(order);
                }
                at += 16;
            }
        }
    }

    /** Reads a section that a pipe delivers as a record; formats of events come in a record of another type. */
    void sectionOf(long number, long length) throws IOException {
        if (number < 0 || number >= FEATURES || number == TRACING_DATA) {
            return;
        }
        try {
            feature((int) number, length);
        } catch (TraceFormatException e) {
            leftOut((int) number, e);
        }
    }

    /** Notes a bad section, which is left out; the events are still read. */
    private void leftOut(int feature, TraceFormatException e) {
        trace.note("section " + feature + " of the header is left out: "
                + e.getMessage().replace(in.name() + ": ", ""));
    }

    /** Reads the section at the current position. */
    private void feature(int feature, long length) throws IOException {
        switch (feature) {
            case TRACING_DATA -> tracingData();
            case HOST_NAME -> hostText(ManifestKey.HOST_NAME);
            case OS_RELEASE -> hostText(ManifestKey.KERNEL);
            case ARCH -> hostText(ManifestKey.MACHINE);
            case BUILD_ID -> buildIds(length);
            case EVENT_DESC -> eventNames();
            case CPUS -> ManifestKey.CPUS.put(host, in.u32());
            case CLOCK_DATA -> {
                if (length >= 24) {
                    in.skip(8);
                    long wallNs = in.u64();
                    toEpochNs = wallNs - in.u64();
                }
            }
            default -> {}
        }
    }

    private void hostText(ManifestKey key) throws IOException {
        String text = sizedText();
        if (!text.isEmpty()) {
            key.put(host, text);
        }
    }

    private String sizedText() throws IOException {
        long length = in.u32();
        String text = in.text((int) Math.min(length, MAX_NAME_BYTES));
        in.skip(Math.max(0, length - MAX_NAME_BYTES));
        return text;
    }

    private void eventNames() throws IOException {
        long count = in.u32();
        long attrBytes = in.u32();
        List<PerfEvents.Attr> all = events.all();
        for (int i = 0; i < Math.min(count, all.size()); i++) {
            in.skip(attrBytes);
            long ids = in.u32();
            all.get(i).name = sizedText();
            in.skip(8 * ids);
        }
    }

    /** Reads a list of build-id records, which a pipe delivers one by one. */
    private void buildIds(long length) throws IOException {
        long end = in.position() + length;
        while (end - in.position() >= 8) {
            in.skip(6);
            int bytes = in.u16();
            in.seek(in.position() - 8);
            if (bytes < 8 || bytes > end - in.position()) {
                if (bytes > 0) {
                    trace.note((end - in.position()) + " bytes of the list of build ids are left out: a build id in "
                            + bytes + " bytes");
                }
                return; // zeros are padding
            }
            buildId(in.bytes(bytes));
        }
    }

    /** Takes one record of the list of build ids. */
    void buildId(ByteBuffer record) {
        try {
            tasks.buildId(record, 0, record.limit());
        } catch (InvalidInputException e) {
            malformed.accept(e.getMessage());
        }
    }

    /** Reads the event formats, which perf copied from tracefs. */
    void tracingData() throws IOException {
        ByteOrder order = in.order();
        TracingHeader header = TracingHeader.read(in);
        if (!header.version().startsWith("0.")) {
            throw header.unknown(in);
        }
        TracingHeader.pages(in);
        TracingHeader.skipFtraceEvents(in);
        TracingHeader.readEvents(in, decoder, new HashMap<>());
        in.order(order);
    }
}
