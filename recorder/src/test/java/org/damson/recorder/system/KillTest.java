package org.damson.recorder.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.recorder.ring.NumberedRecording;
import org.damson.trace.Traces;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * kill -9 at random moments while segments roll every two seconds. What a flush covered is there, whatever the moment.
 * And every row older than the flush interval and one batch is there, unless the machine held the recorder up (it may
 * have other things to do): such kills are counted, and few. The property {@code damson.kills} sets how often (20), {@code damson.kill.seed} the
 * moments.
 */
class KillTest {
    private static final long FLUSH_NS = 1_000_000_000;
    private static final long SEGMENT_NS = 2_000_000_000;
    /** What a kill may cost: the flush interval, and one batch, which is what gathers in a flush interval. */
    private static final long GRACE_NS = 2 * FLUSH_NS;

    /** Files survive their writer in memory as on a disk, but a disk that others keep busy may stall for seconds. */
    private static final Path MEMORY = Path.of("/dev/shm");

    private Path dir;

    @BeforeEach
    void createDirectory() throws IOException {
        dir = Files.isWritable(MEMORY)
                ? Files.createTempDirectory(MEMORY, "damson-kill")
                : Files.createTempDirectory("damson-kill");
    }

    @AfterEach
    void removeDirectory() throws IOException {
        remove(dir);
    }

    /** One killed recording: snapshots told before the kill, flushed, older than the grace, and those that were there. */
    private record Killed(long told, long flushed, long old, long readable, long oldestMissingNs) {
        boolean isLate() {
            return readable < old;
        }
    }

    @Test
    void everyRowOlderThanTheFlushIntervalAndABatchSurvivesAKill() throws Exception {
        int kills = Integer.getInteger("damson.kills", 20);
        SplittableRandom random = new SplittableRandom(Long.getLong("damson.kill.seed", 42L));
        ExecutorService pool = Executors.newFixedThreadPool(3);
        long oldestNs = 0;
        long rows = 0;
        int late = 0;
        try {
            List<Future<Killed>> runs = new ArrayList<>();
            for (int i = 0; i < kills; i++) {
                Path trace = dir.resolve("kill" + i);
                // From the first flush to well past the second segment; no two at the same place in a flush.
                long lifeNs = random.nextLong(FLUSH_NS / 2, 2 * SEGMENT_NS + FLUSH_NS);
                runs.add(pool.submit(() -> kill(trace, lifeNs)));
            }
            for (int i = 0; i < kills; i++) {
                Killed k = runs.get(i).get();
                int number = i;
                assertTrue(k.readable >= k.flushed, () -> "kill " + number + ": " + k);
                late += k.isLate() ? 1 : 0;
                oldestNs = Math.max(oldestNs, k.oldestMissingNs);
                rows += k.readable * NumberedRecording.REGIONS;
            }
        } finally {
            pool.shutdownNow();
        }
        System.out.println(kills + " kills: all readable, recovered, verified; " + rows
                + " region rows kept; the oldest row missing was " + oldestNs / 1_000_000 + " ms old, allowed "
                + GRACE_NS / 1_000_000 + " ms; older than that: in " + late + " kills");
        // Without any flush it would be two in three.
        assertTrue(late <= kills / 2, late + " of " + kills + " kills lost rows older than the flush interval allows");
    }

    private Killed kill(Path trace, long lifeNs) throws Exception {
        Path err = dir.resolve(trace.getFileName() + ".err");
        Process p = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx256m",
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.damson.recorder.ring.NumberedRecording",
                        trace.toString(),
                        Long.toString(FLUSH_NS),
                        Long.toString(SEGMENT_NS))
                .redirectError(err.toFile())
                .start();
        List<Long> toldNs = new ArrayList<>();
        long flushed = 0;
        long killNs = Long.MAX_VALUE;
        try (BufferedReader in = p.inputReader()) {
            for (String line; (line = in.readLine()) != null; ) {
                String[] words = line.split(" ");
                if (words.length != 3) {
                    break; // cut by the kill
                }
                long n = Long.parseLong(words[1]);
                if (words[0].equals("F")) {
                    flushed = n;
                    continue;
                }
                assertEquals(toldNs.size(), Integer.parseInt(words[0]));
                toldNs.add(n);
                if (killNs == Long.MAX_VALUE && System.nanoTime() - toldNs.get(0) >= lifeNs) {
                    killNs = System.nanoTime();
                    p.toHandle().destroyForcibly(); // unlike the process itself, leaves its output readable
                }
            }
        }
        p.waitFor();
        assertTrue(killNs != Long.MAX_VALUE, () -> "it ended by itself: " + Proc.text(err));
        long old = 0;
        while (old < toldNs.size() && killNs - toldNs.get((int) old) > GRACE_NS) {
            old++;
        }
        long readable = readable(trace);
        Traces.recover(trace);
        assertEquals(List.of(), Traces.verify(trace).findings());
        assertEquals(readable, readable(trace));
        long oldestNs = readable < toldNs.size() ? killNs - toldNs.get((int) readable) : 0;
        remove(trace);
        return new Killed(toldNs.size(), flushed, old, readable, oldestNs);
    }

    /** Snapshots in a trace; every one up to the last must be there, with all its regions. */
    private static long readable(Path trace) throws IOException {
        long n = 0;
        try (TraceSource t = Traces.open(trace);
                TraceSource.SnapshotCursor c = t.snapshots(TraceQuery.ALL)) {
            Snapshot s = new Snapshot();
            while (c.next(s)) {
                assertEquals((n + 1) * 100_000_000L, s.endNs);
                assertEquals(NumberedRecording.REGIONS, s.regions);
                n++;
            }
        }
        return n;
    }

    private static void remove(Path tree) throws IOException {
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path d, IOException e) throws IOException {
                Files.delete(d);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
