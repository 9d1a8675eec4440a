package org.damson.exchange.build;

import java.nio.file.Path;
import java.util.List;
import org.damson.model.MonitoringAttrs;

/**
 * What the user adds to a recording that does not contain it.
 *
 * @param intervals the monitoring intervals, null if not given
 * @param maps copies of {@code /proc/PID/maps}: what was mapped from the first snapshot on
 * @param vmas what {@code damo record --vmas} wrote, null for the file beside the recording if there is one
 * @param unwinder of copies of user stacks, which stays the caller's; null: they are not unwound
 */
public record ImportOptions(MonitoringAttrs intervals, List<Maps> maps, Path vmas, StackUnwinder unwinder) {
    /** Nothing given. */
    public static final ImportOptions NONE = new ImportOptions(null);

    /**
     * The mappings of a process.
     *
     * @param pid the process, 0 for the recording's only target
     */
    public record Maps(long pid, Path file) {}

    /** Without mappings. */
    public ImportOptions(MonitoringAttrs intervals) {
        this(intervals, List.of(), null, null);
    }
}
