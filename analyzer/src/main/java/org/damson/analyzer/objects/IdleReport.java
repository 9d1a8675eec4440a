package org.damson.analyzer.objects;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.objects.IdleFigures.Target;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.TableReport.Column;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.scan.TargetKey;
import org.damson.analyzer.scan.TargetNames;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.summary.IdleSums;

/**
 * For how long memory has not been accessed, by bytes ({@link IdleTimes}); 0 while it is accessed. Percentiles of a
 * snapshot and the bandwidth estimate follow the rules of the kernel's DAMON_STAT.
 */
public final class IdleReport {
    /** Percentiles of bytes that the report gives. */
    public static final int[] PERCENTS = {0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100};

    private IdleReport() {}

    /** The report. Targets without ages have no lines. */
    public static TableReport compute(TraceSource source, TraceQuery query) throws IOException {
        return report(source, IdleFigures.scanned(source, query), true);
    }

    /**
     * The same without its table of all snapshots, which is in no text. Of a whole trace that keeps sums only the last snapshots are
     * read.
     */
    public static TableReport withoutSeries(TraceSource source, TraceQuery query) throws IOException {
        IdleFigures kept = IdleFigures.kept(source, query);
        return report(source, kept == null ? IdleFigures.scanned(source, query) : kept, false);
    }

    private static TableReport report(TraceSource source, IdleFigures figures, boolean withSeries) throws IOException {
        Map<TargetKey, Target> targets = TargetNames.of(source.manifest()).named(figures.targets);
        List<Section> sections = new ArrayList<>();
        sections.add(percentiles(targets));
        sections.add(coldness(targets));
        Section before = before(targets);
        sections.add(before);
        if (figures.partial) {
            sections.add(undecided(targets));
        }
        sections.add(bandwidth(targets));
        if (withSeries) {
            sections.add(series(targets));
        }
        List<String> notes = new ArrayList<>();
        notes.add(
                "idle time: since the last access that was seen, 0 while accessed, at most since the recording began");
        if (!before.rows().isEmpty()) {
            notes.add("memory that was idle when the recording began has been idle for at least the times above;"
                    + " what the kernel's ages tell of the time before is in their table");
        }
        notes.add("bandwidth is estimated as the kernel's DAMON_STAT does: every sample that finds a region accessed"
                + " counts as one pass over it");
        if (figures.partial) {
            notes.add(
                    "regions of this trace are mappings, of which what was seen touched counts: of a mapping in use, what the"
                            + " mean sample finds is accessed, and since when the rest is idle is not known; what was never seen"
                            + " touched may not be there");
        }
        if (figures.without > 0) {
            notes.add(figures.without + " snapshots have no ages and are left out");
        }
        if (withSeries && figures.stride > 1) {
            notes.add("the series has every " + figures.stride + "th snapshot");
        }
        return new TableReport(List.copyOf(sections), List.copyOf(notes));
    }

    private static Section percentiles(Map<TargetKey, Target> targets) {
        List<Object[]> rows = new ArrayList<>();
        targets.forEach((key, t) -> {
            for (int i = 0; i < PERCENTS.length; i++) {
                rows.add(new Object[] {key.label(), (double) PERCENTS[i], t.sums.at(PERCENTS[i]), t.last.idleNs()[i]});
            }
        });
        return new Section(
                "percentiles",
                "idle time below which so much of the memory is",
                List.of(
                        new Column("target", "target", Unit.TEXT),
                        new Column("percent_of_bytes", "of bytes", Unit.PERCENT),
                        new Column("idle_ns", "whole trace", Unit.NS),
                        new Column("last_idle_ns", "last snapshot", Unit.NS)),
                rows);
    }

    private static Section coldness(Map<TargetKey, Target> targets) {
        List<Object[]> rows = new ArrayList<>();
        targets.forEach((key, t) -> {
            double seconds = Math.max(1e-9, t.sums.seconds());
            double memory = t.sums.byteSeconds();
            for (int i = 0; i < IdleSums.STEPS; i++) {
                double cold = t.sums.coldByteSeconds(i);
                if (i > 0 && cold == 0) {
                    break;
                }
                rows.add(new Object[] {
                    key.label(),
                    i == 0 ? 0L : IdleSums.stepNs(i),
                    cold / seconds,
                    memory == 0 ? 0.0 : 100 * cold / memory,
                    t.last.coldBytes()[i]
                });
            }
        });
        return new Section(
                "coldness",
                "memory idle for at least (0: not accessed in the last aggregation interval)",
                List.of(
                        new Column("target", "target", Unit.TEXT),
                        new Column("idle_at_least_ns", "idle for", Unit.NS),
                        new Column("mean_bytes", "mean", Unit.BYTES),
                        new Column("percent_of_bytes", "share", Unit.PERCENT),
                        new Column("last_bytes", "last snapshot", Unit.BYTES)),
                rows);
    }

    private static Section before(Map<TargetKey, Target> targets) {
        List<Object[]> rows = new ArrayList<>();
        targets.forEach((key, t) -> {
            if (t.last.beforeBytes() > 0) {
                rows.add(new Object[] {key.label(), t.last.beforeBytes(), t.last.recordedNs(), t.last.toldNs()});
            }
        });
        return new Section(
                "before",
                "last snapshot: memory idle since before the recording began",
                List.of(
                        new Column("target", "target", Unit.TEXT),
                        new Column("bytes", "memory", Unit.BYTES),
                        new Column("at_least_ns", "at least, recorded", Unit.NS),
                        new Column("told_by_ages_ns", "longest by the ages", Unit.NS)),
                rows);
    }

    private static Section undecided(Map<TargetKey, Target> targets) {
        List<Object[]> rows = new ArrayList<>();
        targets.forEach((key, t) -> rows.add(new Object[] {
            key.label(), t.undecidedByteSeconds / Math.max(1e-9, t.sums.seconds()), t.last.undecidedBytes()
        }));
        return new Section(
                "undecided",
                "in mappings in use: seen touched before, idle since when is not known",
                List.of(
                        new Column("target", "target", Unit.TEXT),
                        new Column("mean_bytes", "mean", Unit.BYTES),
                        new Column("last_bytes", "last snapshot", Unit.BYTES)),
                rows);
    }

    private static Section bandwidth(Map<TargetKey, Target> targets) {
        List<Object[]> rows = new ArrayList<>();
        targets.forEach((key, t) -> rows.add(new Object[] {
            key.label(), t.sums.snapshots(), t.sums.meanBandwidth(), t.sums.mostBandwidth(), t.last.bandwidth()
        }));
        return new Section(
                "bandwidth",
                "memory bandwidth, estimated",
                List.of(
                        new Column("target", "target", Unit.TEXT),
                        new Column("snapshots", "snapshots", Unit.COUNT),
                        new Column("mean_bytes_per_second", "mean", Unit.BYTES_PER_SECOND),
                        new Column("greatest_bytes_per_second", "greatest", Unit.BYTES_PER_SECOND),
                        new Column("last_bytes_per_second", "last snapshot", Unit.BYTES_PER_SECOND)),
                rows);
    }

    private static Section series(Map<TargetKey, Target> targets) {
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("target", "target", Unit.TEXT));
        columns.add(new Column("end_ns", "time", Unit.NS));
        columns.add(new Column("bytes_per_second", "bandwidth", Unit.BYTES_PER_SECOND));
        for (int p : PERCENTS) {
            columns.add(new Column("idle_p" + p + "_ns", "p" + p, Unit.NS));
        }
        List<Object[]> rows = new ArrayList<>();
        targets.forEach((key, t) -> {
            for (IdleMoment point : t.points) {
                Object[] row = new Object[3 + PERCENTS.length];
                row[0] = key.label();
                row[1] = point.endNs();
                row[2] = point.bandwidth();
                for (int i = 0; i < PERCENTS.length; i++) {
                    row[3 + i] = point.idleNs()[i];
                }
                rows.add(row);
            }
        });
        return new Section("series", null, columns, rows);
    }
}
