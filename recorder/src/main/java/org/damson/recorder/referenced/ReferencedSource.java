package org.damson.recorder.referenced;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Manifest.Source;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.recorder.ring.LiveSource;
import org.damson.recorder.ring.Sampler;

/**
 * Access snapshots without DAMON: the referenced bits are cleared at the start of a sample and read at its end, mapping
 * by mapping. A region is a mapping, a target is a process (its id is the pid), {@code nr_accesses} is the number of
 * samples in which any page of the mapping was referenced. An approximation: see {@link #DISTORTION}.
 */
public final class ReferencedSource implements LiveSource {
    /** The limits of referenced bits, as text for the manifest and for people. */
    public static final String DISTORTION = "Referenced bits are an approximation: clearing them alone does not flush"
            + " the TLB, so without a flush memory in steady use reads low where the processor, or a hypervisor's shadow"
            + " page tables, keep entries; bits are per page table entry, so a huge page counts as a whole; the kernel's"
            + " own reclaim clears them too; shared pages count for each process that touched them.";

    /** Ranges of pages that a snapshot tells apart by how often they were written: as many as DAMON has regions by default. */
    static final int MAX_RANGES = 1000;

    /** How long the end of all targets may stay unseen between samples. */
    private static final long LIVENESS_NS = 50_000_000;

    private final ReferencedConfig config;
    private final LongSupplier clock;
    private final LongSupplier cpuClock;
    private final ClearRefs clearRefs;
    private final ReferencedTargets targets;
    private final ArrayDeque<ReferencedTarget> ready = new ArrayDeque<>();
    private Consumer<String> notices = line -> {};
    private long startNs;
    private long endNs;
    private int samples;
    /** A sample has begun: the bits are cleared. */
    private boolean armed;
    /** An aggregation has begun that is not in {@link #ready} yet. */
    private boolean open;

    /** When the last sample began; before the first one, when the source was opened. */
    private long sampleBegunNs;
    /** How long it took to clear the bits of all targets. */
    private long clearNs;

    private long cpuAtBeginNs = -1;
    /** CPU time from the beginning of the last sample to that of this one, all that the thread did. */
    private long lastCostNs;

    private final WrittenRuns runs = new WrittenRuns();
    private final Batch writes = new Batch(Table.WRITES);
    private final Batch sampling = new Batch(Table.SAMPLING);

    private final SamplePacer pacer;
    private final PaceReport report;
    /** A source that counts the CPU time of the thread that calls it. */
    public ReferencedSource(ReferencedConfig config, LongSupplier clock) throws IOException {
        this(config, clock, ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime, Path.of("/proc"));
    }

    /**
     * A source; checks at once that the processes are there and may be read.
     *
     * @param clock the trace's clock, nanoseconds, in step with real time
     * @param cpuClock CPU time of the calling thread, nanoseconds
     * @param proc where processes are
     * @throws IOException if a process does not exist or may not be read, one line that says which
     */
    public ReferencedSource(ReferencedConfig config, LongSupplier clock, LongSupplier cpuClock, Path proc)
            throws IOException {
        this.config = config;
        this.clock = clock;
        this.cpuClock = cpuClock;
        OverheadBudget overhead = config.overhead();
        clearRefs = new ClearRefs(
                overhead.tlbFlush(),
                overhead.shouldFlush(),
                line -> notices.accept(line),
                ClearRefs::write,
                proc.toString());
        sampleBegunNs = clock.getAsLong();
        pacer = new SamplePacer(overhead, sampleBegunNs);
        report = new PaceReport(config, clearRefs, pacer, line -> notices.accept(line));
        targets = new ReferencedTargets(config, report, proc);
    }

    @Override
    public String name() {
        return Source.REFERENCED.text();
    }

    @Override
    public MonitoringAttrs attrs() {
        return new MonitoringAttrs(
                config.sampleUs(), config.aggrUs(), 0, 0, 0, MonitoringAttrs.IntervalsOrigin.RECORDED);
    }

    @Override
    public void describe(Manifest manifest) {
        manifest.source = name();
        manifest.attrs = attrs();
        ManifestKey.PIDS_RECORDED.put(manifest, config.pids());
        ManifestKey.DISTORTION.put(manifest, DISTORTION);
        ManifestKey.MAX_CPU_SHARE.put(manifest, config.maxCpuShare());
        ManifestKey.FOLLOW_CHILDREN.put(manifest, config.followChildren());
        report.describe(manifest.recording);
        if (config.written()) {
            ManifestKey.WRITTEN.put(manifest, true);
        }
    }

    @Override
    public boolean next(Snapshot into) throws IOException, InterruptedException {
        while (ready.isEmpty()) {
            if (targets.isEmpty()) {
                return false;
            }
            aggregate();
        }
        emit(ready.poll(), into);
        return true;
    }

    @Override
    public void close() {
        targets.clear();
        ready.clear();
    }

    @Override
    public long[] pids() {
        return targets.pids();
    }

    @Override
    public void tellTo(Consumer<String> notices) {
        this.notices = notices;
    }

    @Override
    public void summarize(Manifest manifest) {
        report.summarize(manifest.recording, targets.touchedNs(), clock.getAsLong());
        if (config.written()) {
            ManifestKey.WRITTEN_TOLD.put(manifest, targets.tally().told);
            ManifestKey.WRITTEN_NOT_KNOWN.put(manifest, targets.tally().notKnown);
        }
    }

    /** When samples were taken and where was written, handed over after each snapshot. */
    @Override
    public List<Sampler> samplers() {
        return config.written() ? List.of(new Rows(writes), new Rows(sampling)) : List.of(new Rows(sampling));
    }

    private record Rows(Batch rows) implements Sampler {
        @Override
        public Table table() {
            return rows.table();
        }

        @Override
        public boolean followsSnapshots() {
            return true;
        }

        @Override
        public void sample(long timeNs, Batch out) {
            out.append(rows);
            rows.clear();
        }
    }

    @Override
    public String pace() {
        return report.line();
    }

    /** If the first sample exceeds the budget, it begins later. */
    @Override
    public void arm() throws IOException {
        if (armed) {
            return;
        }
        targets.addChildren();
        targets.look();
        if (!targets.isEmpty() && !isHeldBack(clock.getAsLong())) {
            clear();
        }
    }

    private boolean isHeldBack(long nowNs) {
        report.seen(targets.touchedNs(), nowNs);
        return pacer.allowedAtNs(targets.touchedNs(), nowNs) > nowNs;
    }

    /** Begins a sample. */
    private void clear() throws IOException {
        long cpuNs = cpuClock.getAsLong();
        lastCostNs = cpuAtBeginNs < 0 ? 0 : cpuNs - cpuAtBeginNs;
        cpuAtBeginNs = cpuNs;
        sampleBegunNs = clock.getAsLong();
        pacer.cleared(targets.touchedNs(), targets.residentNs(), sampleBegunNs);
        report.begun(sampleBegunNs);
        for (long pid : pids()) {
            clearRefs.clear(pid);
        }
        clearNs = clock.getAsLong() - sampleBegunNs;
        armed = true;
    }

    private void aggregate() throws IOException, InterruptedException {
        targets.beginAggregation();
        samples = 0;
        if (!armed) {
            awaitTurn(clock.getAsLong());
            clear();
        }
        startNs = sampleBegunNs;
        endNs = startNs;
        open = true;
        long untilNs = startNs + config.aggrUs() * 1000;
        do {
            if (!armed) {
                clear();
            }
            sleepUntil(sampleBegunNs + config.sampleUs() * 1000);
            long readFromNs = clock.getAsLong();
            boolean read = targets.sample(samples);
            armed = false;
            if (read) { // else the targets ended before their memory could be read
                samples++;
                long readNs = clock.getAsLong();
                sampling.add(sampleBegunNs, readNs, clearNs, readNs - readFromNs);
                // What the last sample cost is spread over so long a time that it is within its share of a CPU.
                long cpuPeriodNs = (long) (lastCostNs / config.maxCpuShare());
                report.sampled(cpuPeriodNs > config.sampleUs() * 1000);
                awaitTurn(sampleBegunNs + cpuPeriodNs);
                endNs = clock.getAsLong();
            }
            // Half a period of tolerance: the last sample ends a little after the aggregation should.
        } while (!targets.isEmpty() && endNs + config.sampleUs() * 500 < untilNs);
        closeAggregation();
    }

    /**
     * Waits until the next sample may begin: what this one cost is then within the share of a CPU and the next is going to
     * be within the budget.
     *
     * @param earliestNs not before, whatever the budget allows
     */
    private void awaitTurn(long earliestNs) throws IOException, InterruptedException {
        if (targets.addChildren()) {
            targets.look();
        }
        long nowNs = clock.getAsLong();
        if (earliestNs > nowNs && sleepWithoutLook(earliestNs, nowNs)) {
            return;
        }
        while (!targets.isEmpty() && (earliestNs > nowNs || isHeldBack(nowNs))) {
            long allowedNs = pacer.allowedAtNs(targets.touchedNs(), nowNs);
            // The more is touched the longer it takes: not a look for every page more.
            long leastNs = nowNs + Math.max(1_000_000, (nowNs - sampleBegunNs) / 8);
            sleepWhileTargets(Math.max(earliestNs, allowedNs > nowNs ? Math.max(leastNs, allowedNs) : nowNs));
            targets.addChildren();
            targets.look();
            nowNs = clock.getAsLong();
        }
    }

    /**
     * Waits for the share of a CPU alone, where the budget allows the next sample even if pages go on being touched as fast as
     * in this one. A look at the maps would tell how many there are, but costs as much as a sample: it would make the samples
     * rarer that it waits for.
     *
     * @return whether the next sample may begin
     */
    private boolean sleepWithoutLook(long earliestNs, long nowNs) throws InterruptedException {
        targets.expectTouched((double) (earliestNs - sampleBegunNs) / Math.max(1, nowNs - sampleBegunNs));
        if (pacer.allowedAtNs(targets.touchedNs(), earliestNs) > earliestNs) {
            return false;
        }
        report.seen(targets.touchedNs(), earliestNs);
        sleepWhileTargets(earliestNs);
        return !targets.addChildren();
    }

    private void closeAggregation() {
        open = false;
        ready.addAll(targets.sampled());
    }

    @Override
    public boolean rest(Snapshot into) {
        if (ready.isEmpty() && open && samples > 0) {
            endNs = armed ? Math.max(endNs, sampleBegunNs) : clock.getAsLong();
            closeAggregation();
        }
        open = false;
        ReferencedTarget t = ready.poll();
        if (t == null) {
            return false;
        }
        emit(t, into);
        return true;
    }

    private void emit(ReferencedTarget t, Snapshot into) {
        into.clear();
        into.target = t.pid;
        into.startNs = startNs;
        into.endNs = endNs;
        into.aggrUs = Math.max(1, (endNs - startNs) / 1000);
        // What sampling really did, also when it had to be slower than wanted.
        into.sampleUs = Math.max(1, into.aggrUs / samples);
        t.emit(samples, into);
        if (config.written()) {
            t.emitWritten(into, MAX_RANGES, runs, writes);
        }
    }

    /** Sleeps, but no longer than there is somebody to wait for. */
    private void sleepWhileTargets(long deadlineNs) throws InterruptedException {
        while (deadlineNs > clock.getAsLong() && targets.haveMemory()) {
            sleepUntil(Math.min(deadlineNs, clock.getAsLong() + LIVENESS_NS));
        }
    }

    private void sleepUntil(long deadlineNs) throws InterruptedException {
        long leftNs;
        while ((leftNs = deadlineNs - clock.getAsLong()) > 0) {
            Thread.sleep(leftNs / 1_000_000, (int) (leftNs % 1_000_000));
        }
    }
}
