package org.damson.analyzer.fleet;

import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.function.Consumer;
import org.damson.model.TraceSource;

/**
 * What is computed for each trace, and how the results add up. Sums of the same traces must come out the same whatever the order
 * in which they are added: traces are read by several machines, and some of them twice where one dies.
 *
 * @param <V> what one trace gives
 * @param <S> a sum of those of one group
 * @param <R> the result of a group
 */
public interface FleetPlan<V extends Serializable, S extends Serializable, R extends Serializable>
        extends Serializable {
    /**
     * Reads one trace.
     *
     * @param doubts receives one line for each reason why its figures are less certain
     * @throws IOException if it cannot be read; it then counts nowhere
     */
    V of(FleetTrace where, TraceSource trace, Consumer<String> doubts) throws IOException;

    /** The groups that a trace counts in. */
    List<String> groups(V value);

    /** An empty sum. */
    S none();

    /** The sum with one more; may change and give back {@code sum}. */
    S add(S sum, V value);

    /** Two sums as one; may change and give back the first. */
    S join(S one, S other);

    R end(String group, S sum);
}
