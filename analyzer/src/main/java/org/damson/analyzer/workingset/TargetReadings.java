package org.damson.analyzer.workingset;

import java.io.IOException;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.view.ForwardingTrace;

/** A trace with the readings of one target's process and of the system alone, as {@link Footprint} counts them for that target. */
public final class TargetReadings extends ForwardingTrace {
    private static final int PID = Table.MEMORY.indexOf("pid");

    private final long process;

    private TargetReadings(TraceSource trace, long process) {
        super(trace);
        this.process = process;
    }

    public static TraceSource of(TraceSource trace, long target) throws IOException {
        return new TargetReadings(trace, Footprint.process(trace, target));
    }

    @Override
    public BatchCursor rows(Table table) throws IOException {
        BatchCursor all = super.rows(table);
        return table == Table.MEMORY ? new Own(all) : all;
    }

    private final class Own implements BatchCursor {
        private final BatchCursor all;
        private final Batch kept = new Batch(Table.MEMORY);

        Own(BatchCursor all) {
            this.all = all;
        }

        @Override
        public Batch next() throws IOException {
            for (Batch b = all.next(); b != null; b = all.next()) {
                kept.clear();
                kept.setPresentAs(b);
                for (int i = 0; i < b.rows(); i++) {
                    if (Footprint.isReadBeside(process, b.get(PID, i))) {
                        kept.addRow(b, i);
                    }
                }
                if (kept.rows() > 0) {
                    return kept;
                }
            }
            return null;
        }

        @Override
        public void close() throws IOException {
            all.close();
        }
    }
}
