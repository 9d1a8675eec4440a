package org.damson.analyzer.memory;

import static org.damson.analyzer.whatif.Made.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.whatif.Made;
import org.damson.damon.scheme.SchemeParser;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of paged out memory has to be written, by hand: 4 MiB, all hot for half a second and then idle. */
final class WriteBackTest {
    private static final long START = 1024 * MIB;
    private static final long END = START + 4 * MIB;

    @TempDir
    Path dir;

    private int made;

    private Made made() throws Exception {
        return new Made(dir, "trace" + made++);
    }

    private static Outcome run(Made made) throws Exception {
        try (TraceSource trace = made.open()) {
            return OpenLoop.run(
                            trace,
                            TraceQuery.ALL,
                            List.of(SchemeParser.parse("pageout access=0..0 age=10aggr..max")
                                    .get(0)),
                            OpenLoopOptions.DEFAULTS,
                            OutcomeOptions.DEFAULTS,
                            null)
                    .outcome();
        }
    }

    private static void expect(double least, double likely, double most, Outcome o) {
        assertEquals(least * MIB, o.writtenBackBytes().least(), 1);
        assertEquals(likely * MIB, o.writtenBackBytes().likely(), 1);
        assertEquals(most * MIB, o.writtenBackBytes().most(), 1);
        double dropped = o.pagedOutBytes() - o.writtenBackBytes().likely();
        assertEquals(o.writtenBackBytes().likely() / 4096 * 12_000 + dropped / 4096 * 1_000, o.reclaimNs(), 12_000);
    }

    @Test
    void memoryWithoutAFileIsWrittenToSwap() throws Exception {
        expect(4, 4, 4, run(made().mapping(START, END).turns(5, 20).turns(20, 0)));
        // Where nothing says what is mapped, it may have a file.
        expect(0, 4, 4, run(made().turns(5, 20).turns(20, 0)));
        for (String shared :
                List.of("/memfd:pool (deleted)", "/dev/shm/segment", "/SYSV00000000 (deleted)", "[heap]")) {
            expect(
                    4,
                    4,
                    4,
                    run(made().mapping(START, END, "rw-s", shared).turns(5, 20).turns(20, 0)));
        }
    }

    @Test
    void whatComesBackMayGoOutASecondTimeWithoutBeingWritten() throws Exception {
        expect(
                4,
                8,
                8,
                run(made().mapping(START, END)
                        .turns(5, 20)
                        .turns(20, 0)
                        .turns(5, 20)
                        .turns(20, 0)));
    }

    @Test
    void pagesOfAFileThatNobodyWritesAreDropped() throws Exception {
        expect(
                0,
                0,
                4,
                run(made().mapping(START, END, "r-xp", "/usr/lib/libc.so.6")
                        .turns(5, 20)
                        .turns(20, 0)));
        expect(
                0,
                4,
                4,
                run(made().mapping(START, END, "rw-s", "/var/lib/data")
                        .turns(5, 20)
                        .turns(20, 0)));
    }

    @Test
    void recordedWritesTellHowMuchOfAFileIsDirty() throws Exception {
        // At most all of it goes out after each of the five snapshots that touch it: any part of a mapping may match.
        expect(
                0,
                1,
                20,
                run(made().mapping(START, END, "rw-s", "/var/lib/data")
                        .touching(4 * MIB, MIB)
                        .turns(5, 20)
                        .turns(20, 0)));
        // Half of it is seen touched and goes out; half of that was written.
        Outcome half = run(made().mapping(START, END, "rw-s", "/var/lib/data")
                .touching(2 * MIB, MIB)
                .turns(5, 20)
                .turns(20, 0));
        assertEquals(2.0 * MIB, half.pagedOutBytes(), 1);
        expect(0, 1, 20, half);
        expect(
                0,
                4,
                20,
                run(made().mapping(START, END, "rw-s", "/var/lib/data")
                        .touching(4 * MIB, Snapshot.NOT_KNOWN)
                        .turns(5, 20)
                        .turns(20, 0)));
    }
}
