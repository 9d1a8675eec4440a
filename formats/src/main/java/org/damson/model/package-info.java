/**
 * The data model: what a DAMON recording is, as columns of primitives. Imports no library.
 *
 * <pre>
 *  SnapshotSource --next--> {@link org.damson.model.Snapshot} --> TraceSink (journal, Parquet)
 *  TraceSource --cursor--> Snapshot / {@link org.damson.model.Batch} --> every report
 * </pre>
 *
 * Addresses are unsigned 64-bit numbers in {@code long}; ranges are half-open; times are nanoseconds, intervals
 * microseconds, and every name says which.
 */
package org.damson.model;
