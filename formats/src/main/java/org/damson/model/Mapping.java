package org.damson.model;

/**
 * A row of {@link Table#MAPPINGS}: from {@code timeNs} on, a process has this memory mapped, or has it no longer.
 *
 * @param timeNs on the trace's clock
 * @param start first address, unsigned
 * @param end address behind the last one, unsigned
 * @param permissions as in {@code /proc/PID/maps}: {@code rw-p}
 * @param name a file, {@code [heap]} or the like, or empty
 */
public record Mapping(long timeNs, long pid, long start, long end, String permissions, String name, boolean isGone) {
    private static final int TIME = Table.MAPPINGS.indexOf("time_ns");
    private static final int PID = Table.MAPPINGS.indexOf("pid");
    private static final int START = Table.MAPPINGS.indexOf("start");
    private static final int END = Table.MAPPINGS.indexOf("end");
    private static final int PERMISSIONS = Table.MAPPINGS.indexOf("permissions");
    private static final int NAME = Table.MAPPINGS.indexOf("name");
    private static final int GONE = Table.MAPPINGS.indexOf("gone");

    /** Row {@code row} of a batch of the table. */
    public static Mapping of(Batch rows, int row) {
        return new Mapping(
                rows.get(TIME, row),
                rows.get(PID, row),
                rows.get(START, row),
                rows.get(END, row),
                rows.text(PERMISSIONS, row),
                rows.text(NAME, row),
                rows.get(GONE, row) != 0);
    }

    /**
     * Whether this row says that a mapping, which began at the same address, is there no longer. Of a mapping that
     * changed, as a heap that grew, the new row comes first and then the one that ends the old: it does not end the new.
     */
    public boolean ends(Mapping m) {
        return isGone && end == m.end && permissions.equals(m.permissions) && name.equals(m.name);
    }

    public long sizeBytes() {
        return end - start;
    }
}
