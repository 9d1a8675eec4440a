/**
 * Kernel DAMON as a source of snapshots.
 *
 * <p>{@link org.damson.recorder.kernel.TraceInstance} is the private trace ring that events come from,
 * {@link org.damson.recorder.kernel.RingReader} puts those of all processors into one order, {@code org.damson.damon} decodes
 * them and makes snapshots of them, and {@link org.damson.recorder.damon.DamonSource} is the whole.
 */
package org.damson.recorder.damon;
