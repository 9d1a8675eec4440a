package org.damson.recorder;

import java.util.SplittableRandom;
import org.damson.model.Manifest;
import org.damson.model.Manifest.Source;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.recorder.ring.LiveSource;

/**
 * Synthetic snapshots for tests and benchmarks: regions side by side, a hot band that moves on, and some whose heat and
 * upper bound change, as DAMON's splits and merges change them: the neighbours' other bounds stay. The same arguments
 * give the same snapshots. Does not wait; times are counted, not read.
 */
public final class SyntheticSource implements LiveSource {
    private static final long BASE = 0x7f00_0000_0000L;
    private static final MonitoringAttrs ATTRS =
            new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);

    private final long seed;
    private final long count;
    private final SplittableRandom random;
    private final double churn;
    /** In pages from {@link #BASE}: region i is {@code [bounds[i], bounds[i + 1])}. */
    private final int[] bounds;

    private final int[] ages;
    private final int[] accesses;
    private long made;

    /**
     * A new source.
     *
     * @param snapshots how many it gives
     * @param regions in each
     * @param churn share of the regions that change in a snapshot, 0 to 1
     */
    public SyntheticSource(long seed, long snapshots, int regions, double churn) {
        this.seed = seed;
        this.count = snapshots;
        this.churn = churn;
        random = new SplittableRandom(seed);
        bounds = new int[regions + 1];
        ages = new int[regions];
        accesses = new int[regions];
        for (int i = 0; i < regions; i++) {
            bounds[i + 1] = bounds[i] + 1 + random.nextInt(1000);
        }
    }

    @Override
    public String name() {
        return Source.SYNTHETIC.text();
    }

    @Override
    public MonitoringAttrs attrs() {
        return ATTRS;
    }

    @Override
    public void arm() {
        // Nothing runs.
    }

    @Override
    public long[] pids() {
        return new long[0];
    }

    @Override
    public void describe(Manifest manifest) {
        manifest.source = name();
        manifest.attrs = ATTRS;
        ManifestKey.SYNTHETIC_SEED.put(manifest, seed);
    }

    @Override
    public boolean next(Snapshot into) {
        if (made >= count) {
            return false;
        }
        into.clear();
        long aggrNs = ATTRS.aggrUs() * 1000;
        into.startNs = made * aggrNs;
        into.endNs = into.startNs + aggrNs;
        into.sampleUs = ATTRS.sampleUs();
        into.aggrUs = ATTRS.aggrUs();
        into.columns = Snapshot.HAS_AGE;
        int n = ages.length;
        into.reserve(n);
        int max = into.maxNrAccesses();
        for (int i = 0; i < n; i++) {
            if (random.nextDouble() < churn) {
                moveUpperBound(i);
                boolean hot = Math.floorMod(i - made, (long) n) * 4 < n;
                accesses[i] = hot ? max - random.nextInt(max / 2) : random.nextInt(max / 8 + 1);
                ages[i] = 0;
            } else if (made > 0) {
                ages[i]++;
            }
        }
        for (int i = 0; i < n; i++) {
            into.add(BASE + bounds[i] * 4096L, BASE + bounds[i + 1] * 4096L, accesses[i], ages[i]);
        }
        made++;
        return true;
    }

    /** Between the bounds below and above it, so that nothing else moves and no region is empty. */
    private void moveUpperBound(int i) {
        if (i + 2 < bounds.length && bounds[i + 2] - bounds[i] > 2) {
            bounds[i + 1] = bounds[i] + 1 + random.nextInt(bounds[i + 2] - bounds[i] - 1);
        }
    }

    @Override
    public void close() {}
}
