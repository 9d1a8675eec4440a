package org.damson.model.summary;

/**
 * Idle memory as one snapshot found it.
 *
 * @param snapshotId which
 * @param endNs when it ended, of the trace's clock
 * @param bytesPerSecond bandwidth, estimated, to the nearest
 * @param idleNs idle time by percentage of bytes, one for each of {@link IdlePercentiles#percents}
 */
public record IdlePoint(long snapshotId, long endNs, long bytesPerSecond, long[] idleNs) {}
