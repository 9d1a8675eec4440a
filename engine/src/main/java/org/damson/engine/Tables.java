package org.damson.engine;

import java.io.IOException;
import java.util.List;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.heatmap.TraceGuide;
import org.damson.analyzer.objects.IdleMemory;
import org.damson.analyzer.objects.ObjectUse;
import org.damson.analyzer.objects.WindowSizes;
import org.damson.analyzer.render.table.BoundsTable;
import org.damson.analyzer.render.table.CurvesTable;
import org.damson.analyzer.render.table.FootprintTable;
import org.damson.analyzer.render.table.GuideTable;
import org.damson.analyzer.render.table.IdleTable;
import org.damson.analyzer.render.table.ObjectsTable;
import org.damson.analyzer.render.table.PhasesTable;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.TimelineTable;
import org.damson.analyzer.render.table.WindowsTable;
import org.damson.analyzer.timeline.PhaseFinder;
import org.damson.analyzer.timeline.Timeline;
import org.damson.analyzer.workingset.Footprint;
import org.damson.analyzer.workingset.Sizing;
import org.damson.analyzer.workingset.WorkingSetBounds;
import org.damson.api.Report;
import org.damson.model.InvalidInputException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** The reports that are tables, as the interface shows them. */
final class Tables {
    private Tables() {}

    static Report of(Report.Kind kind, TraceSource trace, TraceQuery query) throws IOException {
        TableReport report = Failures.telling(() -> compute(kind, trace, query));
        return new Report(kind, shown(report), report.notes());
    }

    static List<Report.Table> shown(TableReport report) {
        return report.sections().stream().map(s -> (Report.Table) new Rows(s)).toList();
    }

    private static TableReport compute(Report.Kind kind, TraceSource trace, TraceQuery query) throws IOException {
        return switch (kind) {
            case BOUNDS -> BoundsTable.of(WorkingSetBounds.compute(trace, query));
            case CURVES -> curves(trace, query);
            case FOOTPRINT -> FootprintTable.of(Footprint.compute(trace, query));
            case GUIDE -> GuideTable.of(TraceGuide.compute(trace, query));
            case IDLE -> IdleTable.of(IdleMemory.compute(trace, query));
            case OBJECTS -> ObjectsTable.of(ObjectUse.compute(trace, query));
            case PHASES -> PhasesTable.of(PhaseFinder.compute(trace, query));
            case SIZING -> FootprintTable.of(Sizing.compute(trace, query));
            case TIMELINE -> TimelineTable.of(Timeline.compute(trace, query));
            case WINDOWS -> WindowsTable.of(WindowSizes.compute(trace, query));
        };
    }

    private static TableReport curves(TraceSource trace, TraceQuery query) throws IOException {
        WhatIf.refuseActing(trace);
        Curves all = Curves.empty();
        Curves.of(trace, query, 0).forEach(all::add);
        if (all.regions() == 0) {
            throw new InvalidInputException(trace.name() + ": no regions, or none in the part that was chosen");
        }
        return CurvesTable.of(all, all.notes(trace, query));
    }

    /** A table of a report. */
    private record Rows(TableReport.Section section, List<Report.Column> columns) implements Report.Table {
        Rows(TableReport.Section section) {
            this(
                    section,
                    section.columns().stream()
                            .map(c -> new Report.Column(
                                    c.name(), Report.Unit.valueOf(c.unit().name())))
                            .toList());
        }

        @Override
        public String name() {
            return section.name();
        }

        @Override
        public int rows() {
            return section.rows().size();
        }

        @Override
        public Object cell(int row, String column) {
            for (int i = 0; i < columns.size(); i++) {
                if (columns.get(i).name().equals(column)) {
                    return TableReport.whole(
                            section.rows().get(row)[i], section.columns().get(i).unit());
                }
            }
            throw new IllegalArgumentException("no column " + column + " in table " + name() + "; there are "
                    + String.join(
                            ", ", columns.stream().map(Report.Column::name).toList()));
        }
    }
}
