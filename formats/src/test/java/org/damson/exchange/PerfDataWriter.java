package org.damson.exchange;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.zip.Deflater;
import org.damson.exchange.perf.PerfStacksWriter;

/**
 * Writes {@code perf.data}, {@code trace.dat} and damo's binary records of {@code damon_aggregated} events for tests, in either byte order, by their
 * documentation: recordings of big-endian machines are hard to come by.
 */
public final class PerfDataWriter {
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
        b.putLong(e.start).putLong(e.end).putInt((int) e.nrAccesses).putInt((int) e.age);
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

    /** One of the files that {@code perf record --threads} puts beside a {@link #file}. */
    byte[] part(List<DamonEvent> events, boolean compress) {
        byte[] data = join(records(events));
        return compress ? compressed(data, 999) : data;
    }

    /** What a processor traced: a record, and behind it the bytes that it tells the length of. */
    byte[] auxiliary(int bytes) {
        return write(48 + bytes, b -> {
            b.putInt(71)
                    .putShort((short) 0)
                    .putShort((short) 48)
                    .putLong(bytes)
                    .putLong(0)
                    .putLong(0);
            b.putInt(0).putInt(0).putInt(0).putInt(0);
            for (int i = 0; i < bytes; i++) {
                b.put((byte) (i * 7));
            }
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
        return traceDat6(cpus, "mono", 0, 0);
    }

    /** With another clock, a tick of which takes {@code multiplier} ns in 2^{@code shift}, unless that is 0. */
    byte[] traceDat6(List<List<DamonEvent>> cpus, String clock, int multiplier, int shift) {
        List<byte[]> pages = cpus.stream().map(this::pages).toList();
        byte[] head = write(1 << 14, b -> {
            tracing(b, "6");
            b.putInt(cpus.size());
            text(b, "options  ");
            b.putShort((short) 4).putInt(clock.length() + 9);
            text(b, "local [" + clock + "]");
            if (multiplier != 0) {
                option(b, 14, 16).putInt(multiplier).putInt(shift).putLong(12345);
            }
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

    /** The same in version 7: sections, found through options, packed with {@code compression}: none, zlib or zstd. */
    byte[] traceDat7(List<List<DamonEvent>> cpus, String compression) {
        byte[] tracing = write(1 << 14, b -> tracing(b, "7"));
        int magic = 3 + 7 + 2 + 1 + 1 + 4;
        byte[] head = Arrays.copyOf(tracing, magic);
        int formatsAt = new String(tracing, StandardCharsets.ISO_8859_1).indexOf("sched\0") - 4;
        int ftraceAt = formatsAt - 4 - 8 - "name: function\nID: 1\n".length();
        boolean packed = !compression.equals("none");
        byte[] first = section(16, Arrays.copyOfRange(tracing, magic, ftraceAt), compression);
        byte[] second = section(18, Arrays.copyOfRange(tracing, formatsAt, tracing.length - 16), compression);
        List<byte[]> pages = cpus.stream()
                .map(c -> packed ? chunks(pages(c), compression) : pages(c))
                .toList();
        int start = magic + compression.length() + 1 + 2 + 8;
        int buffer = start + first.length + second.length;
        int total = buffer + 16 + pages.stream().mapToInt(p -> p.length).sum();
        return write(total + 1024, b -> {
            b.put(head);
            text(b, compression);
            text(b, "1");
            b.putLong(total).put(first).put(second);
            b.putShort((short) 3).putShort((short) (packed ? 1 : 0)).putInt(0).putLong(total - buffer - 16);
            pages.forEach(b::put);
            b.putShort((short) 0).putShort((short) 0).putInt(0).putLong(70 + 20 * cpus.size());
            option(b, 16, 8).putLong(start);
            option(b, 18, 8).putLong(start + first.length);
            option(b, 3, 8 + 1 + 5 + 4 + 4 + 20 * cpus.size()).putLong(buffer);
            text(b, "");
            text(b, "mono");
            b.putInt(4096).putInt(cpus.size());
            long next = buffer + 16;
            for (int i = 0; i < cpus.size(); i++) {
                b.putInt(i).putLong(next).putLong(pages.get(i).length);
                next += pages.get(i).length;
            }
            option(b, 0, 8).putLong(0);
        });
    }

    private static ByteBuffer option(ByteBuffer b, int id, int size) {
        return b.putShort((short) id).putInt(size);
    }

    private byte[] section(int id, byte[] content, String compression) {
        byte[] body = compression.equals("none") ? content : packed(content, compression);
        return write(body.length + 16, b -> b.putShort((short) id)
                .putShort((short) (compression.equals("none") ? 0 : 1))
                .putInt(0)
                .putLong(body.length)
                .put(body));
    }

    private byte[] packed(byte[] content, String compression) {
        byte[] small;
        if (compression.equals("zstd")) {
            small = Zstd.compress(content);
        } else {
            Deflater deflater = new Deflater();
            deflater.setInput(content);
            deflater.finish();
            byte[] room = new byte[content.length + 100];
            int length = deflater.deflate(room);
            small = Arrays.copyOf(room, length);
            deflater.end();
        }
        return write(
                small.length + 8,
                b -> b.putInt(small.length).putInt(content.length).put(small));
    }

    /** One page a chunk. */
    private byte[] chunks(byte[] pages, String compression) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(write(4, b -> b.putInt(pages.length / 4096)));
        for (int at = 0; at < pages.length; at += 4096) {
            out.writeBytes(packed(Arrays.copyOfRange(pages, at, at + 4096), compression));
        }
        return out.toByteArray();
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

    private static DamonEvent event(int tid, long timeNs, int regions, long start, int accesses, int age) {
        DamonEvent e = new DamonEvent();
        e.kind = DamonEvent.Kind.AGGREGATED;
        e.tid = tid;
        e.timeNs = timeNs;
        e.target = tid % 3;
        e.regions = regions;
        e.start = start;
        e.end = start + 4096;
        e.nrAccesses = accesses;
        e.age = age;
        return e;
    }

    /** Snapshots of one kdamond, the last region of each so high that its sign bit is set. */
    static List<DamonEvent> events(int tid, int snapshots) {
        List<DamonEvent> events = new ArrayList<>();
        for (int s = 0; s < snapshots; s++) {
            for (int r = 0; r < 7; r++) {
                long start = r == 6 ? 0xffff_8000_0000_0000L : r * 8192L;
                events.add(event(tid, (s + 1) * 100_000_000L + r * 1000 + tid, 7, start, (s + r) % 21, s));
            }
        }
        return events;
    }

    static byte[] damoRecord(ByteOrder order, int version) {
        ByteBuffer b = ByteBuffer.allocate(1 << 16).order(order);
        if (version > 0) {
            b.put("damon_recfmt_ver".getBytes(StandardCharsets.US_ASCII)).putInt(version);
        }
        for (int s = 0; s < 5; s++) {
            b.putLong(7).putLong(100_000_000L * (s + 1)).putInt(2);
            for (int t = 0; t < 2; t++) {
                if (version == 1) {
                    b.putInt(t + 40);
                } else {
                    b.putLong(t + 40);
                }
                b.putInt(3 + t);
                for (int r = 0; r < 3 + t; r++) {
                    b.putLong(0x7f00_0000_0000L + r * 8192)
                            .putLong(0x7f00_0000_0000L + r * 8192 + 4096)
                            .putInt(s + r);
                }
            }
        }
        return Arrays.copyOf(b.array(), b.position());
    }

    private static byte[] stacks(ByteOrder order) {
        int user = PerfStacksWriter.USER;
        return new PerfStacksWriter(order)
                .mmap(0, PerfStacksWriter.KERNEL, -1, 1L << 63, 1 << 20, 1L << 63, "[kernel.kallsyms]_text")
                .mmap(0, user, 7, 0x40_0000, 0x4000, 0x1000, "/bin/seven")
                .mmap(0, user, 7, 0x7f00_0000, 0x1000, 0, "//anon")
                .sample(10, user, 7, -512, 0x40_0010, 0x7f00_0004, -128, (1L << 63) + 16)
                .mmap2(20, 7, 0x40_1000, 0x1000, 0x8000, "/lib/a.so")
                .fork(30, 7, 8)
                .exec(40, 8)
                .kernelSymbol(50, -4096L << 12, 64, "bpf_prog_x")
                .sample(60, user, 8, -512, 0x40_0010)
                .bytes();
    }

    /** Small files of every kind, to begin fuzzing with, by name. */
    public static Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new TreeMap<>();
        List<DamonEvent> events = events(71, 2);
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            String end = order == ByteOrder.BIG_ENDIAN ? "-big" : "";
            PerfDataWriter writer = new PerfDataWriter(order);
            seeds.put("seed-perf-data" + end, writer.file(events, false));
            seeds.put("seed-perf-data-zstd" + end, writer.file(events, true));
            seeds.put("seed-perf-pipe" + end, writer.pipe(events, false));
            seeds.put("seed-perf-pipe-zstd" + end, writer.pipe(events, true));
            seeds.put("seed-perf-stacks" + end, stacks(order));
            seeds.put("seed-trace-dat" + end, writer.traceDat6(List.of(events)));
            seeds.put("seed-trace-dat-7" + end, writer.traceDat7(List.of(events), "none"));
            seeds.put("seed-trace-dat-7-zlib" + end, writer.traceDat7(List.of(events), "zlib"));
            seeds.put("seed-damo-binary" + end, damoRecord(order, 2));
            seeds.put("seed-damo-headless" + end, damoRecord(order, 0));
        }
        return seeds;
    }
}
