/**
 * The trace on disk: a directory of Parquet tables and a manifest, written through a crash-safe journal.
 *
 * <pre>
 *  TraceSink --append--> journal (Arrow IPC, CRC index) --seal--> TABLE-NNNNNN.parquet + manifest.json
 *  TraceSource &lt;-- sealed tables, then whole journal batches that no table holds yet
 * </pre>
 *
 * {@link org.damson.trace.Traces} is the way in.
 */
package org.damson.trace;
