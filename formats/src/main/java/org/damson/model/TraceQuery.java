package org.damson.model;

/**
 * The part of a trace to read. Immutable; start from {@link #ALL}.
 *
 * @param fromNs snapshots whose end time is greater ({@code endNs > fromNs})
 * @param toNs snapshots whose start time is less ({@code startNs < toNs})
 * @param startAddr regions are clipped to {@code [startAddr, endAddr)}, unsigned
 * @param endAddr see {@code startAddr}; 0 means the end of the address space
 * @param target only this target; null for all
 * @param fromSnapshot first snapshot id
 * @param toSnapshot end of snapshot ids, exclusive
 * @param optionalColumns the {@code Snapshot.HAS_*} columns wanted
 */
public record TraceQuery(
        long fromNs,
        long toNs,
        long startAddr,
        long endAddr,
        Long target,
        long fromSnapshot,
        long toSnapshot,
        int optionalColumns) {
    /** Everything. */
    public static final TraceQuery ALL =
            new TraceQuery(Long.MIN_VALUE, Long.MAX_VALUE, 0, 0, null, 0, Long.MAX_VALUE, ~0);

    public TraceQuery time(long from, long to) {
        return new TraceQuery(from, to, startAddr, endAddr, target, fromSnapshot, toSnapshot, optionalColumns);
    }

    public TraceQuery address(long start, long end) {
        return new TraceQuery(fromNs, toNs, start, end, target, fromSnapshot, toSnapshot, optionalColumns);
    }

    public TraceQuery target(Long id) {
        return new TraceQuery(fromNs, toNs, startAddr, endAddr, id, fromSnapshot, toSnapshot, optionalColumns);
    }

    public TraceQuery snapshots(long from, long to) {
        return new TraceQuery(fromNs, toNs, startAddr, endAddr, target, from, to, optionalColumns);
    }

    public TraceQuery columns(int optional) {
        return new TraceQuery(fromNs, toNs, startAddr, endAddr, target, fromSnapshot, toSnapshot, optional);
    }

    /** Whether this is all of a trace, whatever its optional columns. */
    public boolean isWhole() {
        return columns(0).equals(ALL.columns(0));
    }

    /** Whether this is all of a trace, or all that it has of one target, whatever its optional columns. */
    public boolean isOfWholeTargets() {
        return target(null).isWhole();
    }

    /** Whether this takes a target. */
    public boolean takes(long id) {
        return target == null || target == id;
    }
}
