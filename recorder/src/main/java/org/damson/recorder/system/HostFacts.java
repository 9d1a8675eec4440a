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
        putKib(m, ManifestKey.PAGE_SIZE, "/proc/self/smaps", "KernelPageSize:");
        String name = Proc.text(Path.of("/proc/sys/kernel/hostname")).trim();
        if (!name.isEmpty()) {
            ManifestKey.HOST_NAME.put(m, name);
        }
        ManifestKey.DAMON_USE.put(m, damonUse);
    }

    private static void putKib(Manifest m, ManifestKey key, String file, String label) {
        for (String line : Proc.text(Path.of(file)).split("\n")) {
            String[] words = line.split("\\s+");
            if (words.length > 1 && words[0].equals(label)) {
                key.put(m, Long.parseLong(words[1]) * 1024);
                return;
            }
        }
    }
}
