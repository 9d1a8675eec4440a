package org.damson.exchange;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.model.TraceFormatException;
import org.damson.tracefs.EventFormat;

/** Decodes binary records of DAMON's events by the formats that the file they are in brings along. */
final class DamonRecords {
    private static final String SYSTEM = "damon";

    /** Longer than any kernel's; a file that claims more is damaged. */
    private static final int MAX_FORMAT_BYTES = 1 << 18;

    private record Layout(
            DamonEvent.Kind kind,
            int minLength,
            EventFormat.Field thread,
            EventFormat.Field target,
            EventFormat.Field regions,
            EventFormat.Field start,
            EventFormat.Field end,
            EventFormat.Field accesses,
            EventFormat.Field age,
            EventFormat.Field context,
            EventFormat.Field scheme,
            EventFormat.Field sample,
            EventFormat.Field hits,
            String name,
            List<EventFormat.Field> values) {}

    private static final Set<String> COMMON = Set.of(
            "common_type",
            "common_flags",
            "common_preempt_count",
            "common_pid",
            "context_idx",
            "ctx_idx",
            "scheme_idx");

    private final Map<Integer, Layout> layouts = new HashMap<>();

    boolean isEmpty() {
        return layouts.isEmpty();
    }

    /** Reads the formats of all systems of events, which perf and trace-cmd write alike, and keeps those of DAMON. */
    void readSystems(BinaryInput in) throws IOException {
        long systems = in.u32();
        for (long s = 0; s < systems; s++) {
            String system = in.text();
            long events = in.u32();
            for (long e = 0; e < events; e++) {
                long length = in.u64();
                if (!system.equals(SYSTEM)) {
                    in.skip(length);
                } else if (length < 0 || length > MAX_FORMAT_BYTES) {
                    throw in.bad("an event format of " + Long.toUnsignedString(length) + " bytes");
                } else {
                    add(EventFormat.parse(in.name(), in.text((int) length)), in);
                }
            }
        }
    }

    private void add(EventFormat f, BinaryInput in) throws TraceFormatException {
        DamonEvent.Kind kind = DamonEvent.Kind.of(f.name());
        boolean other = kind == DamonEvent.Kind.OTHER;
        boolean tuned = kind == DamonEvent.Kind.TUNED;
        boolean region = !tuned && !other;
        boolean before = kind == DamonEvent.Kind.BEFORE_APPLY;
        layouts.put(
                f.id(),
                new Layout(
                        kind,
                        f.minLength(),
                        need(f, true, "common_pid", in),
                        need(f, region, before ? "target_idx" : "target_id", in),
                        need(f, region, "nr_regions", in),
                        need(f, region, "start", in),
                        need(f, region, "end", in),
                        need(f, region, "nr_accesses", in),
                        f.find("age"), // not in the first kernels that had DAMON
                        f.find("context_idx", "ctx_idx"),
                        f.find("scheme_idx"),
                        need(f, tuned, "sample_us", in),
                        f.find("probe_hits"),
                        f.name(),
                        f.fields().stream()
                                .filter(v -> other && !COMMON.contains(v.name()))
                                .toList()));
    }

    private static EventFormat.Field need(EventFormat f, boolean needed, String field, BinaryInput in)
            throws TraceFormatException {
        EventFormat.Field found = f.find(field);
        if (needed && found == null) {
            throw in.bad("the format of " + f.name() + " has no field " + field);
        }
        return found;
    }

    /**
     * Decodes a record into {@code e}, all but its time.
     *
     * @return false if it is no event that a trace keeps
     * @throws IllegalArgumentException if it is one, but not a whole one
     */
    boolean decode(ByteBuffer from, int at, int length, DamonEvent e) {
        // common_type comes first in every format and has two bytes.
        Layout l = length < 2 ? null : layouts.get(from.getShort(at) & 0xffff);
        if (l == null) {
            return false;
        }
        if (length < l.minLength) {
            throw new IllegalArgumentException("a " + l.name + " of " + length + " bytes");
        }
        e.kind = l.kind;
        e.tid = (int) l.thread.read(from, at);
        if (l.kind == DamonEvent.Kind.TUNED) {
            e.sampleUs = l.sample.read(from, at);
            if (e.sampleUs <= 0) {
                throw new IllegalArgumentException("sample_us=" + Long.toUnsignedString(e.sampleUs));
            }
            return true;
        }
        e.context = l.context == null ? 0 : integer(l.context, from, at);
        e.scheme = l.scheme == null ? -1 : integer(l.scheme, from, at);
        if (l.kind == DamonEvent.Kind.OTHER) {
            e.name = l.name;
            e.values = l.values.stream()
                    .map(v -> new DamonEvent.Value(v.name(), v.read(from, at)))
                    .toList();
            return true;
        }
        e.target = l.target.read(from, at);
        e.regions = l.regions.read(from, at) & 0xffffffffL;
        e.start = l.start.read(from, at);
        e.end = l.end.read(from, at);
        e.nrAccesses = l.accesses.read(from, at) & 0xffffffffL;
        e.age = l.age == null ? -1 : l.age.read(from, at) & 0xffffffffL;
        e.scheme = Math.max(0, e.scheme);
        e.probeHits = DamonEvent.NO_HITS;
        if (l.hits != null) {
            probeHits(l.hits.read(from, at), from, at, length, e);
        }
        return true;
    }

    /** Bytes, one for each probe, that stand where the field says: their number above, their place below. */
    private static void probeHits(long place, ByteBuffer from, int at, int length, DamonEvent e) {
        int first = (int) (place & 0xffff);
        int count = (int) (place >>> 16 & 0xffff);
        if (first + count > length) {
            throw new IllegalArgumentException("probe_hits beyond the end of the event");
        }
        e.probeHits = 0;
        for (int i = 0; i < count; i++) {
            e.probeHits = DamonEvent.pack(e.probeHits, i, from.get(at + first + i) & 0xff);
        }
    }

    private static int integer(EventFormat.Field field, ByteBuffer from, int at) {
        long v = field.read(from, at);
        if (v < 0 || v > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(field.name() + "=" + Long.toUnsignedString(v));
        }
        return (int) v;
    }
}
