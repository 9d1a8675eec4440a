package org.damson.analyzer.objects;

import org.damson.model.summary.IdleSums;

/**
 * Idle memory as one snapshot of a target found it.
 *
 * @param idleNs by {@link IdleResult#PERCENTS} of bytes, as the kernel's DAMON_STAT
 * @param coldBytes idle for at least a step of {@link IdleSums}
 * @param bytesPerSecond memory bandwidth, estimated
 * @param beforeBytes idle since before the recording began, at least for {@code recordedNs}, by their ages up to {@code toldNs}
 * @param undecidedBytes seen touched before, idle since when is not known
 */
public record IdleMoment(
        long endNs,
        long[] idleNs,
        double[] coldBytes,
        double bytesPerSecond,
        double beforeBytes,
        long recordedNs,
        long toldNs,
        double undecidedBytes) {}
