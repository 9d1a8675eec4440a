package org.damson.recorder.stacks;

import java.io.Closeable;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.damson.exchange.build.StackSink;
import org.damson.exchange.build.StackUnwinder;
import org.damson.exchange.perf.LiveStacks;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.recorder.kernel.PerfAttr;
import org.damson.recorder.kernel.PerfRefusedException;
import org.damson.recorder.kernel.PerfSession;
import org.damson.recorder.ring.Feed;

/**
 * Records call stacks: of the threads of given processes and of all that these start, or of everything. {@link #attach} opens
 * the events, which then gather in the kernel's rings; {@link #start} begins to read them.
 */
public final class StackRecorder implements Feed, Closeable {
    /** Long enough to cost nothing, short enough that what a killed recorder loses stays within its flush interval. */
    private static final int ROUND_MS = 200;

    private final StackRequest request;
    private final LongSupplier clock;
    private final Consumer<String> notices;
    private final PerfSession session;
    private final LiveStacks stacks;
    private final StackPace pace;
    private final StackUnwinder unwinder;
    private final CopyWorth copies = new CopyWorth();
    /** Null where no copies are taken: rings are read and decoded by one thread then. */
    private final Backlog backlog;

    private int unwinderStarts;
    private final FaultReset faultReset = new FaultReset();
    private final StackEvents events;
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
        this.clock = clock;
        this.notices = notices;
        pace = new StackPace(StackEvents.mostHz(request.hz()), request.maxCpuShare());
        unwinder = PerfAttr.canCopyStacks() ? request.unwinder() : null;
        stacks = new LiveStacks(new Handover(), unwinder);
        session = new PerfSession(Threads.cpus(), pageBytes);
        events = new StackEvents(request, pids, session, stacks);
        backlog = unwinder == null ? null : new Backlog(session, clock, ROUND_MS);
    }

    /**
     * Opens the events of existing threads; threads that they start inherit them.
     *
     * @param pids processes; of no meaning where the request is for all
     * @param clock CLOCK_MONOTONIC, nanoseconds, the trace's
     * @param notices receives messages for people, one line each
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

    private void open(long timeNs) throws IOException {
        events.open(pace.hz(), unwinder != null && copies.isWorth(), timeNs);
    }

    /** What is sampled, for the manifest. */
    public void describe(Manifest manifest) {
        ManifestKey.STACKS_HZ.put(manifest, (long) request.hz());
        ManifestKey.STACKS_KERNEL.put(manifest, events.haveKernel());
        ManifestKey.STACKS_SYSTEM_WIDE.put(manifest, request.isSystemWide());
        ManifestKey.STACKS_UNWOUND.put(manifest, unwinder != null);
    }

    /** Facts known only at the end. To be called after {@link #stop}. */
    public void summarize(Manifest manifest) {
        ManifestKey.STACKS_HZ_LEAST.put(manifest, (long) pace.leastHz());
        ManifestKey.STACKS_CPU.put(manifest, pace.cpuNs() / 1_000_000);
        ManifestKey.STACKS_CUT.put(manifest, stacks.cut());
        ManifestKey.STACKS_FAULTS_LEFT_OUT.put(manifest, stacks.faultsLeftOut());
        ManifestKey.STACKS_TOUCHES_LEFT_OUT.put(manifest, stacks.firstTouchesLeftOut());
        if (unwinder != null) {
            ManifestKey.STACKS_COPIES.put(manifest, stacks.copies());
            ManifestKey.STACKS_COPIES_WHOLE.put(manifest, stacks.copiesWhole());
        }
    }

    /** Number of samples passed on so far. May be called from any thread. */
    public long samples() {
        return samplesTaken;
    }

    /** Outcome. To be called after {@link #stop}. */
    public StackResult result() {
        return new StackResult(
                stacks.samples(),
                stacks.lost() + stacks.malformed(),
                stacks.throttles(),
                events.threadsWithout(),
                stacks.copiesPassedOver(),
                "");
    }

    @Override
    public void start(Taker to) {
        taker = to;
        if (pace.hz() < request.hz()) {
            notices.accept("call stacks: " + pace.hz() + " samples a second, the most that the kernel allows now"
                    + " (kernel.perf_event_max_sample_rate)");
        }
        if (!events.lacking().isEmpty()) {
            notices.accept(events.lacking());
        }
        if (events.threadsWithout() > 0) {
            notices.accept(events.threadsWithout()
                    + " threads are without call stacks: more open files than this process may have" + " (ulimit -n)");
        }
        if (request.unwinder() != null && unwinder == null) {
            notices.accept("call stacks by frame pointers only: copies of stacks can be unwound on 64-bit x86 only");
        }
        thread = new Thread(this::run, "damson-stacks");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            if (backlog != null) {
                backlog.start();
            }
            pace.begin(clock.getAsLong(), cpuNs());
            while (!stopping) {
                round();
                if (faultReset.isDue(stacks.mostFaultPeriod(), clock.getAsLong())) {
                    long beganCpuNs = cpuNs();
                    events.resetFaults();
                    faultReset.done(clock.getAsLong(), cpuNs() - beganCpuNs);
                }
                if (changesRate() | changesCopies()) {
                    session.closeEvents();
                    open(clock.getAsLong());
                }
            }
            session.closeEvents();
            lastRounds();
            stacks.finish();
            samplesTaken = stacks.samples();
            pace.end(cpuNs());
        } catch (IOException e) {
            failure = e;
        } finally {
            endBacklog();
        }
    }

    private void endBacklog() {
        try {
            if (backlog != null) {
                backlog.abandon();
            }
        } catch (IOException e) {
            failure = failure == null ? e : failure;
        }
    }

    /** Whether the events are to be opened anew since what they cost allows more or fewer samples. */
    private boolean changesRate() {
        long nowNs = clock.getAsLong();
        int before = pace.hz();
        if (unwinder != null && unwinder.starts() != unwinderStarts) {
            unwinderStarts = unwinder.starts();
            pace.passOver(nowNs, cpuNs(), stacks.samples());
            return false;
        }
        // To ask what another process has used takes longer than to read a round of samples.
        if (!pace.isDue(nowNs)) {
            return false;
        }
        boolean changes = pace.adapt(nowNs, cpuNs(), stacks.samples());
        if (pace.hz() < before) {
            notices.accept("call stacks: " + before + " samples a second cost more than "
                    + Math.round(request.maxCpuShare() * 1000) / 10.0 + " % of a CPU; " + pace.hz() + " from now on");
        }
        return changes;
    }

    /** Whether they are since copies of stacks turned out to be of no use, or may be of use again. */
    private boolean changesCopies() {
        boolean changes = unwinder != null && copies.adapt(stacks.copies(), stacks.copiesThatTell(), clock.getAsLong());
        if (changes && !copies.isWorth()) {
            notices.accept(
                    "call stacks: copies of stacks find no more callers here than frame pointers; none are taken for now");
        }
        return changes;
    }

    /** CPU time of all that has to do with call stacks. */
    private long cpuNs() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime()
                + (unwinder == null ? 0 : unwinder.cpuNs() + backlog.cpuNs());
    }

    /** Takes what has come, or comes within a while. */
    private void round() throws IOException {
        if (backlog == null) {
            session.await(ROUND_MS);
            readRings();
            return;
        }
        Backlog.Round round = backlog.next(ROUND_MS);
        if (round != null) {
            round.forEach(stacks::take);
            handOver(round.beganNs(), round.bad());
        }
    }

    /** Takes the rest, when nothing more is written. */
    private void lastRounds() throws IOException {
        if (backlog == null) {
            readRings();
            return;
        }
        backlog.end();
        while (!backlog.hasEnded()) {
            round();
        }
    }

    private void readRings() throws IOException {
        long beganNs = clock.getAsLong();
        handOver(beganNs, session.read(stacks::take));
    }

    /**
     * Hands over what the round before could have seen: a record that is older and came since then is one that a processor took
     * longer to write than a whole round.
     *
     * @param beganNs when the reading of the rings began
     * @param bad rings that hold what cannot be read
     */
    private void handOver(long beganNs, int bad) throws IOException {
        for (int i = 0; i < bad; i++) {
            stacks.corrupt(beganNs);
        }
        if (roundBeganNs != Long.MIN_VALUE) {
            stacks.flushBefore(roundBeganNs, backlog != null && backlog.isFilling());
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
        if (backlog == null) {
            session.wake();
        }
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

        @Override
        public void mapped(int pid, long start, long end, String file, String buildId) {
            if (request.kept() != null) {
                request.kept().mapped(pid, start, end, file, buildId);
            }
        }
    }
}
