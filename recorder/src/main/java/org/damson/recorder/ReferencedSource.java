package org.damson.recorder;

import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;

/**
 * Access snapshots without DAMON: the referenced bits are cleared at the start of a sample and read at its end, mapping
 * by mapping. A region is a mapping, a target is a process (its id is the pid), {@code nr_accesses} is the number of
 * samples in which any page of the mapping was referenced. An approximation: see {@link #DISTORTION}.
 */
public final class ReferencedSource implements LiveSource {
    /** What is wrong with referenced bits, for the manifest and for people. */
    public static final String DISTORTION = "Referenced bits are an approximation: clearing them does not flush the"
            + " TLB, so memory in steady use that fits the TLB's reach (some MiB) reads low, the more so the shorter"
            + " the sample; bits are per page table entry, so a huge page counts as a whole; the kernel's own reclaim"
            + " clears them too; shared pages count for each process that touched them.";

    private static final class Target {
        final long pid;
        int samples;
        Areas areas = new Areas();
        Areas spare = new Areas();

        Target(long pid) {
            this.pid = pid;
        }
    }

    /** Mappings of one process with what the samples of this aggregation found. */
    private static final class Areas {
        int count;
        long[] start = new long[64];
        long[] end = new long[64];
        int[] hits = new int[64];
        int[] seen = new int[64];
        int[] age = new int[64];
        /** Accesses in the previous aggregation, -1 for a mapping that was not there. */
        int[] lastHits = new int[64];

        long[] min = new long[64];
        long[] sum = new long[64];
        long[] max = new long[64];

        void reserve(int n) {
            if (n > start.length) {
                int to = Math.max(n, start.length * 2);
                start = Arrays.copyOf(start, to);
                end = Arrays.copyOf(end, to);
                hits = Arrays.copyOf(hits, to);
                seen = Arrays.copyOf(seen, to);
                age = Arrays.copyOf(age, to);
                lastHits = Arrays.copyOf(lastHits, to);
                min = Arrays.copyOf(min, to);
                sum = Arrays.copyOf(sum, to);
                max = Arrays.copyOf(max, to);
            }
        }
    }

    private final ReferencedConfig config;
    private final LongSupplier clock;
    private final LongSupplier cpuClock;
    private final Smaps smaps = new Smaps();
    private final Map<Long, Target> targets = new LinkedHashMap<>();
    private final ArrayDeque<Target> ready = new ArrayDeque<>();
    private long startNs;
    private long endNs;
    private int samples;
    /** Targets that ended in this aggregation. */
    private final List<Target> ended = new ArrayList<>();
    /** A sample has begun: the bits are cleared. */
    private boolean armed;
    /** An aggregation has begun that is not in {@link #ready} yet. */
    private boolean open;

    private long sampleBegunNs;
    private long cpuAtBeginNs = -1;
    /** CPU time from the beginning of the last sample to that of this one, all that the thread did. */
    private long lastCostNs;

    private long samplesTaken;
    private long samplesStretched;
    private long longestSampleNs;

    /** A source that counts the CPU time of the thread that calls it. */
    public ReferencedSource(ReferencedConfig config, LongSupplier clock) throws IOException {
        this(config, clock, ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime);
    }

    /**
     * A source; checks at once that the processes are there and may be read.
     *
     * @param clock the trace's clock, nanoseconds, in step with real time
     * @param cpuClock CPU time of the calling thread, nanoseconds
     * @throws IOException if a process does not exist or may not be read, one line that says which
     */
    ReferencedSource(ReferencedConfig config, LongSupplier clock, LongSupplier cpuClock) throws IOException {
        this.config = config;
        this.clock = clock;
        this.cpuClock = cpuClock;
        for (long pid : config.pids()) {
            if (!Files.exists(Path.of("/proc/" + pid))) {
                throw new IOException("process " + pid + " does not exist");
            }
            if (!walk(pid)) {
                throw new IOException("process " + pid + " has ended or has no memory of its own");
            }
            targets.put(pid, new Target(pid));
        }
    }

    @Override
    public String name() {
        return "referenced";
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
        manifest.recording.put("pids", config.pids());
        manifest.recording.put("distortion", DISTORTION);
        manifest.recording.put("max_cpu_share", config.maxCpuShare());
        manifest.recording.put("follow_children", config.followChildren());
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
    public void summarize(Manifest manifest) {
        manifest.recording.put("samples", samplesTaken);
        manifest.recording.put("samples_stretched_to_keep_cpu_share", samplesStretched);
        manifest.recording.put("longest_sample_us", longestSampleNs / 1000);
    }

    @Override
    public void arm() throws IOException {
        if (armed) {
            return;
        }
        if (config.followChildren()) {
            for (long pid : pids()) {
                addChildren(pid, 0);
            }
        }
        long cpuNs = cpuClock.getAsLong();
        lastCostNs = cpuAtBeginNs < 0 ? 0 : cpuNs - cpuAtBeginNs;
        cpuAtBeginNs = cpuNs;
        sampleBegunNs = clock.getAsLong();
        for (long pid : pids()) {
            clear(pid);
        }
        armed = true;
    }

    private void aggregate() throws IOException, InterruptedException {
        for (Target t : targets.values()) {
            t.samples = 0;
            Areas a = t.areas;
            for (int i = 0; i < a.count; i++) {
                a.hits[i] = 0;
                a.seen[i] = 0;
                a.min[i] = Long.MAX_VALUE;
                a.sum[i] = 0;
                a.max[i] = 0;
            }
        }
        samples = 0;
        arm();
        startNs = sampleBegunNs;
        endNs = startNs;
        open = true;
        long untilNs = startNs + config.aggrUs() * 1000;
        do {
            arm();
            // What the last sample cost is spread over so long a time that it is within its share of a CPU.
            long wantedNs = config.sampleUs() * 1000;
            long periodNs = Math.max(wantedNs, (long) (lastCostNs / config.maxCpuShare()));
            sleepUntil(sampleBegunNs + periodNs);
            for (long pid : pids()) {
                Target t = targets.get(pid);
                if (walk(pid)) {
                    merge(t);
                } else {
                    targets.remove(pid);
                    ended.add(t);
                }
            }
            samples++;
            armed = false;
            endNs = clock.getAsLong();
            samplesTaken++;
            samplesStretched += periodNs > wantedNs ? 1 : 0;
            longestSampleNs = Math.max(longestSampleNs, endNs - sampleBegunNs);
            // Half a period of tolerance: the last sample ends a little after the aggregation should.
        } while (!targets.isEmpty() && endNs + config.sampleUs() * 500 < untilNs);
        closeAggregation();
    }

    private void closeAggregation() {
        open = false;
        for (Target t : ended) {
            if (t.samples > 0) {
                ready.add(t);
            }
        }
        ended.clear();
        for (Target t : targets.values()) {
            if (t.samples > 0) {
                ready.add(t);
            }
        }
    }

    @Override
    public boolean rest(Snapshot into) {
        if (ready.isEmpty() && open && samples > 0) {
            closeAggregation();
        }
        open = false;
        Target t = ready.poll();
        if (t == null) {
            return false;
        }
        emit(t, into);
        return true;
    }

    private void emit(Target t, Snapshot into) {
        into.clear();
        into.target = t.pid;
        into.startNs = startNs;
        into.endNs = endNs;
        into.aggrUs = Math.max(1, (endNs - startNs) / 1000);
        // What sampling really did, also when it had to be slower than wanted.
        into.sampleUs = Math.max(1, into.aggrUs / samples);
        into.columns = Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED;
        Areas a = t.areas;
        into.reserve(a.count);
        int threshold = samples / 10;
        for (int i = 0; i < a.count; i++) {
            int last = a.lastHits[i];
            boolean same = last >= 0 && Math.abs(a.hits[i] - last) <= threshold && (a.hits[i] == 0) == (last == 0);
            a.age[i] = same ? a.age[i] + 1 : 0;
            a.lastHits[i] = a.hits[i];
            int r = into.add(a.start[i], a.end[i], a.hits[i], a.age[i]);
            into.referencedMin[r] = a.seen[i] < samples ? 0 : a.min[i];
            into.referencedMean[r] = a.sum[i] / samples;
            into.referencedMax[r] = a.max[i];
        }
    }

    /** Adds the sample in {@link #smaps} to a target; mappings that grew or shrank at one end stay the same region. */
    private void merge(Target t) {
        Areas old = t.areas;
        Areas now = t.spare;
        now.count = smaps.count;
        now.reserve(smaps.count);
        int o = 0;
        for (int i = 0; i < smaps.count; i++) {
            long from = smaps.start[i];
            long to = smaps.end[i];
            while (o < old.count && old.end[o] <= from) {
                o++;
            }
            now.start[i] = from;
            now.end[i] = to;
            if (o < old.count && (old.start[o] == from || old.end[o] == to)) {
                now.hits[i] = old.hits[o];
                now.seen[i] = old.seen[o];
                now.age[i] = old.age[o];
                now.lastHits[i] = old.lastHits[o];
                now.min[i] = Math.min(old.min[o], to - from);
                now.sum[i] = old.sum[o];
                now.max[i] = Math.min(old.max[o], to - from);
                if (now.sum[i] / samplesSoFar() > to - from) {
                    now.sum[i] = (to - from) * samplesSoFar();
                }
            } else {
                now.hits[i] = 0;
                now.seen[i] = 0;
                now.age[i] = 0;
                now.lastHits[i] = -1;
                now.min[i] = Long.MAX_VALUE;
                now.sum[i] = 0;
                now.max[i] = 0;
            }
            long referenced = smaps.referenced[i];
            now.seen[i]++;
            now.hits[i] += referenced > 0 ? 1 : 0;
            now.min[i] = Math.min(now.min[i], referenced);
            now.sum[i] += referenced;
            now.max[i] = Math.max(now.max[i], referenced);
        }
        t.spare = old;
        t.areas = now;
        t.samples++;
    }

    private int samplesSoFar() {
        return Math.max(1, samples);
    }

    private void addChildren(long pid, int depth) throws IOException {
        if (depth > 64) {
            return;
        }
        for (long child : Proc.children(pid)) {
            if (!targets.containsKey(child)) {
                targets.put(child, new Target(child));
            }
            addChildren(child, depth + 1);
        }
    }

    private static void clear(long pid) throws IOException {
        try (OutputStream out = new FileOutputStream("/proc/" + pid + "/clear_refs")) {
            out.write('1');
        } catch (IOException e) {
            refuse(pid, e);
        }
    }

    /** Reads the map of a process; false if it is gone. */
    private boolean walk(long pid) throws IOException {
        try {
            smaps.read("/proc/" + pid + "/smaps");
            return smaps.count > 0;
        } catch (IOException e) {
            refuse(pid, e);
            return false;
        }
    }

    private static void refuse(long pid, IOException e) throws IOException {
        String message = String.valueOf(e.getMessage());
        if (message.contains("ermission denied") || message.contains("not permitted")) {
            throw new IOException(
                    "process " + pid + ": not permitted to read its memory map (same user or root needed)", e);
        }
        boolean gone = e instanceof FileNotFoundException || message.contains("No such process");
        if (!gone) {
            throw e;
        }
    }

    private void sleepUntil(long deadlineNs) throws InterruptedException {
        long leftNs;
        while ((leftNs = deadlineNs - clock.getAsLong()) > 0) {
            Thread.sleep(leftNs / 1_000_000, (int) (leftNs % 1_000_000));
        }
    }
}
