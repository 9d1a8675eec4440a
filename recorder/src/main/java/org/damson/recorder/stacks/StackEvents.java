package org.damson.recorder.stacks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.exchange.perf.LiveStacks;
import org.damson.recorder.kernel.PerfAttr;
import org.damson.recorder.kernel.PerfRefusedException;
import org.damson.recorder.kernel.PerfSession;
import org.damson.recorder.system.Proc;

/** The events whose samples are recorded, for each thread that is there; what these start comes by itself. */
final class StackEvents {
    private static final Path MAX_HZ = Path.of("/proc/sys/kernel/perf_event_max_sample_rate");

    /** Page faults a second of each thread up to which the kernel tells every one; fewer as samples become fewer. */
    private static final int FAULTS_HZ = 250;

    /** And each so many-th, however many there are: one in each 2 MiB that are filled page by page. */
    private static final int FAULT_PERIOD = 512;

    /** Of each sample's user stack, where copies are taken; as perf takes. */
    private static final int COPY_BYTES = 8 << 10;

    private final StackRequest request;
    private final List<Long> pids;
    private final PerfSession session;
    private final LiveStacks stacks;
    private final Map<PerfAttr, LiveStacks.Event> ids = new HashMap<>();
    /** Why samples are not those of cycles though that was asked for. */
    private PerfRefusedException withoutCycles;

    private PerfAttr samples;
    private PerfAttr faults;
    private int threadsWithout;
    private final BuildIds buildIds = new BuildIds();

    /** @param pids processes; of no meaning where the request is for all */
    StackEvents(StackRequest request, List<Long> pids, PerfSession session, LiveStacks stacks) {
        this.request = request;
        this.pids = pids;
        this.session = session;
        this.stacks = stacks;
    }

    /** The requested rate, or what the kernel allows: where interrupts take long it lowers its limit. */
    static int mostHz(int hz) {
        try {
            return Math.max(1, Math.min(hz, Integer.parseInt(Proc.text(MAX_HZ).trim())));
        } catch (NumberFormatException unknown) {
            return hz;
        }
    }

    /** Whether the kernel's own code is sampled. */
    boolean haveKernel() {
        return samples.hasKernel();
    }

    /** Threads that are there and not sampled, for want of open files. */
    int threadsWithout() {
        return threadsWithout;
    }

    /** One line that says why samples are those of a clock; empty if that is as it was asked for. */
    String lacking() {
        return withoutCycles == null
                ? ""
                : "call stacks: sampled by a clock, since this processor or virtual machine counts no cycles "
                        + "(perf_event_open: " + withoutCycles.getMessage() + ")";
    }

    /**
     * Opens the events anew.
     *
     * @param hz samples a second
     * @param copies whether samples have copies of the user stack
     * @param timeNs as of when what is mapped is told; 0 the first time
     */
    void open(int hz, boolean copies, long timeNs) throws IOException {
        if (request.isByCycles() && withoutCycles == null) {
            try {
                open(PerfAttr.cycles(hz), hz, copies, timeNs);
                return;
            } catch (PerfRefusedException e) {
                if (!e.isUnknown()) {
                    throw e;
                }
                withoutCycles = e;
                session.closeEvents();
            }
        }
        open(PerfAttr.clock(hz), hz, copies, timeNs);
    }

    private void open(PerfAttr what, int hz, boolean copies, long timeNs) throws IOException {
        samples = what;
        faults = PerfAttr.pageFaults(mostHz(Math.max(1, (int) ((long) FAULTS_HZ * hz / request.hz()))));
        ids.values().forEach(LiveStacks.Event::closed);
        ids.clear();
        List<PerfAttr> events = List.of(samples, faults, PerfAttr.eachPageFault(FAULT_PERIOD));
        for (PerfAttr event : events) {
            event.setInherit(!request.isSystemWide(), request.followChildren());
            if (copies) {
                event.copyUserStack(COPY_BYTES);
            }
            ids.put(event, stacks.event(event.bytes(), event.name()));
        }
        Set<Long> processes = processes();
        open(events, processes);
        for (long pid : processes) {
            CodeMaps.process(pid, timeNs, buildIds, stacks);
            for (long tid : Threads.of(pid)) {
                String name = Threads.name(pid, tid);
                if (!name.isEmpty()) {
                    stacks.thread(timeNs, (int) pid, (int) tid, name);
                }
            }
        }
        if (samples.hasKernel() && timeNs == 0) {
            CodeMaps.kernel(stacks);
        }
    }

    /** Has the kernel tell every fault again, after a burst of which it told few. */
    void resetFaults() throws IOException {
        session.closeEvents(faults);
        ids.get(faults).closed();
        open(List.of(faults), processes());
        stacks.forgetFaultPeriod();
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
}
