package org.damson.recorder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.damson.model.Batch;
import org.damson.model.Table;

/** Memory of the watched processes and of the system; sizes in bytes, pressure in microseconds stalled. */
final class FootprintSampler implements Sampler {
    private static final String[][] STATUS = {{"VmSize:", "vsz"}, {"VmRSS:", "rss"}, {"VmSwap:", "swap"}};
    private static final String[][] SYSTEM = {
        {"MemTotal:", "mem_total"}, {"MemFree:", "mem_free"}, {"MemAvailable:", "mem_available"}
    };

    private final Supplier<long[]> pids;

    FootprintSampler(Supplier<long[]> pids) {
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

    /** Only the lines that matter: splitting all of them every second is much of what an idle recorder does. */
    private static void kib(long timeNs, long pid, Path file, String[][] names, Batch out) {
        String text = "\n" + Proc.text(file);
        for (String[] name : names) {
            int from = text.indexOf("\n" + name[0]);
            int to = from < 0 ? -1 : text.indexOf('\n', from + 1);
            if (to > 0) {
                String value = text.substring(from + 1 + name[0].length(), to).trim();
                out.add(timeNs, pid, name[1], Long.parseLong(value.replace(" kB", "")) * 1024);
            }
        }
    }
}
