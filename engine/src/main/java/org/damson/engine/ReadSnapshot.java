package org.damson.engine;

import org.damson.api.Snapshot;

/** A snapshot of a trace, kept. */
final class ReadSnapshot implements Snapshot {
    /** All that the trace has of it. */
    final org.damson.model.Snapshot stored = new org.damson.model.Snapshot();

    ReadSnapshot(org.damson.model.Snapshot from) {
        stored.copyFrom(from);
    }

    @Override
    public long target() {
        return stored.target;
    }

    @Override
    public int kdamond() {
        return stored.kdamond;
    }

    @Override
    public int context() {
        return stored.context;
    }

    @Override
    public int scheme() {
        return stored.scheme;
    }

    @Override
    public long startNs() {
        return stored.startNs;
    }

    @Override
    public long endNs() {
        return stored.endNs;
    }

    @Override
    public long sampleUs() {
        return stored.sampleUs;
    }

    @Override
    public long aggrUs() {
        return stored.aggrUs;
    }

    @Override
    public long lostRegions() {
        return stored.lost;
    }

    @Override
    public int regions() {
        return stored.regions;
    }

    @Override
    public long start(int i) {
        return stored.start[checked(i)];
    }

    @Override
    public long end(int i) {
        return stored.end[checked(i)];
    }

    @Override
    public int accesses(int i) {
        return stored.nrAccesses[checked(i)];
    }

    @Override
    public int age(int i) {
        return stored.has(org.damson.model.Snapshot.HAS_AGE) ? stored.age[checked(i)] : (int) NOT_KNOWN;
    }

    @Override
    public long referencedBytes(int i) {
        return stored.has(org.damson.model.Snapshot.HAS_REFERENCED) ? stored.referencedMean[checked(i)] : NOT_KNOWN;
    }

    /** Arrays are longer than the snapshot. */
    private int checked(int i) {
        if (i < 0 || i >= stored.regions) {
            throw new IndexOutOfBoundsException("region " + i + " of " + stored.regions);
        }
        return i;
    }
}
