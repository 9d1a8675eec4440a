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
        move(rows, out);
    }

    private static void move(Batch from, Batch to) {
        int n = from.rows();
        int at = to.rows();
        to.reserve(at + n);
        for (int c = 0; c < from.table().columns().size(); c++) {
            if (from.texts(c) != null) {
                System.arraycopy(from.texts(c), 0, to.texts(c), at, n);
            } else {
                System.arraycopy(from.longs(c), 0, to.longs(c), at, n);
            }
        }
        to.setRows(at + n);
        from.clear();
    }
}
