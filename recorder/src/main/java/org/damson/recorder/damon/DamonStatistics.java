package org.damson.recorder.damon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.recorder.kernel.Kernel;
import org.damson.recorder.ring.Sampler;

/**
 * What the kernel's own DAMON_STAT says of the memory of the whole machine, as counters of the system: for how long it has
 * been idle, by percentile of its bytes, and its estimated bandwidth. Only reads; rows come when the kernel says something
 * new, every few seconds.
 */
public final class DamonStatistics implements Sampler {
    /** Bytes a second. */
    static final String BANDWIDTH = "damon_stat_bandwidth_bytes_per_s";
    /** Followed by the percentile, 0 to 100: milliseconds; negative for as long as memory has been in use. */
    static final String IDLE = "damon_stat_idle_ms_p";

    private final Kernel kernel;
    private final Path parameters;
    private String told = "";

    private DamonStatistics(Kernel kernel, Path parameters) {
        this.kernel = kernel;
        this.parameters = parameters;
    }

    /**
     * One for a kernel that has DAMON_STAT and lets this user read it, else none.
     *
     * @param sys the {@code /sys} to look at
     */
    public static List<Sampler> samplers(Path sys) {
        Kernel kernel = Kernel.ofProcess();
        Path parameters = sys.resolve("module/" + DamonUsers.STAT + "/parameters");
        return kernel.text(parameters.resolve("enabled")).isEmpty()
                ? List.of()
                : List.of(new DamonStatistics(kernel, parameters));
    }

    @Override
    public Table table() {
        return Table.MEMORY;
    }

    @Override
    public void sample(long timeNs, Batch out) throws IOException {
        if (!kernel.text(parameters.resolve("enabled")).equals("Y")) {
            return;
        }
        String idle = kernel.text(parameters.resolve("memory_idle_ms_percentiles"));
        String bandwidth = kernel.text(parameters.resolve("estimated_memory_bandwidth"));
        String now = bandwidth + " " + idle;
        if (now.equals(told)) {
            return;
        }
        told = now;
        add(timeNs, BANDWIDTH, bandwidth, out);
        String[] percentiles = idle.split(",");
        for (int p = 0; p < percentiles.length && percentiles.length == 101; p++) {
            add(timeNs, IDLE + p, percentiles[p], out);
        }
    }

    private static void add(long timeNs, String counter, String value, Batch out) {
        if (value.matches("-?\\d{1,18}")) {
            out.add(timeNs, 0, counter, Long.parseLong(value));
        }
    }
}
