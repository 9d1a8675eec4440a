package org.damson.analyzer.damos;

import java.io.IOException;
import org.damson.damon.scheme.Action;
import org.damson.damon.scheme.Quota.Goal;
import org.damson.damon.scheme.Scheme;
import org.damson.model.Snapshot;

/** What DAMOS needs from its environment. */
public interface DamosHost {
    /** Everything succeeds, takes no time, and nothing is known of memory. */
    DamosHost NONE = new DamosHost() {};

    /**
     * Does the action on {@code [start, end)} of a target.
     *
     * @return bytes it was done to
     */
    default long apply(Scheme scheme, int schemeIndex, long target, long start, long end, int nr, int age) {
        return scheme.action() == Action.STAT ? 0 : end - start;
    }

    /** Nanoseconds the last {@link #apply} took. */
    default long applyCostNs() {
        return 0;
    }

    /** Free memory in permil of all; negative: not known, and schemes with watermarks stay as they are. */
    default int freePermil() {
        return -1;
    }

    /** The current value of a goal's metric. */
    default long goalValue(Goal goal) {
        return goal.current();
    }

    /** All targets of a kdamond context have been aggregated over this time; schemes have their turn. */
    default void turnBegins(int kdamond, int context, long fromNs, long toNs) throws IOException {}

    /** What one target's aggregation saw, before any scheme. */
    default void accesses(Snapshot s) {}

    /** In some course that the recording allows a scheme is applied here in this turn; with {@code must}, in every one. */
    default void possible(Scheme scheme, int schemeIndex, long target, long start, long end, boolean must) {}

    /** The turn is over. */
    default void turnEnds() {}

    /** A region is about to be acted on, as {@code damos_before_apply} reports it. */
    default void tried(int schemeIndex, long target, long start, long end, int nr, int age) {}
}
