package org.damson.exchange.perf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.damon.EventColumns;
import org.damson.damon.EventDecoder;
import org.damson.damon.Kinds;
import org.damson.damon.RingPage;
import org.damson.exchange.build.BinaryInput;
import org.damson.exchange.build.EventImport;
import org.damson.exchange.build.EventQueue;
import org.damson.exchange.build.ImportReport;
import org.damson.exchange.build.TraceBuilder;
import org.damson.model.Manifest;
import org.damson.model.TraceFormatException;
import org.damson.model.Units;

/**
 * Reads trace-cmd's {@code trace.dat}, versions 6 and 7, of either byte order, compressed with zstd or zlib or not at all:
 * every trace instance in it, ring pages CPU by CPU, put into order of time.
 */
public final class TraceDatImporter {
    private static final int MAX_CPUS = 1 << 14;
    private static final int MAX_BUFFERS = 1 << 10;
    private static final int MAX_CHUNK_BYTES = 1 << 24;
    private static final int MAX_OPTION_BYTES = 1 << 20;
    private static final int READ_BYTES = 1 << 16;

    /** Limit on the inflated bytes held for all CPUs together; trace-cmd's chunks have ten pages. */
    private static final long MAX_HELD_BYTES = 1L << 27;

    // Options, which in version 7 also say where the sections are.
    private static final int DONE = 0;
    private static final int BUFFER = 3;
    private static final int HEADER_INFO = 16;
    private static final int EVENT_FORMATS = 18;
    private static final int BUFFER_TEXT = 22;

    /** The ring pages of one CPU: {@code bytes} bytes at offset {@code at}; in chunks if compressed. */
    private record Pages(long at, long bytes, boolean compressed, boolean cut) {}

    private final BinaryInput in;
    private final TraceBuilder trace;
    private final EventQueue queue;
    private final TracingClock clock;
    private final EventDecoder decoder = new EventDecoder();
    /** Names of events that are not DAMON's, with their counts, by event id. */
    private final Map<Integer, String> others = new HashMap<>();

    private final long[] ofOthers = new long[1 << 16];
    private final List<Pages> cpus = new ArrayList<>();
    private TracingHeader header;
    private RingPage layout;
    private TracingCompression compression = TracingCompression.NONE;
    private boolean text;
    private long heldBytes;

    public TraceDatImporter(BinaryInput in, TraceBuilder trace) {
        this.in = in;
        this.trace = trace;
        clock = new TracingClock(in);
        queue = new EventQueue(new EventImport(trace));
    }

    public ImportReport read() throws IOException {
        header = TracingHeader.read(in);
        switch (header.version()) {
            case "6" -> version6();
            case "7" -> version7();
            default -> throw header.unknown(in);
        }
        if (layout == null || decoder.isEmpty()) {
            throw trace.bad(
                    "",
                    text
                            ? "a trace.dat of text, not of events; import what trace-cmd report prints of it"
                            : "a trace.dat without the formats of DAMON's events: none of them was recorded");
        }
        if (clock.isMonotonic()) {
            trace.clock(Manifest.ClockKind.MONOTONIC, null);
        }
        merge();
        notes();
        return queue.finish(trace, "trace.dat");
    }

    /** Notes what was left out of the trace. */
    private void notes() {
        trace.noteUnkept(decoder.unkept());
        Kinds kinds = new Kinds();
        for (int id = 0; id < ofOthers.length; id++) {
            if (ofOthers[id] > 0) {
                kinds.add(others.getOrDefault(id, "event " + id), ofOthers[id]);
            }
        }
        if (!kinds.isEmpty()) {
            trace.note(Units.count(kinds.total(), "event") + " other than DAMON's left out: " + kinds);
        }
    }

    private void version6() throws IOException {
        layout = TracingHeader.pages(in);
        TracingHeader.skipFtraceEvents(in);
        TracingHeader.readEvents(in, decoder, others);
        in.skip(in.u32()); // symbols
        in.skip(in.u32()); // printk formats
        in.skip(in.u64()); // names of threads
        int count = cpuCount(in.u32());
        String kind = in.text(10);
        List<Long> instances = new ArrayList<>();
        if (kind.equals("options  ")) {
            for (int option = in.u16(); option != DONE; option = in.u16()) {
                BinaryInput value = option(in);
                if (option == BUFFER) {
                    instances.add(value.u64());
                } else {
                    clock.option(option, value);
                }
            }
            kind = in.text(10);
        }
        pages6(kind, count);
        for (long instance : instances) {
            in.seek(instance);
            pages6(in.text(10), count);
        }
    }

    private void pages6(String kind, int count) throws IOException {
        text |= kind.equals("latency  ");
        if (!kind.equals("flyrecord")) {
            if (kind.equals("latency  ")) {
                return;
            }
            throw in.bad("expected the pages of the CPUs");
        }
        for (int i = 0; i < count; i++) {
            long at = in.u64();
            addPages(at, in.u64(), false);
        }
    }

    private int cpuCount(long count) throws TraceFormatException {
        if (count > MAX_CPUS) {
            throw in.bad(count + " CPUs");
        }
        return (int) count;
    }

    private void addPages(long at, long bytes, boolean compressed) throws IOException {
        if (bytes == 0) {
            return;
        }
        if (cpus.size() == MAX_CPUS) {
            throw in.bad("more than " + MAX_CPUS + " CPUs");
        }
        boolean cut = at < 0 || at > in.size() || bytes < 0 || bytes > in.size() - at;
        if (cut) {
            queue.cutOff("byte " + in.size());
        }
        long there = !cut ? bytes : at < 0 || at > in.size() ? 0 : in.size() - at;
        // Of pages only whole ones; of chunks those that are.
        long whole = cut && !compressed && layout != null ? there - there % layout.size() : there;
        if (whole > 0) {
            cpus.add(new Pages(at, whole, compressed, cut));
        }
    }

    private void version7() throws IOException {
        compression = TracingCompression.read(in);
        Set<Long> seen = new HashSet<>();
        long next = in.u64();
        while (next != 0) {
            if (!seen.add(next) || seen.size() > MAX_BUFFERS) {
                throw in.bad("options that point in a circle");
            }
            if (next > in.size()) {
                queue.cutOff("byte " + in.size() + ": the options that say where the pages are should follow");
                return;
            }
            next = options(next);
        }
    }

    /** Reads one section of options and returns the offset of the next, 0 if there is none. */
    private long options(long at) throws IOException {
        BinaryInput section = compression.section(in, at);
        while (true) {
            int option = section.u16();
            BinaryInput value = option(section);
            switch (option) {
                case DONE -> {
                    return value.size() >= 8 ? value.u64() : 0;
                }
                case HEADER_INFO -> layout = TracingHeader.pages(compression.section(in, value.u64()));
                case EVENT_FORMATS -> TracingHeader.readEvents(compression.section(in, value.u64()), decoder, others);
                case BUFFER -> buffer(value);
                case BUFFER_TEXT -> text = true;
                default -> clock.option(option, value);
            }
        }
    }

    private BinaryInput option(BinaryInput from) throws IOException {
        long length = from.u32();
        if (length > MAX_OPTION_BYTES) {
            throw in.bad("an option of " + length + " bytes");
        }
        return BinaryInput.of(in.name(), from.bytes((int) length).array(), in.order());
    }

    private void buffer(BinaryInput value) throws IOException {
        long at = value.u64();
        value.text(); // name of the instance
        String itsClock = value.text();
        // The page size was added later.
        if ((value.size() - value.position()) % 20 == 8) {
            value.skip(4);
        }
        in.seek(at);
        in.u16();
        boolean compressed = (in.u16() & 1) != 0;
        int count = cpuCount(value.u32());
        int before = cpus.size();
        for (int i = 0; i < count; i++) {
            value.skip(4); // number of the CPU
            long pages = value.u64();
            addPages(pages, value.u64(), compressed);
        }
        if (cpus.size() > before) {
            clock.instance(itsClock);
        }
    }

    /** Decodes the pages of all CPUs, always a page of the CPU whose decoded time is lowest. */
    private void merge() throws IOException {
        List<Cpu> open = new ArrayList<>();
        for (int i = 0; i < cpus.size(); i++) {
            Cpu cpu = new Cpu(cpus.get(i), i);
            if (cpu.nextPage()) {
                open.add(cpu);
            }
        }
        while (!open.isEmpty()) {
            Cpu behind = open.get(0);
            for (Cpu cpu : open) {
                if (cpu.decodedNs < behind.decodedNs) {
                    behind = cpu;
                }
            }
            queue.flushBefore(behind.decodedNs - 1);
            if (!behind.nextPage()) {
                open.remove(behind);
            }
        }
    }

    /** The pages of one CPU, in order. */
    private final class Cpu implements RingPage.Visitor {
        /** A lower bound on the times of the events of this CPU that are not decoded yet. */
        long decodedNs = Long.MIN_VALUE;

        private final Pages pages;
        private final int number;
        private final EventColumns rows = new EventColumns();
        private long lastNs = EventColumns.NO_TIME;
        private long position;
        private long chunks;
        private ByteBuffer chunk = ByteBuffer.allocate(0);
        private IOException failure;

        Cpu(Pages pages, int number) throws IOException {
            this.pages = pages;
            this.number = number;
            position = pages.at;
            if (pages.compressed) {
                in.seek(position);
                chunks = pages.bytes < 4 ? 0 : in.u32();
                position = in.position();
            }
        }

        /** Decodes one page; false if there is none left. */
        boolean nextPage() throws IOException {
            if (!chunk.hasRemaining() && !wholeChunk()) {
                return false;
            }
            int length = Math.min(layout.size(), chunk.remaining());
            ByteBuffer page = chunk.slice(chunk.position(), length).order(in.order());
            chunk.position(chunk.position() + length);
            String wrong = layout.decode(page, length, this);
            if (failure != null) {
                throw failure;
            }
            if (wrong != null) {
                queue.malformed(wrong);
            }
            return true;
        }

        private boolean wholeChunk() throws IOException {
            try {
                return nextChunk();
            } catch (TraceFormatException e) {
                if (pages.cut) {
                    return false;
                }
                throw e;
            }
        }

        private boolean nextChunk() throws IOException {
            heldBytes -= chunk.capacity();
            chunk = ByteBuffer.allocate(0);
            long end = pages.at + pages.bytes;
            while (!chunk.hasRemaining() && position < end) {
                in.seek(position);
                if (!pages.compressed) {
                    chunk = in.bytes(
                            (int) Math.min(Math.max(1, READ_BYTES / layout.size()) * layout.size(), end - position));
                } else if (chunks-- > 0) {
                    chunk = compression.inflate(in, MAX_CHUNK_BYTES);
                } else {
                    return false;
                }
                position = in.position();
            }
            heldBytes += chunk.capacity();
            if (heldBytes > MAX_HELD_BYTES) {
                throw in.bad("more than " + MAX_HELD_BYTES + " bytes of pages at a time");
            }
            return chunk.hasRemaining();
        }

        @Override
        public void event(long timeNs, ByteBuffer page, int offset, int length) {
            lastNs = clock.ns(timeNs);
            decodedNs = Math.max(decodedNs, lastNs);
            switch (decoder.decode(lastNs, page, offset, length, rows)) {
                case FOREIGN -> ofOthers[length < 2 ? 0 : page.getShort(offset) & 0xffff]++;
                case MALFORMED -> queue.malformed(decoder.wrong());
                default -> giveRows();
            }
        }

        @Override
        public void missed(long count, long beforeNs) {
            rows.addMissed(lastNs, clock.ns(beforeNs), count);
            giveRows();
        }

        private void giveRows() {
            try {
                queue.add(rows, number);
            } catch (IOException e) {
                failure = e;
            }
        }
    }
}
