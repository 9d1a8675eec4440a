package org.damson.recorder.kernel;

import com.sun.jna.Pointer;
import java.io.Closeable;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.damson.model.MissingCapabilityException;

/** The ring of one processor that events of perf's write to. The kernel never overwrites what was not read: it counts it. */
public final class PerfRing implements Closeable {
    /** Takes a record, which is gone when this returns. */
    public interface Taker {
        void take(ByteBuffer record, int at, int length) throws IOException;
    }

    /** With its first page just within what every user may lock for a processor ({@code kernel.perf_event_mlock_kb}). */
    private static final int MAX_BYTES = 512 << 10;

    private static final int MIN_BYTES = 16 << 10;

    // struct perf_event_mmap_page
    private static final int HEAD = 1024;
    private static final int TAIL = 1032;

    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final int descriptor;
    private final Pointer mapped;
    private final long mappedBytes;
    private final ByteBuffer control;
    private final ByteBuffer data;
    private final int mask;
    private final ByteBuffer whole = ByteBuffer.allocateDirect(1 << 16).order(ByteOrder.nativeOrder());

    private PerfRing(int descriptor, Pointer mapped, int pageBytes, int dataBytes) {
        this.descriptor = descriptor;
        this.mapped = mapped;
        mappedBytes = (long) pageBytes + dataBytes;
        control = mapped.getByteBuffer(0, pageBytes).order(ByteOrder.nativeOrder());
        data = mapped.getByteBuffer(pageBytes, dataBytes).order(ByteOrder.nativeOrder());
        mask = dataBytes - 1;
    }

    /**
     * A ring for events of a processor; its reader is woken when it is a quarter full.
     *
     * @return null if there is no such processor now
     */
    static PerfRing of(int cpu, int pageBytes) throws IOException {
        int own = (int) ProcessHandle.current().pid();
        int opened = Libc.openPerfEvent(PerfAttr.ringOnly(MAX_BYTES / 4).bytes(), own, cpu);
        if (opened < 0) {
            if (-opened == Libc.ENODEV) {
                return null;
            }
            throw new PerfRefusedException(-opened, Libc.reason(-opened));
        }
        for (int bytes = MAX_BYTES; bytes >= Math.max(MIN_BYTES, pageBytes); bytes /= 2) {
            Pointer at = Libc.mapShared(opened, (long) pageBytes + bytes);
            if (at != null) {
                return new PerfRing(opened, at, pageBytes, bytes);
            }
        }
        String why = Libc.reason(Libc.lastError());
        Libc.closeDescriptor(opened);
        throw new MissingCapabilityException("no memory for the rings of call stacks: " + why
                + "; kernel.perf_event_mlock_kb limits a user's rings");
    }

    int descriptor() {
        return descriptor;
    }

    /**
     * Hands out all records that are there.
     *
     * @return false if the ring holds what cannot be records; it is emptied then
     */
    public boolean read(Taker to) throws IOException {
        long head = (long) LONG.getAcquire(control, HEAD);
        long tail = control.getLong(TAIL);
        boolean isGood = true;
        while (tail != head) {
            int at = (int) (tail & mask);
            int length = data.getShort(at + 6) & 0xffff; // records, and so their headers, begin at multiples of 8
            if (length < 8 || length % 8 != 0 || length > head - tail) {
                isGood = false;
                tail = head;
                break;
            }
            if (at + length <= data.capacity()) {
                to.take(data, at, length);
            } else {
                int first = data.capacity() - at;
                whole.put(0, data, at, first).put(first, data, 0, length - first);
                to.take(whole, 0, length);
            }
            tail += length;
        }
        LONG.setRelease(control, TAIL, tail);
        return isGood;
    }

    @Override
    public void close() {
        Libc.unmap(mapped, mappedBytes);
        Libc.closeDescriptor(descriptor);
    }
}
