package org.damson.recorder.damon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Manifest.Source;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.recorder.kernel.Kernel;
import org.damson.recorder.kernel.KernelException;
import org.damson.recorder.ring.LiveSource;
import org.damson.recorder.ring.Sampler;

/**
 * Snapshots taken now and then: the regions that the first scheme of a kdamond of one's own was tried on, as sysfs shows
 * them, with the bytes of each that passed the scheme's filters. Ages carry what was between. No tracing.
 */
final class TriedRegionsSource implements LiveSource {
    private static final int SCHEME = 0;
    /** How often it is looked whether the target still runs. */
    private static final long LOOK_NS = 500_000_000;

    private static final int MAX_REGIONS = 1 << 20;

    private final Kernel kernel;
    private final OwnKdamond own;
    private final LongSupplier clock;
    private final long everyNs;
    private final long count;
    private final Path tried;
    private final Batch losses = new Batch(Table.LOSSES);
    private final KdamondCost cost = new KdamondCost();
    private long nextNs;
    private long taken;
    private long lost;

    /**
     * A source over a kdamond that is set up.
     *
     * @param everyNs time between snapshots, nanoseconds
     * @param count snapshots to take, 0 = until the target ends
     */
    TriedRegionsSource(Kernel kernel, OwnKdamond own, long everyNs, long count, LongSupplier clock) {
        this.kernel = kernel;
        this.own = own;
        this.clock = clock;
        this.everyNs = everyNs;
        this.count = count;
        tried = own.context().resolve("schemes/" + SCHEME + "/tried_regions");
    }

    @Override
    public String name() {
        return Source.DAMON.text();
    }

    @Override
    public MonitoringAttrs attrs() {
        return own.attrs();
    }

    @Override
    public void describe(Manifest manifest) {
        manifest.source = name();
        manifest.attrs = attrs();
        ManifestKey.SNAPSHOT_EVERY.put(manifest, everyNs);
        own.describe(manifest.recording);
    }

    @Override
    public void arm() {
        // The kdamond starts with its target.
    }

    @Override
    public void targetsRun() throws IOException {
        own.start(this::lose);
        nextNs = clock.getAsLong() + everyNs;
    }

    private void lose(long fromNs, long toNs, long number, String cause) {
        lost += Math.max(1, number);
        losses.add(fromNs, toNs, "damon", number, cause);
    }

    @Override
    public long[] pids() {
        return own.pids();
    }

    @Override
    public boolean next(Snapshot into) throws IOException, InterruptedException {
        while (count == 0 || taken < count) {
            long leftNs;
            while ((leftNs = nextNs - clock.getAsLong()) > 0) {
                if (!look(nextNs - leftNs)) {
                    return false;
                }
                long sleepNs = Math.min(leftNs, LOOK_NS);
                Thread.sleep(sleepNs / 1_000_000, (int) (sleepNs % 1_000_000));
            }
            long nowNs = clock.getAsLong();
            // One that is late is not made up for.
            nextNs = Math.max(nextNs + everyNs, nowNs);
            if (!look(nowNs)) {
                return false;
            }
            try {
                own.command("update_schemes_tried_regions");
                read(into);
            } catch (KernelException e) {
                // The kdamond may have ended between the look and this; the next look tells.
                lose(nowNs, nowNs, 1, "snapshot refused: " + e.getMessage());
                continue;
            }
            taken++;
            return true;
        }
        return false;
    }

    private boolean look(long nowNs) throws IOException {
        cost.look(own.thread());
        return own.tick(nowNs);
    }

    private void read(Snapshot into) throws IOException {
        into.clear();
        into.scheme = SCHEME;
        into.endNs = clock.getAsLong();
        into.sampleUs =
                kernel.number(own.context().resolve("monitoring_attrs/intervals/sample_us"), attrs().sampleUs());
        into.aggrUs = kernel.number(own.context().resolve("monitoring_attrs/intervals/aggr_us"), attrs().aggrUs());
        into.startNs = into.endNs - into.aggrUs * 1000;
        into.columns = Snapshot.HAS_AGE;
        long unit = own.setup().addrUnit();
        List<Path> regions = kernel.numbered(tried);
        if (regions.size() > MAX_REGIONS) {
            throw new IOException(tried + " has more regions than DAMON can have");
        }
        boolean filters = !own.setup().schemes().get(SCHEME).filters().isEmpty()
                && !regions.isEmpty()
                && kernel.has(regions.get(0).resolve("sz_filter_passed"));
        if (filters) {
            into.columns |= Snapshot.HAS_FILTER_PASSED;
        }
        into.reserve(regions.size());
        for (Path region : regions) {
            long start = number(region, "start") * unit;
            long end = number(region, "end") * unit;
            if (Long.compareUnsigned(start, end) >= 0
                    || into.regions > 0 && Long.compareUnsigned(start, into.end[into.regions - 1]) < 0) {
                into.lost++;
                continue;
            }
            int r = into.add(start, end, (int) number(region, "nr_accesses"), (int) number(region, "age"));
            if (filters) {
                into.filterPassed[r] = number(region, "sz_filter_passed") * unit;
            }
        }
        if (into.lost > 0) {
            lose(into.startNs, into.endNs, into.lost, "regions that overlap or are empty");
        }
    }

    private long number(Path region, String file) throws IOException {
        return Long.parseUnsignedLong(kernel.read(region.resolve(file)).trim());
    }

    @Override
    public List<Sampler> samplers() {
        return List.of(new Sampler() {
            @Override
            public Table table() {
                return Table.LOSSES;
            }

            @Override
            public void sample(long timeNs, Batch out) {
                for (int i = 0; i < losses.rows(); i++) {
                    out.addRow(losses, i);
                }
                losses.clear();
            }
        });
    }

    @Override
    public long lostEvents() {
        return lost;
    }

    @Override
    public long kdamondCpuNs() {
        return cost.sumNs();
    }

    @Override
    public void summarize(Manifest manifest) {
        cost.describe(manifest.recording);
        own.summarize(manifest.recording);
    }

    @Override
    public void close() throws IOException {
        own.close();
    }
}
