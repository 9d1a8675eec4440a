package org.damson.exchange.perf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.exchange.build.CallStacks;
import org.damson.exchange.build.StackSink;
import org.damson.exchange.build.StackUnwinder;
import org.damson.model.Batch;
import org.damson.model.Table;

/**
 * Makes rows of call stacks of what the kernel writes into perf's rings while it is recorded. Records are decoded as those of
 * {@code perf.data}; memory is bounded however long it lasts. To be used by one thread.
 */
public final class LiveStacks {
    /** The event whose samples have a data address; only first touches are kept of it. */
    public static final String PAGE_FAULTS = "page-faults";

    /** The source named in the table of losses. */
    public static final String SOURCE = "stacks";

    private static final String ANONYMOUS = "//anon";

    /** Limit on closed events of which samples may still arrive; at most one is closed per second. */
    private static final int MAX_CLOSED = 64;

    private static final int MIN_CLOSED = 4;
    private static final int MAX_CLOSED_IDS = 1 << 17;

    /** Limit on throttled streams whose gaps are tracked; further ones are only counted. */
    private static final int MAX_HELD_BACK = 1 << 12;

    private record HeldBack(String event, long fromNs) {}

    private final StackSink sink;
    private final CallStacks rows;
    private final PerfEvents events = new PerfEvents();
    private final FirstTouches touches = new FirstTouches();
    private final PerfStacks stacks;
    private final StackCopies copies;
    private final KernelRecords kernel;
    private final Batch losses = new Batch(Table.LOSSES);
    private final Map<Integer, Long> lastNs = new HashMap<>();
    private final Map<Long, HeldBack> heldBack = new HashMap<>();
    private final Deque<List<Long>> closedIds = new ArrayDeque<>();
    private int closedCount;
    private long flushedNs;
    private long lost;
    private long throttles;
    private long malformed;

    /** @param unwinder unwinds copies of user stacks; null if there are none */
    public LiveStacks(StackSink sink, StackUnwinder unwinder) {
        this.sink = sink;
        rows = new CallStacks(sink, true);
        stacks = new PerfStacks(sink, rows, touches, unwinder);
        copies = unwinder == null ? null : new StackCopies(() -> null);
        kernel = new KernelRecords(events, stacks, copies, new Gaps());
    }

    /**
     * An event that is recorded. All of them say the same of what stands behind their records.
     *
     * @param attr its {@code perf_event_attr}, in this machine's byte order
     */
    public Event event(ByteBuffer attr, String name) throws IOException {
        PerfEvents.Attr added = events.add(attr);
        added.name = name;
        return new Event(added);
    }

    /** An event, opened once for each thread and processor. */
    public final class Event {
        private final PerfEvents.Attr attr;
        private List<Long> ids = new ArrayList<>();

        private Event(PerfEvents.Attr attr) {
            this.attr = attr;
        }

        /** Notes the id of the samples of one opened event. */
        public void id(long id) throws IOException {
            events.id(id, attr);
            ids.add(id);
        }

        /** All opened events of this kind were closed; samples written before may still arrive. */
        public void closed() {
            endHeldBack(attr.name);
            closedIds.add(ids);
            closedCount += ids.size();
            ids = new ArrayList<>();
            while (closedIds.size() > MAX_CLOSED || closedCount > MAX_CLOSED_IDS && closedIds.size() > MIN_CLOSED) {
                List<Long> oldest = closedIds.poll();
                closedCount -= oldest.size();
                oldest.forEach(events::forget);
            }
        }
    }

    /**
     * Reports code that was mapped before the recording began.
     *
     * @param timeNs as of when; 0 before everything else
     * @param end exclusive
     * @param file empty for memory without a file
     * @param buildId hexadecimal; empty if that is not known
     */
    public void mapped(long timeNs, int pid, long start, long end, long fileOffset, String file, String buildId)
            throws IOException {
        stacks.map(pid, start, end - start, fileOffset, file.isEmpty() ? ANONYMOUS : file, buildId, true, timeNs);
    }

    /**
     * Says what a thread is called that was there before it was recorded.
     *
     * @param timeNs as of when; 0 before everything else
     */
    public void thread(long timeNs, int pid, int tid, String name) throws IOException {
        stacks.named(pid, tid, name, false, timeNs);
    }

    /**
     * Reports where the kernel is mapped.
     *
     * @param textStart where {@code _text} is; 0 if that is not told to this user
     */
    public void kernel(long textStart) throws IOException {
        // Up to the last address: modules are mapped over it.
        long start = textStart == 0 ? Long.MIN_VALUE : textStart;
        stacks.map(AddressSpaces.KERNEL, start, -1 - start, textStart, "[kernel.kallsyms]_text", "", true, 0);
    }

    /**
     * Reports where a kernel module is mapped.
     *
     * @param buildId hexadecimal; empty if that is not known
     */
    public void kernelModule(String name, long start, long bytes, String buildId) throws IOException {
        stacks.map(AddressSpaces.KERNEL, start, bytes, 0, "[" + name + "]", buildId, true, 0);
    }

    /** Takes a record; the buffer may be reused after the call. */
    public void take(ByteBuffer b, int at, int length) throws IOException {
        kernel.take(b.getInt(at), b, at, length);
    }

    /**
     * Emits all samples of this time and before; nothing earlier will follow.
     *
     * @param isBehind whether more has come since than can be taken care of: copies of stacks are passed over then
     */
    public void flushBefore(long timeNs, boolean isBehind) throws IOException {
        long before = copiesPassedOver();
        stacks.users.isBehind = isBehind;
        stacks.flushBefore(timeNs);
        if (copiesPassedOver() > before) {
            losses.add(
                    flushedNs == 0 ? timeNs : flushedNs,
                    timeNs,
                    SOURCE,
                    copiesPassedOver() - before,
                    "copies of stacks: no time to unwind them");
        }
        flushedNs = timeNs;
        rows.flush();
        sink.drain(losses, 1);
    }

    /** Emits the rest and notes how far copies of stacks were unwound. */
    public void finish() throws IOException {
        heldBack.values().stream().map(HeldBack::event).distinct().toList().forEach(this::endHeldBack);
        flushBefore(Math.max(0, kernel.newestNs), false);
        rows.threads().finish();
        stacks.users.finish(sink);
        if (copies != null && !copies.unread.isEmpty()) {
            sink.note(copies.unread.total() + " copies of user stacks are not unwound: " + copies.unread);
        }
    }

    private void heldBack(HeldBack since, long untilNs) {
        losses.add(since.fromNs, untilNs, SOURCE, -1, since.event + ": came too often, held back by the kernel");
    }

    /** Ends the gap of a throttled event that was closed: no record will tell when the kernel would have resumed it. */
    private void endHeldBack(String event) {
        heldBack.values().removeIf(since -> {
            boolean isOne = since.event.equals(event);
            if (isOne) {
                heldBack(since, Math.max(since.fromNs, kernel.newestNs));
            }
            return isOne;
        });
    }

    /** Records a gap at a corrupt ring; how much is missing is unknown. */
    public void corrupt(long nowNs) {
        malformed++;
        losses.add(nowNs, nowNs, SOURCE, -1, "records of a ring that cannot be read");
    }

    /** Samples with call stacks, including page faults. */
    public long samples() {
        return rows.count();
    }

    /** Samples whose outermost frames are missing, or may be. */
    public long cut() {
        return rows.cut();
    }

    /** Copies of user stacks that were unwound. */
    public long copies() {
        return stacks.users.walked();
    }

    /** Those unwound to the beginning of the thread. */
    public long copiesWhole() {
        return stacks.users.whole();
    }

    /** Those that gave more or other frames than the frame pointers, not counting frames below {@code main}. */
    public long copiesThatTell() {
        return stacks.users.improved();
    }

    /** Copies that were skipped for lack of time. */
    public long copiesPassedOver() {
        return stacks.users.passedOver();
    }

    /** Samples and other records that the kernel lost. */
    public long lost() {
        return lost;
    }

    /** How often the kernel throttled an event. */
    public long throttles() {
        return throttles;
    }

    /** Records that could not be read. */
    public long malformed() {
        return malformed + kernel.unread.total();
    }

    /** Maximum number of page faults that one sample stood for since {@link #forgetFaultPeriod}. */
    public long mostFaultPeriod() {
        return stacks.mostFaultPeriod;
    }

    public void forgetFaultPeriod() {
        stacks.mostFaultPeriod = 0;
    }

    /** Page faults that are not kept because they were not the first in their range. */
    public long faultsLeftOut() {
        return touches.leftOut();
    }

    /** First touches that are not kept because a limit was reached. */
    public long firstTouchesLeftOut() {
        return touches.beyond();
    }

    /** Takes losses, throttling and bad records. */
    private final class Gaps implements KernelRecords.Taker {
        @Override
        public boolean tracepoint(long timeNs, int cpu, ByteBuffer b, int at, int rawBytes) {
            return false;
        }

        @Override
        public void lost(long timeNs, int cpu, long count) {
            lost += count;
            losses.add(lastNs.getOrDefault(cpu, timeNs), timeNs, SOURCE, count, "records: the ring was full");
            lastNs.put(cpu, timeNs);
        }

        @Override
        public void lostInAll(long count) {
            // Only perf record writes these.
        }

        @Override
        public void throttled(long timeNs, String event, long stream, boolean begins) {
            if (begins) {
                throttles++;
                if (heldBack.size() < MAX_HELD_BACK) {
                    heldBack.putIfAbsent(stream, new HeldBack(event, timeNs));
                }
                return;
            }
            HeldBack since = heldBack.remove(stream);
            if (since != null) {
                heldBack(since, timeNs);
            }
        }

        @Override
        public void malformed(String what) {
            malformed++;
            long timeNs = Math.max(0, kernel.newestNs);
            losses.add(timeNs, timeNs, SOURCE, 1, "a record that cannot be read: " + what);
        }
    }
}
