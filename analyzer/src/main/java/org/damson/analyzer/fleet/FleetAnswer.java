package org.damson.analyzer.fleet;

import java.util.List;
import java.util.SortedMap;

/**
 * The result over all traces.
 *
 * @param groups by name
 * @param troubles in {@link Trouble#ORDER}; those of directories too
 */
public record FleetAnswer<R>(SortedMap<String, R> groups, List<Trouble> troubles) {}
