/** One pass over a trace: regions, bytes touched with their bounds, memory readings, tables. */
package org.damson.analyzer.scan;
