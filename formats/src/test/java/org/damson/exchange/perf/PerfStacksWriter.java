package org.damson.exchange.perf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Writes a {@code perf.data} as a pipe gets it, with samples of {@code cpu-clock} and what is mapped, for tests. */
public final class PerfStacksWriter {
    public static final int KERNEL = 1;
    public static final int USER = 2;
    static final int EXEC = 1 << 13;
    private static final long PERIOD = 1 << 8;
    private static final long SAMPLE_TYPE = 1 | 2 | 4 | 8 | 1 << 5 | 1 << 7;

    private final ByteOrder order;
    private final boolean isFixed;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public PerfStacksWriter(ByteOrder order) {
        this(order, 0);
    }

    /** @param period what every sample stands for, as of {@code perf record -c}; 0: each says so itself */
    public PerfStacksWriter(ByteOrder order, long period) {
        this.order = order;
        isFixed = period > 0;
        ByteBuffer head = ByteBuffer.allocate(16).order(order);
        out.writeBytes(head.putLong(0x32454c4946524550L).putLong(16).array());
        record(64, 0, b -> {
            b.putInt(1).putInt(128).putLong(0).putLong(Math.max(1, period));
            b.putLong(isFixed ? SAMPLE_TYPE : SAMPLE_TYPE | PERIOD).putLong(0);
            b.putLong(1L << (order == ByteOrder.BIG_ENDIAN ? 63 - 18 : 18));
            b.position(8 + 128);
            b.putLong(5);
        });
        record(78, 0, b -> text(b.putLong(2).putLong(5), "cpu-clock:u"));
    }

    public byte[] bytes() {
        return out.toByteArray();
    }

    public PerfStacksWriter record(int type, int misc, Consumer<ByteBuffer> content) {
        ByteBuffer b = ByteBuffer.allocate(1 << 16).order(order);
        b.putInt(type).putShort((short) misc).putShort((short) 0);
        content.accept(b);
        b.putShort(6, (short) b.position());
        out.write(b.array(), 0, b.position());
        return this;
    }

    private static void text(ByteBuffer b, String text) {
        b.put(text.getBytes(StandardCharsets.UTF_8)).put((byte) 0);
        while (b.position() % 8 != 0) {
            b.put((byte) 0);
        }
    }

    /** What every record but a sample ends with. */
    private static void tail(ByteBuffer b, int pid, long timeNs) {
        b.putInt(pid).putInt(pid).putLong(timeNs).putInt(1).putInt(0);
    }

    public PerfStacksWriter mmap(long timeNs, int misc, int pid, long start, long bytes, long fileOffset, String file) {
        return record(1, misc, b -> {
            text(b.putInt(pid).putInt(pid).putLong(start).putLong(bytes).putLong(fileOffset), file);
            tail(b, pid, timeNs);
        });
    }

    /** With a build id of two bytes. */
    public PerfStacksWriter mmap2(long timeNs, int pid, long start, long bytes, long fileOffset, String file) {
        return record(10, USER | 1 << 14, b -> {
            b.putInt(pid).putInt(pid).putLong(start).putLong(bytes).putLong(fileOffset);
            b.put((byte) 2).put(new byte[3]).put((byte) 0xca).put((byte) 0xfe).put(new byte[18]);
            text(b.putInt(5).putInt(2), file);
            tail(b, pid, timeNs);
        });
    }

    public PerfStacksWriter exec(long timeNs, int pid) {
        return record(3, EXEC, b -> {
            text(b.putInt(pid).putInt(pid), "other");
            tail(b, pid, timeNs);
        });
    }

    public PerfStacksWriter fork(long timeNs, int parent, int child) {
        return record(7, 0, b -> {
            b.putInt(child).putInt(parent).putInt(child).putInt(parent).putLong(timeNs);
            tail(b, child, timeNs);
        });
    }

    public PerfStacksWriter kernelSymbol(long timeNs, long start, int bytes, String name) {
        return record(17, 0, b -> {
            text(b.putLong(start).putInt(bytes).putShort((short) 1).putShort((short) 0), name);
            tail(b, 0, timeNs);
        });
    }

    public PerfStacksWriter sample(long timeNs, int misc, int pid, long... chain) {
        return sampleOf(chain.length, timeNs, misc, pid, chain);
    }

    /** A sample that claims another depth than it has. */
    public PerfStacksWriter sampleOf(long depth, long timeNs, int misc, int pid, long... chain) {
        return record(9, misc, b -> {
            b.putLong(chain[0]).putInt(pid).putInt(pid + 1).putLong(timeNs).putLong(0x7777);
            b.putInt(3).putInt(0);
            if (!isFixed) {
                b.putLong(250_000);
            }
            b.putLong(depth);
            for (long ip : chain) {
                b.putLong(ip);
            }
        });
    }
}
