package org.damson.trace;

/**
 * What {@link Traces#recover} saved.
 *
 * @param rowsRecovered rows that were only in journals
 * @param batches journal files they came from
 * @param lostNote what the death of the recorder may have cost, in words
 */
public record RecoverReport(long rowsRecovered, long batches, String lostNote) {}
