package org.damson.model.text;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line of {@code /proc/PID/maps}: memory that a process has mapped.
 *
 * @param start first address, unsigned
 * @param end address behind the last one, unsigned
 * @param permissions as {@code rw-p}
 * @param offset in the file that is mapped
 * @param inode of that file; 0 if there is none, negative if it is beyond 63 bits
 * @param name a file, {@code [heap]} or the like, or empty; in the characters of the line
 */
public record MapsLine(long start, long end, String permissions, long offset, long inode, String name) {
    /** Names may hold what Unicode takes for the end of a line, as the byte 0x85 of UTF-8 read as Latin-1. */
    private static final Pattern LINE = Pattern.compile(
            "([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([-r][-w][-x][-ps]) ([0-9a-f]{1,16}) [0-9a-f]+:[0-9a-f]+ (\\d+)(?: +(.*))?",
            Pattern.DOTALL);

    /** The mapping of a line; null if it is none, such as the fields of {@code smaps} between them. */
    public static MapsLine of(String line) {
        Matcher m = LINE.matcher(line);
        if (!m.matches()) {
            return null;
        }
        return new MapsLine(
                Long.parseUnsignedLong(m.group(1), 16),
                Long.parseUnsignedLong(m.group(2), 16),
                m.group(3),
                Long.parseUnsignedLong(m.group(4), 16),
                inode(m.group(5)),
                m.group(6) == null ? "" : m.group(6));
    }

    private static long inode(String digits) {
        return digits.length() > 18 ? -1 : Long.parseLong(digits);
    }

    public boolean isExecutable() {
        return permissions.charAt(2) == 'x';
    }
}
