package org.damson.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The directories of a fleet, opened by others as docs/FLEET.md says. */
final class LayoutTest {
    private static final String QUERY =
            "SELECT service, host, CAST(day AS VARCHAR(20)), count(*), sum(nr_accesses) FROM regions"
                    + " GROUP BY service, host, day ORDER BY service, host, day";

    @Test
    void duckDbAndSparkSeeTheSameRowsWithThePartitionAsColumns(@TempDir Path dir) throws Exception {
        for (int i = 0; i < 4; i++) {
            Made.trace(
                    dir.resolve("traces/service=s" + i % 2 + "/host=h" + i + "/day=2026-11-3" + i % 2 + "/run.damson"),
                    Made.manifest(1_795_996_800L),
                    50,
                    i);
        }
        String files = dir.resolve("traces") + "/*/*/*/*.damson/regions-*.parquet";
        List<String> duck = new ArrayList<>();
        try (Connection c = DriverManager.getConnection("jdbc:duckdb:");
                Statement s = c.createStatement()) {
            s.execute("CREATE VIEW regions AS SELECT * FROM read_parquet('" + files
                    + "', hive_partitioning = true, union_by_name = true)");
            try (ResultSet r = s.executeQuery(QUERY)) {
                while (r.next()) {
                    duck.add(r.getString(1) + " " + r.getString(2) + " " + r.getString(3) + " " + r.getLong(4) + " "
                            + r.getLong(5));
                }
            }
        }
        List<String> spark = new ArrayList<>();
        try (SparkSession session = SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.sql.shuffle.partitions", "1")
                .config("spark.sql.warehouse.dir", dir.toUri().toString())
                .getOrCreate()) {
            session.sql("CREATE TEMPORARY VIEW regions USING parquet OPTIONS (path '" + files + "', basePath '"
                    + dir.resolve("traces") + "')");
            for (Row r : session.sql(QUERY).collectAsList()) {
                spark.add(r.getString(0) + " " + r.getString(1) + " " + r.getString(2) + " " + r.getLong(3) + " "
                        + r.getLong(4));
            }
        }
        assertEquals(4, duck.size());
        assertEquals(duck, spark);
    }
}
