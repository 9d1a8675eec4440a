package org.damson.analyzer.advise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.damson.analyzer.advise.Advice.Kind;
import org.damson.analyzer.scan.MemoryReadings;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/** What counters of hardware and kernel say of a recording. */
final class Pressure {
    /** Share of time in which some task waited for memory that is told as a shortage. */
    private static final double WAITED = 0.01;

    private record Reading(long first, long last, long least) {
        Reading and(long value) {
            return new Reading(first, value, Math.min(least, value));
        }
    }

    /** Each process counts for itself. */
    private record Counter(long pid, String name) {}

    private static final int MAX_COUNTERS = 1 << 16;

    private final Map<Counter, Reading> readings = new LinkedHashMap<>();
    private final double seconds;

    private Pressure(double seconds) {
        this.seconds = seconds;
    }

    static List<Advice> of(TraceSource trace, TraceQuery query, double seconds) throws IOException {
        Pressure p = new Pressure(seconds);
        MemoryReadings.forEach(trace, (timeNs, pid, counter, value) -> {
            boolean isOfTime = timeNs >= query.fromNs() && timeNs < query.toNs();
            Counter of = new Counter(pid, counter);
            if (isOfTime && (p.readings.size() < MAX_COUNTERS || p.readings.containsKey(of))) {
                p.readings.merge(of, new Reading(value, value, value), (a, b) -> a.and(value));
            }
        });
        List<Advice> all = new ArrayList<>();
        p.instructions(all);
        p.shortage(all);
        return all;
    }

    private long grown(String name) {
        long sum = 0;
        for (Map.Entry<Counter, Reading> e : readings.entrySet()) {
            boolean isIt = e.getKey().name.equals(name);
            sum += isIt ? Math.max(0, e.getValue().last() - e.getValue().first()) : 0;
        }
        return sum;
    }

    private void instructions(List<Advice> all) {
        long instructions = grown("instructions");
        long cycles = grown("cycles");
        if (instructions > 0 && cycles > 0) {
            double ipc = instructions / (double) cycles;
            all.add(new Advice(
                    Kind.COUNTERS,
                    String.format(
                            Locale.ROOT,
                            "%.2f instructions per cycle: %s.",
                            ipc,
                            ipc < 1
                                    ? "the program waits for memory, so placing it well pays"
                                    : "the program does not wait for memory"),
                    Map.of("instructions_per_cycle", ipc),
                    null));
        }
    }

    /**
     * Reading a file that is not cached is a major fault too, and what is swapped in may have gone out long before: waiting tells of
     * a shortage, and swap-ins only where nobody recorded who waited.
     */
    private void shortage(List<Advice> all) {
        long in = grown("pswpin");
        long faults = grown("pgmajfault");
        double waited = seconds <= 0 ? 0 : grown("psi_memory_some_us") / 1e6 / seconds;
        boolean isWaitKnown = readings.containsKey(new Counter(0, "psi_memory_some_us"));
        boolean isShort = isWaitKnown ? waited >= WAITED : in > 0;
        if (!isShort && in == 0 && faults == 0) {
            return;
        }
        Map<String, Object> numbers = new LinkedHashMap<>();
        numbers.put("pages_swapped_in", in);
        numbers.put("major_faults", faults);
        String known = "";
        if (isWaitKnown) {
            numbers.put("psi_memory_some_share", waited);
            known += String.format(Locale.ROOT, ", tasks waited for memory %.1f %% of the time", waited * 100);
        }
        Reading free = readings.get(new Counter(0, "mem_available"));
        Reading total = readings.get(new Counter(0, "mem_total"));
        if (free != null && total != null) {
            numbers.put("available_bytes_least", free.least());
            numbers.put("total_bytes", total.last());
            known += ", and " + Units.bytes(free.least()) + " of " + Units.bytes(total.last())
                    + " were available at the minimum";
        }
        all.add(new Advice(
                Kind.COUNTERS,
                String.format(
                        Locale.ROOT,
                        "%,d pages were swapped in and %,d major faults taken while recording%s: %s.",
                        in,
                        faults,
                        known,
                        isShort
                                ? "memory was short already"
                                : in > 0
                                        ? "memory was not short, what was swapped in had gone out before"
                                        : known.isEmpty()
                                                ? "major faults without swap-ins are reads of files"
                                                : "memory was not short, the major faults are reads of files"),
                numbers,
                null));
    }
}
