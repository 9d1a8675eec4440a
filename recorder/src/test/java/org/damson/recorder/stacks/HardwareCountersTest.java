package org.damson.recorder.stacks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.recorder.kernel.PerfAttr;
import org.damson.recorder.kernel.PerfCounter;
import org.damson.recorder.kernel.PerfRefusals;
import org.damson.recorder.kernel.PerfRefusedException;
import org.damson.recorder.kernel.SoftwareCounter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which counters are taken, and what they count; where a processor has none, an event of the kernel's own stands for them. */
@Timeout(60)
final class HardwareCountersTest {
    private static final int OWN = (int) ProcessHandle.current().pid();

    private static Map<String, Long> read(HardwareCounters counters) throws IOException {
        Batch rows = new Batch(Table.MEMORY);
        counters.sample(1, rows);
        Map<String, Long> read = new LinkedHashMap<>();
        for (int r = 0; r < rows.rows(); r++) {
            read.put(rows.get(1, r) + " " + rows.text(2, r), rows.get(3, r));
        }
        return read;
    }

    /** A processor that has all but some. */
    private static HardwareCounters without(Set<String> absent, PerfRefusedException why) {
        return HardwareCounters.open(PerfAttr.hardwareCounters(), Map.of(7L, List.of(OWN)), (attr, tid) -> {
            if (absent.contains(attr.name())) {
                throw why;
            }
            return PerfCounter.open(SoftwareCounter.pageFaults(), tid);
        });
    }

    @Test
    void whatThereIsIsCountedAndTheRestNamed() throws IOException {
        try (HardwareCounters all = without(Set.of(), null)) {
            assertEquals("", all.lacking());
            assertEquals(
                    List.of(
                            "7 cycles",
                            "7 instructions",
                            "7 cache-references",
                            "7 cache-misses",
                            "7 dTLB-load-misses",
                            "7 iTLB-load-misses"),
                    List.copyOf(read(all).keySet()));
        }
        Set<String> tlb = Set.of("dTLB-load-misses", "iTLB-load-misses");
        try (HardwareCounters some = without(tlb, PerfRefusals.unknown())) {
            assertEquals(4, read(some).size());
            assertEquals(
                    "hardware counters dTLB-load-misses, iTLB-load-misses are unavailable: this processor, or virtual machine,"
                            + " has none (perf_event_open: Function not implemented)",
                    some.lacking());
        }
    }

    @Test
    void whereThereIsNoneOneLineSaysSo() throws IOException {
        Set<String> all = Set.of(
                "cycles", "instructions", "cache-references", "cache-misses", "dTLB-load-misses", "iTLB-load-misses");
        try (HardwareCounters none = without(all, PerfRefusals.unknown())) {
            assertEquals(Map.of(), read(none));
            assertTrue(none.lacking().startsWith("hardware counters are unavailable: this processor"), none.lacking());
        }
        try (HardwareCounters none = without(all, PerfRefusals.permission())) {
            assertTrue(none.lacking().startsWith("hardware counters are unavailable: refused (perf_event_open: "));
        }
    }

    /** Of this machine, whatever it is. */
    @Test
    void theyAreThereOrSaidNotToBe() throws IOException {
        try (HardwareCounters counters = HardwareCounters.open(List.of((long) OWN), true)) {
            assertEquals(read(counters).isEmpty(), counters.lacking().startsWith("hardware counters are unavailable"));
        }
    }

    /** An event that some threads have and others not would count too little. */
    @Test
    void anEventThatIsNotCountedOfAllThreadsIsNotCounted() throws IOException {
        int[] opened = {0};
        try (HardwareCounters counters = HardwareCounters.open(
                List.of(SoftwareCounter.pageFaults()), Map.of(7L, List.of(OWN, OWN)), (attr, tid) -> {
                    if (opened[0]++ == 1) {
                        throw PerfRefusals.unknown();
                    }
                    return PerfCounter.open(attr, tid);
                })) {
            assertEquals(Map.of(), read(counters));
            assertTrue(counters.lacking().contains("page-faults")
                    || counters.lacking().startsWith("hardware counters are unavailable"));
        }
    }

    @Test
    void whatAProcessStartsCountsAsItsOwn() throws Exception {
        Process shell =
                new ProcessBuilder("sh", "-c", "read line; for i in 1 2 3 4 5; do /bin/true; done; read line").start();
        PerfAttr faults = SoftwareCounter.pageFaults();
        faults.setInherit(true, true);
        try (HardwareCounters counters = HardwareCounters.open(
                        List.of(faults),
                        Map.of(shell.pid(), List.of((int) shell.pid(), Integer.MAX_VALUE)),
                        PerfCounter::open);
                OutputStream in = shell.getOutputStream()) {
            String name = shell.pid() + " page-faults";
            long before = read(counters).get(name);
            in.write('\n');
            in.flush();
            long after = before;
            for (int i = 0; i < 200 && after < before + 200; i++) {
                Thread.sleep(50);
                after = read(counters).get(name);
            }
            // A program that begins and ends has dozens.
            assertTrue(after >= before + 200, before + ".." + after);
        } finally {
            shell.destroy();
            shell.waitFor();
        }
    }
}
