package org.damson.recorder.damon;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.tracefs.EventFormat;

/**
 * Decodes {@code damon:*} records by their formats.
 *
 * <p>Regions, scheme applications and tuning become rows of {@link Events}; every other event of the group becomes rows
 * of {@link Table#SCHEME_STATS}, one per field, so that events of newer kernels are kept without knowing them. Of
 * {@code damon_region_aggregated}, which repeats regions with the hits of probes, nothing is kept.
 */
final class DamonEvents {
    private static final List<String> COMMON =
            List.of("common_type", "common_flags", "common_preempt_count", "common_pid");

    /** How one event is read. */
    private static final class Decoder {
        byte kind;
        String name;
        int minLength;
        EventFormat.Field thread;
        EventFormat.Field target;
        EventFormat.Field start;
        EventFormat.Field end;
        EventFormat.Field regions;
        EventFormat.Field accesses;
        EventFormat.Field age;
        EventFormat.Field context;
        EventFormat.Field scheme;
        List<EventFormat.Field> values = List.of();
    }

    private final Decoder[] byId;
    private final EventFormat.Field type;
    private long unknown;
    private long malformed;

    private DamonEvents(Decoder[] byId, EventFormat.Field type) {
        this.byId = byId;
        this.type = type;
    }

    /**
     * A decoder of these events.
     *
     * @throws TraceFormatException if an event damson needs has lost a field it needs
     */
    static DamonEvents of(List<EventFormat> formats) throws TraceFormatException {
        int max = -1;
        for (EventFormat f : formats) {
            max = Math.max(max, f.id());
        }
        Decoder[] byId = new Decoder[max + 1];
        EventFormat.Field type = null;
        for (EventFormat f : formats) {
            byId[f.id()] = decoder(f);
            type = need(f, "common_type");
        }
        return new DamonEvents(byId, type);
    }

    private static Decoder decoder(EventFormat f) throws TraceFormatException {
        Decoder d = new Decoder();
        d.name = f.name();
        d.thread = need(f, "common_pid");
        d.context = f.find("context_idx", "ctx_idx");
        d.scheme = f.find("scheme_idx");
        switch (f.name()) {
            case "damon_aggregated" -> {
                d.kind = Events.AGGREGATED;
                d.target = need(f, "target_id");
                d.regions = need(f, "nr_regions");
                region(f, d);
            }
            case "damos_before_apply" -> {
                d.kind = Events.BEFORE_APPLY;
                d.target = need(f, "target_idx");
                d.regions = need(f, "nr_regions");
                region(f, d);
            }
            case "damon_monitor_intervals_tune" -> {
                d.kind = Events.TUNED;
                d.target = need(f, "sample_us");
            }
            // Kernels with probes report each region twice; the numbers would be seven rows a region.
            case "damon_region_aggregated" -> {}
            default -> {
                List<EventFormat.Field> values = new ArrayList<>(f.fields());
                values.removeIf(v -> COMMON.contains(v.name()) || v.equals(d.context) || v.equals(d.scheme));
                d.values = List.copyOf(values);
            }
        }
        d.minLength = f.minLength();
        return d;
    }

    private static void region(EventFormat f, Decoder d) throws TraceFormatException {
        d.start = need(f, "start");
        d.end = need(f, "end");
        d.accesses = need(f, "nr_accesses");
        d.age = f.find("age"); // not in the first kernels that had DAMON
    }

    private static EventFormat.Field need(EventFormat f, String field) throws TraceFormatException {
        EventFormat.Field found = f.find(field);
        if (found == null) {
            throw new TraceFormatException(
                    "format of " + f.name(), "", "this kernel's event has no field " + field + ", which damson needs");
        }
        return found;
    }

    /** Decodes a record into {@code rows}, or into {@code stats} if it is of an event that is kept as numbers. */
    void decode(long timeNs, ByteBuffer page, int offset, int length, Events rows, Batch stats) {
        if (length < type.end()) {
            malformed++;
            return;
        }
        int id = (int) type.read(page, offset);
        Decoder d = id >= 0 && id < byId.length ? byId[id] : null;
        if (d == null) {
            unknown++;
            return;
        }
        if (length < d.minLength) {
            malformed++;
            return;
        }
        if (d.kind == 0) {
            for (EventFormat.Field f : d.values) {
                stats.add(
                        timeNs,
                        d.thread.read(page, offset),
                        d.context == null ? 0 : d.context.read(page, offset),
                        d.scheme == null ? -1 : d.scheme.read(page, offset),
                        d.name + "." + f.name(),
                        f.read(page, offset));
            }
            return;
        }
        int row = rows.add();
        rows.timeNs[row] = timeNs;
        rows.kind[row] = d.kind;
        rows.thread[row] = (int) d.thread.read(page, offset);
        rows.target[row] = d.target.read(page, offset);
        if (d.kind == Events.TUNED) {
            return;
        }
        rows.start[row] = d.start.read(page, offset);
        rows.end[row] = d.end.read(page, offset);
        rows.regions[row] = (int) d.regions.read(page, offset);
        rows.accesses[row] = (int) d.accesses.read(page, offset);
        rows.age[row] = d.age == null ? -1 : (int) d.age.read(page, offset);
        rows.context[row] = d.context == null ? 0 : (int) d.context.read(page, offset);
        rows.scheme[row] = d.scheme == null ? -1 : (int) d.scheme.read(page, offset);
    }

    /** Records of events that nobody asked for. */
    long unknown() {
        return unknown;
    }

    /** Records shorter than their format says. */
    long malformed() {
        return malformed;
    }
}
