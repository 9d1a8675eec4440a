package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.heatmap.GuideResult.Target;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;
import org.damson.model.Units;

/** A guide as tables, for those of several traces below each other. */
public final class GuideTable {
    private record Row(Target target, Area area) {
        double sizeBytes() {
            return Scan.bytes(area.sizeBytes());
        }

        double heatPercent() {
            return 100 * area.heatByteSeconds() / Math.max(1e-9, target.heatSeconds()) / sizeBytes();
        }
    }

    private static final Columns<Target> TARGETS = new Columns<Target>()
            .add("target", "target", Unit.TEXT, t -> t.key().label())
            .add("duration_ns", "time", Unit.NS, t -> t.endNs() - t.startNs())
            .add("snapshots", "snapshots", Unit.COUNT, Target::snapshots)
            .add("regions", "regions", Unit.COUNT, Target::regions)
            .add("lost_regions", "lost", Unit.COUNT, Target::lostRegions)
            .add("areas", "areas", Unit.COUNT, t -> t.areas().size())
            .add("bytes", "monitored", Unit.BYTES, Target::sizeBytes)
            .add("mean_hot_bytes", "hot on average", Unit.BYTES, Target::meanHotBytes);

    private static final Columns<Row> AREAS = new Columns<Row>()
            .add("target", "target", Unit.TEXT, r -> r.target.key().label())
            .add("start", "start", Unit.TEXT, r -> Units.address(r.area.start()))
            .add("end", "end", Unit.TEXT, r -> Units.address(r.area.end()))
            .add("bytes", "size", Unit.BYTES, Row::sizeBytes)
            .add("heat_percent", "heat", Unit.PERCENT, Row::heatPercent);

    private GuideTable() {}

    public static TableReport of(GuideResult guide) {
        List<Row> areas = new ArrayList<>();
        guide.targets().forEach(t -> t.areas().forEach(a -> areas.add(new Row(t, a))));
        return new TableReport(
                List.of(
                        TARGETS.section("targets", "targets", guide.targets()),
                        AREAS.section("areas", "areas that were monitored", areas)),
                List.of());
    }
}
