package org.damson.analyzer.scan;

import java.util.Arrays;
import org.damson.model.Snapshot;

/**
 * What of a region counts in reports on idle memory, bytes. A region of DAMON counts whole. Of a mapping that was recorded
 * through referenced bits only what was ever seen touched does: of the rest nothing tells that it is there at all. Of a
 * mapping in use, that part of it which the mean sample does not find has been idle for an unknown time. All together is no
 * more than was resident so far. Takes the snapshots of one target in order.
 */
public final class SeenBytes {
    private final ResidentSoFar resident;
    private final KnownBytes known = new KnownBytes();
    private boolean partial;
    private double[] touched = new double[64];
    private double[] idle = new double[64];
    private double[] undecided = new double[64];

    public SeenBytes(ResidentSoFar resident) {
        this.resident = resident;
    }

    public void add(Snapshot s) {
        partial |= TouchedBytes.isPartial(s);
        if (touched.length < s.regions) {
            touched = new double[s.regions * 2];
            idle = new double[s.regions * 2];
            undecided = new double[s.regions * 2];
        }
        Arrays.fill(undecided, 0, s.regions, 0);
        if (s.regions == 0) {
            known.add(s); // nothing is mapped any more
        }
        if (!TouchedBytes.isPartial(s)) {
            for (int i = 0; i < s.regions; i++) {
                boolean isTouched = s.isAccessed(i);
                double bytes = Scan.bytes(s.end[i] - s.start[i]);
                touched[i] = isTouched ? bytes : 0;
                idle[i] = isTouched ? 0 : bytes;
            }
            return;
        }
        known.add(s);
        double now = 0;
        double rest = 0;
        for (int i = 0; i < s.regions; i++) {
            touched[i] = TouchedBytes.perSample(s, i);
            double seen = Math.max(0, known.now(i) - touched[i]);
            idle[i] = s.isAccessed(i) ? 0 : seen;
            undecided[i] = s.isAccessed(i) ? seen : 0;
            now += touched[i];
            rest += seen;
        }
        long most = resident.until(s.target, s.endNs);
        if (most >= 0 && now + rest > most) {
            double share = Math.max(0, most - now) / rest;
            for (int i = 0; i < s.regions && rest > 0; i++) {
                idle[i] *= share;
                undecided[i] *= share;
            }
        }
    }

    /** Whether regions are mappings. */
    public boolean isPartial() {
        return partial;
    }

    /** Touched in a sample of the snapshot added last. */
    public double touched(int i) {
        return touched[i];
    }

    /** Not touched since the region's idle time. */
    public double idle(int i) {
        return idle[i];
    }

    /** Seen touched before, not in an average sample, and idle since when is not known. */
    public double undecided(int i) {
        return undecided[i];
    }
}
