package org.damson.recorder.damon;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.damson.damon.EventFormat;

/**
 * DAMON's events of a test, and the recordings that tools make of them: trace_pipe text, perf.data, trace.dat, and the ring pages
 * of each processor, all written by the tools' and the kernel's documentation. Times are whole microseconds, as text has them.
 */
public final class EventScript {
    private static final Path FORMATS = Path.of("../testdata/tracefs-6.18/events");
    private static final String COMMON =
            """
            format:
            \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
            \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
            \tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
            \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

            """;

    /** As Linux 7.2 has it. */
    private static final String HITS = "name: damon_region_aggregated\nID: 2001\n" + COMMON
            + """
            \tfield:unsigned long target_id;\toffset:8;\tsize:8;\tsigned:0;
            \tfield:unsigned long start;\toffset:16;\tsize:8;\tsigned:0;
            \tfield:unsigned long end;\toffset:24;\tsize:8;\tsigned:0;
            \tfield:unsigned int nr_regions;\toffset:32;\tsize:4;\tsigned:0;
            \tfield:unsigned int nr_accesses;\toffset:36;\tsize:4;\tsigned:0;
            \tfield:unsigned int age;\toffset:40;\tsize:4;\tsigned:0;
            \tfield:__data_loc unsigned char[] probe_hits;\toffset:44;\tsize:4;\tsigned:0;
            """;

    /** As Linux 7.0 has it. */
    private static final String STATISTICS = "name: damos_stat_after_apply_interval\nID: 2002\n" + COMMON
            + """
            \tfield:unsigned int context_idx;\toffset:8;\tsize:4;\tsigned:0;
            \tfield:unsigned int scheme_idx;\toffset:12;\tsize:4;\tsigned:0;
            \tfield:unsigned long nr_tried;\toffset:16;\tsize:8;\tsigned:0;
            \tfield:unsigned long sz_tried;\toffset:24;\tsize:8;\tsigned:0;
            \tfield:unsigned long nr_applied;\toffset:32;\tsize:8;\tsigned:0;
            \tfield:unsigned long sz_applied;\toffset:40;\tsize:8;\tsigned:0;
            """;

    private static final String NEW = "name: damon_new_event\nID: 2003\n" + COMMON
            + "\tfield:unsigned long value;\toffset:8;\tsize:8;\tsigned:0;\n";

    /** One event; {@code body} is null where {@code lost} events are missing before the processor's next one. */
    private record Event(int cpu, long timeNs, int thread, String name, String arguments, byte[] body, long lost) {}

    private final List<Event> events = new ArrayList<>();
    private final List<String> formats = new ArrayList<>();

    EventScript() throws IOException {
        for (String name :
                List.of("damon_aggregated", "damos_before_apply", "damon_monitor_intervals_tune", "damos_esz")) {
            formats.add(Files.readString(FORMATS.resolve("damon").resolve(name).resolve("format")));
        }
        formats.addAll(List.of(HITS, STATISTICS, NEW));
    }

    private static EventFormat parse(String text) {
        try {
            return EventFormat.parse("format", text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    List<EventFormat> formats() {
        return formats.stream().map(EventScript::parse).toList();
    }

    private EventFormat format(String name) {
        return formats().stream().filter(f -> f.name().equals(name)).findFirst().orElseThrow();
    }

    /** A record of these numbers, by the fields' names. */
    private byte[] body(String name, int thread, Object... fields) {
        EventFormat format = format(name);
        ByteBuffer b = ByteBuffer.allocate((format.minLength() + 3) & ~3).order(ByteOrder.LITTLE_ENDIAN);
        b.putShort(0, (short) format.id()).putInt(4, thread);
        for (int i = 0; i < fields.length; i += 2) {
            EventFormat.Field field = format.find((String) fields[i]);
            long value = ((Number) fields[i + 1]).longValue();
            if (field.size() == 4) {
                b.putInt(field.offset(), (int) value);
            } else {
                b.putLong(field.offset(), value);
            }
        }
        return b.array();
    }

    private void add(int cpu, long timeUs, int thread, String name, String arguments, byte[] body) {
        events.add(new Event(cpu, timeUs * 1000, thread, name, arguments, body, 0));
    }

    private static String region(long start, long end, long accesses, long age) {
        return Long.toUnsignedString(start) + "-" + Long.toUnsignedString(end) + ": " + accesses + " " + age;
    }

    /** A damon_aggregated. */
    EventScript region(
            int cpu, long timeUs, int thread, long target, int of, long start, long end, long acc, long age) {
        String name = "damon_aggregated";
        add(
                cpu,
                timeUs,
                thread,
                name,
                "target_id=" + target + " nr_regions=" + of + " " + region(start, end, acc, age),
                regionBody(name, thread, target, of, start, end, acc, age));
        return this;
    }

    /** What damon_aggregated and damon_region_aggregated have in common, each at the offsets of its own format. */
    private byte[] regionBody(String name, int thread, long target, int of, long start, long end, long acc, long age) {
        return body(
                name,
                thread,
                "target_id",
                target,
                "nr_regions",
                of,
                "start",
                start,
                "end",
                end,
                "nr_accesses",
                acc,
                "age",
                age);
    }

    /** A damon_region_aggregated. */
    EventScript hits(
            int cpu,
            long timeUs,
            int thread,
            long target,
            int of,
            long start,
            long end,
            long acc,
            long age,
            int... hits) {
        String name = "damon_region_aggregated";
        ByteBuffer b = ByteBuffer.allocate(48 + ((hits.length + 3) & ~3)).order(ByteOrder.LITTLE_ENDIAN);
        b.put(regionBody(name, thread, target, of, start, end, acc, age));
        b.putInt(format(name).find("probe_hits").offset(), hits.length << 16 | 48);
        StringBuilder hex = new StringBuilder();
        for (int h : hits) {
            b.put((byte) h);
            hex.append(hex.isEmpty() ? "" : " ").append("%02x".formatted(h));
        }
        add(
                cpu,
                timeUs,
                thread,
                name,
                "target_id=" + target + " nr_regions=" + of + " " + region(start, end, acc, age) + " probe_hits=" + hex,
                b.array());
        return this;
    }

    EventScript beforeApply(
            int cpu, long timeUs, int thread, int context, int scheme, long target, long start, long end, int acc) {
        String name = "damos_before_apply";
        add(
                cpu,
                timeUs,
                thread,
                name,
                "ctx_idx=" + context + " scheme_idx=" + scheme + " target_idx=" + target + " nr_regions=3 "
                        + region(start, end, acc, 2),
                body(
                        name,
                        thread,
                        "context_idx",
                        context,
                        "scheme_idx",
                        scheme,
                        "target_idx",
                        target,
                        "start",
                        start,
                        "end",
                        end,
                        "nr_accesses",
                        acc,
                        "age",
                        2,
                        "nr_regions",
                        3));
        return this;
    }

    EventScript tuned(int cpu, long timeUs, int thread, long sampleUs) {
        String name = "damon_monitor_intervals_tune";
        add(cpu, timeUs, thread, name, "sample_us=" + sampleUs, body(name, thread, "sample_us", sampleUs));
        return this;
    }

    /** Numbers of a scheme, printed as Linux 7.0 does. */
    EventScript statistics(int cpu, long timeUs, int thread, int scheme, long tried, long applied) {
        String name = "damos_stat_after_apply_interval";
        add(
                cpu,
                timeUs,
                thread,
                name,
                "ctx_idx=0 scheme_idx=%d nr_tried=4 sz_tried=%d nr_applied=3 sz_tried=%d"
                        .formatted(scheme, tried, applied),
                body(
                        name,
                        thread,
                        "scheme_idx",
                        scheme,
                        "nr_tried",
                        4,
                        "sz_tried",
                        tried,
                        "nr_applied",
                        3,
                        "sz_applied",
                        applied));
        String quota = "damos_esz";
        add(
                cpu,
                timeUs,
                thread,
                quota,
                "ctx_idx=0 scheme_idx=" + scheme + " esz=77",
                body(quota, thread, "scheme_idx", scheme, "esz", 77));
        return this;
    }

    EventScript unknown(int cpu, long timeUs, int thread) {
        add(cpu, timeUs, thread, "damon_new_event", "value=5", body("damon_new_event", thread, "value", 5));
        return this;
    }

    /** Events of a processor are missing before its next one. */
    EventScript lost(int cpu, long count) {
        events.add(new Event(cpu, 0, 0, "", "", null, count));
        return this;
    }

    /** Events of DAMON's overwritten on a processor. */
    public long overrun(int cpu) {
        return events.stream().filter(e -> e.cpu == cpu).mapToLong(Event::lost).sum();
    }

    /** In the order of time, those of one time by their processors, then as they were added. */
    private List<Event> inTime() {
        List<Event> sorted = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            Event e = events.get(i);
            int next = i;
            while (e.body == null && (events.get(next).body == null || events.get(next).cpu != e.cpu)) {
                next++;
            }
            // A loss is noticed with the next event of its processor.
            sorted.add(new Event(
                    e.cpu, events.get(next).timeNs, events.get(next).thread, e.name, e.arguments, e.body, e.lost));
        }
        sorted.sort(Comparator.comparingLong(Event::timeNs).thenComparingInt(Event::cpu));
        return sorted;
    }

    byte[] text() {
        StringBuilder b = new StringBuilder("# tracer: nop\n");
        for (Event e : inTime()) {
            if (e.body == null) {
                b.append("CPU:%d [LOST %d EVENTS]\n".formatted(e.cpu, e.lost));
            } else {
                long us = e.timeNs / 1000;
                b.append("       kdamond.0-%-7d [%03d] .....  %d.%06d: %s: %s\n"
                        .formatted(e.thread, e.cpu, us / 1_000_000, us % 1_000_000, e.name, e.arguments));
            }
        }
        return b.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] write(int capacity, Consumer<ByteBuffer> content) {
        ByteBuffer b = ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
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

    public static String headerPage() throws IOException {
        return Files.readString(FORMATS.resolve("header_page"));
    }

    /** What perf's and trace-cmd's files say of the events in them. */
    private byte[] tracing(String version) throws IOException {
        String page = headerPage();
        return write(1 << 16, b -> {
            b.put(new byte[] {0x17, 0x08, 0x44}).put("tracing".getBytes(StandardCharsets.US_ASCII));
            text(b, version);
            b.put((byte) 0).put((byte) 8).putInt(4096);
            text(b, "header_page");
            sized(b, page);
            text(b, "header_event");
            sized(b, "# compressed entry header\n");
            b.putInt(0).putInt(1);
            text(b, "damon");
            b.putInt(formats.size());
            formats.forEach(f -> sized(b, f));
            b.putInt(0).putInt(0).putLong(0); // symbols, printk formats, names
        });
    }

    /** Samples of TID, TIME, CPU and RAW, and records of losses, of each processor's buffer one after the other. */
    byte[] perfData(int cpus) throws IOException {
        int type = 1 << 1 | 1 << 2 | 1 << 7 | 1 << 10;
        byte[] attr = write(136, b -> {
            b.putInt(2).putInt(136).putLong(2001).putLong(1).putLong(type).putLong(0);
            b.putLong(1L << 18).position(136); // sample_id_all
        });
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (int cpu = 0; cpu < cpus; cpu++) {
            for (Event e : inTime()) {
                if (e.cpu == cpu) {
                    data.writeBytes(e.body == null ? perfLost(e) : perfSample(e));
                }
            }
        }
        data.writeBytes(write(8, b -> b.putInt(68).putShort((short) 0).putShort((short) 8)));
        byte[] tracing = tracing("0.6");
        int dataAt = 104 + attr.length + 16;
        return write(dataAt + data.size() + 16 + tracing.length, b -> {
            b.putLong(0x32454c4946524550L).putLong(104).putLong(attr.length + 16);
            b.putLong(104).putLong(attr.length + 16);
            b.putLong(dataAt).putLong(data.size()).putLong(0).putLong(0);
            b.putLong(1 << 1).putLong(0).putLong(0).putLong(0);
            b.put(attr).putLong(104).putLong(0);
            b.put(data.toByteArray());
            b.putLong(dataAt + data.size() + 16).putLong(tracing.length);
            b.put(tracing);
        });
    }

    private static byte[] perfSample(Event e) {
        return write(512, b -> {
            b.putInt(9).putShort((short) 1).putShort((short) 0);
            b.putInt(e.thread).putInt(e.thread).putLong(e.timeNs).putInt(e.cpu).putInt(0);
            b.putInt(e.body.length).put(e.body);
            while (b.position() % 8 != 0) {
                b.put((byte) 0);
            }
            b.putShort(6, (short) b.position());
        });
    }

    private static byte[] perfLost(Event e) {
        return write(64, b -> {
            b.putInt(2).putShort((short) 0).putShort((short) 48).putLong(1).putLong(e.lost);
            b.putInt(e.thread).putInt(e.thread).putLong(e.timeNs).putInt(e.cpu).putInt(0);
        });
    }

    /** Ring pages of a processor; a page begins where events are missing, and after {@code most} events. */
    public byte[] pages(int cpu, int most) {
        ByteArrayOutputStream pages = new ByteArrayOutputStream();
        List<Event> page = new ArrayList<>();
        long lost = 0;
        for (Event e : inTime()) {
            if (e.cpu == cpu && (e.body == null || page.size() == most)) {
                pages.writeBytes(page(page, lost));
                page.clear();
                lost = 0;
            }
            if (e.cpu == cpu && e.body == null) {
                lost = e.lost;
            } else if (e.cpu == cpu) {
                page.add(e);
            }
        }
        pages.writeBytes(page(page, lost));
        return pages.toByteArray();
    }

    private static byte[] page(List<Event> events, long lost) {
        if (events.isEmpty()) {
            return new byte[0];
        }
        return write(4096, b -> {
            long timeNs = events.get(0).timeNs;
            b.putLong(timeNs).putLong(0);
            for (Event e : events) {
                long delta = e.timeNs - timeNs;
                if (delta >= 1 << 27) {
                    b.putInt((int) (delta & (1 << 27) - 1) << 5 | 30).putInt((int) (delta >>> 27));
                    delta = 0;
                }
                b.putInt((int) delta << 5 | e.body.length / 4).put(e.body);
                timeNs = e.timeNs;
            }
            int end = b.position();
            b.putLong(8, end - 16 | (lost > 0 ? 3L << 30 : 0));
            if (lost > 0) {
                b.putLong(lost);
            }
            b.position(4096);
        });
    }

    /** trace-cmd's file, version 6. */
    byte[] traceDat(int cpus, int most) throws IOException {
        byte[] tracing = tracing("6");
        byte[] head = write(1 << 17, b -> {
            b.put(tracing).putInt(cpus);
            text(b, "options  ");
            b.putShort((short) 4).putInt("local [mono]".length() + 1);
            text(b, "local [mono]");
            b.putShort((short) 0);
            text(b, "flyrecord");
        });
        int at = (head.length + 16 * cpus + 4095) / 4096 * 4096;
        ByteArrayOutputStream pages = new ByteArrayOutputStream();
        byte[] start = write(at, b -> {
            b.put(head);
            for (int cpu = 0; cpu < cpus; cpu++) {
                byte[] own = pages(cpu, most);
                b.putLong(at + pages.size()).putLong(own.length);
                pages.writeBytes(own);
            }
            b.position(at);
        });
        return write(at + pages.size(), b -> b.put(start).put(pages.toByteArray()));
    }
}
