package org.damson.exchange.perf;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
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

/**
 * Reads trace-cmd's {@code trace.dat}, versions 6 and 7, of either byte order, compressed with zstd or zlib or not at all:
 * every trace instance in it, ring pages CPU by CPU, put into order of time.
 */
public final class TraceDatImporter {
    private static final int MAX_CPUS = 1 << 14;
    private static final int MAX_BUFFERS = 1 << 10;
    private static final int MAX_SECTION_BYTES = 1 << 26;
    private static final int MAX_CHUNK_BYTES = 1 << 24;
    private static final int MAX_OPTION_BYTES = 1 << 20;
    private static final int READ_BYTES = 1 << 16;

    /** Of all CPUs together; trace-cmd's chunks have ten pages. */
    private static final long MAX_HELD_BYTES = 1L << 27;

    // Options, which in version 7 also say where the sections are.
    private static final int DONE = 0;
    private static final int DATE = 1;
    private static final int BUFFER = 3;
    private static final int TRACE_CLOCK = 4;
    private static final int OFFSET = 7;
    private static final int TSC2NSEC = 14;
    private static final int HEADER_INFO = 16;
    private static final int EVENT_FORMATS = 18;
    private static final int BUFFER_TEXT = 22;

    /** Pages of one CPU: {@code bytes} at {@code at}; in chunks if they are compressed. */
    private record Pages(long at, long bytes, boolean compressed, boolean cut) {}

    private final BinaryInput in;
    private final TraceBuilder trace;
    private final EventQueue queue;
    private final EventDecoder decoder = new EventDecoder();
    /** Names of the events of others, and how many of each there are, by their ids. */
    private final Map<Integer, String> others = new HashMap<>();

    private final long[] ofOthers = new long[1 << 16];
    private final List<Pages> cpus = new ArrayList<>();
    private TracingHeader header;
    private RingPage layout;
    private String compression = "none";
    private String clock = "";
    private long offsetNs;

    /** The counter that the times are of counts this many nanoseconds in 2 to the power of the shift; 0 if they are nanoseconds. */
    private long tscMultiplier;

    private int tscShift;
    private boolean text;
    private long heldBytes;

    public TraceDatImporter(BinaryInput in, TraceBuilder trace) {
        this.in = in;
        this.trace = trace;
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
        clock();
        merge();
        notes();
        return queue.finish(trace, "trace.dat");
    }

    /** Names what is not in the trace. */
    private void notes() {
        trace.noteUnkept(decoder.unkept());
        Kinds kinds = new Kinds();
        for (int id = 0; id < ofOthers.length; id++) {
            if (ofOthers[id] > 0) {
                kinds.add(others.getOrDefault(id, "event " + id), ofOthers[id]);
            }
        }
        if (!kinds.isEmpty()) {
            trace.note(kinds.total() + " events that are not DAMON's are left out: " + kinds);
        }
    }

    private void clock() throws TraceFormatException {
        if (tscMultiplier != 0 && clock.equals("x86-tsc")) {
            return;
        }
        tscMultiplier = 0;
        if (Set.of("counter", "uptime", "x86-tsc", "ppc-tb", "s390-tod").contains(clock)) {
            throw in.bad("recorded with trace clock " + clock + ", which does not count nanoseconds"
                    + (clock.equals("x86-tsc") ? "; trace-cmd record -C tsc2nsec tells how many a tick takes" : ""));
        }
        if (clock.equals("mono") && offsetNs == 0) {
            trace.clock(Manifest.ClockKind.MONOTONIC, null);
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
                    commonOption(option, value);
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
        compression = in.text();
        in.text(); // its version
        if (!Set.of("none", "zstd", "zlib").contains(compression)) {
            throw in.bad("compressed with something else than zstd or zlib");
        }
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

    /** Reads one section of options and returns where the next is, 0 if there is none. */
    private long options(long at) throws IOException {
        BinaryInput section = section(at);
        while (true) {
            int option = section.u16();
            BinaryInput value = option(section);
            switch (option) {
                case DONE -> {
                    return value.size() >= 8 ? value.u64() : 0;
                }
                case HEADER_INFO -> layout = TracingHeader.pages(section(value.u64()));
                case EVENT_FORMATS -> TracingHeader.readEvents(section(value.u64()), decoder, others);
                case BUFFER -> buffer(value);
                case BUFFER_TEXT -> text = true;
                default -> commonOption(option, value);
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

    private void commonOption(int option, BinaryInput value) throws IOException {
        if (option == TSC2NSEC) {
            if (value.size() >= 16) {
                tscMultiplier = value.u32();
                long shift = value.u32();
                if (shift > 32) {
                    throw in.bad("a clock whose ticks take " + tscMultiplier + " ns in 2^" + shift);
                }
                tscShift = (int) shift;
            }
            return;
        }
        String words = value.text((int) value.size());
        switch (option) {
            case TRACE_CLOCK -> {
                int from = words.indexOf('[');
                int to = words.indexOf(']');
                clock = from >= 0 && to > from ? words.substring(from + 1, to) : clock;
            }
            case DATE -> offsetNs += number(words, 1000);
            case OFFSET -> offsetNs += number(words, 1);
            default -> {}
        }
    }

    /** Time in nanoseconds; the product has up to 96 bits. */
    private long ns(long time) {
        long ns = time;
        if (tscMultiplier != 0) {
            long high = (time >>> 32) * tscMultiplier;
            ns = (high << 32 - tscShift) + ((time & 0xffff_ffffL) * tscMultiplier >>> tscShift);
        }
        return ns + offsetNs;
    }

    private long number(String words, long unitNs) throws TraceFormatException {
        try {
            return Math.multiplyExact(Long.decode(words.strip()), unitNs);
        } catch (NumberFormatException | ArithmeticException e) {
            throw in.bad("a time offset that is not a number");
        }
    }

    private void buffer(BinaryInput value) throws IOException {
        long at = value.u64();
        value.text(); // name of the instance
        String own = value.text();
        if (!own.isEmpty()) {
            clock = own;
        }
        // The page size was added later.
        if ((value.size() - value.position()) % 20 == 8) {
            value.skip(4);
        }
        in.seek(at);
        in.u16();
        boolean compressed = (in.u16() & 1) != 0;
        int count = cpuCount(value.u32());
        for (int i = 0; i < count; i++) {
            value.skip(4); // number of the CPU
            long pages = value.u64();
            addPages(pages, value.u64(), compressed);
        }
    }

    /** Content of a section, inflated if need be. */
    private BinaryInput section(long at) throws IOException {
        in.seek(at);
        in.u16();
        boolean compressed = (in.u16() & 1) != 0;
        in.u32(); // what it is called
        long length = in.u64();
        if (compressed) {
            return BinaryInput.of(in.name(), inflate(in, MAX_SECTION_BYTES).array(), in.order());
        }
        if (length < 0 || length > MAX_SECTION_BYTES) {
            throw in.bad("a section of " + Long.toUnsignedString(length) + " bytes");
        }
        return BinaryInput.of(in.name(), in.bytes((int) length).array(), in.order());
    }

    /** Inflates what is here: two sizes, then the data. */
    private ByteBuffer inflate(BinaryInput from, int most) throws IOException {
        long deflated = from.u32();
        long length = from.u32();
        if (length > most || deflated > most) {
            throw from.bad("compressed data of " + deflated + " bytes that become " + length);
        }
        byte[] data = from.bytes((int) deflated).array();
        byte[] to = new byte[(int) length];
        if (!inflate(data, to)) {
            throw from.bad("damaged " + compression);
        }
        return ByteBuffer.wrap(to).order(in.order());
    }

    private boolean inflate(byte[] data, byte[] to) {
        if (compression.equals("zstd")) {
            try {
                return Zstd.decompressByteArray(to, 0, to.length, data, 0, data.length) == to.length;
            } catch (ZstdException e) {
                return false;
            }
        }
        Inflater zlib = new Inflater();
        try {
            zlib.setInput(data);
            return zlib.inflate(to) == to.length;
        } catch (DataFormatException e) {
            return false;
        } finally {
            zlib.end();
        }
    }

    /** Decodes the pages of all CPUs, always those of the CPU that is furthest behind. */
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

    /** The pages of one CPU, one after the other. */
    private final class Cpu implements RingPage.Visitor {
        /** No event of this CPU that is still to come is earlier. */
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

        /** Decodes one page; false if there is none. */
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
                    chunk = inflate(in, MAX_CHUNK_BYTES);
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
            lastNs = ns(timeNs);
            decodedNs = Math.max(decodedNs, lastNs);
            switch (decoder.decode(lastNs, page, offset, length, rows)) {
                case FOREIGN -> ofOthers[length < 2 ? 0 : page.getShort(offset) & 0xffff]++;
                case MALFORMED -> queue.malformed(decoder.wrong());
                default -> giveRows();
            }
        }

        @Override
        public void missed(long count, long beforeNs) {
            rows.addMissed(lastNs, ns(beforeNs), count);
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
