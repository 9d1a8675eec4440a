package org.damson.recorder.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.List;
import java.util.function.LongSupplier;
import org.damson.damon.EventColumns;
import org.damson.damon.EventDecoder;
import org.damson.damon.RingPage;

/**
 * Reads the rings of all CPUs and hands their events out in time order.
 *
 * <p>A kdamond may move to another CPU in the middle of a burst. Rings are therefore read in rounds, and a round gives out
 * only events older than its own beginning (or than the last event of a ring that was not read to its end): an event of
 * the same thread that comes before these has been read by then.
 */
public final class RingReader implements AutoCloseable {
    /** Takes events in time order: the first row of {@code events} is to be taken. */
    public interface Sink {
        void take(EventColumns events);

        void corrupt(int cpu, long fromNs, long toNs, String what);
    }

    private static final int PAGES_A_ROUND = 256;
    private static final int POLL_BYTES = 8;

    /** One CPU's ring. */
    private final class Ring implements RingPage.Visitor {
        final int cpu;
        final int descriptor;
        final EventColumns events = new EventColumns();
        long lastNs = EventColumns.NO_TIME;
        boolean drained;

        Ring(int cpu, int descriptor) {
            this.cpu = cpu;
            this.descriptor = descriptor;
        }

        @Override
        public void event(long timeNs, ByteBuffer page, int offset, int length) {
            lastNs = timeNs;
            decoder.decode(timeNs, page, offset, length, events);
        }

        @Override
        public void missed(long count, long beforeNs) {
            events.addMissed(lastNs, beforeNs, count);
            missed += Math.max(0, count);
            missedUnknown |= count < 0;
        }
    }

    /** Lets an interrupt end a wait: the interrupting thread makes the event descriptor readable. */
    private static final class Waiter extends AbstractInterruptibleChannel {
        private final int wake;

        Waiter(int wake) {
            this.wake = wake;
        }

        public int await(ByteBuffer descriptors, int count, int timeoutMs) throws IOException {
            boolean done = false;
            try {
                begin();
                int ready = Libc.poll(descriptors, count, timeoutMs);
                done = true;
                return ready;
            } finally {
                end(done);
            }
        }

        @Override
        protected void implCloseChannel() {
            Libc.signal(wake);
        }
    }

    private final EventDecoder decoder;
    private final RingPage layout;
    private final Ring[] rings;
    private final ByteBuffer page;
    private final ByteBuffer descriptors;
    private final int wake;
    private final Waiter waiter;
    private final LongSupplier clock;
    private long missed;
    private boolean missedUnknown;
    private long pages;
    private boolean closed;

    /**
     * Opens the rings of an instance.
     *
     * @param clock the monotonic clock, nanoseconds
     */
    public RingReader(TraceInstance instance, LongSupplier clock) throws IOException {
        decoder = EventDecoder.of(instance.formats());
        layout = instance.page();
        this.clock = clock;
        page = ByteBuffer.allocateDirect(layout.size()).order(ByteOrder.nativeOrder());
        List<Integer> cpus = instance.cpus();
        rings = new Ring[cpus.size()];
        descriptors = ByteBuffer.allocateDirect((cpus.size() + 1) * POLL_BYTES).order(ByteOrder.nativeOrder());
        wake = Libc.eventDescriptor();
        waiter = new Waiter(wake);
        try {
            for (int i = 0; i < rings.length; i++) {
                int cpu = cpus.get(i);
                rings[i] = new Ring(cpu, instance.openRing(cpu));
                watch(i, rings[i].descriptor);
            }
            watch(rings.length, wake);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void watch(int i, int descriptor) {
        descriptors.putInt(i * POLL_BYTES, descriptor);
        descriptors.putShort(i * POLL_BYTES + 4, (short) Libc.POLLIN);
    }

    /**
     * Waits until a ring is as full as its instance was set up to wait for, or {@code timeoutMs} have passed.
     *
     * @throws java.nio.channels.ClosedByInterruptException if the thread is interrupted; waiting is over for good then
     */
    public void await(int timeoutMs) throws IOException {
        waiter.await(descriptors, rings.length + 1, timeoutMs);
    }

    /**
     * One round: reads what there is, up to {@value #PAGES_A_ROUND} pages a CPU, and hands out what is safe to.
     *
     * @return whether there may be more to read at once
     */
    public boolean round(Sink to) throws IOException {
        return round(to, clock.getAsLong());
    }

    /** The last round: the rings have been stopped, so everything is handed out. */
    public void last(Sink to) throws IOException {
        while (round(to, Long.MAX_VALUE)) {
            continue;
        }
    }

    private boolean round(Sink to, long beganNs) throws IOException {
        long untilNs = beganNs;
        boolean more = false;
        for (Ring ring : rings) {
            drain(ring, to);
            if (!ring.drained) {
                more = true;
                untilNs = Math.min(untilNs, ring.lastNs);
            }
        }
        merge(to, untilNs);
        return more;
    }

    private void drain(Ring ring, Sink to) throws IOException {
        for (int n = 0; n < PAGES_A_ROUND; n++) {
            int got = Libc.read(ring.descriptor, page, layout.size());
            if (got <= 0) {
                ring.drained = true;
                return;
            }
            pages++;
            long beforeNs = ring.lastNs;
            String wrong = layout.decode(page, got, ring);
            if (wrong != null) {
                to.corrupt(ring.cpu, beforeNs, ring.lastNs, wrong);
            }
        }
        ring.drained = false;
    }

    /** At equal times, events of the lower CPU come first, as in the kernel's own text. */
    private void merge(Sink to, long untilNs) {
        while (true) {
            Ring first = null;
            long lastNs = untilNs; // until which no other ring comes before it
            for (Ring ring : rings) {
                if (ring.events.isEmpty()) {
                    continue;
                }
                long timeNs = ring.events.timeNs[ring.events.from];
                if (first == null) {
                    first = ring;
                } else if (timeNs < first.events.timeNs[first.events.from]) {
                    lastNs = Math.min(lastNs, first.events.timeNs[first.events.from] - 1);
                    first = ring;
                } else {
                    lastNs = Math.min(lastNs, timeNs);
                }
            }
            if (first == null || first.events.timeNs[first.events.from] > untilNs) {
                return;
            }
            EventColumns events = first.events;
            do {
                to.take(events);
            } while (!events.isEmpty() && events.timeNs[events.from] <= lastNs);
            events.reset();
        }
    }

    /** Events the pages said were overwritten. */
    long missed() {
        return missed;
    }

    /** Whether some page could not say how many. */
    public boolean isMissedUnknown() {
        return missedUnknown;
    }

    /** Pages read. */
    public long pages() {
        return pages;
    }

    /** What decodes the events, and counts those that it cannot. */
    public EventDecoder decoder() {
        return decoder;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (Ring ring : rings) {
            if (ring != null) {
                Libc.closeDescriptor(ring.descriptor);
            }
        }
        Libc.closeDescriptor(wake);
    }
}
