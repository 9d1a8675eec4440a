package org.damson.exchange.perf;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.damson.damon.Kinds;
import org.damson.model.InvalidInputException;

/**
 * Reads the records that the kernel writes into perf's rings: as they stand in {@code perf.data}, and as a recorder finds them in
 * a ring of its own.
 */
final class KernelRecords {
    // Records, by enum perf_event_type.
    private static final int LOST = 2;
    private static final int THROTTLE = 5;
    private static final int UNTHROTTLE = 6;
    private static final int SAMPLE = 9;
    private static final int LOST_SAMPLES = 13;

    /** Bit of a read format: the sample has the values of all events of its group (PERF_FORMAT_GROUP). */
    private static final int GROUP = 8;

    /** Flag of a LOST_SAMPLES record: the samples were dropped by the user's filter. */
    private static final int DROPPED_BY_FILTER = 1 << 15;

    /** Takes everything that is not a call stack. */
    interface Taker {
        /**
         * Takes a tracepoint's data if it is of a kind that is wanted, whole or not.
         *
         * @param at where the data begins, behind its length
         */
        boolean tracepoint(long timeNs, int cpu, ByteBuffer b, int at, int rawBytes) throws IOException;

        /**
         * Takes a gap.
         *
         * @param cpu processor, -1 if not known
         */
        void lost(long timeNs, int cpu, long count) throws IOException;

        /** Takes an event's total of lost samples, some of which may have been reported before. */
        void lostInAll(long count) throws IOException;

        /**
         * The kernel holds an event back that came too often, until the time that is told with {@code begins} false.
         *
         * @param stream which of those that were opened of it, one for each thread and processor
         */
        default void throttled(long timeNs, String event, long stream, boolean begins) throws IOException {}

        /** Takes a description of what is wrong with a record. */
        void malformed(String what) throws IOException;

        /** Suffix of messages about a bad record: the position in the input. */
        default String place() {
            return "";
        }
    }

    private final PerfEvents events;
    private final PerfStacks stacks;
    private final TaskRecords tasks;
    private final Taker taker;
    private final StackCopies copies;

    /** Samples that are left out, by reason. */
    final Kinds unread = new Kinds();

    /** Samples whose copy of the user stack is skipped. */
    long notUnwound;

    /** Samples that also hold the counts of the other events of their group ({@code -e '{a,b}:S'}). */
    long withCounts;

    /** Samples that were dropped by a filter set when recording. */
    long filtered;

    /** Time of the newest record. */
    long newestNs = Long.MIN_VALUE;

    /** @param copies reader of the copies of user stacks; null: copies are skipped */
    KernelRecords(PerfEvents events, PerfStacks stacks, StackCopies copies, Taker taker) {
        this.events = events;
        this.stacks = stacks;
        tasks = new TaskRecords(stacks);
        this.copies = copies;
        this.taker = taker;
    }

    /** Takes a record; false if its type is not read here. */
    boolean take(int type, ByteBuffer b, int at, int length) throws IOException {
        switch (type) {
            case SAMPLE -> sample(b, at, length);
            case LOST -> lost(b, at, length, 16); // an id comes first
            case LOST_SAMPLES -> lostSamples(b, at, length);
            case THROTTLE, UNTHROTTLE -> throttled(b, at, length, type == THROTTLE);
            default -> {
                if (!TaskRecords.isOne(type)) {
                    return false;
                }
                mapping(type, b, at, length);
            }
        }
        return true;
    }

    private void mapping(int type, ByteBuffer b, int at, int length) throws IOException {
        int tail = events.tail();
        long timeNs = tail == 0 ? newestNs : length - tail < 8 ? 0 : events.tailTime(b, at, length);
        try {
            tasks.take(type, b, at, at + length - tail, timeNs);
            newestNs = Math.max(newestNs, timeNs);
        } catch (InvalidInputException e) {
            taker.malformed(e.getMessage());
        }
    }

    private void sample(ByteBuffer b, int at, int length) throws IOException {
        PerfEvents.Attr attr = events.of(b, at, length);
        if (attr == null || !attr.has(PerfEvents.TIME)) {
            unread.add(attr == null ? "of an event that the file does not describe" : "without a time");
            return;
        }
        int end = at + length;
        int type = attr.sampleType;
        int ipAt = at + 8 + (attr.has(PerfEvents.IDENTIFIER) ? 8 : 0);
        int tidAt = ipAt + (attr.has(PerfEvents.IP) ? 8 : 0);
        int timeAt = tidAt + (attr.has(PerfEvents.TID) ? 8 : 0);
        int addressAt = timeAt + 8;
        int cpuAt = addressAt + 8 * Integer.bitCount(type & (PerfEvents.ADDR | PerfEvents.ID | PerfEvents.STREAM_ID));
        int periodAt = cpuAt + (attr.has(PerfEvents.CPU) ? 8 : 0);
        long next = periodAt + (attr.has(PerfEvents.PERIOD) ? 8 : 0);
        if (attr.has(PerfEvents.READ)) {
            withCounts += (attr.readFormat & GROUP) != 0 && count(b, next, end) > 1 ? 1 : 0;
            next += readBytes(attr.readFormat, b, next, end);
        }
        long chainAt = next + 8;
        long depth = 0;
        if (attr.has(PerfEvents.CALLCHAIN)) {
            depth = count(b, next, end);
            next = chainAt + 8 * depth;
        }
        if (next < 0 || next > end) {
            taker.malformed("a sample of " + length + " bytes" + taker.place());
            return;
        }
        long timeNs = b.getLong(timeAt);
        if (attr.tracepoint
                && attr.has(PerfEvents.RAW)
                && isWanted(b, (int) next, end, timeNs, attr.has(PerfEvents.CPU) ? b.getInt(cpuAt) : -1)) {
            newestNs = Math.max(newestNs, timeNs);
            return;
        }
        long[] chain = numbers(b, (int) chainAt, (int) depth);
        newestNs = Math.max(newestNs, timeNs);
        // A tracepoint is a place in the kernel; without its callers it tells nothing of the program.
        boolean placed = attr.has(PerfEvents.IP) && (attr.has(PerfEvents.CALLCHAIN) || !attr.tracepoint);
        if (chain.length == 0 && !placed) {
            stacks.without(attr.name);
            return;
        }
        notUnwound += copies == null && attr.has(PerfEvents.STACK_USER) ? 1 : 0;
        stacks.sample(new StackSample(
                timeNs,
                b.getShort(at + 4),
                attr.has(PerfEvents.TID) ? b.getInt(tidAt) : -1,
                attr.has(PerfEvents.TID) ? b.getInt(tidAt + 4) : -1,
                attr.has(PerfEvents.CPU) ? b.getInt(cpuAt) : -1,
                attr.name,
                attr.has(PerfEvents.ADDR) ? b.getLong(addressAt) : 0,
                attr.has(PerfEvents.PERIOD) ? b.getLong(periodAt) : attr.period,
                chain,
                placed ? b.getLong(ipAt) : null,
                copies == null ? null : copies.of(attr, b, next, end)));
    }

    private static long[] numbers(ByteBuffer b, int at, int count) {
        long[] numbers = new long[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = b.getLong(at + 8 * i);
        }
        return numbers;
    }

    /** Passes a tracepoint's data, which begins with its length, to the taker; true if the event is wanted, complete or not. */
    private boolean isWanted(ByteBuffer b, int at, int end, long timeNs, int cpu) throws IOException {
        int rawBytes = at + 4 > end ? -1 : b.getInt(at);
        if (rawBytes < 0 || rawBytes > end - at - 4) {
            taker.malformed("raw data of " + Integer.toUnsignedLong(rawBytes) + " bytes" + taker.place());
            return true;
        }
        return taker.tracepoint(timeNs, cpu, b, at + 4, rawBytes);
    }

    /** The count before an array of 8-byte values; one that does not fit becomes too large for any sample. */
    private static long count(ByteBuffer b, long at, int end) {
        long n = at + 8 > end ? -1 : b.getLong((int) at);
        return n < 0 || n > PerfRecords.MAX_BYTES ? PerfRecords.MAX_BYTES : n;
    }

    /** Bytes of the counter values in a sample: value, two times, id and losses, as the read format (PERF_FORMAT_*) selects. */
    private static long readBytes(int format, ByteBuffer b, long at, int end) {
        int times = Integer.bitCount(format & 3);
        int each = 1 + (format >> 2 & 1) + (format >> 4 & 1);
        boolean group = (format & GROUP) != 0;
        return 8 * (group ? 1 + times + each * count(b, at, end) : times + each);
    }

    /**
     * The kernel tells where it lost samples. In the end perf record writes once more, without a time, how many each event
     * lost in all.
     */
    private void lostSamples(ByteBuffer b, int at, int length) throws IOException {
        boolean counted = length >= 16;
        if (counted && (b.getShort(at + 4) & DROPPED_BY_FILTER) != 0) {
            filtered += b.getLong(at + 8);
        } else if (counted
                && (events.tail() == 0 || length - events.tail() < 16 || events.tailTime(b, at, length) == 0)) {
            taker.lostInAll(b.getLong(at + 8));
        } else {
            lost(b, at, length, 8);
        }
    }

    private void lost(ByteBuffer b, int at, int length, int place) throws IOException {
        if (place + 8 > length) {
            taker.malformed("a record of losses of " + length + " bytes");
            return;
        }
        long count = b.getLong(at + place);
        if (count == 0) {
            return;
        }
        int cpu = length - events.tail() >= place + 8 ? events.tailCpu(b, at, length) : -1;
        taker.lost(lostAt(b, at, length, place + 8), cpu, count);
    }

    /** Time of a loss: that at the end of the record if all records have one, else that of the newest record. */
    private long lostAt(ByteBuffer b, int at, int length, int from) {
        int tail = events.tail();
        if (tail > 0 && length - tail >= from) {
            return events.tailTime(b, at, length);
        }
        return newestNs == Long.MIN_VALUE ? 0 : newestNs;
    }

    private void throttled(ByteBuffer b, int at, int length, boolean begins) throws IOException {
        if (length < 32) {
            taker.malformed("a record of throttling of " + length + " bytes");
            return;
        }
        PerfEvents.Attr attr = events.byId(b.getLong(at + 16));
        taker.throttled(b.getLong(at + 8), attr == null ? "" : attr.name, b.getLong(at + 24), begins);
    }
}
