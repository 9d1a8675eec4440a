package org.damson.analyzer.advise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PressureTest {
    @TempDir
    Path dir;

    /** 200 and 100 instructions, 100 and 200 cycles: what the one has counted is nothing that the other begins with. */
    @Test
    void countersOfSeveralProcessesAddUp() throws Exception {
        Path path = dir.resolve("x.damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            Batch memory = new Batch(Table.MEMORY);
            memory.add(1, 10, "instructions", 100);
            memory.add(1, 10, "cycles", 100);
            memory.add(1, 20, "instructions", 1000);
            memory.add(1, 20, "cycles", 5000);
            memory.add(2, 10, "instructions", 300);
            memory.add(2, 10, "cycles", 200);
            memory.add(2, 20, "instructions", 1100);
            memory.add(2, 20, "cycles", 5200);
            sink.append(memory);
        }
        try (TraceSource trace = Traces.open(path)) {
            List<Advice> all = Pressure.of(trace, TraceQuery.ALL, 1);
            assertEquals(1, all.size());
            assertEquals(1.0, all.get(0).numbers().get("instructions_per_cycle"));
        }
    }

    private String shortage(long in, long faults, long waitedUs) throws Exception {
        Path path = dir.resolve(in + "-" + faults + "-" + waitedUs + ".damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            Batch memory = new Batch(Table.MEMORY);
            for (int end = 0; end < 2; end++) {
                memory.add(1 + end, 0, "pswpin", 5 + end * in);
                memory.add(1 + end, 0, "pgmajfault", 7 + end * faults);
                if (waitedUs >= 0) {
                    memory.add(1 + end, 0, "psi_memory_some_us", 9 + end * waitedUs);
                }
            }
            sink.append(memory);
        }
        try (TraceSource trace = Traces.open(path)) {
            return Pressure.of(trace, TraceQuery.ALL, 10).stream()
                    .map(Advice::text)
                    .findFirst()
                    .orElse("");
        }
    }

    @Test
    void waitingTellsOfAShortageAndSwapInsAloneOnlyWhereNobodyRecordedIt() throws Exception {
        assertEquals("", shortage(0, 0, -1));
        assertEquals("", shortage(0, 0, 50_000));
        assertTrue(shortage(1, 1, -1).endsWith("memory was short already."));
        assertTrue(shortage(0, 36, -1).endsWith("major faults without swap-ins are reads of files."));
        assertTrue(shortage(0, 36, 0).endsWith("memory was not short, the major faults are reads of files."));
        assertTrue(shortage(1, 1, 99_000).endsWith("memory was not short, what was swapped in had gone out before."));
        assertTrue(shortage(1, 1, 100_000).endsWith("memory was short already."));
        assertTrue(shortage(0, 0, 100_000).endsWith("memory was short already."));
    }
}
