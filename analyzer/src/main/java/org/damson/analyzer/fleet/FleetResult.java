package org.damson.analyzer.fleet;

import java.util.List;

/** Result of a question about many traces. */
public interface FleetResult {
    /** What is wrong with single traces, in {@link Trouble#ORDER}. */
    List<Trouble> troubles();

    /** What the traces leave open about what was simulated over them, one line each. */
    default List<String> notes() {
        return List.of();
    }

    /** Whether no trace counts. */
    boolean isEmpty();

    /** Whether what was asked for is there: a scheme that keeps its level, where one was looked for. */
    default boolean isKept() {
        return true;
    }
}
