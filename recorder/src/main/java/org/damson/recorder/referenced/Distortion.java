package org.damson.recorder.referenced;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.damson.model.Snapshot;
import org.damson.trace.files.PrivateDirectory;

/**
 * How much of a mapping in steady use the {@code referenced} source sees on this machine: a child process touches every
 * page of one mapping in a loop, so that all of it is referenced in every sample; what is seen of it is measured.
 *
 * @param sizeBytes the mapping
 * @param samples how many samples were taken
 * @param sampleUs how long one lasted, microseconds
 * @param least smallest share of the mapping that a sample saw, 0 to 1
 * @param mean mean share
 * @param most largest share
 */
public record Distortion(long sizeBytes, long samples, long sampleUs, double least, double mean, double most) {
    private static final int SAMPLES = 10;
    /** How long the child may take to map and write its memory, milliseconds. */
    private static final int START_MS = 10_000;

    /**
     * Measures for about ten samples.
     *
     * @param accessgen the generator's executable
     * @param sizeBytes size of the mapping, whole MiB
     * @param sampleUs wanted sampling interval, microseconds
     * @param flush whether the TLB is flushed
     * @throws IOException if the child does not do what it should
     */
    public static Distortion measure(Path accessgen, long sizeBytes, long sampleUs, TlbFlush flush)
            throws IOException, InterruptedException {
        Process child = null;
        try (PrivateDirectory dir = PrivateDirectory.create("damson-selftest-")) {
            Path config = dir.resolve("touch.cfg");
            // It is ended long before its minute is over.
            Files.writeString(config, "r, " + (sizeBytes >> 20) + "M\n\ntouch\n60000\nr, 0, 4096, 1, rw\n");
            child = new ProcessBuilder(accessgen.toString(), "run", config.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            awaitTouched(child, sizeBytes);
            return sample(child.pid(), sizeBytes, sampleUs, flush);
        } finally {
            if (child != null) {
                child.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            }
        }
    }

    /** Waits until the mapping is there and all of it has been written, as the generator does before it begins. */
    private static void awaitTouched(Process child, long sizeBytes) throws IOException, InterruptedException {
        Smaps smaps = new Smaps();
        for (int i = 0; i < START_MS / 10; i++) {
            if (!child.isAlive()) {
                throw new IOException("self-test: the generator ended, exit status " + child.exitValue());
            }
            smaps.read("/proc/" + child.pid() + "/smaps");
            for (int a = 0; a < smaps.count; a++) {
                if (smaps.end[a] - smaps.start[a] == sizeBytes && smaps.referenced[a] == sizeBytes) {
                    return;
                }
            }
            Thread.sleep(10);
        }
        throw new IOException("self-test: the generator's mapping did not appear");
    }

    private static Distortion sample(long pid, long sizeBytes, long sampleUs, TlbFlush flush)
            throws IOException, InterruptedException {
        // Its share of CPU is no concern here; the interval must be what is going to be used.
        ReferencedConfig config = new ReferencedConfig(
                List.of(pid),
                sampleUs,
                SAMPLES * sampleUs,
                1,
                false,
                new OverheadBudget(flush, Double.POSITIVE_INFINITY, SelfTest.NONE));
        try (ReferencedSource source = new ReferencedSource(config, System::nanoTime)) {
            Snapshot s = new Snapshot();
            if (source.next(s)) {
                for (int r = 0; r < s.regions; r++) {
                    if (s.end[r] - s.start[r] == sizeBytes) {
                        double size = sizeBytes;
                        return new Distortion(
                                sizeBytes,
                                s.aggrUs / s.sampleUs,
                                s.sampleUs,
                                s.referencedMin[r] / size,
                                s.referencedMean[r] / size,
                                s.referencedMax[r] / size);
                    }
                }
            }
        }
        throw new IOException("self-test: the generator ended before it was measured");
    }

    /** For people and the manifest. */
    public String text() {
        return String.format(
                java.util.Locale.ROOT,
                "%d MiB touched all the time: %.0f %% seen on average, %.0f to %.0f %% by single samples of %d ms",
                sizeBytes >> 20,
                mean * 100,
                least * 100,
                most * 100,
                Math.round(sampleUs / 1000.0));
    }
}
