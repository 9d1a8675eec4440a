package org.damson.replayer.memory;

import java.util.ArrayList;
import java.util.List;
import org.damson.model.range.AddressSet;

/**
 * Where recorded addresses of one process lie in its replay: where they were, if a process can have that, else moved as a whole,
 * else closed up. Scaled, every area keeps its start, or is closed up where areas would run into one another.
 */
public final class AddressMap {
    /** Lower bound of the addresses that an unprivileged process may map. */
    private static final long LOWEST = 1L << 16;

    /** Upper bound of user addresses on every supported 64-bit machine, less a page. */
    private static final long HIGHEST = (1L << 47) - 4096;

    /** Base address for memory that cannot be mapped at its recorded address. */
    private static final long BASE = 1L << 44;

    /** Gap left between areas that are moved together, so that they stay separate. */
    private static final long GAP = 1L << 21;

    private static final long PAGE = 4096;

    private final List<long[]> areas;
    private final long[] at;
    private final double scale;

    private AddressMap(List<long[]> areas, long[] at, double scale) {
        this.areas = areas;
        this.at = at;
        this.scale = scale;
    }

    /**
     * Finds a place for each area.
     *
     * @param areas all that the process ever has mapped
     * @return null if there is none
     */
    public static AddressMap of(AddressSet areas, double scale) {
        List<long[]> ranges = areas.ranges();
        long[] at = ranges.stream().mapToLong(r -> r[0]).toArray();
        AddressMap map = new AddressMap(ranges, at, scale);
        if (ranges.isEmpty() || map.fits()) {
            return map;
        }
        for (int i = 0; i < at.length; i++) {
            at[i] = BASE + (ranges.get(i)[0] - ranges.get(0)[0]);
        }
        if (map.fits()) {
            return map;
        }
        long next = BASE;
        for (int i = 0; i < at.length; i++) {
            at[i] = next;
            long size = map.scaled(ranges.get(i)[1] - ranges.get(i)[0]);
            if (size < 0 || size > HIGHEST - next) {
                return null;
            }
            next += size + GAP;
        }
        return map.fits() ? map : null;
    }

    private boolean fits() {
        long free = LOWEST;
        for (int i = 0; i < at.length; i++) {
            long size = scaled(areas.get(i)[1] - areas.get(i)[0]);
            if (at[i] < free || size < 0 || size > HIGHEST || at[i] > HIGHEST - size) {
                return false;
            }
            free = at[i] + size;
        }
        return true;
    }

    private long scaled(long bytes) {
        return scale == 1 ? bytes : (long) (bytes / (double) PAGE * scale) * PAGE;
    }

    /** The replay address of a recorded address in an area, or of the end of a range; both ends must be asked of the same area. */
    public long[] range(long start, long end) {
        int i = indexOf(start);
        long origin = areas.get(i)[0];
        return new long[] {at[i] + scaled(start - origin), at[i] + scaled(end - origin)};
    }

    /** Whether everything is mapped at its recorded address. */
    public boolean isIdentity() {
        for (int i = 0; i < at.length; i++) {
            if (at[i] != areas.get(i)[0]) {
                return false;
            }
        }
        return scale == 1;
    }

    private int indexOf(long start) {
        int low = 0;
        int high = areas.size() - 1;
        while (low < high) {
            int mid = (low + high + 1) / 2;
            if (Long.compareUnsigned(areas.get(mid)[0], start) <= 0) {
                low = mid;
            } else {
                high = mid - 1;
            }
        }
        return low;
    }

    /** All areas, for tests and messages: {@code {start, end, replay address}}. */
    public List<long[]> moves() {
        List<long[]> moves = new ArrayList<>();
        for (int i = 0; i < at.length; i++) {
            moves.add(new long[] {areas.get(i)[0], areas.get(i)[1], at[i]});
        }
        return moves;
    }
}
