package org.damson.api;

import java.util.ArrayList;
import java.util.List;

/** A snapshot that a program made. */
record GivenSnapshot(long target, long startNs, long endNs, long sampleUs, long aggrUs, List<Region> all)
        implements Snapshot {
    record Region(long start, long end, int accesses, int age) {}

    static final class Making implements Builder {
        private final long target;
        private final List<Region> regions = new ArrayList<>();
        private long startNs;
        private long endNs;
        private long sampleUs = 5_000;
        private long aggrUs = 100_000;

        Making(long target) {
            this.target = target;
        }

        @Override
        public Builder time(long fromNs, long toNs) {
            startNs = fromNs;
            endNs = toNs;
            return this;
        }

        @Override
        public Builder intervals(long sample, long aggregation) {
            sampleUs = sample;
            aggrUs = aggregation;
            return this;
        }

        @Override
        public Builder region(long start, long end, int accesses, int age) {
            regions.add(new Region(start, end, accesses, age));
            return this;
        }

        @Override
        public Snapshot build() {
            return new GivenSnapshot(target, startNs, endNs, sampleUs, aggrUs, List.copyOf(regions));
        }
    }

    @Override
    public int kdamond() {
        return 0;
    }

    @Override
    public int context() {
        return 0;
    }

    @Override
    public int scheme() {
        return -1;
    }

    @Override
    public long lostRegions() {
        return 0;
    }

    @Override
    public int regions() {
        return all.size();
    }

    @Override
    public long start(int i) {
        return all.get(i).start();
    }

    @Override
    public long end(int i) {
        return all.get(i).end();
    }

    @Override
    public int accesses(int i) {
        return all.get(i).accesses();
    }

    @Override
    public int age(int i) {
        return all.get(i).age();
    }

    @Override
    public long referencedBytes(int i) {
        return NOT_KNOWN;
    }
}
