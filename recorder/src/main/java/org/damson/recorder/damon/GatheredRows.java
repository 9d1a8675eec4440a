package org.damson.recorder.damon;

import java.util.function.LongConsumer;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.recorder.ring.Sampler;

/**
 * Hands over rows that gather in a batch, and empties it.
 *
 * @param gather adds what there is to add at a time, nanoseconds of the trace's clock
 */
record GatheredRows(Batch rows, LongConsumer gather) implements Sampler {
    @Override
    public Table table() {
        return rows.table();
    }

    @Override
    public void sample(long timeNs, Batch out) {
        gather.accept(timeNs);
        out.append(rows);
        rows.clear();
    }
}
