/**
 * DAMON's trace events: how they lie in the kernel's ring pages, what their records say, and the snapshots that they make. One
 * reader for live recording and for every import. An event goes the same way from all of them:
 *
 * <pre>
 *   RingPage, perf's records --EventDecoder--&gt; EventColumns --SnapshotAssembler--&gt; snapshots and rows of tables
 *                        text ----------------^
 * </pre>
 *
 * Where a recorder and a reader of files must differ, {@link org.damson.damon.Listening} says how.
 */
package org.damson.damon;
