package org.damson.analyzer.scan;

import java.io.IOException;
import org.damson.model.Table;
import org.damson.model.TraceSource;

/** Reads a trace's table of memory counters row by row. */
public final class MemoryReadings {
    private static final int TIME = Table.MEMORY.indexOf("time_ns");
    private static final int PID = Table.MEMORY.indexOf("pid");
    private static final int COUNTER = Table.MEMORY.indexOf("counter");
    private static final int VALUE = Table.MEMORY.indexOf("value");

    private MemoryReadings() {}

    /** Takes one reading; process 0 is the system. */
    public interface Visitor {
        void visit(long timeNs, long pid, String counter, long value) throws IOException;
    }

    /** Readings in the table's order, which is that of time. */
    public static void forEach(TraceSource trace, Visitor visitor) throws IOException {
        trace.forEachRow(
                Table.MEMORY,
                (b, i) -> visitor.visit(b.get(TIME, i), b.get(PID, i), b.text(COUNTER, i), b.get(VALUE, i)));
    }
}
