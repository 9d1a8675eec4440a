package org.damson.recorder.kernel;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** An event that the kernel counts for a thread, and for all that it starts if the event says so. */
public final class PerfCounter implements Closeable {
    private static final int BYTES = 24;

    private final int descriptor;
    private final ByteBuffer read = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());

    private PerfCounter(int descriptor) {
        this.descriptor = descriptor;
    }

    /**
     * Begins to count. What this kernel or user may not have is taken out of {@code attr}.
     *
     * @return null if the thread has ended
     * @throws PerfRefusedException if the kernel refuses it
     */
    public static PerfCounter open(PerfAttr attr, int tid) throws PerfRefusedException {
        int descriptor = PerfSession.open(attr, tid, -1);
        if (descriptor == -Libc.ESRCH) {
            return null;
        }
        if (descriptor < 0) {
            throw new PerfRefusedException(-descriptor, Libc.reason(-descriptor));
        }
        return new PerfCounter(descriptor);
    }

    /**
     * How many there were so far. Where more are counted than the processor has counters for, they take turns: what happened meanwhile is
     * taken to be as frequent.
     */
    public long count() throws IOException {
        if (Libc.read(descriptor, read, BYTES) < BYTES) {
            return 0;
        }
        long value = read.getLong(0);
        long wantedNs = read.getLong(8);
        long countedNs = read.getLong(16);
        return countedNs == wantedNs || countedNs == 0 ? value : (long) ((double) value * wantedNs / countedNs);
    }

    @Override
    public void close() {
        Libc.closeDescriptor(descriptor);
    }
}
