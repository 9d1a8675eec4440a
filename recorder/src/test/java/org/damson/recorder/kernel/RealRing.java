package org.damson.recorder.kernel;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.damson.damon.EventFormat;
import org.junit.jupiter.api.Assumptions;

/**
 * A private ring of this very kernel, fed with damon_aggregated records through its marker file: only the event's id is
 * not DAMON's. No DAMON setting is touched. Where tracefs cannot be had the test is skipped, or fails if the environment
 * variable DAMSON_REQUIRE_TRACEFS is 1.
 */
public final class RealRing implements AutoCloseable {
    public final TraceInstance instance;
    private final Path mounted;

    public RealRing(long ringBytes, int wakePercent) throws IOException {
        Path tracefs = Tracefs.find();
        mounted = tracefs == null ? mount() : null;
        tracefs = tracefs == null ? mounted : tracefs;
        boolean had = tracefs != null && Files.isWritable(tracefs.resolve("instances"));
        if (!had && "1".equals(System.getenv("DAMSON_REQUIRE_TRACEFS"))) {
            fail("there is no tracefs to be had here, and DAMSON_REQUIRE_TRACEFS says that there is");
        }
        Assumptions.assumeTrue(had, "SKIPPED: needs root and tracefs");
        String text = Kernel.LOCAL.read(tracefs.resolve("events/ftrace/raw_data/format"));
        int id = EventFormat.parse("raw_data", text).id();
        instance = TraceInstance.create(Kernel.LOCAL, tracefs, ringBytes, wakePercent, List.of(aggregated(id)));
    }

    /** damon_aggregated as Linux 6.18 has it, under another id. */
    private static EventFormat aggregated(int id) throws IOException {
        Path format = Path.of("../testdata/tracefs-6.18/events/damon/damon_aggregated/format");
        EventFormat own = EventFormat.parse(format.toString(), Files.readString(format));
        return new EventFormat(own.name(), id, own.fields());
    }

    private static Path mount() throws IOException {
        if (!"root".equals(System.getProperty("user.name"))) {
            return null;
        }
        Path at = Files.createTempDirectory("damson-tracefs");
        if (run("mount", "-t", "tracefs", "tracefs", at.toString())) {
            return at;
        }
        Files.delete(at);
        return null;
    }

    private static boolean run(String... command) throws IOException {
        Process p = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            return p.waitFor(10, TimeUnit.SECONDS) && p.exitValue() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Writes one burst; returns the number of records. */
    public int burst(long target, int regions, int accesses) throws IOException {
        ByteBuffer b = ByteBuffer.allocateDirect(40).order(ByteOrder.nativeOrder());
        // Closed again at once: an instance with an open file cannot be removed.
        try (FileChannel marker =
                FileChannel.open(instance.directory().resolve("trace_marker_raw"), StandardOpenOption.WRITE)) {
            for (int i = 0; i < regions; i++) {
                // The ring puts the common fields, 8 bytes, before this.
                b.clear();
                b.putLong(0, target).putInt(8, regions).putLong(16, i * 4096L).putLong(24, (i + 1) * 4096L);
                b.putInt(32, accesses).putInt(36, i);
                marker.write(b);
            }
        }
        return regions;
    }

    @Override
    public void close() throws IOException {
        instance.close();
        if (mounted != null && run("umount", mounted.toString())) {
            Files.delete(mounted);
        }
    }
}
