package org.damson.model;

import java.util.List;

/**
 * Memory that a process has mapped. A row of {@link Table#MAPPINGS} says from when on it is there, or that it has gone;
 * rows of one moment come in any order, so that of a heap that grew the new mapping may be there before the old one,
 * which begins at the same address, has gone: what has gone is the mapping that equals the row's.
 *
 * @param start first address, unsigned
 * @param end address behind the last one, unsigned
 * @param permissions as in {@code /proc/PID/maps}: {@code rw-p}; empty if not known
 * @param name a file, {@code [heap]} or the like, or empty
 */
public record Mapping(long pid, long start, long end, String permissions, String name) {
    /**
     * How names begin of mappings without a file on a file system: names that programs gave to anonymous memory, the kernel's own
     * names, huge pages, devices and POSIX shared memory, memfd_create, System V, what is mapped of the kernel, what perf calls
     * anonymous memory. The longer of two comes first.
     */
    private static final List<String> WITHOUT_FILE = List.of(
            "[anon:", "[", "/anon_hugepage", "/dev/hugepages/", "/dev/", "/memfd:", "/SYSV", "anon_inode:", "//anon");

    private static final int PID = Table.MAPPINGS.indexOf("pid");
    private static final int START = Table.MAPPINGS.indexOf("start");
    private static final int END = Table.MAPPINGS.indexOf("end");
    private static final int PERMISSIONS = Table.MAPPINGS.indexOf("permissions");
    private static final int NAME = Table.MAPPINGS.indexOf("name");
    private static final int GONE = Table.MAPPINGS.indexOf("gone");

    /** The mapping of a row of the table. */
    public static Mapping of(Batch rows, int row) {
        return new Mapping(
                rows.get(PID, row),
                rows.get(START, row),
                rows.get(END, row),
                rows.text(PERMISSIONS, row),
                rows.text(NAME, row));
    }

    /** Whether a row of the table says that its mapping has gone. */
    public static boolean isGone(Batch rows, int row) {
        return rows.get(GONE, row) != 0;
    }

    /** Adds the row that says that it is there from {@code timeNs} on, or has gone. */
    public void addTo(Batch rows, long timeNs, boolean isGone) {
        rows.add(timeNs, pid, start, end, permissions, name, isGone ? 1 : 0);
    }

    /** What a name without a file on a file system begins with, as {@code /memfd:}; empty for any other. */
    public static String kindWithoutFile(String name) {
        return WITHOUT_FILE.stream().filter(name::startsWith).findFirst().orElse("");
    }

    /**
     * Whether it maps a file on a file system, from which its pages can be read again. Shared memory has a name only, and goes to swap.
     * A pseudonym, which a redacted trace has for the name of a file, needs no slash.
     */
    public boolean isOfFile() {
        return !name.isEmpty() && kindWithoutFile(name).isEmpty();
    }

    /**
     * Whether the kernel never pages it out: huge pages of the pool and devices. That memory is locked no name tells.
     */
    public boolean isPinned() {
        return switch (kindWithoutFile(name)) {
            case "/anon_hugepage", "/dev/hugepages/" -> true;
            case "/dev/" -> !name.startsWith("/dev/shm/") && !name.startsWith("/dev/zero");
            default -> false;
        };
    }

    public long sizeBytes() {
        return end - start;
    }
}
