package org.damson.recorder.system;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.recorder.ring.Sampler;

/** Memory of the watched processes and of the system; sizes in bytes, pressure in microseconds stalled. */
public final class FootprintSampler implements Sampler {
    private static final Map<String, String> STATUS =
            Map.of("VmSize:", "vsz", "VmRSS:", "rss", "VmSwap:", "swap", "VmLck:", "locked");
    private static final Map<String, String> SYSTEM = Map.of(
            "MemTotal:", "mem_total",
            "MemFree:", "mem_free",
            "MemAvailable:", "mem_available",
            "SwapTotal:", "swap_total",
            "SwapFree:", "swap_free");

    private final Supplier<long[]> pids;

    public FootprintSampler(Supplier<long[]> pids) {
        this.pids = pids;
    }

    @Override
    public Table table() {
        return Table.MEMORY;
    }

    @Override
    public void sample(long timeNs, Batch out) throws IOException {
        for (long pid : pids.get()) {
            kib(timeNs, pid, Path.of("/proc/" + pid + "/status"), STATUS, out);
        }
        kib(timeNs, 0, Path.of("/proc/meminfo"), SYSTEM, out);
        for (String line : Proc.text(Path.of("/proc/pressure/memory")).split("\n")) {
            int total = line.indexOf("total=");
            if (total > 0) {
                String kind = line.substring(0, line.indexOf(' '));
                out.add(
                        timeNs,
                        0,
                        "psi_memory_" + kind + "_us",
                        Long.parseLong(line.substring(total + 6).trim()));
            }
        }
        for (String line : Proc.text(Path.of("/proc/vmstat")).split("\n")) {
            if (line.startsWith("pswpin ")
                    || line.startsWith("pswpout ")
                    || line.startsWith("pgmajfault ")
                    || line.startsWith("thp_")) {
                int space = line.indexOf(' ');
                out.add(
                        timeNs,
                        0,
                        line.substring(0, space),
                        Long.parseLong(line.substring(space + 1).trim()));
            }
        }
    }

    private static void kib(long timeNs, long pid, Path file, Map<String, String> names, Batch out) {
        for (String line : Proc.text(file).split("\n")) {
            String[] words = line.split("\\s+");
            String name = names.get(words[0]);
            if (name != null && words.length > 1) {
                out.add(timeNs, pid, name, Long.parseLong(words[1]) * 1024);
            }
        }
    }
}
