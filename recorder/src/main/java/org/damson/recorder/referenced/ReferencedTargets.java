package org.damson.recorder.referenced;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.recorder.system.HostFacts;
import org.damson.recorder.system.Proc;

/** The recorded processes: their maps are read, children join them, and those that end leave. */
final class ReferencedTargets {
    /**
     * Pages whose written bits a sample looks at, at most: 64 GiB of addresses, at 34 to 56 ns a page less than a second of
     * CPU time, which like all that a sample takes counts against the recorder's share.
     */
    private static final long MAX_PAGES_READ = 16L << 20;

    private static final int MAX_DEPTH = 64;

    private final ReferencedConfig config;
    private final PaceReport report;
    private final Path proc;
    private final Smaps smaps = new Smaps();
    private final PageMap pages;
    private final WrittenTally tally = new WrittenTally();
    private final Map<Long, ReferencedTarget> targets = new LinkedHashMap<>();
    /** Those that ended in this aggregation. */
    private final List<ReferencedTarget> ended = new ArrayList<>();

    private double touchedNs;
    private double residentNs;

    /** @throws IOException if a process does not exist or may not be read, one line that says which */
    ReferencedTargets(ReferencedConfig config, PaceReport report, Path proc) throws IOException {
        this.config = config;
        this.report = report;
        this.proc = proc;
        long pageBytes = HostFacts.pageBytes(proc.resolve("self/smaps"));
        pages = new PageMap(MAX_PAGES_READ, pageBytes > 0 ? pageBytes : PageMap.UNIT_BYTES);
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

    boolean isEmpty() {
        return targets.isEmpty();
    }

    long[] pids() {
        return targets.keySet().stream().mapToLong(Long::longValue).toArray();
    }

    void clear() {
        targets.clear();
    }

    /** Whether there is somebody to wait for. */
    boolean haveMemory() {
        return targets.keySet().stream().anyMatch(Proc::hasMemory);
    }

    /** Cost to the targets, after a clear, of the pages last found referenced. */
    double touchedNs() {
        return touchedNs;
    }

    /**
     * Takes so many times what the last look found for touched, up to all that is resident: until the next look.
     *
     * @param times at least 1
     */
    void expectTouched(double times) {
        touchedNs = Math.min(Math.max(touchedNs, residentNs), touchedNs * times);
    }

    /** The same of all that are resident. */
    double residentNs() {
        return residentNs;
    }

    /** Number of mappings whose written pages are known. */
    WrittenTally tally() {
        return tally;
    }

    void beginAggregation() {
        targets.values().forEach(ReferencedTarget::beginAggregation);
    }

    /** Those with samples in this aggregation; those that ended in it come first, and this is the last time. */
    List<ReferencedTarget> sampled() {
        List<ReferencedTarget> all = new ArrayList<>(ended);
        all.addAll(targets.values());
        all.removeIf(t -> t.samples() == 0);
        ended.clear();
        return all;
    }

    /** Adds children of the targets; true if there are new ones. */
    boolean addChildren() {
        int before = targets.size();
        if (config.followChildren()) {
            for (long pid : pids()) {
                addChildren(pid, 0);
            }
        }
        return targets.size() > before;
    }

    private void addChildren(long pid, int depth) {
        if (depth > MAX_DEPTH) {
            return;
        }
        for (long child : Proc.children(pid)) {
            targets.computeIfAbsent(child, ReferencedTarget::new);
            addChildren(child, depth + 1);
        }
    }

    /** Reads the maps of all, for what is touched now. */
    void look() throws IOException {
        read(-1);
    }

    /**
     * Reads the maps of all at the end of a sample.
     *
     * @param samples of this aggregation before it
     * @return whether one could be read: else all have ended
     */
    boolean sample(int samples) throws IOException {
        return read(samples);
    }

    private boolean read(int samples) throws IOException {
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
            if (samples >= 0) {
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
            ClearRefs.refuse(proc.toString(), pid, e);
            return false;
        }
    }
}
