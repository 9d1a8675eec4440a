package org.damson.exchange;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Writes {@code perf.data} and {@code trace.dat} of {@code damon_aggregated} events for tests, in either byte order, by their
 * documentation: recordings of big-endian machines are hard to come by.
 */
final class PerfDataWriter {
    static final int ID = 734;
    private static final long SAMPLE_TYPE = 1 << 16 | 1 | 2 | 4 | 1 << 7 | 1 << 8 | 1 << 4 | 1 << 5 | 1 << 10;
    private static final long READ_FORMAT = 4 | 16;

    private static final String FORMAT =
            """
            name: damon_aggregated
            ID: 734
            format:
            \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
            \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
            \tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
            \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

            \tfield:unsigned long target_id;\toffset:8;\tsize:8;\tsigned:0;
            \tfield:unsigned int nr_regions;\toffset:16;\tsize:4;\tsigned:0;
            \tfield:unsigned long start;\toffset:24;\tsize:8;\tsigned:0;
            \tfield:unsigned long end;\toffset:32;\tsize:8;\tsigned:0;
            \tfield:unsigned int nr_accesses;\toffset:40;\tsize:4;\tsigned:0;
            \tfield:unsigned int age;\toffset:44;\tsize:4;\tsigned:0;
            """;
    private static final int RAW_BYTES = 48;

    private static final String HEADER_PAGE =
            """
            \tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
            \tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;
            \tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;
            \tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;
            """;

    private final ByteOrder order;

    PerfDataWriter(ByteOrder order) {
        this.order = order;
    }

    private byte[] write(int capacity, Consumer<ByteBuffer> content) {
        ByteBuffer b = ByteBuffer.allocate(capacity).order(order);
        content.accept(b);
        byte[] bytes = new byte[b.position()];
        b.flip().get(bytes);
        return bytes;
    }

    private static void text(ByteBuffer b, String text) {
        b.put(text.getBytes(StandardCharsets.US_ASCII)).put((byte) 0);
    }

    private static void sized(ByteBuffer b, String text) {
        b.putLong(text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void tracing(ByteBuffer b, String version) {
        b.put(new byte[] {0x17, 0x08, 0x44}).put("tracing".getBytes(StandardCharsets.US_ASCII));
        text(b, version);
        b.put((byte) (order == ByteOrder.BIG_ENDIAN ? 1 : 0)).put((byte) 8).putInt(4096);
        text(b, "header_page");
        sized(b, HEADER_PAGE);
        text(b, "header_event");
        sized(b, "# compressed entry header\n");
        b.putInt(1);
        sized(b, "name: function\nID: 1\n");
        b.putInt(2);
        text(b, "sched");
        b.putInt(1);
        sized(b, "name: sched_switch\nID: 2\n");
        text(b, "damon");
        b.putInt(1);
        sized(b, FORMAT);
        b.putInt(0).putInt(0).putLong(0); // symbols, printk formats, names
    }

    private void raw(ByteBuffer b, DamonEvent e) {
        b.putShort((short) ID).put((byte) 0).put((byte) 0).putInt(e.tid);
        b.putLong(e.target).putInt((int) e.regions).putInt(0);
        b.putLong(e.start).putLong(e.end).putInt(e.nrAccesses).putInt(e.age);
    }

    private byte[] attr() {
        return write(136, b -> {
            b.putInt(2).putInt(136).putLong(ID).putLong(1).putLong(SAMPLE_TYPE).putLong(READ_FORMAT);
            int sampleIdAll = 18;
            b.putLong(1L << (order == ByteOrder.BIG_ENDIAN ? 63 - sampleIdAll : sampleIdAll));
            b.position(136);
        });
    }

    private byte[] sample(DamonEvent e) {
        return write(512, b -> {
            b.putInt(9).putShort((short) 1).putShort((short) 0);
            b.putLong(22)
                    .putLong(0xffff_ffff_8000_0000L)
                    .putInt(e.tid)
                    .putInt(e.tid)
                    .putLong(e.timeNs);
            b.putInt(1).putInt(0).putLong(1);
            b.putLong(7).putLong(22).putLong(0); // value, id, losses
            b.putLong(2).putLong(-128).putLong(0x1234); // call chain
            b.putInt(RAW_BYTES + 4);
            raw(b, e);
            b.putInt(0);
            b.putShort(6, (short) b.position());
        });
    }

    /** Losses as the kernel tells them, at {@code e}'s time. */
    private byte[] lost(DamonEvent e, long count) {
        return write(256, b -> {
            b.putInt(2).putShort((short) 0).putShort((short) (8 + 16 + 4 * 8));
            b.putLong(22).putLong(count);
            b.putInt(e.tid).putInt(e.tid).putLong(e.timeNs).putInt(1).putInt(0).putLong(22);
        });
    }

    private byte[] round() {
        return write(8, b -> b.putInt(68).putShort((short) 0).putShort((short) 8));
    }

    /** Records of the events; LOST ones become the kernel's records of losses. */
    private List<byte[]> records(List<DamonEvent> events) {
        List<byte[]> records = new ArrayList<>();
        for (DamonEvent e : events) {
            records.add(e.kind == DamonEvent.Kind.LOST ? lost(e, e.regions) : sample(e));
        }
        return records;
    }

    private byte[] join(List<byte[]> records) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        records.forEach(out::writeBytes);
        return out.toByteArray();
    }

    /** One zstd stream over records, flushed after each chunk, which cuts records apart. */
    private byte[] compressed(byte[] data, int chunk) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZstdCompressCtx zstd = new ZstdCompressCtx()) {
            for (int at = 0; at < data.length; at += chunk) {
                ByteBuffer from = ByteBuffer.allocateDirect(chunk);
                from.put(data, at, Math.min(chunk, data.length - at)).flip();
                ByteBuffer to = ByteBuffer.allocateDirect(1 << 15);
                while (!zstd.compressDirectByteBufferStream(to, from, EndDirective.FLUSH)) {
                    // until all is out
                }
                to.flip();
                out.writeBytes(write(1 << 16, b -> b.putInt(81)
                        .putShort((short) 0)
                        .putShort((short) (8 + to.remaining()))
                        .put(to)));
            }
        }
        return out.toByteArray();
    }

    private byte[] data(List<DamonEvent> events, boolean compress) {
        byte[] data = join(records(events));
        List<byte[]> parts = List.of(compress ? compressed(data, 999) : data, round());
        return join(parts);
    }

    byte[] file(List<DamonEvent> events, boolean compress) {
        byte[] data = data(events, compress);
        byte[] tracing = write(1 << 14, b -> tracing(b, "0.6"));
        byte[] attr = attr();
        int attrsAt = 104 + 8;
        int dataAt = attrsAt + attr.length + 16;
        return write(dataAt + data.length + 16 + tracing.length, b -> {
            b.putLong(0x32454c4946524550L).putLong(104).putLong(attr.length + 16);
            b.putLong(attrsAt).putLong(attr.length + 16);
            b.putLong(dataAt).putLong(data.length).putLong(0).putLong(0);
            b.putLong(1 << 1).putLong(0).putLong(0).putLong(0);
            b.putLong(22); // the event's id
            b.put(attr).putLong(104).putLong(8);
            b.put(data);
            b.putLong(dataAt + data.length + 16).putLong(tracing.length);
            b.put(tracing);
        });
    }

    byte[] pipe(List<DamonEvent> events, boolean compress) {
        byte[] data = data(events, compress);
        byte[] tracing = write(1 << 14, b -> tracing(b, "0.6"));
        byte[] attr = attr();
        int padded = (tracing.length + 7) / 8 * 8;
        return write(data.length + tracing.length + 1024, b -> {
            b.putLong(0x32454c4946524550L).putLong(16);
            b.putInt(64)
                    .putShort((short) 0)
                    .putShort((short) (8 + attr.length + 8))
                    .put(attr)
                    .putLong(22);
            b.putInt(66).putShort((short) 0).putShort((short) 12).putInt(padded).put(tracing);
            b.position(b.position() + padded - tracing.length);
            b.put(data);
        });
    }

    /** A trace.dat of version 6 with the events of each CPU in pages of its own. */
    byte[] traceDat6(List<List<DamonEvent>> cpus) {
        List<byte[]> pages = cpus.stream().map(this::pages).toList();
        byte[] head = write(1 << 14, b -> {
            tracing(b, "6");
            b.putInt(cpus.size());
            text(b, "options  ");
            b.putShort((short) 4).putInt(13);
            text(b, "local [mono]");
            b.putShort((short) 0);
            text(b, "flyrecord");
        });
        int at = (head.length + 16 * cpus.size() + 4095) / 4096 * 4096;
        int size = at + pages.stream().mapToInt(p -> p.length).sum();
        return write(size, b -> {
            b.put(head);
            long next = at;
            for (byte[] p : pages) {
                b.putLong(next).putLong(p.length);
                next += p.length;
            }
            b.position(at);
            pages.forEach(b::put);
        });
    }

    private byte[] pages(List<DamonEvent> events) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int each = 4080 / (12 + RAW_BYTES);
        for (int from = 0; from < events.size(); from += each) {
            List<DamonEvent> own = events.subList(from, Math.min(events.size(), from + each));
            out.writeBytes(write(4096, b -> {
                long timeNs = own.get(0).timeNs;
                b.putLong(timeNs).putLong(0);
                for (DamonEvent e : own) {
                    entry(b, 30, e.timeNs - timeNs); // a long delta
                    b.putInt((int) ((e.timeNs - timeNs) >>> 27));
                    entry(b, RAW_BYTES / 4, 0);
                    raw(b, e);
                    timeNs = e.timeNs;
                }
                b.putLong(8, b.position() - 16);
                b.position(4096);
            }));
        }
        return out.toByteArray();
    }

    private void entry(ByteBuffer b, int type, long delta) {
        int low = (int) (delta & ((1 << 27) - 1));
        b.putInt(order == ByteOrder.BIG_ENDIAN ? type << 27 | low : low << 5 | type);
    }
}
