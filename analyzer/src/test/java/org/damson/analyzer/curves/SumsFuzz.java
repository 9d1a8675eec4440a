package org.damson.analyzer.curves;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import org.damson.analyzer.MemoryTrace;
import org.damson.model.Batch;
import org.damson.model.ColumnType;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSource;
import org.damson.model.summary.HeatSums;
import org.damson.model.summary.IdleSeries;
import org.damson.model.summary.TargetSums;
import org.damson.model.view.ForwardingTrace;

/**
 * Sums that a trace claims to keep. The first byte chooses the table, the rest are its cells, row by row: eight bytes of a number;
 * of a text one, which chooses a name.
 */
public final class SumsFuzz {
    private static final int MAX_ROWS = 512;
    private static final List<Table> TABLES =
            List.of(Table.TARGET_SUMS, Table.HEAT_AREAS, Table.HEAT_CELLS, Table.CURVES, Table.IDLE_SERIES);
    private static final List<String> NAMES = List.of(
            "idle_snapshots",
            "idle_time",
            "bandwidth",
            "bandwidth_most",
            "cold",
            "idle",
            "window_snapshots",
            "window_time",
            "window_accessed",
            "window_missed",
            "cold_touched",
            "back_likely",
            "heat",
            "warm",
            "snapshot_rows",
            "region_rows",
            "of a later version");

    private SumsFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        if (data.length == 0) {
            return;
        }
        Table table = TABLES.get((data[0] & 0xff) % TABLES.size());
        TraceSource trace = trace(rows(table, ByteBuffer.wrap(data, 1, data.length - 1)));
        try {
            switch (table) {
                case TARGET_SUMS ->
                    TargetSums.read(trace).values().forEach(totals -> {
                        totals.idle().at(99);
                        totals.idle().coldByteSeconds(0);
                        totals.windows().mean(0);
                    });
                case HEAT_AREAS -> HeatSums.readAreas(trace);
                case HEAT_CELLS -> HeatSums.readCells(trace);
                case IDLE_SERIES -> IdleSeries.read(trace);
                default -> StoredCurves.read(trace);
            }
        } catch (TraceFormatException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        }
    }

    private static Batch rows(Table table, ByteBuffer cells) {
        Batch rows = new Batch(table);
        int columns = table.columns().size();
        while (rows.rows() < MAX_ROWS && cells.remaining() >= columns * Long.BYTES) {
            int row = rows.addRow();
            for (int c = 0; c < columns; c++) {
                if (table.columns().get(c).type() == ColumnType.STRING) {
                    rows.set(c, row, NAMES.get((cells.get() & 0xff) % NAMES.size()));
                } else {
                    long value = cells.getLong();
                    rows.set(c, row, table.columns().get(c).type() == ColumnType.INT32 ? (int) value : value);
                }
            }
        }
        return rows;
    }

    private static TraceSource trace(Batch rows) {
        return new ForwardingTrace(new MemoryTrace()) {
            @Override
            public BatchCursor rows(Table table) {
                Iterator<Batch> one = (table == rows.table() ? List.of(rows) : List.<Batch>of()).iterator();
                return new BatchCursor() {
                    @Override
                    public Batch next() {
                        return one.hasNext() ? one.next() : null;
                    }

                    @Override
                    public void close() {}
                };
            }

            @Override
            public long rowCount(Table table) {
                return table == rows.table() ? rows.rows() : 0;
            }

            @Override
            public boolean isKept(Table table) {
                return true;
            }
        };
    }
}
