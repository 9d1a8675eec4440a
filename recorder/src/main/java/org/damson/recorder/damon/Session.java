package org.damson.recorder.damon;

import java.io.IOException;
import java.util.Map;
import org.damson.damon.Kdamonds;
import org.damson.model.MonitoringAttrs;

/** Whose kdamonds are listened to. */
interface Session extends Kdamonds {
    MonitoringAttrs attrs();

    /** Adds what it set up to the facts of the recording. */
    void describe(Map<String, Object> recording);

    /** Starts the kdamond it set up, if any. What it finds missing later goes to {@code sink}. */
    default void start(Lost sink) throws IOException {}

    /** Processes that are targets now. */
    default long[] pids() {
        return new long[0];
    }

    /** Does what is due at {@code nowNs}. Returns false when the kdamonds have ended for good. */
    boolean tick(long nowNs) throws IOException;

    /** Adds what is known only at the end. */
    default void summarize(Map<String, Object> recording) {}

    /** Puts back what it changed. */
    void close() throws IOException;

    /** Takes notes of what is missing; {@code count} -1 if nobody knows how much. */
    interface Lost {
        void note(long fromNs, long toNs, long count, String cause);
    }
}
