package org.damson.recorder.damon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.damon.setup.DamonSetup;
import org.damson.recorder.kernel.FakeDamon;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Sets a kdamond up in files that answer as a kernel's do. */
abstract class KdamondSetUp {
    @TempDir
    Path directory;

    FakeDamon damon;
    final List<Long> members = new ArrayList<>();

    @BeforeEach
    void untouched() throws IOException {
        damon = fake("6.18", false);
    }

    FakeDamon fake(String kernel, boolean hasStat) throws IOException {
        FakeDamon fake = new FakeDamon(
                Files.createTempDirectory(directory, "fake"),
                Path.of("../testdata/tracefs-" + kernel + "/sysfs-running.tsv"),
                hasStat);
        fake.alive.addAll(List.of(1000L, 3000L));
        return fake;
    }

    DamonRequest request(DamonSetup setup, boolean suspend) {
        return new DamonRequest(setup, () -> List.copyOf(members), true, suspend, 0, 0, 0);
    }

    OwnKdamond setUp(DamonSetup setup, boolean suspend, Long... pids) throws IOException {
        return OwnKdamond.setUp(
                damon, damon.sys, damon.run, request(setup, suspend), List.of(pids), damon.processes(), () -> 7);
    }

    String value(String file) throws IOException {
        return Files.readString(damon.kdamonds.resolve("0").resolve(file)).trim();
    }
}
