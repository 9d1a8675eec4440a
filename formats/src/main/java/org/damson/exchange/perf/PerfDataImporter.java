package org.damson.exchange.perf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.damson.damon.EventColumns;
import org.damson.damon.EventDecoder;
import org.damson.damon.Kinds;
import org.damson.exchange.build.BinaryInput;
import org.damson.exchange.build.EventImport;
import org.damson.exchange.build.EventQueue;
import org.damson.exchange.build.ImportReport;
import org.damson.exchange.build.StackUnwinder;
import org.damson.exchange.build.TraceBuilder;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.TraceFormatException;
import org.damson.model.Units;
import org.damson.model.text.Printable;

/**
 * Reads {@code perf.data}: the file as {@code perf record} leaves it and the stream it writes to a pipe, of either byte order,
 * compressed or not. Events are decoded by the formats that perf copied from tracefs into the file. Call stacks of other
 * events are kept too, see {@link PerfStacks}.
 */
public final class PerfDataImporter {
    private static final int HEADER_BYTES = 104;
    private static final int PIPE_HEADER_BYTES = 16;
    private static final int MAX_NAME_BYTES = 1 << 12;

    // Records, by enum perf_event_type and perf's own.
    private static final int HEADER_ATTR = 64;
    private static final int HEADER_TRACING_DATA = 66;
    private static final int HEADER_BUILD_ID = 67;
    private static final int FINISHED_ROUND = 68;
    private static final int AUXTRACE = 71;
    private static final int EVENT_UPDATE = 78;
    private static final int HEADER_FEATURE = 80;

    /** Record types that hold nothing that a trace keeps: switches, namespaces, cgroups, perf's own maps and markers. */
    private static final Set<Integer> OF_NO_INTEREST =
            Set.of(8, 11, 12, 14, 15, 16, 18, 19, 20, 21, 65, 69, 70, 72, 73, 74, 79, 82);

    private static final int EVENT_NAME = 2;
    private static final int CLOCK_MONOTONIC = 1;

    private final BinaryInput in;
    private final List<BinaryInput> parts;
    private final TraceBuilder trace;
    private final EventQueue queue;
    private final PerfStacks stacks;
    private final EventDecoder decoder = new EventDecoder();
    private final EventColumns rows = new EventColumns();
    private final PerfEvents events;
    private final PerfHeader header;
    private final StackCopies copies;
    private final KernelRecords kernel;
    private final Kinds unknown = new Kinds();
    /** Time of the last DAMON event on each processor. */
    private final Map<Integer, Long> lastNs = new HashMap<>();

    private long newestBeforeRoundNs = Long.MIN_VALUE;

    /** The input being read: the file itself or one of its parts. */
    private BinaryInput reading;

    /**
     * Of a file or pipe.
     *
     * @param parts the other files of a directory that {@code perf record --threads} leaves; each is in order of time
     * @param unwinder of copies of user stacks; null: they are not unwound
     */
    public PerfDataImporter(BinaryInput in, List<BinaryInput> parts, TraceBuilder trace, StackUnwinder unwinder) {
        this.in = in;
        this.parts = parts;
        reading = in;
        events = new PerfEvents(in);
        this.trace = trace;
        queue = new EventQueue(new EventImport(trace));
        stacks = new PerfStacks(trace, unwinder);
        header = new PerfHeader(in, trace, events, decoder, stacks, queue::malformed);
        copies = unwinder == null ? null : new StackCopies(() -> ManifestKey.MACHINE.get(header.host));
        kernel = new KernelRecords(events, stacks, copies, new Found());
    }

    public ImportReport read() throws IOException {
        boolean swapped = in.u8() == '2';
        in.order(swapped ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        in.seek(8);
        long headerBytes = in.u64();
        if (headerBytes == PIPE_HEADER_BYTES) {
            records(in.size());
        } else if (headerBytes == HEADER_BYTES) {
            file();
        } else {
            throw in.bad("a perf.data header of " + Long.toUnsignedString(headerBytes) + " bytes");
        }
        stacks.finish();
        notes();
        if (decoder.isEmpty() && trace.isEmpty()) {
            throw trace.bad(
                    "",
                    kernel.unread.isEmpty()
                            ? "a perf.data with neither the formats of DAMON's events nor call stacks: "
                                    + (stacks.without().isEmpty()
                                            ? "none were recorded"
                                            : Units.count(stacks.without().total(), "event") + " without one, "
                                                    + stacks.without())
                            : "a perf.data whose samples cannot be taken: " + kernel.unread
                                    + "; perf record -T gives them a time");
        }
        clock();
        return queue.finish(trace, "perf.data");
    }

    /** Notes what was left out of the trace. */
    private void notes() {
        if (!unknown.isEmpty()) {
            trace.note(Units.count(unknown.total(), "record") + " of kinds that are not read: " + unknown);
        }
        if (decoder.isEmpty() && queue.isCutOff() && events.all().stream().anyMatch(a -> a.tracepoint)) {
            trace.note("the formats of tracepoints are not there: DAMON's events, if there are any, cannot be read");
        }
        trace.noteUnkept(decoder.unkept());
        if (!kernel.unread.isEmpty()) {
            trace.note(Units.count(kernel.unread.total(), "sample") + " left out: " + kernel.unread);
        }
        if (kernel.notUnwound > 0) {
            trace.note(Units.count(kernel.notUnwound, "sample", "has")
                    + " copies of the user stack (--call-graph dwarf), which are not unwound:"
                    + " of user space they have no callers, only where they were");
        }
        if (copies != null && !copies.unread.isEmpty()) {
            trace.note(copies.unread.total() + " copies of user stacks are not unwound: " + copies.unread);
        }
        if (kernel.withCounts > 0) {
            trace.note(Units.count(kernel.withCounts, "sample", "has")
                    + " counts of the other events of their group, which are left out");
        }
        if (kernel.filtered > 0) {
            trace.note(Units.count(kernel.filtered, "sample", "was") + " dropped by the recording's own filter");
        }
    }

    private void clock() {
        Manifest m = trace.manifest();
        m.host.putAll(header.host);
        for (PerfEvents.Attr a : events.all()) {
            if (a.clock == CLOCK_MONOTONIC) {
                trace.clock(Manifest.ClockKind.MONOTONIC, header.toEpochNs);
                return;
            }
        }
    }

    private void file() throws IOException {
        long attrBytes = in.u64();
        long attrsAt = in.u64();
        long attrsBytes = in.u64();
        long dataAt = in.u64();
        long dataBytes = in.u64();
        in.skip(16); // event types, long unused
        long[] features = {in.u64(), in.u64(), in.u64(), in.u64()};
        if (attrBytes < PerfEvents.MIN_ATTR_BYTES + 16
                || attrBytes > 4096
                || attrsBytes < 0
                || attrsBytes / attrBytes > PerfEvents.MAX_ATTRS) {
            throw in.bad("event attributes of " + Long.toUnsignedString(attrBytes) + " bytes");
        }
        long ids = 0;
        for (long i = 0; i < attrsBytes / attrBytes; i++) {
            in.seek(attrsAt + i * attrBytes);
            PerfEvents.Attr attr = events.add(in.bytes((int) attrBytes - 16));
            long idsAt = in.u64();
            long idsBytes = in.u64();
            in.seek(idsAt);
            ids += Math.max(0, idsBytes / 8);
            if (ids > PerfEvents.MAX_IDS || ids < 0) { // also where they are the same for many events
                throw in.bad("more than " + PerfEvents.MAX_IDS + " event ids");
            }
            for (long id = 0; id < idsBytes / 8; id++) {
                events.id(in.u64(), attr);
            }
        }
        in.seek(dataAt);
        long there = in.size() - dataAt;
        boolean cut = dataBytes <= 0 || dataBytes > there;
        if (cut) {
            // perf writes the size, and what it says behind the data, in the end.
            queue.cutOff(dataBytes == 0 ? "perf record did not end properly" : "byte " + in.size());
        } else {
            in.skip(dataBytes);
            header.read(features, in.position());
        }
        in.seek(dataAt);
        records(cut ? in.size() : dataAt + dataBytes);
    }

    /** Reads all records; those of the parts are merged by time. */
    private void records(long end) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(PerfRecords.MAX_BYTES).order(in.order());
        try (PerfRecords own = new PerfRecords(in, end, record, this::ownRecord, this::kernelRecord)) {
            while (own.next()) {
                // one after the other
            }
            ended(own);
        }
        List<PerfRecords> all = new ArrayList<>();
        try {
            PriorityQueue<PerfRecords> oldest = new PriorityQueue<>(Comparator.comparingLong(p -> p.newestNs));
            for (BinaryInput part : parts) {
                part.order(in.order());
                all.add(new PerfRecords(part, part.size(), record, this::partRecord, this::kernelRecord));
            }
            oldest.addAll(all);
            while (!oldest.isEmpty()) {
                PerfRecords part = oldest.poll();
                reading = part.input();
                kernel.newestNs = part.newestNs;
                boolean more = part.next();
                part.newestNs = kernel.newestNs;
                if (more) {
                    oldest.add(part);
                } else {
                    ended(part);
                }
                if (!oldest.isEmpty()) {
                    flushBefore(oldest.peek().newestNs);
                }
            }
        } finally {
            all.forEach(PerfRecords::close);
        }
    }

    private void ended(PerfRecords part) throws IOException {
        if (part.cutOff() == null) {
            return;
        }
        String message = parts.isEmpty() ? part.textBehind() : "";
        if (message.isEmpty()) {
            queue.cutOff(part.cutOff());
        } else {
            trace.note(message.length() + " bytes of text after the data are left out: "
                    + Printable.line(message.strip()));
        }
    }

    private void flushBefore(long timeNs) throws IOException {
        queue.flushBefore(timeNs);
        stacks.flushBefore(timeNs);
    }

    /** Takes an uncompressed record of the main file; {@code in} is positioned behind it. */
    private void ownRecord(int type, ByteBuffer record, int at, int length) throws IOException {
        switch (type) {
            case HEADER_TRACING_DATA -> {
                need(length, 12);
                long after = in.position() + (record.getInt(8) & 0xffffffffL);
                header.tracingData();
                in.seek(after);
            }
            case AUXTRACE -> auxiliary(record, length);
            case HEADER_ATTR -> {
                need(length, 8 + PerfEvents.MIN_ATTR_BYTES);
                events.addRecord(record);
            }
            case HEADER_FEATURE -> {
                need(length, 16);
                long after = in.position();
                in.seek(after - length + 16);
                header.sectionOf(record.getLong(8), length - 16);
                in.seek(after);
            }
            case HEADER_BUILD_ID -> header.buildId(record);
            case EVENT_UPDATE -> {
                need(length, 24);
                PerfEvents.Attr named = events.byId(record.getLong(16));
                int nameLength = 0;
                while (24 + nameLength < length && record.get(24 + nameLength) != 0) {
                    nameLength++;
                }
                if (named != null && record.getLong(8) == EVENT_NAME && nameLength <= MAX_NAME_BYTES) {
                    named.name = new String(record.array(), 24, nameLength, StandardCharsets.UTF_8);
                }
            }
            default -> kernelRecord(type, record, at, length);
        }
    }

    /** Skips the hardware trace of a processor, which follows its record. */
    private void auxiliary(ByteBuffer record, int length) throws IOException {
        need(length, 16);
        reading.skip(record.getLong(8));
        unknown.add("traces of a processor (AUXTRACE)");
    }

    /** Takes a record of one of the other files of a directory. */
    private void partRecord(int type, ByteBuffer record, int at, int length) throws IOException {
        if (type == AUXTRACE) {
            auxiliary(record, length);
        } else {
            kernelRecord(type, record, at, length);
        }
    }

    private void need(int length, int least) throws TraceFormatException {
        if (length < least) {
            throw in.bad("a record of " + length + " bytes where at least " + least + " are needed");
        }
    }

    /** Takes a record of a type that perf may also compress. */
    private void kernelRecord(int type, ByteBuffer b, int at, int length) throws IOException {
        if (type == FINISHED_ROUND) {
            if (parts.isEmpty()) {
                flushBefore(newestBeforeRoundNs);
                newestBeforeRoundNs = kernel.newestNs;
            }
        } else if (!kernel.take(type, b, at, length) && !OF_NO_INTEREST.contains(type)) {
            unknown.add("type " + Integer.toUnsignedString(type));
        }
    }

    private final class Found implements KernelRecords.Taker {
        @Override
        public boolean tracepoint(long timeNs, int cpu, ByteBuffer b, int at, int rawBytes) throws IOException {
            switch (decoder.decode(timeNs, b, at, rawBytes, rows)) {
                case FOREIGN -> {
                    return false;
                }
                case MALFORMED -> queue.malformed(decoder.wrong());
                default -> {
                    lastNs.merge(cpu, timeNs, Math::max);
                    queue.add(rows);
                }
            }
            return true;
        }

        @Override
        public void lost(long timeNs, int cpu, long count) throws IOException {
            long afterNs = cpu < 0 ? EventColumns.NO_TIME : lastNs.getOrDefault(cpu, EventColumns.NO_TIME);
            rows.addLost(timeNs, afterNs, count);
            queue.add(rows);
        }

        @Override
        public void lostInAll(long count) {
            queue.lostInAll(count);
        }

        @Override
        public void malformed(String what) {
            queue.malformed(what);
        }

        @Override
        public String place() {
            return " at byte " + reading.position();
        }
    }
}
