package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.render.table.TableReport.Column;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;
import org.damson.model.Units;

/** A guide as tables, for those of several traces below each other. */
public final class GuideTable {
    private static final List<Column> TARGET_COLUMNS = List.of(
            new Column("target", "target", Unit.TEXT),
            new Column("duration_ns", "time", Unit.NS),
            new Column("snapshots", "snapshots", Unit.COUNT),
            new Column("regions", "regions", Unit.COUNT),
            new Column("lost_regions", "lost", Unit.COUNT),
            new Column("areas", "areas", Unit.COUNT),
            new Column("bytes", "monitored", Unit.BYTES),
            new Column("mean_hot_bytes", "hot on average", Unit.BYTES));

    private static final List<Column> AREA_COLUMNS = List.of(
            new Column("target", "target", Unit.TEXT),
            new Column("start", "start", Unit.TEXT),
            new Column("end", "end", Unit.TEXT),
            new Column("bytes", "size", Unit.BYTES),
            new Column("heat_percent", "heat", Unit.PERCENT));

    private GuideTable() {}

    public static TableReport of(GuideResult guide) {
        List<Object[]> found = new ArrayList<>();
        List<Object[]> covered = new ArrayList<>();
        for (GuideResult.Target t : guide.targets()) {
            String label = t.key().label();
            double ns = Math.max(1, t.endNs() - t.startNs());
            found.add(new Object[] {
                label,
                t.endNs() - t.startNs(),
                t.snapshots(),
                t.regions(),
                t.lostRegions(),
                (long) t.areas().size(),
                t.sizeBytes(),
                t.meanHotBytes()
            });
            for (Area a : t.areas()) {
                double bytes = Scan.bytes(a.sizeBytes());
                covered.add(new Object[] {
                    label,
                    Units.address(a.start()),
                    Units.address(a.end()),
                    bytes,
                    100 * a.heatByteSeconds() * 1e9 / ns / bytes
                });
            }
        }
        return new TableReport(
                List.of(
                        new Section("targets", "targets", TARGET_COLUMNS, found),
                        new Section("areas", "areas that were monitored", AREA_COLUMNS, covered)),
                List.of());
    }
}
