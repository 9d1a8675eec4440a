package org.damson.recorder.damon;

import java.util.List;
import java.util.function.Supplier;
import org.damson.damon.setup.DamonSetup;

/**
 * A recording with a kdamond that damson sets up.
 *
 * @param setup set-up of the kdamond; processes given elsewhere are added to its targets
 * @param members supplies further target processes; polled while recording
 * @param followChildren whether children of targets become targets
 * @param suspendStat whether DAMON_STAT may be stopped while recording
 * @param ringBytes size of the trace ring of one CPU, bytes; 0 for the default
 * @param snapshotEveryNs snapshot interval, nanoseconds; 0 = record the stream of aggregations
 * @param snapshots number of those snapshots; 0 = until the targets end
 */
public record DamonRequest(
        DamonSetup setup,
        Supplier<List<Long>> members,
        boolean followChildren,
        boolean suspendStat,
        long ringBytes,
        long snapshotEveryNs,
        long snapshots) {
    /** The same with another set-up. */
    public DamonRequest with(DamonSetup other) {
        return new DamonRequest(other, members, followChildren, suspendStat, ringBytes, snapshotEveryNs, snapshots);
    }
}
