package org.damson.recorder.stacks;

import java.io.Closeable;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.damson.exchange.build.StackSink;
import org.damson.exchange.perf.LiveStacks;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.recorder.kernel.PerfAttr;
import org.damson.recorder.kernel.PerfRefusedException;
import org.damson.recorder.kernel.PerfSession;
import org.damson.recorder.ring.Feed;
import org.damson.recorder.system.Proc;

/**
 * Records call stacks: of the threads of given processes and of all that these start, or of everything. {@link #attach} opens
 * the events, which then gather in the kernel's rings; {@link #start} begins to read them.
 */
public final class StackRecorder implements Feed, Closeable {
    private static final Path MOST_HZ = Path.of("/proc/sys/kernel/perf_event_max_sample_rate");

    /** Page faults a second of each thread up to which the kernel tells every one; fewer as samples become fewer. */
    private static final int FAULTS_HZ = 250;

    /** And each so many-th, however many there are: one in each 2 MiB that are filled page by page. */
    private static final int FAULT_PERIOD = 512;

    /** Long enough to cost nothing, short enough that what a killed recorder loses stays within its flush interval. */
    private static final int ROUND_MS = 200;

    private final StackRequest request;
    private final List<Long> pids;
    private final LongSupplier clock;
    private final Consumer<String> notices;
    private final PerfSession session;
    private final LiveStacks stacks = new LiveStacks(new Handover());
    private final StackPace pace;
    private final FaultReset faultReset = new FaultReset();
    private PerfAttr samples;
    private PerfAttr faults;
    private PerfAttr eachFault;
    private final Map<PerfAttr, LiveStacks.Event> ids = new HashMap<>();
    private int threadsWithout;
    private Taker taker;
    private Thread thread;
    private volatile boolean stopping;
    private volatile long samplesTaken;
    private IOException failure;
    private long roundBeganNs = Long.MIN_VALUE;
    private boolean stopped;

    private StackRecorder(
            StackRequest request, List<Long> pids, int pageBytes, LongSupplier clock, Consumer<String> notices)
            throws IOException {
        this.request = request;
        this.pids = pids;
        this.clock = clock;
        this.notices = notices;
        pace = new StackPace(mostHz(request.hz()), request.maxCpuShare());
        session = new PerfSession(Threads.cpus(), pageBytes);
    }

    /**
     * Opens the events of threads that are there; what these start comes by itself.
     *
     * @param pids processes; of no meaning where the request is for all
     * @param clock CLOCK_MONOTONIC, nanoseconds, the trace's
     * @param notices is told what people should know, a line each
     * @throws org.damson.model.MissingCapabilityException if call stacks cannot be recorded; the message is one line
     * with the reason
     */
    public static StackRecorder attach(
            StackRequest request, List<Long> pids, int pageBytes, LongSupplier clock, Consumer<String> notices)
            throws IOException {
        StackRecorder recorder = null;
        try {
            recorder = new StackRecorder(request, pids, pageBytes, clock, notices);
            recorder.open(0);
            return recorder;
        } catch (PerfRefusedException e) {
            if (recorder != null) {
                recorder.session.close();
            }
            throw Refusal.of(e, request.isSystemWide());
        } catch (IOException | RuntimeException e) {
            if (recorder != null) {
                recorder.session.close();
            }
            throw e;
        }
    }

    /**
     * Opens the events anew.
     *
     * @param timeNs as of when what is mapped is told; 0 the first time
     */
    private void open(long timeNs) throws IOException {
        samples = PerfAttr.clock(pace.hz());
        faults = PerfAttr.pageFaults(mostHz(Math.max(1, (int) ((long) FAULTS_HZ * pace.hz() / request.hz()))));
        eachFault = PerfAttr.eachPageFault(FAULT_PERIOD);
        ids.clear();
        List<PerfAttr> events = List.of(samples, faults, eachFault);
        for (PerfAttr event : events) {
            event.setInherit(!request.isSystemWide(), request.followChildren());
            ids.put(event, stacks.event(event.bytes(), event.name()));
        }
        Set<Long> processes = processes();
        open(events, processes);
        for (long pid : processes) {
            CodeMaps.process(pid, timeNs, stacks);
        }
        if (samples.hasKernel() && timeNs == 0) {
            CodeMaps.kernel(stacks);
        }
    }

    private Set<Long> processes() {
        return request.isSystemWide() ? Threads.all() : Threads.tree(pids, request.followChildren());
    }

    private void open(List<PerfAttr> events, Set<Long> processes) throws IOException {
        threadsWithout = 0;
        if (request.isSystemWide()) {
            open(events, -1);
            return;
        }
        for (long pid : processes) {
            for (long tid : Threads.of(pid)) {
                open(events, (int) tid);
            }
        }
    }

    /** So many a second, or what the kernel allows: where interrupts take long it allows less and less. */
    private static int mostHz(int hz) {
        try {
            return Math.max(1, Math.min(hz, Integer.parseInt(Proc.text(MOST_HZ).trim())));
        } catch (NumberFormatException unknown) {
            return hz;
        }
    }

    private void open(List<PerfAttr> events, int tid) throws IOException {
        if (threadsWithout > 0) {
            threadsWithout++;
            return;
        }
        PerfSession.Opened opened = PerfSession.Opened.YES;
        for (int i = 0; i < events.size() && opened == PerfSession.Opened.YES; i++) {
            opened = session.open(events.get(i), tid, ids.get(events.get(i))::id);
        }
        threadsWithout += opened == PerfSession.Opened.NO_ROOM ? 1 : 0;
    }

    /** Has the kernel tell every fault again, after a burst of which it told few. */
    private void resetFaults() throws IOException {
        long beganCpuNs = cpuNs();
        session.closeEvents(faults);
        open(List.of(faults), processes());
        stacks.forgetFaultPeriod();
        faultReset.done(clock.getAsLong(), cpuNs() - beganCpuNs);
    }

    /** What is sampled, for the manifest. */
    public void describe(Manifest manifest) {
        ManifestKey.STACKS_HZ.put(manifest, (long) request.hz());
        ManifestKey.STACKS_KERNEL.put(manifest, samples.hasKernel());
        ManifestKey.STACKS_SYSTEM_WIDE.put(manifest, request.isSystemWide());
    }

    /** What is known only at the end. To be called after {@link #stop}. */
    public void summarize(Manifest manifest) {
        ManifestKey.STACKS_HZ_LEAST.put(manifest, (long) pace.leastHz());
        ManifestKey.STACKS_CPU.put(manifest, pace.cpuNs() / 1_000_000);
        ManifestKey.STACKS_CUT.put(manifest, stacks.cut());
        ManifestKey.STACKS_FAULTS_LEFT_OUT.put(manifest, stacks.faultsLeftOut());
        ManifestKey.STACKS_TOUCHES_LEFT_OUT.put(manifest, stacks.firstTouchesLeftOut());
    }

    /** Number of samples passed on so far. May be called from any thread. */
    public long samples() {
        return samplesTaken;
    }

    /** What came of it. To be called after {@link #stop}. */
    public StackResult result() {
        return new StackResult(
                stacks.samples(), stacks.lost() + stacks.malformed(), stacks.throttles(), threadsWithout, "");
    }

    @Override
    public void start(Taker to) {
        taker = to;
        if (pace.hz() < request.hz()) {
            notices.accept("call stacks: " + pace.hz() + " samples a second, the most that the kernel allows now"
                    + " (kernel.perf_event_max_sample_rate)");
        }
        if (threadsWithout > 0) {
            notices.accept(threadsWithout
                    + " threads are without call stacks: more open files than this process may have" + " (ulimit -n)");
        }
        thread = new Thread(this::run, "damson-stacks");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            pace.begin(clock.getAsLong(), cpuNs());
            while (!stopping) {
                session.await(ROUND_MS);
                round();
                if (faultReset.isDue(stacks.mostFaultPeriod(), clock.getAsLong())) {
                    resetFaults();
                }
                int before = pace.hz();
                if (pace.adapt(clock.getAsLong(), cpuNs(), stacks.samples())) {
                    if (pace.hz() < before) {
                        notices.accept("call stacks: " + before + " samples a second cost more than "
                                + Math.round(request.maxCpuShare() * 1000) / 10.0 + " % of a CPU; " + pace.hz()
                                + " from now on");
                    }
                    session.closeEvents();
                    open(clock.getAsLong());
                }
            }
            session.closeEvents();
            round();
            stacks.finish();
            samplesTaken = stacks.samples();
            pace.end(cpuNs());
        } catch (IOException e) {
            failure = e;
        }
    }

    private static long cpuNs() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /**
     * Reads all rings. What the round before could have seen is handed over: a record that is older and came since then is one
     * that a processor took longer to write than a whole round.
     */
    private void round() throws IOException {
        long beganNs = clock.getAsLong();
        for (int bad = session.read(stacks::take); bad > 0; bad--) {
            stacks.corrupt(beganNs);
        }
        if (roundBeganNs != Long.MIN_VALUE) {
            stacks.flushBefore(roundBeganNs);
        }
        roundBeganNs = beganNs;
        samplesTaken = stacks.samples();
    }

    @Override
    public void stop() throws IOException {
        if (stopped) {
            return;
        }
        stopped = true;
        stopping = true;
        session.wake();
        boolean interrupted = false;
        while (thread != null && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        session.close();
        if (failure != null) {
            throw new IOException("call stacks: " + failure.getMessage(), failure);
        }
    }

    @Override
    public void close() throws IOException {
        stop();
    }

    /** Rows go on to the writer, in batches of their own. */
    private final class Handover implements StackSink {
        @Override
        public void drain(Batch rows, int atLeast) {
            if (rows.rows() >= atLeast) {
                Batch own = new Batch(rows.table());
                own.append(rows);
                rows.clear();
                taker.take(own);
            }
        }

        @Override
        public void note(String line) {
            notices.accept(line);
        }
    }
}
