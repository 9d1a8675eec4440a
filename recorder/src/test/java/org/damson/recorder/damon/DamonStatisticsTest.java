package org.damson.recorder.damon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.recorder.ring.Sampler;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamonStatisticsTest {
    @TempDir
    Path sys;

    private Path parameters;

    @BeforeEach
    void kernel() throws IOException {
        parameters = Files.createDirectories(sys.resolve("module/damon_stat/parameters"));
        put("enabled", "Y");
        put("estimated_memory_bandwidth", "123456789");
        put("memory_idle_ms_percentiles", percentiles(0));
    }

    private void put(String file, String value) throws IOException {
        Files.writeString(parameters.resolve(file), value + "\n");
    }

    /** As newer kernels have them: below zero for as long as memory has been in use. */
    private static String percentiles(int later) {
        return IntStream.rangeClosed(0, 100)
                .mapToObj(p -> Integer.toString((p - 5) * 1000 + later))
                .collect(Collectors.joining(","));
    }

    private static Batch sample(Sampler sampler, long timeNs) throws IOException {
        Batch rows = new Batch(Table.MEMORY);
        sampler.sample(timeNs, rows);
        return rows;
    }

    @Test
    void everyPercentileAndTheBandwidthAreCountersOfTheSystem() throws IOException {
        Batch rows = sample(DamonStatistics.samplers(sys).get(0), 77);
        assertEquals(102, rows.rows());
        assertEquals("damon_stat_bandwidth_bytes_per_s", rows.text(2, 0));
        assertEquals(123_456_789, rows.get(3, 0));
        for (int p = 0; p <= 100; p++) {
            assertEquals(77, rows.get(0, p + 1));
            assertEquals(0, rows.get(1, p + 1));
            assertEquals("damon_stat_idle_ms_p" + p, rows.text(2, p + 1));
            assertEquals((p - 5) * 1000L, rows.get(3, p + 1));
        }
    }

    @Test
    void rowsComeOnlyWhenTheKernelSaysSomethingNew() throws IOException {
        Sampler sampler = DamonStatistics.samplers(sys).get(0);
        assertEquals(102, sample(sampler, 1).rows());
        assertEquals(0, sample(sampler, 2).rows());
        put("memory_idle_ms_percentiles", percentiles(50));
        assertEquals(102, sample(sampler, 3).rows());
    }

    @Test
    void whatIsSwitchedOffOrNotUnderstoodGivesNoRows() throws IOException {
        Sampler sampler = DamonStatistics.samplers(sys).get(0);
        put("enabled", "N");
        assertEquals(0, sample(sampler, 1).rows());
        put("enabled", "Y");
        put("memory_idle_ms_percentiles", "1,2,3");
        put("estimated_memory_bandwidth", "much");
        assertEquals(0, sample(sampler, 2).rows());
    }

    @Test
    void aKernelWithoutItHasNoSampler() {
        assertEquals(List.of(), DamonStatistics.samplers(sys.resolve("elsewhere")));
    }
}
