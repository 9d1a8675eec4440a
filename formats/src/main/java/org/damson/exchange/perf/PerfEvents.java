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

/** The events that a {@code perf.data} records, by what {@code perf_event_attr} says of them: what a sample holds, and where. */
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

    /** What perf_event_attr says of one of the recorded events, and its name, which stands elsewhere. */
    static final class Attr {
        final boolean tracepoint;
        final int sampleType;
        final int readFormat;
        final boolean idsEverywhere;

        /** What a sample stands for where it does not say so itself: the same for all where the period is fixed ({@code -c}). */
        final long period;

        /** What branch records have beside the branches (PERF_SAMPLE_BRANCH_*). */
        final long branchType;

        /** Which of the program's registers a sample has. */
        final long registers;

        /** Its clock's id, -1 for perf's own. */
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

    /** Of a recording that goes on, as all its events say the same of what stands behind their records. */
    private static final int LIVE_ATTRS = 2;

    private final boolean isLive;
    private final Supplier<ByteOrder> order;
    private final Function<String, TraceFormatException> bad;
    private final List<Attr> attrs = new ArrayList<>();
    private final Map<Long, Attr> byId = new HashMap<>();

    /** Of a file whose byte order {@code in} knows by the time the first event is added. */
    PerfEvents(BinaryInput in) {
        isLive = false;
        order = in::order;
        bad = in::bad;
    }

    /** Of this machine, events that come and go. */
    PerfEvents() {
        isLive = true;
        order = ByteOrder::nativeOrder;
        bad = rule -> new TraceFormatException("perf events", "", rule);
    }

    /** Those added, in their order. */
    List<Attr> all() {
        return attrs;
    }

    /** The event with this id, or null. */
    Attr byId(long id) {
        return byId.get(id);
    }

    /** Adds an event, by its {@code perf_event_attr} of at least 64 bytes. */
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

    /** C's bit fields begin at the low end of a word on one kind of machine, at the high end on the other. */
    private boolean flag(long flags, int bit) {
        return (flags >>> (order.get() == ByteOrder.BIG_ENDIAN ? 63 - bit : bit) & 1) != 0;
    }

    /** Notes that samples with this id are of this event. */
    void id(long id, Attr attr) throws TraceFormatException {
        if (byId.size() == MAX_IDS) {
            throw bad.apply("more than " + MAX_IDS + " event ids");
        }
        byId.put(id, attr);
    }

    /** Forgets an id: no sample that has it will come. */
    void forget(long id) {
        byId.remove(id);
    }

    /** Adds the event of a record, as a pipe has them: the attributes, and the ids to the record's end. */
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

    /** Which event a sample is of; null if the file does not say. */
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

    /** Bytes of what every record but a sample ends with, 0 if it has no time. */
    int tail() {
        Attr first = attrs.isEmpty() ? null : attrs.get(0);
        boolean timed = first != null && first.idsEverywhere && first.has(TIME);
        return timed ? 8 * Integer.bitCount(first.sampleType & (TID | TIME | ID | STREAM_ID | CPU | IDENTIFIER)) : 0;
    }

    /** The processor that a record says it is of, -1 if it does not. */
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
