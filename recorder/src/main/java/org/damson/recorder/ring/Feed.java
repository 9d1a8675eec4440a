package org.damson.recorder.ring;

import java.io.IOException;
import org.damson.model.Batch;

/** Produces rows while recording, on a thread of its own. */
public interface Feed {
    /** Takes rows; waits while the writer is behind. */
    interface Taker {
        /** Takes over {@code rows}, of any table but SNAPSHOTS and REGIONS. */
        void take(Batch rows);
    }

    /** Begins. What was gathered before is handed over too. */
    void start(Taker to);

    /** Ends: when this returns, all rows have been handed over. Without effect when done before. */
    void stop() throws IOException;
}
