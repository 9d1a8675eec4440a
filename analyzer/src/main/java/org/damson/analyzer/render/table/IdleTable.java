package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.damson.analyzer.objects.IdleResult;
import org.damson.analyzer.objects.IdleResult.Coldness;
import org.damson.analyzer.objects.IdleResult.Target;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.model.Units;
import org.damson.model.summary.IdlePoint;

/** For how long memory has not been accessed, and its bandwidth. */
public final class IdleTable {
    /** A target and one of several things about it. */
    private record Of<T>(Target target, T one) {
        String label() {
            return target.key().label();
        }
    }

    private static final Columns<Of<Integer>> PERCENTILES = new Columns<Of<Integer>>()
            .add("target", "target", Unit.TEXT, Of::label)
            .add("percent_of_bytes", "of bytes", Unit.PERCENT, of -> (double) IdleResult.PERCENTS.get(of.one))
            .add("idle_ns", "whole trace", Unit.NS, of -> of.target.idleNs()[of.one])
            .add("last_idle_ns", "last snapshot", Unit.NS, of -> of.target.last()
                    .idleNs()[of.one]);

    private static final Columns<Of<Coldness>> COLDNESS = new Columns<Of<Coldness>>()
            .add("target", "target", Unit.TEXT, Of::label)
            .add("idle_at_least_ns", "idle for", Unit.NS, of -> of.one.idleAtLeastNs())
            .add("mean_bytes", "mean", Unit.BYTES, of -> of.one.meanBytes())
            .add("percent_of_bytes", "share", Unit.PERCENT, of -> of.one.percentOfBytes())
            .add("last_bytes", "last snapshot", Unit.BYTES, of -> of.one.lastBytes());

    private static final Columns<Target> BEFORE = new Columns<Target>()
            .add("target", "target", Unit.TEXT, t -> t.key().label())
            .add("bytes", "memory", Unit.BYTES, t -> t.last().beforeBytes())
            .add("at_least_ns", "at least, recorded", Unit.NS, t -> t.last().recordedNs())
            .add("told_by_ages_ns", "longest by the ages", Unit.NS, t -> t.last()
                    .toldNs());

    private static final Columns<Target> UNDECIDED = new Columns<Target>()
            .add("target", "target", Unit.TEXT, t -> t.key().label())
            .add("mean_bytes", "mean", Unit.BYTES, Target::meanUndecidedBytes)
            .add("last_bytes", "last snapshot", Unit.BYTES, t -> t.last().undecidedBytes());

    private static final Columns<Target> BANDWIDTH = new Columns<Target>()
            .add("target", "target", Unit.TEXT, t -> t.key().label())
            .add("snapshots", "snapshots", Unit.COUNT, Target::snapshots)
            .add("mean_bytes_per_second", "mean", Unit.BYTES_PER_SECOND, Target::meanBytesPerSecond)
            .add("greatest_bytes_per_second", "greatest", Unit.BYTES_PER_SECOND, Target::greatestBytesPerSecond)
            .add("last_bytes_per_second", "last snapshot", Unit.BYTES_PER_SECOND, t -> t.last()
                    .bytesPerSecond());

    private static final Columns<Of<IdlePoint>> SERIES = series();

    private IdleTable() {}

    private static Columns<Of<IdlePoint>> series() {
        Columns<Of<IdlePoint>> columns = new Columns<Of<IdlePoint>>()
                .add("target", "target", Unit.TEXT, Of::label)
                .add("end_ns", "time", Unit.NS, of -> of.one.endNs())
                .add("bytes_per_second", "bandwidth", Unit.BYTES_PER_SECOND, of -> of.one.bytesPerSecond());
        for (int i = 0; i < IdleResult.PERCENTS.size(); i++) {
            int percent = i;
            int p = IdleResult.PERCENTS.get(i);
            columns.add("idle_p" + p + "_ns", "p" + p, Unit.NS, of -> of.one.idleNs()[percent]);
        }
        return columns;
    }

    /** With a line for each snapshot of the series. */
    public static TableReport of(IdleResult idle) {
        List<Of<IdlePoint>> points = new ArrayList<>();
        idle.targets().forEach(t -> t.series().forEach(point -> points.add(new Of<>(t, point))));
        List<Section> sections = sections(idle);
        sections.add(SERIES.section("series", null, points));
        List<String> notes = notes(idle);
        if (idle.stride() > 1) {
            notes.add("the series has one of " + idle.stride() + " snapshots");
        }
        return new TableReport(List.copyOf(sections), List.copyOf(notes));
    }

    /** Without the series, which is in no text. */
    public static TableReport withoutSeries(IdleResult idle) {
        return new TableReport(List.copyOf(sections(idle)), List.copyOf(notes(idle)));
    }

    private static List<Section> sections(IdleResult idle) {
        List<Of<Integer>> percentiles = new ArrayList<>();
        List<Of<Coldness>> coldness = new ArrayList<>();
        for (Target t : idle.targets()) {
            IntStream.range(0, IdleResult.PERCENTS.size()).forEach(i -> percentiles.add(new Of<>(t, i)));
            t.coldness().forEach(step -> coldness.add(new Of<>(t, step)));
        }
        List<Section> sections = new ArrayList<>();
        sections.add(PERCENTILES.section("percentiles", "idle time by percentile of memory", percentiles));
        sections.add(COLDNESS.section(
                "coldness", "memory idle for at least (0: not accessed in the last aggregation interval)", coldness));
        sections.add(BEFORE.section(
                "before", "last snapshot: memory idle since before the recording began", idleBefore(idle)));
        if (idle.isOfMappings()) {
            sections.add(UNDECIDED.section(
                    "undecided",
                    "in mappings in use: seen touched before, idle since when is not known",
                    idle.targets()));
        }
        sections.add(BANDWIDTH.section("bandwidth", "memory bandwidth, estimated", idle.targets()));
        return sections;
    }

    private static List<Target> idleBefore(IdleResult idle) {
        return idle.targets().stream().filter(t -> t.last().beforeBytes() > 0).toList();
    }

    private static List<String> notes(IdleResult idle) {
        List<String> notes = new ArrayList<>();
        notes.add(
                "idle time: since the last access that was seen, 0 while accessed, at most since the recording began");
        if (!idleBefore(idle).isEmpty()) {
            notes.add(
                    "memory that was idle when the recording began has been idle for at least the times above; the table "
                            + "of ages has what the kernel's ages add");
        }
        notes.add("bandwidth is estimated as the kernel's DAMON_STAT does: every sample that finds a region accessed"
                + " counts as one pass over it");
        if (idle.isOfMappings()) {
            notes.add(
                    "regions of this trace are mappings, of which what was seen touched counts: of a mapping in use, what the"
                            + " mean sample finds is accessed, and since when the rest is idle is not known; what was never seen"
                            + " touched may not be there");
        }
        if (idle.snapshotsWithoutAges() > 0) {
            notes.add(Units.count(idle.snapshotsWithoutAges(), "snapshot") + " without ages left out");
        }
        return notes;
    }
}
