package org.damson.exchange.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.exchange.Importers;
import org.damson.exchange.build.ImportOptions;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.stacks.ThreadNames;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Threads, their names and their ends, as {@code perf.data} tells them. */
final class ThreadTableTest {
    private static final int COMM = 3;
    private static final int EXIT = 4;
    private static final int FORK = 7;

    @TempDir
    Path dir;

    private int traces;

    private static void tail(ByteBuffer b, int pid, int tid, long timeNs) {
        b.putInt(pid).putInt(tid).putLong(timeNs).putInt(1).putInt(0);
    }

    private static void named(PerfStacksWriter w, long timeNs, int misc, int pid, int tid, String name) {
        w.record(COMM, misc, b -> {
            b.putInt(pid).putInt(tid).put(name.getBytes(StandardCharsets.UTF_8));
            do {
                b.put((byte) 0);
            } while (b.position() % 8 != 0);
            tail(b, pid, tid, timeNs);
        });
    }

    private static void task(PerfStacksWriter w, int type, long timeNs, int pid, int tid, int parent, int by) {
        w.record(type, 0, b -> {
            b.putInt(pid).putInt(parent).putInt(tid).putInt(by).putLong(timeNs);
            tail(b, pid, tid, timeNs);
        });
    }

    private Path imported(PerfStacksWriter writer) throws IOException {
        Path trace = dir.resolve(traces++ + ".damson");
        Importers.importStream(
                "input",
                new ByteArrayInputStream(writer.bytes()),
                ImportOptions.NONE,
                m -> Traces.create(trace, m, WriterOptions.BATCH));
        assertEquals(List.of(), Traces.verify(trace).findings());
        return trace;
    }

    private static List<String> rows(TraceSource trace) throws IOException {
        List<String> rows = new ArrayList<>();
        trace.forEachRow(
                Table.THREADS,
                (Batch b, int r) -> rows.add((b.get(4, r) == 0 ? "+" : "-") + b.get(0, r) + " " + b.get(1, r) + "/"
                        + b.get(2, r) + " " + b.text(3, r)));
        return rows;
    }

    @Test
    void threadsHaveTheNamesThatTheyHadWhen() throws IOException {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            PerfStacksWriter w = new PerfStacksWriter(order);
            // What was there before has no time; it is told from the first sample on.
            named(w, 0, 0, 10, 10, "shell");
            task(w, FORK, 0, 10, 11, 10, 10);
            w.sample(100, PerfStacksWriter.USER, 10, 0x1000);
            task(w, FORK, 110, 20, 20, 10, 11);
            named(w, 120, PerfStacksWriter.EXEC, 20, 20, "program");
            task(w, FORK, 130, 20, 21, 20, 20);
            named(w, 140, 0, 20, 21, "worker");
            named(w, 145, 0, 20, 21, "worker");
            task(w, EXIT, 150, 20, 21, 20, 20);
            // The number is taken again, by a process whose parent nobody knows.
            task(w, FORK, 160, 21, 21, 5, 5);
            task(w, EXIT, 170, 99, 99, 1, 1);
            w.sample(180, PerfStacksWriter.USER, 10, 0x1000);
            try (TraceSource trace = Traces.open(imported(w))) {
                assertEquals(
                        List.of(
                                "+100 10/10 shell",
                                "+100 10/11 shell",
                                "+110 20/20 shell",
                                "-120 20/20 shell",
                                "+120 20/20 program",
                                "+130 20/21 program",
                                "-140 20/21 program",
                                "+140 20/21 worker",
                                "-150 20/21 worker",
                                "+160 21/21 "),
                        rows(trace));
                ThreadNames names = ThreadNames.of(trace);
                assertEquals("program", names.at(20, 21, 139));
                assertEquals("worker", names.at(20, 21, 200));
                assertEquals("shell", names.at(10, 11, 5));
                assertEquals("", names.at(21, 21, 200));
                assertEquals("", names.at(7, 7, 200));
            }
        }
    }

    /** Without call stacks a recording of perf's says nothing of threads, however many it lists. */
    @Test
    void namesAreBoundedAndReadable() throws IOException {
        PerfStacksWriter w = new PerfStacksWriter(ByteOrder.LITTLE_ENDIAN);
        named(w, 0, 0, 1, 1, "a\u0007b\n" + "x".repeat(5000));
        w.sample(100, PerfStacksWriter.USER, 10, 0x1000);
        try (TraceSource trace = Traces.open(imported(w))) {
            String row = rows(trace).get(0);
            assertTrue(row.length() < 100, row);
        }
    }
}
