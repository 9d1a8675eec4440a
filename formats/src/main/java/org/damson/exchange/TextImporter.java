package org.damson.exchange;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSink;

/**
 * Reads {@code trace_pipe}, {@code perf script} and {@code trace-cmd report} text as a stream.
 *
 * <p>A snapshot is the burst of {@code damon_aggregated} lines of one kdamond (told by thread id: names repeat) and
 * target. Its size is the {@code nr_regions} that every line repeats. When lines are missing, a burst ends where another
 * must have begun: {@code nr_regions} changes or addresses go back. What is missing is counted, never filled.
 */
final class TextImporter {
    private static final Pattern LOST = Pattern.compile("LOST (\\d+) EVENTS");
    private static final int MAX_REGIONS = 1 << 22;

    private record Key(int tid, long target) {}

    /** The burst of one kdamond and target that is being read. */
    private static final class Stream {
        final Snapshot snapshot = new Snapshot();
        final Snapshot first = new Snapshot();
        boolean firstHeld;
        boolean open;
        long expected;
        long previousEndNs;
        boolean seen;
    }

    private final String name;
    private final SinkFactory factory;
    private final Manifest manifest = new Manifest();
    private final MonitoringAttrs attrs;
    private final Map<Key, Stream> streams = new LinkedHashMap<>();
    private final Map<Integer, Integer> kdamonds = new HashMap<>();
    private final Map<Integer, Long> tunedSampleUs = new HashMap<>();
    private final Batch schemes = new Batch(Table.SCHEMES);
    private final Batch tuning = new Batch(Table.TUNING);
    private final Batch losses = new Batch(Table.LOSSES);
    private final TextEvent event = new TextEvent();
    private TraceSink sink;
    private long snapshots;
    private long regions;
    private long lost;
    private long malformed;
    private String firstMalformed = "";
    private long lastNs;

    TextImporter(String name, ImportOptions options, SinkFactory factory) {
        this.name = name;
        this.factory = factory;
        attrs = options.intervals() == null ? MonitoringAttrs.DEFAULTS : options.intervals();
        manifest.attrs = attrs;
        manifest.source = "import:text";
        manifest.clock = Manifest.ClockKind.PERF;
    }

    ImportReport read(InputStream in) throws IOException {
        try {
            LineReader lines = new LineReader(name, in);
            for (String line = lines.next(); line != null; line = lines.next()) {
                line(line, lines.number());
            }
            finish();
        } catch (IOException | RuntimeException e) {
            if (sink != null) {
                sink.abort();
            }
            throw e;
        }
        return report();
    }

    private void line(String line, long number) throws IOException {
        Matcher gap = line.indexOf("LOST") >= 0 ? LOST.matcher(line) : null;
        if (gap != null && gap.find()) {
            long count = Long.parseLong(gap.group(1));
            lose(lastNs, lastNs, "tracer", count, "events overwritten in the trace buffer");
            return;
        }
        try {
            if (!event.parse(line)) {
                return;
            }
            lastNs = event.timeNs;
            switch (event.event) {
                case "damon_aggregated" -> aggregated();
                case "damos_before_apply" -> beforeApply();
                case "damon_monitor_intervals_tune" -> tuned();
                default -> {}
            }
        } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
            malformed++;
            if (firstMalformed.isEmpty()) {
                firstMalformed = "line " + number + ": " + e.getMessage();
            }
        }
    }

    private void aggregated() throws IOException {
        if (!event.hasRegion) {
            throw new IllegalArgumentException("no region");
        }
        long target = event.number("target_id");
        long count = event.number("nr_regions");
        if (count < 1 || count > MAX_REGIONS) {
            throw new IllegalArgumentException("nr_regions=" + count);
        }
        open();
        Stream stream = streams.computeIfAbsent(new Key(event.tid, target), k -> new Stream());
        Snapshot s = stream.snapshot;
        if (stream.open && startsAnother(stream, count)) {
            complete(stream);
        }
        if (!stream.open) {
            begin(stream, target, count);
        }
        s.add(event.start, event.end, event.nrAccesses, event.age);
        if (event.age >= 0) {
            s.columns = Snapshot.HAS_AGE;
        }
        if (s.regions == stream.expected) {
            complete(stream);
        }
    }

    private boolean startsAnother(Stream stream, long count) {
        Snapshot s = stream.snapshot;
        return count != stream.expected || Long.compareUnsigned(event.start, s.end[s.regions - 1]) < 0;
    }

    private void begin(Stream stream, long target, long count) {
        Snapshot s = stream.snapshot;
        s.clear();
        s.kdamond = kdamonds.computeIfAbsent(event.tid, t -> kdamonds.size());
        s.target = target;
        s.endNs = event.timeNs;
        s.startNs = stream.previousEndNs;
        s.sampleUs = tunedSampleUs.getOrDefault(event.tid, attrs.sampleUs());
        s.aggrUs = attrs.sampleUs() == 0 ? attrs.aggrUs() : s.sampleUs * (attrs.aggrUs() / attrs.sampleUs());
        stream.expected = count;
        stream.open = true;
    }

    /** Ends a burst. The first one of a stream waits for the second, whose length is the best guess for its own. */
    private void complete(Stream stream) throws IOException {
        Snapshot s = stream.snapshot;
        stream.open = false;
        s.lost = stream.expected - s.regions;
        if (!stream.seen) {
            stream.seen = true;
            stream.first.copyFrom(s);
            stream.firstHeld = true;
        } else {
            releaseFirst(stream, s.endNs - stream.previousEndNs);
            emit(s);
        }
        stream.previousEndNs = s.endNs;
    }

    private void releaseFirst(Stream stream, long durationNs) throws IOException {
        if (stream.firstHeld) {
            stream.firstHeld = false;
            stream.first.startNs = stream.first.endNs - Math.max(0, durationNs);
            emit(stream.first);
        }
    }

    private void emit(Snapshot s) throws IOException {
        if (s.lost > 0) {
            lose(s.startNs, s.endNs, "damon_aggregated", s.lost, "regions missing from a snapshot");
        }
        sink.append(s);
        snapshots++;
        regions += s.regions;
    }

    private void beforeApply() throws IOException {
        open();
        int kdamond = kdamonds.computeIfAbsent(event.tid, t -> kdamonds.size());
        schemes.add(
                event.timeNs,
                kdamond,
                event.number("ctx_idx"),
                event.number("scheme_idx"),
                event.number("target_idx"),
                event.start,
                event.end,
                event.nrAccesses,
                event.age,
                event.number("nr_regions"));
        drain(schemes, 1 << 12);
    }

    private void tuned() throws IOException {
        open();
        long sampleUs = event.number("sample_us");
        tunedSampleUs.put(event.tid, sampleUs);
        int kdamond = kdamonds.computeIfAbsent(event.tid, t -> kdamonds.size());
        long ratio = attrs.sampleUs() == 0 ? 1 : attrs.aggrUs() / attrs.sampleUs();
        tuning.add(event.timeNs, kdamond, sampleUs, Math.multiplyExact(sampleUs, ratio));
        drain(tuning, 1 << 12);
    }

    private void lose(long fromNs, long toNs, String source, long count, String cause) {
        lost += count;
        losses.add(fromNs, toNs, source, count, cause);
    }

    private void drain(Batch batch, int atLeast) throws IOException {
        if (batch.rows() >= atLeast) {
            sink.append(batch);
            batch.clear();
        }
    }

    private void open() throws IOException {
        if (sink == null) {
            sink = factory.open(manifest);
        }
    }

    private void finish() throws IOException {
        if (sink == null) {
            throw new TraceFormatException(
                    name,
                    malformed > 0 ? firstMalformed : "",
                    "no whole DAMON event in it; expected trace_pipe, perf script or trace-cmd report text, or damo's JSON");
        }
        for (Stream stream : streams.values()) {
            if (stream.open) {
                complete(stream);
            }
            releaseFirst(stream, attrs.aggrUs() * 1000);
        }
        if (malformed > 0) {
            lose(lastNs, lastNs, "text", malformed, "malformed event lines");
        }
        drain(schemes, 1);
        drain(tuning, 1);
        drain(losses, 1);
        sink.close();
    }

    private ImportReport report() {
        List<String> notes = new ArrayList<>();
        if (manifest.attrs.origin() == MonitoringAttrs.IntervalsOrigin.ASSUMED) {
            notes.add("the recording does not say its monitoring intervals; DAMON's defaults are assumed"
                    + " (5 ms, 100 ms, 1 s); give --intervals SAMPLE,AGGR,UPDATE if they were others");
        }
        if (malformed > 0) {
            notes.add(malformed + " event lines could not be read, the first: " + firstMalformed);
        }
        if (lost > 0) {
            notes.add(lost + " events or regions are missing; the losses table says where");
        }
        return new ImportReport("text", snapshots, regions, lost, notes);
    }
}
