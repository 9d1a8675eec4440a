package org.damson.model.summary;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;

/** All sums over the snapshots of a trace that are kept as tables. */
public final class TraceSums {
    public static final List<Table> TABLES =
            List.of(Table.HEAT_AREAS, Table.HEAT_CELLS, Table.TARGET_SUMS, Table.IDLE_SERIES);

    private final HeatSums heat = new HeatSums();
    private final TargetSums targets = new TargetSums();
    private final long leastRegions;

    /** @param leastRegions a trace of fewer keeps none */
    public TraceSums(long leastRegions) {
        this.leastRegions = leastRegions;
    }

    /** Maximum share of the size of a long trace that a table may take. */
    public static double mostShare(Table table) {
        return table == Table.HEAT_CELLS ? 0.0175 : table == Table.IDLE_SERIES ? 0.0025 : 0.005;
    }

    /** Regions from which on a trace keeps a table, if it is not left out for its size. */
    public static long leastRegions(Table table) {
        return table == Table.IDLE_SERIES ? IdleSeries.leastRegions(HeatSums.MIN_REGIONS) : HeatSums.MIN_REGIONS;
    }

    public void add(Snapshot s) {
        heat.add(s);
        targets.add(s);
    }

    /** Ends the adding: the rows that are to be kept, by table. */
    public Map<Table, Batch> rows() {
        Map<Table, Batch> rows = new EnumMap<>(Table.class);
        if (heat.finish(leastRegions)) {
            rows.put(Table.HEAT_AREAS, heat.areaRows());
            rows.put(Table.HEAT_CELLS, heat.cellRows());
        }
        if (targets.finish(leastRegions)) {
            rows.put(Table.TARGET_SUMS, targets.rows());
            Batch series = targets.seriesRows(leastRegions);
            if (series.rows() > 0) {
                rows.put(Table.IDLE_SERIES, series);
            }
        }
        return rows;
    }
}
