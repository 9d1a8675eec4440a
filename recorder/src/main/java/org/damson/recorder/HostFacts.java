package org.damson.recorder;

import java.nio.file.Path;
import java.time.Instant;
import org.damson.model.Manifest;

/** What the manifest says about the machine and its clocks. */
final class HostFacts {
    private HostFacts() {}

    static void describe(Manifest m, String damonUse) {
        m.clock = Manifest.ClockKind.MONOTONIC;
        long mono = System.nanoTime();
        Instant now = Instant.now();
        m.toEpochNs = now.getEpochSecond() * 1_000_000_000L + now.getNano() - mono;
        String uptime = Proc.text(Path.of("/proc/uptime"));
        if (!uptime.isEmpty()) {
            double seconds = Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
            m.toBootNs = (long) (seconds * 1e9) - mono;
        }
        m.host.put("kernel", System.getProperty("os.version"));
        m.host.put("machine", System.getProperty("os.arch"));
        m.host.put("cpus", (long) Runtime.getRuntime().availableProcessors());
        putKib(m, "memory_bytes", "/proc/meminfo", "MemTotal:");
        putKib(m, "page_size_bytes", "/proc/self/smaps", "KernelPageSize:");
        // A key of its own, so that redaction can drop it.
        String name = Proc.text(Path.of("/proc/sys/kernel/hostname")).trim();
        if (!name.isEmpty()) {
            m.host.put("host_name", name);
        }
        m.host.put("damon", damonUse);
    }

    private static void putKib(Manifest m, String key, String file, String label) {
        for (String line : Proc.text(Path.of(file)).split("\n")) {
            String[] words = line.split("\\s+");
            if (words.length > 1 && words[0].equals(label)) {
                m.host.put(key, Long.parseLong(words[1]) * 1024);
                return;
            }
        }
    }
}
