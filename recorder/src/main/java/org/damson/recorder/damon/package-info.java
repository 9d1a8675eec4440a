/**
 * Kernel DAMON as a source of snapshots.
 *
 * <p>From the bottom up: {@link org.damson.tracefs.RingPage} decodes pages of the kernel's trace ring,
 * {@link org.damson.recorder.damon.DamonEvents} turns events into columns by the kernel's own description of them,
 * {@link org.damson.recorder.damon.Bursts} makes snapshots of them, {@link org.damson.recorder.damon.TraceInstance} is
 * the private ring they come from, and {@link org.damson.recorder.damon.DamonSource} is the whole.
 */
package org.damson.recorder.damon;
