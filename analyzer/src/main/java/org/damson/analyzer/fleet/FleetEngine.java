package org.damson.analyzer.fleet;

import java.io.Closeable;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.TreeMap;

/** Finds traces and has plans carried out over them, on one machine or many. */
public interface FleetEngine extends Closeable {
    /**
     * The traces and bundles below directories, or these themselves.
     *
     * @param where labels that a trace must have to count
     * @throws IOException if one of {@code roots} is not there
     */
    FleetSelection find(List<String> roots, TreeMap<String, String> where) throws IOException;

    /** Carries out a plan over every trace; unreadable traces are listed in the answer and end nothing. */
    <V extends Serializable, S extends Serializable, R extends Serializable> FleetAnswer<R> run(
            FleetSelection selection, FleetPlan<V, S, R> plan) throws IOException;
}
