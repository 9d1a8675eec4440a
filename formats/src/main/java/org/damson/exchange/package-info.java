/**
 * Other programs' recordings in and out.
 *
 * <pre>
 *  file or stream --first bytes--> importer --Snapshot, Batch--> TraceSink
 *  TraceSource --> exporter --> OutputStream
 * </pre>
 */
package org.damson.exchange;
