package org.damson.recorder.system;

import java.nio.file.Path;
import java.time.Instant;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;

/** What the manifest says about the machine and its clocks. */
public final class HostFacts {
    private HostFacts() {}

    public static void describe(Manifest m, String damonUse) {
        m.clock = Manifest.ClockKind.MONOTONIC;
        long mono = System.nanoTime();
        Instant now = Instant.now();
        m.toEpochNs = now.getEpochSecond() * 1_000_000_000L + now.getNano() - mono;
        String uptime = Proc.text(Path.of("/proc/uptime"));
        if (!uptime.isEmpty()) {
            double seconds = Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
            m.toBootNs = (long) (seconds * 1e9) - mono;
        }
        ManifestKey.KERNEL.put(m, System.getProperty("os.version"));
        ManifestKey.MACHINE.put(m, System.getProperty("os.arch"));
        ManifestKey.CPUS.put(m, (long) Runtime.getRuntime().availableProcessors());
        putKib(m, ManifestKey.MEMORY, "/proc/meminfo", "MemTotal:");
        long pageBytes = pageBytes(Path.of("/proc/self/smaps"));
        if (pageBytes > 0) {
            ManifestKey.PAGE_SIZE.put(m, pageBytes);
        }
        String name = Proc.text(Path.of("/proc/sys/kernel/hostname")).trim();
        if (!name.isEmpty()) {
            ManifestKey.HOST_NAME.put(m, name);
        }
        ManifestKey.DAMON_USE.put(m, damonUse);
    }

    /** Size of a page of this machine, by the least page of any mapping: some may be of huge pages; 0 if unknown. */
    public static long pageBytes(Path smaps) {
        long least = 0;
        for (String line : Proc.text(smaps).split("\n")) {
            long bytes = kib(line, "KernelPageSize:");
            least = bytes > 0 && (least == 0 || bytes < least) ? bytes : least;
        }
        return least;
    }

    private static void putKib(Manifest m, ManifestKey key, String file, String label) {
        for (String line : Proc.text(Path.of(file)).split("\n")) {
            long bytes = kib(line, label);
            if (bytes >= 0) {
                key.put(m, bytes);
                return;
            }
        }
    }

    /** The value of a line {@code LABEL 123 kB}, bytes; -1 of another line. */
    private static long kib(String line, String label) {
        String[] words = line.startsWith(label) ? line.split("\\s+") : new String[0];
        return words.length > 1 ? Long.parseLong(words[1]) * 1024 : -1;
    }
}
