package org.damson.recorder.damon;

import java.util.List;
import java.util.function.Supplier;
import org.damson.damon.setup.DamonSetup;

/**
 * What to record with a kdamond that damson sets up itself.
 *
 * @param setup what the kdamond is to do; processes given elsewhere are added to its targets
 * @param members processes that are targets too as soon as they are in this list, which is asked again and again
 * @param followChildren whether children of targets become targets
 * @param suspendStat whether DAMON_STAT may be stopped meanwhile
 * @param ringBytes size of the trace ring of one CPU, bytes; 0 for the default
 * @param snapshotEveryNs instead of the stream, take a snapshot so often, nanoseconds; 0 = the stream
 * @param snapshots how many of those, 0 = until the targets end
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
