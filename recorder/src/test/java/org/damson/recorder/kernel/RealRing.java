package org.damson.recorder.kernel;

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

/**
 * A private ring of this very kernel, fed with damon_aggregated records through its marker file: only the event's id is
 * not DAMON's. No DAMON setting is touched.
 */
public final class RealRing implements AutoCloseable {
    public final TraceInstance instance;
    private final Path mounted;

    public RealRing(long ringBytes, int wakePercent) throws IOException {
        Path found = Tracefs.find();
        mounted = found == null ? mount() : null;
        Path tracefs = found == null ? mounted : found;
        if (!isWritable(tracefs)) {
            unmount(mounted);
            throw new IOException(
                    "no tracefs that may be written to is here; DAMSON_REQUIRE_TRACEFS=1 says that there is");
        }
        String text = Kernel.LOCAL.read(tracefs.resolve("events/ftrace/raw_data/format"));
        int id = EventFormat.parse("raw_data", text).id();
        instance = TraceInstance.create(Kernel.LOCAL, tracefs, ringBytes, wakePercent, List.of(aggregated(id)));
    }

    /** Whether this kernel gives us such a ring; with DAMSON_REQUIRE_TRACEFS=1 it has to, and tests fail where it does not. */
    public static boolean isAvailable() throws IOException {
        if ("1".equals(System.getenv("DAMSON_REQUIRE_TRACEFS"))) {
            return true;
        }
        Path found = Tracefs.find();
        if (found != null) {
            return isWritable(found);
        }
        Path mounted = mount();
        boolean isAvailable = isWritable(mounted);
        unmount(mounted);
        return isAvailable;
    }

    private static boolean isWritable(Path tracefs) {
        return tracefs != null && Files.isWritable(tracefs.resolve("instances"));
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

    private static void unmount(Path mounted) throws IOException {
        if (mounted != null && run("umount", mounted.toString())) {
            Files.delete(mounted);
        }
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
        unmount(mounted);
    }
}
