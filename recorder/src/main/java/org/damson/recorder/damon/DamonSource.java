package org.damson.recorder.damon;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.damson.damon.EventColumns;
import org.damson.damon.EventDecoder;
import org.damson.damon.EventFormat;
import org.damson.damon.Kinds;
import org.damson.damon.Listening;
import org.damson.damon.SnapshotAssembler;
import org.damson.damon.setup.DamonSetup;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Manifest.Source;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.Units;
import org.damson.recorder.kernel.DamonUnavailableException;
import org.damson.recorder.kernel.Kernel;
import org.damson.recorder.kernel.KernelException;
import org.damson.recorder.kernel.RingReader;
import org.damson.recorder.kernel.TraceInstance;
import org.damson.recorder.kernel.Tracefs;
import org.damson.recorder.ring.LiveSource;
import org.damson.recorder.ring.Sampler;

/**
 * Snapshots of kernel DAMON, streamed from its trace events.
 *
 * <p>{@link #attach} records all running kdamonds, and changes none of their settings. The clock of the trace is
 * CLOCK_MONOTONIC, which is also {@link System#nanoTime}.
 */
public final class DamonSource implements LiveSource {
    /** The kernel's settings of DAMON. */
    public static final Path SYS = Path.of("/sys");

    /** Journal in which changes to them are recorded first. */
    public static final Path RUN = Path.of("/run/damson");

    private static final int WAIT_MS = 250;
    private static final int WAKE_PERCENT = 40;
    private static final long TICK_NS = 500_000_000;
    private static final long MAX_RINGS_BYTES = 64L << 20;

    private final Session session;
    private final TraceInstance instance;
    private final RingReader reader;
    private final SnapshotAssembler assembler;
    private final LongSupplier clock;
    private final KdamondCost cost = new KdamondCost();
    private final Batch memory = new Batch(Table.MEMORY);
    private final Map<String, Object> ringFacts = new LinkedHashMap<>();
    private final RingReader.Sink sink = new RingReader.Sink() {
        @Override
        public void take(EventColumns events) {
            String why = assembler.take(events);
            if (why != null) {
                impossible++;
                wrong = wrong.isEmpty() ? why : wrong;
            }
        }

        @Override
        public void corrupt(int cpu, long fromNs, long toNs, String what) {
            assembler.missed(fromNs, toNs, -1, "corrupt ring page: " + what);
        }
    };
    private Consumer<String> notices = line -> {};
    /** Events that cannot be DAMON's, and why the first one cannot. */
    private long impossible;

    private String wrong = "";
    private long nextTickNs;
    /** Access checks that the snapshots stand for, and the time they cover. */
    private long checks;

    private long firstNs;
    private long lastNs;
    private boolean more = true;
    private boolean ended;
    private boolean closed;

    private DamonSource(Session session, TraceInstance instance, LongSupplier clock) throws IOException {
        this.session = session;
        this.instance = instance;
        this.clock = clock;
        reader = new RingReader(instance, clock);
        assembler = new SnapshotAssembler(
                session, new Listening(clock.getAsLong(), reader.decoder().hasProbeHits(), this::overwritten));
    }

    private long overwritten() {
        try {
            return instance.overrun();
        } catch (IOException e) {
            return 0; // then what is missing is counted as missing
        }
    }

    /**
     * Records the kdamonds of others, present and future.
     *
     * @param sys the {@code /sys} to look at
     * @param ringBytes size of the trace ring of one CPU, bytes; 0 for the default
     * @throws DamonUnavailableException if this machine or this user cannot
     */
    public static DamonSource attach(Path sys, long ringBytes, LongSupplier clock) throws IOException {
        Kernel kernel = Kernel.ofProcess();
        Path tracefs = requireTracefs();
        return start(
                new AttachedKdamonds(kernel, sys),
                TraceInstance.create(kernel, tracefs, ringBytes > 0 ? ringBytes : usualRingBytes(), WAKE_PERCENT),
                clock);
    }

    /**
     * Sets up a kdamond and listens to it. The kernel is changed from now on, until the source is closed.
     *
     * @param sys the {@code /sys} to change
     * @param run directory for the journal of changes
     * @param pids processes to monitor, besides those of the set-up
     * @throws DamonUnavailableException if this machine or this user cannot, or another program uses DAMON
     */
    public static LiveSource own(Path sys, Path run, DamonRequest request, List<Long> pids, LongSupplier clock)
            throws IOException {
        Kernel kernel = Kernel.ofProcess();
        Targets.Processes processes = new Targets.OfProc(Path.of("/proc"));
        if (request.snapshotEveryNs() > 0) {
            OwnKdamond own = OwnKdamond.setUp(kernel, sys, run, request, pids, processes, clock);
            return new TriedRegionsSource(kernel, own, request.snapshotEveryNs(), request.snapshots(), clock);
        }
        Path tracefs = requireTracefs();
        long ringBytes = request.ringBytes() > 0 ? request.ringBytes() : usualRingBytes();
        TraceInstance instance = TraceInstance.create(kernel, tracefs, ringBytes, WAKE_PERCENT);
        Session session;
        try {
            session = OwnKdamond.setUp(kernel, sys, run, request, pids, processes, clock);
        } catch (IOException | RuntimeException e) {
            try (instance) {
                throw e;
            }
        }
        return start(session, instance, clock);
    }

    /**
     * Listens to itself: to records that somebody writes to {@code trace_marker_raw} of its own tracefs instance, which have
     * the layout of {@code damon_aggregated} behind the common fields. All of the way but DAMON, to measure what recording
     * costs; no DAMON setting is touched.
     *
     * @param attrs how often a burst is written: the aggregation interval
     */
    public static DamonSource fed(MonitoringAttrs attrs, long ringBytes, LongSupplier clock) throws IOException {
        Kernel kernel = Kernel.ofProcess();
        Path tracefs = requireTracefs();
        EventFormat aggregated;
        EventFormat marker;
        try {
            aggregated = format(kernel, tracefs.resolve("events/damon/damon_aggregated/format"));
            marker = format(kernel, tracefs.resolve("events/ftrace/raw_data/format"));
        } catch (KernelException e) {
            throw new DamonUnavailableException(e.getMessage(), e);
        }
        TraceInstance instance = TraceInstance.create(
                kernel,
                tracefs,
                ringBytes > 0 ? ringBytes : usualRingBytes(),
                WAKE_PERCENT,
                List.of(new EventFormat(aggregated.name(), marker.id(), aggregated.fields())));
        return start(new FedKdamond(instance.directory(), attrs), instance, clock);
    }

    private static EventFormat format(Kernel kernel, Path path) throws IOException {
        return EventFormat.parse(path.toString(), kernel.read(path));
    }

    /** Takes over the instance and the session, also when it fails. */
    static DamonSource start(Session session, TraceInstance instance, LongSupplier clock) throws IOException {
        try {
            return new DamonSource(session, instance, clock);
        } catch (IOException | RuntimeException e) {
            try (instance) {
                session.close();
            } catch (IOException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    /**
     * Physical memory: all System RAM, or that of one NUMA node.
     *
     * @param node NUMA node, -1 for all
     */
    public static List<DamonSetup.AddressRange> systemRam(Path sys, int node) throws IOException {
        return SystemRam.ranges(Kernel.ofProcess(), Path.of("/proc"), sys, node);
    }

    static Path requireTracefs() throws IOException {
        Path tracefs = Tracefs.find();
        if (tracefs == null) {
            throw new DamonUnavailableException(
                    "tracefs is not mounted; as root: mount -t tracefs tracefs " + Tracefs.USUAL);
        }
        return tracefs;
    }

    /** 4 MiB a CPU, less on machines with many. */
    static long usualRingBytes() {
        long cpus = Math.max(1, Runtime.getRuntime().availableProcessors());
        return Math.max(256 << 10, Math.min(4 << 20, MAX_RINGS_BYTES / cpus));
    }

    @Override
    public String name() {
        return Source.DAMON.text();
    }

    @Override
    public MonitoringAttrs attrs() {
        return session.attrs();
    }

    @Override
    public void describe(Manifest manifest) {
        manifest.source = name();
        manifest.attrs = attrs();
        session.describe(manifest.recording);
    }

    @Override
    public void tellTo(Consumer<String> lines) {
        notices = lines;
    }

    @Override
    public void arm() {
        // Nothing is missed by beginning when the targets run; a command that is held is still its shell.
    }

    @Override
    public void targetsRun() throws IOException {
        session.start((fromNs, toNs, count, cause) -> assembler.lose(fromNs, toNs, name(), count, cause));
    }

    @Override
    public long[] pids() {
        return session.pids();
    }

    @Override
    public boolean next(Snapshot into) throws IOException, InterruptedException {
        while (!hand(into)) {
            if (ended) {
                return false;
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            try {
                if (!more) {
                    reader.await(WAIT_MS);
                }
            } catch (ClosedByInterruptException e) {
                Thread.interrupted();
                throw new InterruptedException();
            }
            more = reader.round(sink);
            long nowNs = clock.getAsLong();
            if (nowNs - nextTickNs >= 0) {
                nextTickNs = nowNs + TICK_NS;
                tick(nowNs);
            }
        }
        return true;
    }

    @Override
    public boolean rest(Snapshot into) throws IOException {
        if (!ended) {
            end();
        }
        return hand(into);
    }

    private boolean hand(Snapshot into) {
        Snapshot s = assembler.poll();
        if (s == null) {
            return false;
        }
        into.copyFrom(s);
        checks += s.regions * Math.max(1, s.aggrUs / Math.max(1, s.sampleUs));
        firstNs = firstNs == 0 ? s.startNs : firstNs;
        lastNs = s.endNs;
        assembler.recycle(s);
        return true;
    }

    private void tick(long nowNs) throws IOException {
        for (int thread : assembler.threads()) {
            cost.look(thread);
        }
        if (!session.tick(nowNs)) {
            end();
        }
    }

    /** Stops the ring and takes what is in it. */
    private void end() throws IOException {
        ended = true;
        instance.stop();
        long nowNs = clock.getAsLong();
        reader.last(sink);
        // What the pages said against what the kernel counted: a page that is overwritten while the ring stops says
        // nothing.
        assembler.finish(reader.isMissedUnknown() ? 0 : instance.overrun());
        EventDecoder decoder = reader.decoder();
        long unread = impossible + decoder.malformed() + decoder.foreign();
        if (unread > 0) {
            assembler.lose(nowNs, nowNs, "events", unread, "malformed events");
            String first = wrong.isEmpty() ? decoder.wrong() : wrong;
            notices.accept(Units.count(unread, "event") + " could not be read"
                    + (first.isEmpty() ? "" : ", the first: " + first));
        }
        Kinds unkept = decoder.unkept();
        if (!unkept.isEmpty()) {
            notices.accept(Units.count(unkept.total(), "unknown event") + " of DAMON left out: " + unkept);
            ManifestKey.RING_LEFT_OUT.put(ringFacts, unkept.toString());
        }
        ManifestKey.RING_BYTES.put(ringFacts, instance.ringBytes());
        ManifestKey.RING_PAGES.put(ringFacts, reader.pages());
        ManifestKey.RING_OVERRUN.put(ringFacts, instance.overrun());
        ManifestKey.RING_CUT.put(ringFacts, assembler.counts().cutRegions());
    }

    @Override
    public List<Sampler> samplers() {
        List<Sampler> all = new ArrayList<>();
        for (Table table : List.of(Table.SCHEMES, Table.TUNING, Table.SCHEME_STATS, Table.LOSSES)) {
            all.add(new GatheredRows(assembler.rows(table), timeNs -> {}));
        }
        all.add(new GatheredRows(memory, timeNs -> cost.rows(timeNs, memory)));
        return all;
    }

    @Override
    public long lostEvents() {
        return assembler.lost();
    }

    @Override
    public long kdamondCpuNs() {
        return cost.sumNs();
    }

    @Override
    public void summarize(Manifest manifest) {
        cost.describe(manifest.recording);
        MonitoringAttrs attrs = session.attrs();
        if (lastNs > firstNs) {
            // Regions are split after they are reported, so DAMON checks up to twice or three times as many.
            ManifestKey.CHECKS_LEAST.put(manifest, Math.round(checks * 1e9 / (lastNs - firstNs)));
        }
        if (attrs.maxRegions() > 0 && attrs.sampleUs() > 0) {
            ManifestKey.CHECKS_BOUND.put(manifest, attrs.maxRegions() * 1_000_000 / attrs.sampleUs());
        }
        session.summarize(manifest.recording);
        if (ended) {
            manifest.recording.putAll(ringFacts);
        }
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (instance;
                reader) {
            session.close();
        }
    }
}
