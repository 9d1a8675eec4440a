package org.damson.analyzer.closedloop;

import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import org.damson.analyzer.damos.DamonCore;
import org.damson.analyzer.damos.Damos;
import org.damson.analyzer.damos.KernelVersion;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.damos.Regions;
import org.damson.analyzer.damos.SchemeState;
import org.damson.analyzer.damos.SchemeStats;
import org.damson.analyzer.damos.TriedListener;
import org.damson.analyzer.memory.MappedMemory;
import org.damson.analyzer.memory.MemoryModel;
import org.damson.analyzer.memory.Outcome;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.scan.Arithmetic;
import org.damson.damon.scheme.Scheme;
import org.damson.model.InvalidInputException;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;

/**
 * A kdamond over a program whose accesses are known: sampling, merging, splitting, following the mappings, tuning of
 * intervals, and schemes, in the kernel's order. The same seed gives the same run. One target.
 */
public final class Kdamond {
    /**
     * Options of the simulated kdamond.
     *
     * @param attrs intervals and bounds of the number of regions
     * @param version the kernel version to emulate
     * @param tickNs real time of one sampling interval, work included; 0: the interval itself
     * @param detection probability that an access is seen at all: emulated and huge TLBs hide some
     * @param goal tuning of intervals; null: none
     */
    public record Options(
            MonitoringAttrs attrs,
            KernelVersion version,
            long tickNs,
            double detection,
            IntervalsGoal goal,
            List<Scheme> schemes,
            OutcomeOptions outcome,
            long seed) {
        public Options {
            if (attrs.sampleUs() < 1 || attrs.aggrUs() < attrs.sampleUs() || tickNs < 0) {
                throw new InvalidInputException("intervals must satisfy 0 < sample <= aggregation");
            }
            if (!(detection > 0 && detection <= 1)) {
                throw new InvalidInputException("the probability of detection must be above 0 and at most 1");
            }
            if (attrs.minRegions() < 3 || attrs.maxRegions() < attrs.minRegions()) {
                throw new InvalidInputException("3 <= minimum number of regions <= maximum");
            }
            schemes = List.copyOf(schemes);
        }
    }

    /**
     * Goal of the tuning of intervals.
     *
     * @param accessBp share of all possible accesses to be seen, 1/100 %
     * @param aggrs aggregations between two changes
     */
    public record IntervalsGoal(long accessBp, long aggrs, long minSampleUs, long maxSampleUs) {
        /** Like DAMON_STAT. */
        public static final IntervalsGoal DAMON_STAT = new IntervalsGoal(400, 3, 5_000, 10_000_000);
    }

    private static final long MIN_SIZE = 4096;
    private static final long ID = 0;

    private final Options options;
    private final GroundTruth truth;
    private final GroundTruth aggregated;
    private final SplittableRandom random;
    private final Damos damos;
    private final MemoryModel model;
    private final Regions[] regions = {new Regions()};
    private final long[] ids = {ID};
    private long[] addresses = new long[64];
    private long sampleUs;
    private long aggrUs;
    private final long aggrSamples;
    private long nowNs;
    private long aggregationFromNs;
    private long passed;
    private long nextAggregation;
    private long nextUpdate;
    private long nextTuning;
    private long sizeLimit;
    private int lastRegions;
    private long rotation;
    private double[] shares = new double[16];
    private final Snapshot touched = new Snapshot();
    private long ticks;
    private long[] schedule;
    private int turn;
    private TriedListener listener;

    /**
     * A kdamond at the beginning of a plan.
     *
     * @param plan makes the truth; called twice, because two clocks walk through it
     */
    public Kdamond(Options options, java.util.function.Supplier<? extends GroundTruth> plan) throws IOException {
        this(options, plan.get(), plan.get(), 0);
    }

    /** Adds a listener to every region that a scheme is about to be applied to. */
    public void listen(TriedListener to) {
        listener = to;
    }

    private void tried(int scheme, long target, long start, long end, int nr, int age) {
        if (listener != null) {
            listener.tried(scheme, target, start, end, nr, age);
        }
    }

    Kdamond(Options options, GroundTruth truth, GroundTruth aggregated, long startNs) throws IOException {
        this.options = options;
        this.truth = truth;
        this.aggregated = aggregated;
        random = new SplittableRandom(options.seed());
        nowNs = startNs;
        aggregationFromNs = startNs;
        setIntervals(options.attrs().sampleUs(), options.attrs().aggrUs());
        aggrSamples = aggrUs / sampleUs;
        OpenLoopOptions loop = new OpenLoopOptions(options.version(), false, MIN_SIZE);
        model = new MemoryModel(
                MappedMemory.UNKNOWN, loop, options.outcome(), options.schemes().size(), this::tried);
        damos = new Damos(options.version(), Damos.Ops.VADDR, sampleUs, aggrUs, MIN_SIZE, options.schemes(), model);
        nextAggregation = aggrUs / sampleUs;
        nextUpdate = Math.max(1, options.attrs().updateUs() / sampleUs);
        nextTuning = options.goal() == null ? 0 : aggrSamples * options.goal().aggrs();
        truth.window(startNs, startNs + 1);
        long[] ranges = DamonCore.threeRanges(truth.areas());
        if (ranges == null) {
            throw new InvalidInputException("DAMON needs mappings with two gaps to find its three ranges");
        }
        regions[0] = DamonCore.initial(ranges, options.attrs().minRegions(), MIN_SIZE);
        sizeLimit = sizeLimit();
        limitSizes(regions[0]);
    }

    /** Since 7.1 no region remains larger than the least number of regions allows. */
    private void limitSizes(Regions r) {
        if (options.version().isSince7()) {
            sizeLimit = Arithmetic.alignDown(sizeLimit() + MIN_SIZE - 1, MIN_SIZE);
            DamonCore.limit(r, sizeLimit);
        }
    }

    /** What the program has mapped now: ascending pairs of start and end. */
    public long[] areas() {
        return truth.areas();
    }

    /** Aggregations end at these times, as they did in a recording, instead of after equal ticks. */
    void follow(long[] endsNs) {
        schedule = endsNs.clone();
    }

    private void setIntervals(long newSampleUs, long newAggrUs) {
        sampleUs = newSampleUs;
        aggrUs = newAggrUs;
    }

    private long sizeLimit() {
        long all = 0;
        for (int i = 0; i < regions[0].n; i++) {
            all += regions[0].size(i);
        }
        return Math.max(MIN_SIZE, all / Math.max(1, options.attrs().minRegions()));
    }

    /** Samples until the next aggregation is done and fills {@code into}; false at the end of the plan. */
    public boolean next(Snapshot into) throws IOException {
        while (true) {
            long tickNs = options.tickNs() > 0 ? options.tickNs() : sampleUs * 1000;
            if (schedule != null) {
                if (turn >= schedule.length) {
                    return false;
                }
                tickNs = Math.max(1, (schedule[turn] - aggregationFromNs) / Math.max(1, aggrUs / sampleUs));
            }
            if (nowNs + tickNs > truth.endNs()) {
                return false;
            }
            if (tick(tickNs, into)) {
                turn++;
                return true;
            }
        }
    }

    private boolean tick(long tickNs, Snapshot into) throws IOException {
        Regions r = regions[0];
        long at = nextAggregation;
        long update = nextUpdate;
        truth.window(nowNs, nowNs + tickNs);
        nowNs += tickNs;
        passed++;
        ticks++;
        if (!damos.watch()) {
            // All schemes asleep: the kernel waits and does not look.
            return false;
        }
        int most = sample(r);
        boolean ends = passed >= at;
        if (ends) {
            merge(r, most / 10);
            limitSizes(r);
            model.turnBegins(0, 0, aggregationFromNs, nowNs);
            tellTouched();
        }
        if (options.version().joins()) {
            damos.maxJoinedBytes = sizeLimit();
        }
        damos.turn(passed, nowNs / 1_000_000, regions, ids, 1);
        if (ends) {
            model.turnEnds();
            if (options.goal() != null && passed >= nextTuning) {
                nextTuning += aggrSamples * options.goal().aggrs();
                tune(r);
            }
            nextAggregation = at + aggrUs / sampleUs;
            emit(r, into);
            for (int i = 0; i < r.n; i++) {
                r.bp[i] = r.nr[i] * 10_000;
                r.lastNr[i] = r.nr[i];
                r.nr[i] = 0;
            }
            split(r);
            aggregationFromNs = nowNs;
        }
        if (passed >= update) {
            nextUpdate = update + Math.max(1, options.attrs().updateUs() / sampleUs);
            long[] ranges = DamonCore.threeRanges(truth.areas());
            if (ranges != null) {
                DamonCore.setRegions(r, ranges, MIN_SIZE);
            }
            if (!options.version().isSince7()) {
                sizeLimit = sizeLimit();
            }
        }
        return ends;
    }

    /** One page of every region; returns the greatest count so far. */
    private int sample(Regions r) {
        int samples = (int) Math.max(1, aggrUs / sampleUs);
        int most = 0;
        for (int i = 0; i < r.n; i++) {
            // The kernel's random number has 32 bits: beyond 4 GiB only the rest of the size is ever looked at.
            long span = r.size(i) & 0xffff_ffffL;
            long offset = span == 0 ? random.nextLong() & 0xffff_ffffL : below(span);
            double p = truth.touched(r.start[i] + offset) * options.detection();
            boolean accessed = p >= 1 || p > 0 && random.nextDouble() < p;
            DamonCore.account(r, i, accessed, samples);
            most = Math.max(most, r.nr[i]);
        }
        return most;
    }

    /** Evenly below a bound of at most 2^32, by multiplication as the kernel does it. */
    private long below(long bound) {
        return ((random.nextLong() & 0xffff_ffffL) * bound) >>> 32;
    }

    private void merge(Regions r, int first) {
        int threshold = first;
        int greatest = (int) Math.max(1, aggrUs / sampleUs);
        boolean counts = true;
        do {
            // Since 7.2 an aggregation makes regions older by one, however often it merges.
            DamonCore.merge(
                    r, threshold, sizeLimit, counts || !options.version().joins());
            counts = false;
            threshold = Math.max(1, threshold * 2);
        } while (r.n > options.attrs().maxRegions() && threshold / 2 < greatest);
    }

    private void split(Regions r) {
        int n = r.n;
        long max = options.attrs().maxRegions();
        if (n > max / 2) {
            if (options.version().splitsSome()) {
                if (n < max) {
                    long step = max / (max - n);
                    DamonCore.splitSome(r, step, rotation++ % step, MIN_SIZE, random);
                }
                lastRegions = n;
            }
            return;
        }
        int pieces = n == lastRegions && n < max / 3 ? 3 : 2;
        DamonCore.split(r, pieces, MIN_SIZE, random);
        lastRegions = n;
    }

    private void tune(Regions r) {
        Kdamond.IntervalsGoal g = options.goal();
        long events = 0;
        long possible = 0;
        for (int i = 0; i < r.n; i++) {
            events += r.size(i) * r.nr[i];
            possible += r.size(i) * aggrSamples;
        }
        long target = Math.max(1, Arithmetic.multFrac(possible, g.accessBp(), 10_000));
        long score = Arithmetic.multFrac(events, 10_000, target);
        long adapt = Long.divideUnsigned(Arithmetic.feedLoop(100_000_000, score), 10_000);
        if (adapt <= 10_000) {
            adapt = 5_000 + adapt / 2;
        }
        if (adapt == 10_000) {
            return;
        }
        long sample = Math.max(g.minSampleUs(), Math.min(g.maxSampleUs(), sampleUs * adapt / 10_000));
        long aggregation = sample * aggrSamples;
        for (int i = 0; i < r.n; i++) {
            DamonCore.convert(r, i, sampleUs, aggrUs, sample, aggregation);
        }
        setIntervals(sample, aggregation);
        damos.sampleUs = sample;
        damos.aggrUs = aggregation;
        nextUpdate = passed + Math.max(1, options.attrs().updateUs() / sample);
        for (SchemeState s : damos.schemes) {
            s.nextApply = passed + damos.applyTicks(s.scheme);
        }
    }

    /** Tells the memory model what really was touched. */
    private void tellTouched() {
        touched.clear();
        touched.sampleUs = 1;
        touched.aggrUs = 1;
        aggregated.window(aggregationFromNs, nowNs);
        aggregated.each((start, end, share) -> {
            if (share > 0) {
                if (shares.length <= touched.regions) {
                    shares = java.util.Arrays.copyOf(shares, shares.length * 2);
                }
                shares[touched.add(start, end, 1, 0)] = share;
            }
        });
        touched.target = ID;
        model.accesses(touched, shares);
    }

    private void emit(Regions r, Snapshot into) {
        into.clear();
        into.reserve(r.n);
        System.arraycopy(r.start, 0, into.start, 0, r.n);
        System.arraycopy(r.end, 0, into.end, 0, r.n);
        System.arraycopy(r.nr, 0, into.nrAccesses, 0, r.n);
        System.arraycopy(r.age, 0, into.age, 0, r.n);
        into.regions = r.n;
        into.columns = Snapshot.HAS_AGE;
        into.target = ID;
        into.startNs = aggregationFromNs;
        into.endNs = nowNs;
        into.sampleUs = sampleUs;
        into.aggrUs = aggrUs;
    }

    /** Regions that there are now. */
    public int nrRegions() {
        return regions[0].n;
    }

    /** Samples taken. */
    public long ticks() {
        return ticks;
    }

    /** Time simulated, nanoseconds. */
    public long nowNs() {
        return nowNs;
    }

    /** The counters of a scheme. */
    public SchemeStats stats(int scheme) {
        return damos.schemes.get(scheme).stats;
    }

    /** The outcome for memory and time. */
    public Outcome outcome() {
        return model.outcome();
    }
}
