package org.damson.recorder.damon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.setup.DamonSetup;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.recorder.kernel.DamonUnavailableException;
import org.damson.recorder.kernel.Kernel;
import org.damson.recorder.kernel.KernelException;
import org.damson.recorder.kernel.Libc;

/**
 * A kdamond of one's own, set up through sysfs. Everything is put back when it is closed. Kdamonds of others are never
 * touched: as long as one is set up or runs, this refuses and says whose it is.
 */
final class OwnKdamond implements Session {
    /** How often the kernel is asked again when a target ended between the look and the commit. */
    private static final int COMMIT_TRIES = 5;

    private final Kernel kernel;
    private final Path kdamond;
    private final Path context;
    private final DamonRequest request;
    private final LongSupplier clock;
    private final Changes changes;
    private final Targets targets;
    private final List<String> notes = new ArrayList<>();
    private final List<Long> committedNs = new ArrayList<>();
    private DamonSetup setup;
    private int thread = -1;
    private boolean stoppedByOthers;
    private boolean noRoomTold;
    private long unread;
    private String whyUnread;
    private Session.Lost lost = (fromNs, toNs, count, cause) -> {};

    private OwnKdamond(
            Kernel kernel, Path sys, DamonRequest request, LongSupplier clock, Changes changes, Targets targets) {
        this.kernel = kernel;
        this.request = request;
        this.clock = clock;
        this.changes = changes;
        this.targets = targets;
        kdamond = DamonUsers.kdamonds(sys).resolve("0");
        context = kdamond.resolve("contexts/0");
    }

    /**
     * Sets it up, not yet running.
     *
     * @param sys the {@code /sys} to change
     * @param run directory of the journal of changes
     * @param pids processes to monitor, besides those of the set-up
     * @throws DamonUnavailableException if DAMON is not there, is in use by another program, or cannot do what was asked
     */
    static OwnKdamond setUp(
            Kernel kernel,
            Path sys,
            Path run,
            DamonRequest request,
            List<Long> pids,
            Targets.Processes processes,
            LongSupplier clock)
            throws IOException {
        DamonUsers before = DamonUsers.look(kernel, sys);
        if (!before.available()) {
            throw new DamonUnavailableException(DamonUsers.kdamonds(sys)
                    + ": cannot be read; the kernel needs CONFIG_DAMON_SYSFS, and you need root");
        }
        List<String> notes = new ArrayList<>();
        Changes changes = Changes.begin(kernel, sys, run, clock, notes);
        try {
            Targets targets = new Targets(processes);
            OwnKdamond own = new OwnKdamond(kernel, sys, request, clock, changes, targets);
            own.notes.addAll(notes);
            own.setUp(sys, pids);
            return own;
        } catch (IOException | RuntimeException e) {
            try {
                changes.close();
            } catch (IOException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    private void setUp(Path sys, List<Long> pids) throws IOException {
        requireFree(sys);
        setup = request.setup();
        if (!setup.probes().isEmpty() && !setup.isPhysical()) {
            notes.add(
                    "probes: Linux 7.2 and 7.3 apply them to physical memory (paddr) only; all their hits are 0 here");
        }
        long nowNs = clock.getAsLong();
        List<DamonSetup.Target> fixed = setup.targets();
        if (!setup.isPhysical()) {
            List<Long> wanted = new ArrayList<>(pids);
            fixed.stream().filter(t -> t.pid() != 0).forEach(t -> wanted.add(t.pid()));
            for (long pid : wanted) {
                if (!targets.add(pid, nowNs)) {
                    if (targets.isFull()) {
                        throw new DamonUnavailableException("more than " + Targets.MAX + " processes");
                    }
                    if (targets.places().stream().noneMatch(t -> t.pid() == pid)) {
                        throw new IOException("process " + pid + " does not exist");
                    }
                }
            }
            List<DamonSetup.AddressRange> ranges = fixed.stream()
                    .filter(t -> !t.ranges().isEmpty())
                    .map(DamonSetup.Target::ranges)
                    .findFirst()
                    .orElse(List.of());
            List<DamonSetup.Target> places = new ArrayList<>();
            for (DamonSetup.Target t : targets.places()) {
                List<DamonSetup.AddressRange> own = fixed.stream()
                        .filter(f -> f.pid() == t.pid())
                        .map(DamonSetup.Target::ranges)
                        .findFirst()
                        .orElse(ranges);
                places.add(new DamonSetup.Target(t.pid(), own));
            }
            if (places.isEmpty()) {
                throw new IOException("no process to monitor");
            }
            setup = setup.withTargets(places);
        }
        changes.keepKdamonds();
        Path kdamonds = kdamond.getParent();
        changes.set(kdamonds.resolve("nr_kdamonds"), "1");
        changes.set(kdamond.resolve("contexts/nr_contexts"), "1");
        for (SetupWrites.Write write : SetupWrites.of(setup)) {
            write(write);
        }
    }

    private void write(SetupWrites.Write write) throws IOException {
        try {
            changes.set(context.resolve(write.file()), write.value());
        } catch (KernelException e) {
            if (e.isAbsent() && write.optional()) {
                return;
            }
            if (e.isAbsent()) {
                String only = write.file().endsWith("/allow") ? ": its filters only reject what they match" : "";
                throw new DamonUnavailableException(
                        "this kernel's DAMON has no setting " + write.file().replaceAll("/\\d+/", "/N/") + only, e);
            }
            if (e.errno() == Libc.EINVAL) {
                throw new DamonUnavailableException(
                        "this kernel's DAMON does not accept '" + write.value() + "' for " + write.file(), e);
            }
            throw e;
        }
    }

    /** Refuses when DAMON is in use; suspends DAMON_STAT if that was asked for. */
    private void requireFree(Path sys) throws IOException {
        DamonUsers users = DamonUsers.look(kernel, sys);
        List<DamonUsers.Kdamond> holders = new ArrayList<>(users.running());
        boolean onlyStat = holders.stream().allMatch(k -> k.holder().equals(DamonUsers.STAT));
        if (request.suspendStat() && !holders.isEmpty() && onlyStat) {
            changes.suspend(DamonUsers.STAT);
            notes.add("suspended DAMON_STAT; it is re-enabled at the end");
            return;
        }
        if (!holders.isEmpty()) {
            throw new DamonUnavailableException("DAMON is in use by " + users.text()
                    + ", left unchanged; record --attach records its results"
                    + (onlyStat ? ", --suspend-damon-stat stops it while you record" : ""));
        }
    }

    /** Has the kernel do something to the running kdamond, as in {@code update_schemes_tried_regions}. */
    void command(String words) throws IOException {
        changes.change(kdamond.resolve("state"), words);
    }

    /** The thread that it runs as, -1 before it runs. */
    int thread() {
        return thread;
    }

    Path context() {
        return context;
    }

    DamonSetup setup() {
        return setup;
    }

    @Override
    public MonitoringAttrs attrs() {
        MonitoringAttrs a = setup.attrs();
        return new MonitoringAttrs(
                a.sampleUs(),
                a.aggrUs(),
                a.updateUs(),
                a.minRegions(),
                a.maxRegions(),
                MonitoringAttrs.IntervalsOrigin.RECORDED);
    }

    private List<Long> cutting(java.util.function.Predicate<Scheme> which) {
        List<Long> indexes = new ArrayList<>();
        for (int i = 0; i < setup.schemes().size(); i++) {
            if (which.test(setup.schemes().get(i))) {
                indexes.add((long) i);
            }
        }
        return indexes;
    }

    @Override
    public void describe(Map<String, Object> recording) {
        ManifestKey.OPS.put(recording, setup.operations());
        if (setup.addrUnit() != 1) {
            ManifestKey.ADDR_UNIT.put(recording, setup.addrUnit());
        }
        if (setup.goal() != null) {
            ManifestKey.INTERVALS_GOAL.put(
                    recording,
                    setup.goal().accessBp() + " bp in " + setup.goal().aggrs() + " aggregations, sampling "
                            + setup.goal().minSampleUs() + " to "
                            + setup.goal().maxSampleUs() + " us");
        }
        if (!setup.schemes().isEmpty()) {
            ManifestKey.DAMON_SCHEMES.put(
                    recording,
                    setup.schemes().stream().map(s -> s.action().word()).toList());
            // These cut regions, which the trace then tells in pieces.
            ManifestKey.CUTTING_SCHEMES.put(recording, cutting(Scheme::mayCut));
            ManifestKey.ADDRESS_FILTERS.put(
                    recording, !cutting(Scheme::filtersAddresses).isEmpty());
        }
        if (setup.isPhysical()) {
            List<String> ranges = new ArrayList<>();
            for (DamonSetup.Target t : setup.targets()) {
                for (DamonSetup.AddressRange r : t.ranges()) {
                    ranges.add(Long.toHexString(r.start()) + "-" + Long.toHexString(r.end()));
                }
            }
            ManifestKey.RANGES.put(recording, ranges);
        }
        if (!notes.isEmpty()) {
            ManifestKey.DAMON_NOTES.put(recording, List.copyOf(notes));
        }
        summarize(recording);
    }

    @Override
    public void start(Session.Lost sink) throws IOException {
        lost = sink;
        try {
            changes.start(kdamond);
        } catch (KernelException e) {
            if (e.errno() == Libc.EBUSY) {
                throw new DamonUnavailableException(
                        "DAMON is in use by an unknown user (the kernel reports EBUSY); record --attach records its results",
                        e);
            }
            if (e.errno() == Libc.EINVAL) {
                throw new DamonUnavailableException(
                        "the kernel refuses to start DAMON with this set-up (" + setup.operations() + ")", e);
            }
            throw e;
        }
        thread = (int) kernel.number(kdamond.resolve("pid"), -1);
        // A command that was held has become itself by now.
        targets.nameAgain();
    }

    @Override
    public Facts of(int seen) {
        MonitoringAttrs a = setup.attrs();
        return seen == thread ? new Facts(0, a.sampleUs(), a.aggrUs(), false, setup.addrUnit()) : null;
    }

    @Override
    public boolean isEnded(long target, long timeNs) {
        return !setup.isPhysical() && targets.isEnded(target, timeNs);
    }

    @Override
    public long[] pids() {
        return targets.running();
    }

    @Override
    public boolean tick(long nowNs) throws IOException {
        boolean any = setup.isPhysical() || targets.look(nowNs);
        if (!any) {
            return false;
        }
        if (!isOn()) {
            // It also stops by itself as soon as all its targets have ended: one more look tells.
            if (setup.isPhysical() || targets.look(clock.getAsLong())) {
                stoppedByOthers = true;
                lost.note(nowNs, nowNs, -1, "the kdamond was stopped by another program");
            }
            return false;
        }
        if (!setup.isPhysical()) {
            boolean added = request.followChildren() && targets.addChildren(nowNs);
            for (long pid : request.members().get()) {
                added |= targets.add(pid, nowNs);
            }
            if (added) {
                commit(nowNs);
            }
            if (targets.isFull() && !noRoomTold) {
                noRoomTold = true;
                lost.note(nowNs, nowNs, -1, "processes beyond the first " + Targets.MAX + " are not followed");
            }
        }
        return true;
    }

    /** Whether it runs, as far as is known: a state that cannot be read is not a stop, and is noted. */
    private boolean isOn() throws IOException {
        try {
            return kernel.value(kdamond.resolve("state")).equals("on");
        } catch (KernelException e) {
            unread++;
            whyUnread = e.getMessage() + " (errno " + e.errno() + ")";
            return true;
        }
    }

    /** Tells the kernel of all targets. */
    private void commit(long nowNs) throws IOException {
        for (int i = 1; ; i++) {
            List<SetupWrites.Write> writes = SetupWrites.of(targets.places());
            try {
                for (SetupWrites.Write write : writes) {
                    changes.change(context.resolve(write.file()), write.value());
                }
                changes.change(kdamond.resolve("state"), "commit");
                committedNs.add(nowNs);
                return;
            } catch (KernelException e) {
                // One may have ended meanwhile, or all, and the kdamond with them.
                if (!targets.look(clock.getAsLong())) {
                    return;
                }
                if (i == COMMIT_TRIES) {
                    lost.note(nowNs, nowNs, -1, "the kernel refused new targets: " + e.getMessage());
                    return;
                }
            }
        }
    }

    @Override
    public void summarize(Map<String, Object> recording) {
        if (!setup.isPhysical()) {
            ManifestKey.PROCESSES.put(recording, targets.describe());
        }
        if (!committedNs.isEmpty()) {
            // The aggregation under way at a commit is longer than the others: the kernel begins it anew.
            ManifestKey.TARGETS_ADDED.put(recording, List.copyOf(committedNs));
        }
        if (unread > 0) {
            ManifestKey.STATE_NOT_READ.put(
                    recording, unread + " times, each after half a second of trying: " + whyUnread);
        }
        if (stoppedByOthers) {
            ManifestKey.ENDED_BY.put(recording, "another program stopped the kdamond");
        }
    }

    @Override
    public void close() throws IOException {
        changes.close();
    }
}
