package org.damson.model.summary;

import java.util.HashSet;
import java.util.Set;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;

/** The targets that snapshots of a trace are of. Reports keep something of each, and millions of them fit into a few hundred bytes. */
public final class DistinctTargets {
    /** More than the processes of a long build, each of which is a target of referenced bits. */
    public static final int MAX = 1 << 16;

    private static final int KDAMOND = Table.SNAPSHOTS.indexOf("kdamond");
    private static final int CONTEXT = Table.SNAPSHOTS.indexOf("context");
    private static final int SCHEME = Table.SNAPSHOTS.indexOf("scheme");
    private static final int TARGET = Table.SNAPSHOTS.indexOf("target");

    private final String trace;
    private final Set<StreamKey> seen = new HashSet<>();
    private StreamKey last = new StreamKey(-1, -1, -1, -1);

    /** @param trace its name, for the message */
    public DistinctTargets(String trace) {
        this.trace = trace;
    }

    /**
     * Takes rows of the table of snapshots.
     *
     * @throws TraceFormatException if there were more than {@link #MAX} targets in them, with those taken before
     */
    public void take(Batch snapshots) throws TraceFormatException {
        for (int row = 0; row < snapshots.rows(); row++) {
            if (last.target() == snapshots.get(TARGET, row)
                    && last.kdamond() == (int) snapshots.get(KDAMOND, row)
                    && last.context() == (int) snapshots.get(CONTEXT, row)
                    && last.scheme() == (int) snapshots.get(SCHEME, row)) {
                continue;
            }
            last = new StreamKey(
                    (int) snapshots.get(KDAMOND, row),
                    (int) snapshots.get(CONTEXT, row),
                    (int) snapshots.get(SCHEME, row),
                    snapshots.get(TARGET, row));
            if (seen.add(last)) {
                check(trace, seen.size());
            }
        }
    }

    static void check(String trace, int targets) throws TraceFormatException {
        if (targets > MAX) {
            throw new TraceFormatException(trace, "", "is of more than " + MAX + " targets");
        }
    }
}
