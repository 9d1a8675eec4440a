package org.damson.analyzer.fleet;

import java.util.List;
import java.util.TreeMap;

/**
 * The traces of a question.
 *
 * @param traces in order of their paths
 * @param where labels that a trace must have to count
 * @param troubles directories that could not be read
 */
public record FleetSelection(List<FleetTrace> traces, TreeMap<String, String> where, List<Trouble> troubles) {}
