package org.damson.api;

/**
 * The part of a trace to read. Immutable; start from {@link #ALL}:
 *
 * <pre>{@code
 * Selection firstGigabyte = Selection.ALL.addresses(0, 1L << 30);
 * try (Trace trace = Trace.open(recording)) {
 *     long hot = trace.snapshots(firstGigabyte).mapToLong(Snapshot::accessedBytes).max().orElse(0);
 *     System.out.println("at most " + hot + " bytes of it were accessed at once");
 * }
 * }</pre>
 *
 * @param fromNs snapshots that end later than this, trace's clock
 * @param toNs snapshots that start earlier than this
 * @param startAddress regions are cut to {@code [startAddress, endAddress)}, unsigned
 * @param endAddress see {@code startAddress}; 0 is the end of the address space
 * @param target only this target, by its number; null for all
 */
public record Selection(long fromNs, long toNs, long startAddress, long endAddress, Long target) {
    /** Everything. */
    public static final Selection ALL = new Selection(Long.MIN_VALUE, Long.MAX_VALUE, 0, 0, null);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if one of them is empty
     */
    public Selection {
        if (fromNs >= toNs) {
            throw new IllegalArgumentException("empty range of time: fromNs=" + fromNs + ", toNs=" + toNs);
        }
        if (endAddress != 0 && Long.compareUnsigned(startAddress, endAddress) >= 0) {
            throw new IllegalArgumentException(String.format(
                    "empty range of addresses: startAddress=0x%x, endAddress=0x%x", startAddress, endAddress));
        }
    }

    /** The same between other times, nanoseconds of the trace's clock. */
    public Selection time(long from, long to) {
        return new Selection(from, to, startAddress, endAddress, target);
    }

    /** The same between other addresses, unsigned. */
    public Selection addresses(long start, long end) {
        return new Selection(fromNs, toNs, start, end, target);
    }

    /** The same of one target. */
    public Selection target(long id) {
        return new Selection(fromNs, toNs, startAddress, endAddress, id);
    }
}
