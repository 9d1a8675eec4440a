package org.damson.exchange.perf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.damson.exchange.build.BinaryInput;
import org.damson.model.TraceFormatException;

/** The events recorded in a {@code perf.data}, as {@code perf_event_attr} defines them: the layout of their samples. */
final class PerfEvents {
    static final int MAX_ATTRS = 1 << 16;
    static final int MAX_IDS = 1 << 20;
    static final int MIN_ATTR_BYTES = 64;

    // What a sample holds, in the order in which it holds it (PERF_SAMPLE_*).
    static final int IP = 1;
    static final int TID = 1 << 1;
    static final int TIME = 1 << 2;
    static final int ADDR = 1 << 3;
    static final int READ = 1 << 4;
    static final int CALLCHAIN = 1 << 5;
    static final int ID = 1 << 6;
    static final int CPU = 1 << 7;
    static final int PERIOD = 1 << 8;
    static final int STREAM_ID = 1 << 9;
    static final int RAW = 1 << 10;
    static final int BRANCH_STACK = 1 << 11;
    static final int REGS_USER = 1 << 12;
    static final int STACK_USER = 1 << 13;
    static final int IDENTIFIER = 1 << 16;

    private static final int TRACEPOINT = 2;
    private static final int FREQUENCY = 10;
    private static final int SAMPLE_ID_ALL = 18;
    private static final int USE_CLOCKID = 25;

    /** The fields of perf_event_attr of one recorded event, and its name, which is stored elsewhere. */
    static final class Attr {
        final boolean tracepoint;
        final int sampleType;
        final int readFormat;
        final boolean idsEverywhere;

        /** Events that a sample counts as, where the sample does not say; the same for all with a fixed period ({@code -c}). */
        final long period;

        /** Optional parts of the branch records (PERF_SAMPLE_BRANCH_*). */
        final long branchType;

        /** Mask of the user registers in a sample. */
        final long registers;

        /** Id of its clock, -1 for perf's default. */
        final int clock;

        String name;

        Attr(ByteBuffer a, boolean idsEverywhere, boolean clocked, boolean isByFrequency) {
            period = isByFrequency ? 1 : Math.max(1, a.getLong(16));
            tracepoint = a.getInt(0) == TRACEPOINT;
            sampleType = (int) a.getLong(24);
            readFormat = (int) a.getLong(32);
            branchType = a.limit() >= 80 ? a.getLong(72) : 0;
            registers = a.limit() >= 88 ? a.getLong(80) : 0;
            this.idsEverywhere = idsEverywhere;
            clock = clocked ? a.getInt(92) : -1;
            name = "type " + Integer.toUnsignedString(a.getInt(0)) + " config 0x" + Long.toHexString(a.getLong(8));
        }

        boolean has(int field) {
            return (sampleType & field) != 0;
        }
    }

    /** Attributes kept of a live recording: two suffice, as the ends of records have the same layout for all its events. */
    private static final int LIVE_ATTRS = 2;

    private final boolean isLive;
    private final Supplier<ByteOrder> order;
    private final Function<String, TraceFormatException> bad;
    private final List<Attr> attrs = new ArrayList<>();
    private final Map<Long, Attr> byId = new HashMap<>();

    /** For a file; {@code in} knows its byte order before the first event is added. */
    PerfEvents(BinaryInput in) {
        isLive = false;
        order = in::order;
        bad = in::bad;
    }

    /** For a live recording on this machine, whose events come and go. */
    PerfEvents() {
        isLive = true;
        order = ByteOrder::nativeOrder;
        bad = rule -> new TraceFormatException("perf events", "", rule);
    }

    /** The events in the order in which they were added. */
    List<Attr> all() {
        return attrs;
    }

    /** The event with this id, or null. */
    Attr byId(long id) {
        return byId.get(id);
    }

    /** Adds an event, given its {@code perf_event_attr} of at least 64 bytes. */
    Attr add(ByteBuffer a) throws TraceFormatException {
        if (attrs.size() == MAX_ATTRS && !isLive) {
            throw bad.apply("more than " + MAX_ATTRS + " events");
        }
        long flags = a.getLong(40);
        Attr attr = new Attr(
                a, flag(flags, SAMPLE_ID_ALL), flag(flags, USE_CLOCKID) && a.limit() >= 96, flag(flags, FREQUENCY));
        if (!isLive || attrs.size() < LIVE_ATTRS) {
            attrs.add(attr);
        }
        return attr;
    }

    /** Bit fields of C begin at the low end of a word on little-endian machines, at the high end on big-endian ones. */
    private boolean flag(long flags, int bit) {
        return (flags >>> (order.get() == ByteOrder.BIG_ENDIAN ? 63 - bit : bit) & 1) != 0;
    }

    /** Notes that samples with this id belong to this event. */
    void id(long id, Attr attr) throws TraceFormatException {
        if (byId.size() == MAX_IDS) {
            throw bad.apply("more than " + MAX_IDS + " event ids");
        }
        byId.put(id, attr);
    }

    /** Forgets an id of which no more samples will come. */
    void forget(long id) {
        byId.remove(id);
    }

    /** Adds an event from a record of a pipe: the attributes, then ids up to the record's end. */
    void addRecord(ByteBuffer record) throws TraceFormatException {
        long own = record.getInt(12) & 0xffffffffL;
        long bytes = own == 0 ? MIN_ATTR_BYTES : own;
        if (bytes < MIN_ATTR_BYTES || bytes > record.limit() - 8) {
            throw bad.apply("event attributes of " + bytes + " bytes");
        }
        Attr attr = add(record.slice(8, (int) bytes).order(order.get()));
        for (int at = 8 + (int) bytes; at + 8 <= record.limit(); at += 8) {
            id(record.getLong(at), attr);
        }
    }

    /** The event to which a sample belongs; null if the file does not say. */
    Attr of(ByteBuffer b, int at, int length) {
        if (attrs.isEmpty()) {
            return null;
        }
        Attr first = attrs.get(0);
        if (attrs.size() == 1) {
            return first;
        }
        int place = (first.sampleType & IDENTIFIER) != 0
                ? 8
                : (first.sampleType & ID) != 0
                        ? 8 + 8 * Integer.bitCount(first.sampleType & (IP | TID | TIME | ADDR))
                        : length;
        return place + 8 > length ? null : byId.get(b.getLong(at + place));
    }

    /** Size in bytes of the trailer of every record but samples; 0 if it holds no time. */
    int tail() {
        Attr first = attrs.isEmpty() ? null : attrs.get(0);
        boolean timed = first != null && first.idsEverywhere && first.has(TIME);
        return timed ? 8 * Integer.bitCount(first.sampleType & (TID | TIME | ID | STREAM_ID | CPU | IDENTIFIER)) : 0;
    }

    /** The processor in a record's trailer, -1 if there is none. */
    int tailCpu(ByteBuffer b, int at, int length) {
        boolean told = tail() > 0 && attrs.get(0).has(CPU);
        // An identifier comes last, the processor before it.
        int behind = told && attrs.get(0).has(IDENTIFIER) ? 16 : 8;
        return told ? b.getInt(at + length - behind) : -1;
    }

    long tailTime(ByteBuffer b, int at, int length) {
        return b.getLong(at + length - tail() + (attrs.get(0).has(TID) ? 8 : 0));
    }
}
