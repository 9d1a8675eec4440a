package org.damson.recorder.stacks;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.recorder.kernel.PerfAttr;
import org.damson.recorder.kernel.PerfCounter;
import org.damson.recorder.kernel.PerfRefusedException;
import org.damson.recorder.ring.Sampler;

/**
 * What the processor counts while the recorded processes run: cycles, instructions, misses of caches and TLBs. Counters of a
 * process include all processes that it starts from now on; earlier work of existing children is not counted.
 */
public final class HardwareCounters implements Sampler, Closeable {
    /** Opens a counter; null if the thread has ended. */
    interface Opener {
        PerfCounter open(PerfAttr attr, int tid) throws PerfRefusedException;
    }

    private record Counted(long pid, String name) {}

    private final Map<Counted, List<PerfCounter>> counters = new LinkedHashMap<>();
    private final List<String> absent = new ArrayList<>();
    private PerfRefusedException refusal;

    private HardwareCounters() {}

    /**
     * Starts counting the events that are available.
     *
     * @param followChildren whether processes that the recorded ones start are counted too, and those that they have
     */
    public static HardwareCounters open(List<Long> pids, boolean followChildren) {
        List<PerfAttr> events = PerfAttr.hardwareCounters();
        events.forEach(e -> e.setInherit(true, followChildren));
        return open(events, threads(pids, followChildren), PerfCounter::open);
    }

    private static Map<Long, List<Integer>> threads(List<Long> pids, boolean followChildren) {
        Map<Long, List<Integer>> threads = new LinkedHashMap<>();
        for (long pid : Threads.tree(pids, followChildren)) {
            threads.put(pid, Threads.of(pid).stream().map(Long::intValue).toList());
        }
        return threads;
    }

    /** @param threads those of each process */
    static HardwareCounters open(List<PerfAttr> events, Map<Long, List<Integer>> threads, Opener opener) {
        HardwareCounters all = new HardwareCounters();
        for (PerfAttr event : events) {
            try {
                all.add(event, threads, opener);
            } catch (PerfRefusedException e) {
                all.refusal = e;
                all.absent.add(event.name());
                all.close(event.name());
            }
        }
        return all;
    }

    private void add(PerfAttr event, Map<Long, List<Integer>> threads, Opener opener) throws PerfRefusedException {
        for (Map.Entry<Long, List<Integer>> e : threads.entrySet()) {
            for (int tid : e.getValue()) {
                PerfCounter counter = opener.open(event, tid);
                if (counter != null) {
                    counters.computeIfAbsent(new Counted(e.getKey(), event.name()), c -> new ArrayList<>())
                            .add(counter);
                }
            }
        }
    }

    /** One line that says what is not counted, and why; empty if all is. */
    public String lacking() {
        if (absent.isEmpty()) {
            return "";
        }
        String which = counters.isEmpty() ? "hardware counters" : "hardware counters " + String.join(", ", absent);
        String why = refusal.isUnknown() ? "this processor, or virtual machine, has none" : "refused";
        return which + " are unavailable: " + why + " (perf_event_open: " + refusal.getMessage() + ")";
    }

    @Override
    public Table table() {
        return Table.MEMORY;
    }

    @Override
    public void sample(long timeNs, Batch out) throws IOException {
        for (Map.Entry<Counted, List<PerfCounter>> e : counters.entrySet()) {
            long sum = 0;
            for (PerfCounter counter : e.getValue()) {
                sum += counter.count();
            }
            out.add(timeNs, e.getKey().pid, e.getKey().name, sum);
        }
    }

    /** An event that is counted for only some threads is not reported. */
    private void close(String name) {
        counters.entrySet().removeIf(e -> {
            if (e.getKey().name.equals(name)) {
                e.getValue().forEach(PerfCounter::close);
                return true;
            }
            return false;
        });
    }

    @Override
    public void close() {
        counters.values().forEach(of -> of.forEach(PerfCounter::close));
        counters.clear();
    }
}
