package org.damson.analyzer.fleet;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * The traces of a question.
 *
 * @param traces in order of their paths
 * @param where labels that a trace must have to count
 * @param troubles directories that could not be read
 */
public record FleetSelection(List<FleetTrace> traces, TreeMap<String, String> where, List<Trouble> troubles) {
    /** What was found: a trace that several paths lead to is there once, those that their directories exclude are not. */
    public static FleetSelection of(Collection<String> found, TreeMap<String, String> where, List<Trouble> troubles) {
        Set<String> seen = new HashSet<>();
        List<FleetTrace> traces = found.stream()
                .sorted()
                .map(FleetTrace::new)
                .filter(trace -> seen.add(trace.place()))
                .filter(trace -> !trace.isOutside(where))
                .toList();
        return new FleetSelection(traces, where, List.copyOf(troubles));
    }
}
