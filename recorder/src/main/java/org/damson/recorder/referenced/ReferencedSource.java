package org.damson.recorder.referenced;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import org.damson.recorder.system.Proc;

/**
 * Access snapshots without DAMON: the referenced bits are cleared at the start of a sample and read at its end, mapping
 * by mapping. A region is a mapping, a target is a process (its id is the pid), {@code nr_accesses} is the number of
 * samples in which any page of the mapping was referenced. An approximation: see {@link #DISTORTION}.
 */
public final class ReferencedSource implements LiveSource {
    /** What is wrong with referenced bits, for the manifest and for people. */
    public static final String DISTORTION = "Referenced bits are an approximation: clearing them alone does not flush"
            + " the TLB, so without a flush memory in steady use reads low where the processor, or a hypervisor's shadow"
            + " page tables, keep entries; bits are per page table entry, so a huge page counts as a whole; the kernel's"
            + " own reclaim clears them too; shared pages count for each process that touched them.";

    /**
     * Pages whose written bits a sample looks at, at most: 64 GiB of addresses, at 34 to 56 ns a page less than a second of
     * CPU time, which like all that a sample takes counts against the recorder's share.
     */
    private static final long MAX_PAGES_READ = 16L << 20;

    /** Ranges of pages that a snapshot tells apart by how often they were written: as many as DAMON has regions by default. */
    static final int MAX_RANGES = 1000;

    /** How long the end of all targets may stay unseen between samples. */
    private static final long LIVENESS_NS = 50_000_000;

    private final ReferencedConfig config;
    private final LongSupplier clock;
    private final LongSupplier cpuClock;
    private final Smaps smaps = new Smaps();
    private final ClearRefs clearRefs;
    private final Map<Long, ReferencedTarget> targets = new LinkedHashMap<>();
    private final ArrayDeque<ReferencedTarget> ready = new ArrayDeque<>();
    private Consumer<String> notices = line -> {};
    private long startNs;
    private long endNs;
    private int samples;
    /** Targets that ended in this aggregation. */
    private final List<ReferencedTarget> ended = new ArrayList<>();
    /** A sample has begun: the bits are cleared. */
    private boolean armed;
    /** An aggregation has begun that is not in {@link #ready} yet. */
    private boolean open;

    private long sampleBegunNs;
    private long cpuAtBeginNs = -1;
    /** CPU time from the beginning of the last sample to that of this one, all that the thread did. */
    private long lastCostNs;

    private final Path proc;
    private final PageMap pages = new PageMap(MAX_PAGES_READ);
    private final WrittenTally tally = new WrittenTally();
    private final WrittenRuns runs = new WrittenRuns();
    private final Batch writes = new Batch(Table.WRITES);

    private final SamplePacer pacer;
    private final PaceReport report;
    /** What the pages that the last look found referenced, and resident, cost their owners after a clear. */
    private double touchedNs;

    private double residentNs;

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
        this.proc = proc;
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
        pacer = new SamplePacer(overhead, clock.getAsLong());
        report = new PaceReport(config, clearRefs, pacer, line -> notices.accept(line));
        for (long pid : config.pids()) {
            if (!Files.exists(proc.resolve(String.valueOf(pid)))) {
                throw new IOException("process " + pid + " does not exist");
            }
            if (!walk(pid)) {
                throw new IOException("process " + pid + " has ended or has no memory of its own");
            }
            touchedNs += report.touchedNs(smaps);
            residentNs += report.residentNs(smaps);
            targets.put(pid, new ReferencedTarget(pid));
        }
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
        return targets.keySet().stream().mapToLong(Long::longValue).toArray();
    }

    @Override
    public void tellTo(Consumer<String> notices) {
        this.notices = notices;
    }

    @Override
    public void summarize(Manifest manifest) {
        report.summarize(manifest.recording, touchedNs, clock.getAsLong());
        if (config.written()) {
            ManifestKey.WRITTEN_TOLD.put(manifest, tally.told);
            ManifestKey.WRITTEN_NOT_KNOWN.put(manifest, tally.notKnown);
        }
    }

    /** Where was written, handed over after each snapshot. */
    @Override
    public List<Sampler> samplers() {
        return config.written() ? List.of(new WrittenRows()) : List.of();
    }

    private final class WrittenRows implements Sampler {
        @Override
        public Table table() {
            return Table.WRITES;
        }

        @Override
        public boolean followsSnapshots() {
            return true;
        }

        @Override
        public void sample(long timeNs, Batch out) {
            out.append(writes);
            writes.clear();
        }
    }

    @Override
    public String pace() {
        return report.line();
    }

    /** Where the first sample is not within the budget it begins later. */
    @Override
    public void arm() throws IOException {
        if (armed) {
            return;
        }
        addChildren();
        look(false);
        if (!targets.isEmpty() && !isHeldBack(clock.getAsLong())) {
            clear();
        }
    }

    private boolean isHeldBack(long nowNs) {
        report.seen(touchedNs, nowNs);
        return pacer.allowedAtNs(touchedNs, nowNs) > nowNs;
    }

    /** Begins a sample. */
    private void clear() throws IOException {
        long cpuNs = cpuClock.getAsLong();
        lastCostNs = cpuAtBeginNs < 0 ? 0 : cpuNs - cpuAtBeginNs;
        cpuAtBeginNs = cpuNs;
        sampleBegunNs = clock.getAsLong();
        pacer.cleared(touchedNs, residentNs, sampleBegunNs);
        report.begun(sampleBegunNs);
        for (long pid : pids()) {
            clearRefs.clear(pid);
        }
        armed = true;
    }

    private void aggregate() throws IOException, InterruptedException {
        targets.values().forEach(ReferencedTarget::beginAggregation);
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
            boolean read = look(true);
            armed = false;
            if (read) { // else the targets ended before their memory could be read
                samples++;
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
        boolean isNew = addChildren();
        long nowNs = clock.getAsLong();
        if (isNew) {
            look(false);
        }
        while (!targets.isEmpty() && (earliestNs > nowNs || isHeldBack(nowNs))) {
            long allowedNs = pacer.allowedAtNs(touchedNs, nowNs);
            // The more is touched the longer it takes: not a look for every page more.
            long leastNs = nowNs + Math.max(1_000_000, (nowNs - sampleBegunNs) / 8);
            sleepWhileTargets(Math.max(earliestNs, allowedNs > nowNs ? Math.max(leastNs, allowedNs) : nowNs));
            addChildren();
            look(false);
            nowNs = clock.getAsLong();
        }
    }

    private void closeAggregation() {
        open = false;
        for (ReferencedTarget t : ended) {
            if (t.samples() > 0) {
                ready.add(t);
            }
        }
        ended.clear();
        for (ReferencedTarget t : targets.values()) {
            if (t.samples() > 0) {
                ready.add(t);
            }
        }
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

    /** Adds children of the targets; true if there are new ones. */
    private boolean addChildren() {
        int before = targets.size();
        if (config.followChildren()) {
            for (long pid : pids()) {
                addChildren(pid, 0);
            }
        }
        return targets.size() > before;
    }

    private void addChildren(long pid, int depth) {
        if (depth > 64) {
            return;
        }
        for (long child : Proc.children(pid)) {
            targets.computeIfAbsent(child, ReferencedTarget::new);
            addChildren(child, depth + 1);
        }
    }

    /**
     * Reads the maps of all targets; those that are gone are targets no more.
     *
     * @param sample whether this ends a sample
     * @return whether one was read
     */
    private boolean look(boolean sample) throws IOException {
        double touched = 0;
        double resident = 0;
        boolean any = false;
        pages.begin();
        for (long pid : pids()) {
            ReferencedTarget t = targets.get(pid);
            if (!walk(pid)) {
                targets.remove(pid);
                ended.add(t);
                continue;
            }
            any = true;
            touched += report.touchedNs(smaps);
            resident += report.residentNs(smaps);
            if (sample) {
                t.merge(smaps, samples);
                if (config.written()) {
                    t.addWritten(smaps, proc, pages, tally);
                }
            }
        }
        if (any) { // what ended has cost what it had cost
            touchedNs = touched;
            residentNs = resident;
        }
        return any;
    }

    /** Reads the map of a process; false if it is gone. */
    private boolean walk(long pid) throws IOException {
        try {
            smaps.read(proc + "/" + pid + "/smaps");
            return smaps.count > 0;
        } catch (IOException e) {
            ClearRefs.refuse(pid, e);
            return false;
        }
    }

    /** Sleeps, but no longer than there is somebody to wait for. */
    private void sleepWhileTargets(long deadlineNs) throws InterruptedException {
        while (deadlineNs > clock.getAsLong() && targets.keySet().stream().anyMatch(Proc::hasMemory)) {
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
