package org.damson.recorder.kernel;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Events of perf's that write to one ring for each processor. One thread opens and closes events, one, the same or another, waits for
 * what they write and reads it; {@link #wake} is for all.
 */
public final class PerfSession implements Closeable {
    private static final int POLL_BYTES = 8;

    // ioctl requests
    private static final long DISABLE = 0x2401;
    private static final long SET_OUTPUT = 0x2405;
    private static final long ID = 0x80082407L;

    private final int[] cpus;
    private final PerfRing[] rings;
    private final List<OpenEvent> opened = new ArrayList<>();
    private final ByteBuffer descriptors;
    private final ByteBuffer number = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
    private final int wake;

    private record OpenEvent(PerfAttr attr, int descriptor) {}

    /** Takes the number that samples of an opened event have. */
    public interface Ids {
        void id(long id) throws IOException;
    }

    /** Result of opening an event for a thread. */
    public enum Opened {
        YES,
        /** The thread has ended. */
        GONE,
        /** This process may have no more open files. */
        NO_ROOM
    }

    /**
     * With rings for these processors.
     *
     * @throws PerfRefusedException if the kernel gives none
     */
    public PerfSession(int[] cpus, int pageBytes) throws IOException {
        List<PerfRing> got = new ArrayList<>();
        List<Integer> of = new ArrayList<>();
        wake = Libc.eventDescriptor();
        try {
            for (int cpu : cpus) {
                PerfRing ring = PerfRing.of(cpu, pageBytes);
                if (ring != null) {
                    got.add(ring);
                    of.add(cpu);
                }
            }
        } catch (IOException | RuntimeException e) {
            got.forEach(PerfRing::close);
            Libc.closeDescriptor(wake);
            throw e;
        }
        rings = got.toArray(PerfRing[]::new);
        this.cpus = of.stream().mapToInt(Integer::intValue).toArray();
        descriptors = ByteBuffer.allocateDirect((rings.length + 1) * POLL_BYTES).order(ByteOrder.nativeOrder());
        for (int i = 0; i <= rings.length; i++) {
            descriptors
                    .putInt(i * POLL_BYTES, i < rings.length ? rings[i].descriptor() : wake)
                    .putShort(i * POLL_BYTES + 4, (short) Libc.POLLIN);
        }
    }

    /**
     * Opens an event for a thread, on each processor. What this kernel or user may not have is taken out of {@code attr}.
     *
     * @param tid thread; -1 for all there are
     * @throws PerfRefusedException if the kernel refuses it
     */
    public Opened open(PerfAttr attr, int tid, Ids ids) throws IOException {
        for (int i = 0; i < cpus.length; i++) {
            int descriptor = open(attr, tid, cpus[i]);
            if (descriptor == -Libc.ESRCH) {
                return Opened.GONE;
            }
            if (descriptor == -Libc.EMFILE || descriptor == -Libc.ENFILE) {
                return Opened.NO_ROOM;
            }
            if (descriptor == -Libc.ENODEV && i > 0) {
                continue; // this processor has gone
            }
            if (descriptor < 0) {
                throw new PerfRefusedException(-descriptor, Libc.reason(-descriptor));
            }
            opened.add(new OpenEvent(attr, descriptor));
            check(Libc.control(descriptor, SET_OUTPUT, rings[i].descriptor()));
            check(Libc.control(descriptor, ID, Libc.addressOf(number)));
            ids.id(number.getLong(0));
        }
        return Opened.YES;
    }

    /** @return a descriptor, or -errno */
    static int open(PerfAttr attr, int tid, int cpu) {
        while (true) {
            int descriptor = Libc.openPerfEvent(attr.bytes(), tid, cpu);
            boolean isRefused = descriptor == -Libc.EACCES || descriptor == -Libc.EPERM;
            if (isRefused && attr.hasKernel()) {
                attr.excludeKernel();
            } else if (descriptor != -Libc.EINVAL || !attr.dropNewest()) {
                return descriptor;
            }
        }
    }

    private static void check(int errno) throws IOException {
        if (errno != 0) {
            throw new PerfRefusedException(errno, Libc.reason(errno));
        }
    }

    /** Ends all events; what they wrote is still to be read. */
    public void closeEvents() {
        closeEvents(event -> true);
    }

    /** Ends the events that were opened with an {@code attr}, also of threads that inherited them. */
    public void closeEvents(PerfAttr attr) {
        closeEvents(event -> event.attr == attr);
    }

    private void closeEvents(Predicate<OpenEvent> which) {
        opened.removeIf(event -> {
            if (which.test(event)) {
                Libc.control(event.descriptor, DISABLE, 0);
                Libc.closeDescriptor(event.descriptor);
                return true;
            }
            return false;
        });
    }

    /** Waits until a ring is a quarter full, {@link #wake} is called or {@code timeoutMs} have passed. */
    public void await(int timeoutMs) throws IOException {
        Libc.poll(descriptors, rings.length + 1, timeoutMs);
    }

    /** Ends {@link #await} from now on. From any thread. */
    public void wake() {
        Libc.signal(wake);
    }

    /**
     * Hands out what is in the rings, one ring after the other.
     *
     * @return how many of them held what cannot be read
     */
    public int read(PerfRing.Taker to) throws IOException {
        int bad = 0;
        for (PerfRing ring : rings) {
            bad += ring.read(to) ? 0 : 1;
        }
        return bad;
    }

    @Override
    public void close() {
        closeEvents();
        for (PerfRing ring : rings) {
            ring.close();
        }
        Libc.closeDescriptor(wake);
    }
}
