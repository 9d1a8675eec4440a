package org.damson.damon;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.damson.model.Snapshot;
import org.damson.model.TraceFormatException;

/**
 * Decodes binary records of DAMON's events by their formats, from wherever they are read, into {@link EventColumns}. Allocates
 * nothing for a record that is whole.
 *
 * <p>A record of which only the event's name is known makes no row; it is counted by that name.
 */
public final class EventDecoder {
    /** Outcome of decoding a record. */
    public enum Result {
        /** It was decoded into one row; the statistics of a scheme into several. */
        TAKEN,
        /** The decoder has no format of its event. */
        FOREIGN,
        /** An event of DAMON that is known by name only; it is counted. */
        UNKNOWN,
        /** The record is malformed; {@link #wrong} has the reason. */
        MALFORMED
    }

    private static final int MAX_ID = 0xffff;
    private static final Set<String> NO_NUMBERS =
            Set.of("common_type", "common_flags", "common_preempt_count", "common_pid");

    /** How one event is read. */
    private static final class Layout {
        final String name;
        final byte kind;
        final int minLength;
        final EventFormat.Field thread;
        EventFormat.Field target;
        EventFormat.Field start;
        EventFormat.Field end;
        EventFormat.Field regions;
        EventFormat.Field accesses;
        EventFormat.Field age;
        EventFormat.Field context;
        EventFormat.Field scheme;
        ProbeHits hits;
        EventFormat.Field[] values = {};
        /** What {@code values} are called in a trace. */
        String[] names = {};

        long unknown;
        long hitsUnkept;

        Layout(EventFormat f, byte kind) throws TraceFormatException {
            name = f.name();
            this.kind = kind;
            minLength = f.minLength();
            thread = need(f, "common_pid");
        }
    }

    private Layout[] byId = {};
    private String wrong = "";
    private long malformed;
    private long foreign;

    /** A decoder of these events. */
    public static EventDecoder of(List<EventFormat> formats) throws TraceFormatException {
        EventDecoder decoder = new EventDecoder();
        for (EventFormat format : formats) {
            decoder.add(format);
        }
        return decoder;
    }

    /**
     * Adds the format of an event.
     *
     * @throws TraceFormatException if a field is missing without which it says nothing; it names the event and the field
     */
    public void add(EventFormat f) throws TraceFormatException {
        if (f.id() > MAX_ID) {
            throw new TraceFormatException("format of " + f.name(), "", "an event has no ID " + f.id());
        }
        if (f.id() >= byId.length) {
            byId = Arrays.copyOf(byId, f.id() + 1);
        }
        byId[f.id()] = layout(f);
    }

    private static Layout layout(EventFormat f) throws TraceFormatException {
        Layout l = new Layout(f, DamonEvents.kind(f.name()));
        l.context = number(f, "context_idx", "ctx_idx");
        l.scheme = number(f, "scheme_idx");
        switch (l.kind) {
            case EventColumns.REGION, EventColumns.REGION_WITH_HITS -> {
                l.target = need(f, "target_id");
                region(f, l);
            }
            case EventColumns.BEFORE_APPLY -> {
                l.target = need(f, "target_idx");
                region(f, l);
            }
            case EventColumns.TUNED -> l.target = need(f, "sample_us");
            case EventColumns.STATISTIC -> {
                l.values = f.fields().stream()
                        .filter(v -> v.isNumber() && !NO_NUMBERS.contains(v.name()))
                        .filter(v -> !v.equals(l.context) && !v.equals(l.scheme))
                        .toArray(EventFormat.Field[]::new);
                l.names = Arrays.stream(l.values)
                        .map(v -> DamonEvents.statistic(f.name(), v.name(), false))
                        .toArray(String[]::new);
            }
            default -> {}
        }
        return l;
    }

    private static void region(EventFormat f, Layout l) throws TraceFormatException {
        l.regions = need(f, "nr_regions");
        l.start = need(f, "start");
        l.end = need(f, "end");
        l.accesses = need(f, "nr_accesses");
        l.age = number(f, "age"); // not in the first kernels that had DAMON
        l.hits = ProbeHits.of(f);
    }

    private static EventFormat.Field number(EventFormat f, String... names) {
        EventFormat.Field found = f.find(names);
        return found == null || !found.isNumber() ? null : found;
    }

    private static EventFormat.Field need(EventFormat f, String field) throws TraceFormatException {
        EventFormat.Field found = number(f, field);
        if (found == null) {
            throw new TraceFormatException(
                    "format of " + f.name(), "", "the event has no integer field " + field + ", which damson needs");
        }
        return found;
    }

    public boolean isEmpty() {
        return byId.length == 0;
    }

    /** Whether the kernel has an event by which it may report the hits of probes. */
    public boolean hasProbeHits() {
        return Arrays.stream(byId).anyMatch(l -> l != null && l.kind == EventColumns.REGION_WITH_HITS);
    }

    /** Decodes the record of {@code length} bytes at {@code offset} of {@code page}. */
    public Result decode(long timeNs, ByteBuffer page, int offset, int length, EventColumns rows) {
        // common_type comes first in every format and has two bytes.
        int id = length < 2 ? -1 : page.getShort(offset) & 0xffff;
        Layout l = id >= 0 && id < byId.length ? byId[id] : null;
        if (l == null) {
            foreign++;
            return Result.FOREIGN;
        }
        if (l.kind == 0) {
            l.unknown++;
            return Result.UNKNOWN;
        }
        if (length < l.minLength) {
            return malformed("a " + l.name + " of " + length + " bytes");
        }
        int thread = (int) l.thread.read(page, offset);
        long context = l.context == null ? 0 : l.context.read(page, offset);
        long scheme = l.scheme == null ? -1 : l.scheme.read(page, offset);
        if (context != (int) context || context < 0 || scheme != (int) scheme) {
            return malformed(l.name + " of context " + context + ", scheme " + scheme);
        }
        if (l.kind == EventColumns.STATISTIC) {
            for (int v = 0; v < l.values.length; v++) {
                int row = rows.add(l.kind, timeNs, thread);
                rows.context[row] = (int) context;
                rows.scheme[row] = (int) scheme;
                rows.name[row] = l.names[v];
                rows.target[row] = l.values[v].read(page, offset);
            }
            return Result.TAKEN;
        }
        if (l.hits != null && !l.hits.isWithin(page, offset, length)) {
            return malformed("probe_hits beyond the end of a " + l.name);
        }
        int row = rows.add();
        rows.kind[row] = l.kind;
        rows.timeNs[row] = timeNs;
        rows.thread[row] = thread;
        rows.context[row] = (int) context;
        rows.scheme[row] = (int) scheme;
        rows.target[row] = l.target.read(page, offset);
        if (l.kind != EventColumns.TUNED) {
            region(l, page, offset, rows, row);
        }
        return Result.TAKEN;
    }

    private static void region(Layout l, ByteBuffer page, int offset, EventColumns rows, int row) {
        rows.regions[row] = l.regions.read(page, offset);
        rows.start[row] = l.start.read(page, offset);
        rows.end[row] = l.end.read(page, offset);
        rows.accesses[row] = l.accesses.read(page, offset) & 0xffffffffL;
        rows.age[row] = l.age == null ? -1 : l.age.read(page, offset) & 0xffffffffL;
        rows.probeHits[row] = Snapshot.NO_HITS;
        if (l.hits != null) {
            rows.probeHits[row] = l.hits.read(page, offset);
            l.hitsUnkept += rows.probeHits[row] == Snapshot.NO_HITS && l.hits.isTooMuch(page, offset) ? 1 : 0;
        } else if (l.kind == EventColumns.REGION_WITH_HITS) {
            l.hitsUnkept++;
        }
    }

    private Result malformed(String why) {
        malformed++;
        wrong = why;
        return Result.MALFORMED;
    }

    /** Why the last malformed record was refused. */
    public String wrong() {
        return wrong;
    }

    /** Number of malformed records. */
    public long malformed() {
        return malformed;
    }

    /** Number of records of unknown events. */
    public long foreign() {
        return foreign;
    }

    /** What was not kept, by event name, including probe hits of an unknown form or beyond what a trace can hold. */
    public Kinds unkept() {
        Kinds kinds = new Kinds();
        for (Layout l : byId) {
            if (l != null && l.unknown > 0) {
                kinds.add(l.name, l.unknown);
            }
            if (l != null && l.hitsUnkept > 0) {
                kinds.add(l.name + ".probe_hits", l.hitsUnkept);
            }
        }
        return kinds;
    }
}
