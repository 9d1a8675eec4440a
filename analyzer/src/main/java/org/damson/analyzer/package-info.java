/**
 * Offline reasoning over a trace: working set, heatmap, guide, comparison, and their renderers.
 *
 * <p>Every computation streams over {@link org.damson.model.TraceSource#split parts} of the trace in parallel and merges
 * the parts in order. The number of parts does not depend on the machine, so neither does any result. Heat is
 * {@code nr_accesses} over its greatest possible value, 0..1; where a trace has referenced bytes it is further scaled by
 * {@code referenced_mean / size}, because a region there is a whole mapping of which perhaps one page was used.
 */
package org.damson.analyzer;
