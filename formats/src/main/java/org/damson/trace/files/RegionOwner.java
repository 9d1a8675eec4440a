package org.damson.trace.files;

import java.util.stream.Stream;
import org.damson.model.Batch;
import org.damson.model.Table;

/** The snapshot to which a row of table {@code regions} belongs, by the values that it repeats of the snapshot's row. */
public final class RegionOwner {
    /** Columns of regions, and those of snapshots that say the same. */
    private static final int[][] SHARED = Stream.of("snapshot_id", "start_ns", "end_ns", "target")
            .map(name -> new int[] {Table.REGIONS.indexOf(name), Table.SNAPSHOTS.indexOf(name)})
            .toArray(int[][]::new);

    private RegionOwner() {}

    /** The columns of regions that tell it. */
    public static boolean[] columns() {
        boolean[] wanted = new boolean[Table.REGIONS.columns().size()];
        for (int[] column : SHARED) {
            wanted[column[0]] = true;
        }
        return wanted;
    }

    /** Whether the region in a row is of the snapshot in a row of {@code heads}. */
    public static boolean is(Batch regions, int region, Batch heads, int head) {
        for (int[] column : SHARED) {
            if (regions.get(column[0], region) != heads.get(column[1], head)) {
                return false;
            }
        }
        return true;
    }
}
